//! Rows of one stream as columns, and how those become a file.
//!
//! A table is built cell by cell in the order of the stream's columns, `recorded_at` first (and `op`
//! where rows are deleted), and leaves as an Arrow batch. Must hold: bytes are a function of the rows
//! and of how they are cut into batches, never of threads or of time.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::{Int64Builder, ListBuilder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;

use super::options::Format;
use crate::record::{Kind, Presence, Stream};

/// Rows of a Parquet row group.
const ROW_GROUP: usize = 100_000;

enum Cells {
    Text(StringBuilder),
    Int(Int64Builder),
    List(ListBuilder<StringBuilder>),
}

/// A batch of rows while it is built.
pub(super) struct Table {
    stream: Stream,
    columns: Vec<Cells>,
    at: usize,
    rows: usize,
}

/// Whether rows of a stream say what happens to their key.
fn has_operation(stream: Stream) -> bool {
    stream == Stream::DeathReports
}

/// The columns of a file: name, whether numbers, whether a list.
fn columns(stream: Stream) -> Vec<(&'static str, bool, bool)> {
    let mut columns = vec![("recorded_at", false, false)];
    if has_operation(stream) {
        columns.push(("op", false, false));
    }
    columns.extend(stream.columns().iter().map(|column| {
        let number = matches!(
            column.kind,
            Kind::Money | Kind::Count | Kind::Digits(_, _, 1)
        );
        (column.name, number, column.presence == Presence::List)
    }));
    columns
}

fn schema(stream: Stream) -> Arc<Schema> {
    let fields = columns(stream).into_iter().map(|(name, number, list)| {
        let kind = match (number, list) {
            (true, _) => DataType::Int64,
            (_, true) => DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true))),
            _ => DataType::Utf8,
        };
        Field::new(name, kind, true)
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

impl Table {
    pub(super) fn new(stream: Stream) -> Self {
        let columns = columns(stream)
            .into_iter()
            .map(|(_, number, list)| match (number, list) {
                (true, _) => Cells::Int(Int64Builder::new()),
                (_, true) => Cells::List(ListBuilder::new(StringBuilder::new())),
                _ => Cells::Text(StringBuilder::new()),
            });
        Self {
            stream,
            columns: columns.collect(),
            at: 0,
            rows: 0,
        }
    }

    /// A table without columns, to stand in while a row is written.
    pub(super) fn empty() -> Self {
        Self {
            stream: Stream::Citizens,
            columns: Vec::new(),
            at: 0,
            rows: 0,
        }
    }

    fn next(&mut self) -> &mut Cells {
        let at = self.at;
        self.at = (at + 1) % self.columns.len();
        self.rows += usize::from(self.at == 0);
        &mut self.columns[at]
    }

    /// Rows that are whole.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// The next cell is a text.
    pub(super) fn text(&mut self, text: &str) {
        match self.next() {
            Cells::Text(cells) => cells.append_value(text),
            _ => panic!("a text in a column of another type"),
        }
    }

    /// The next cell is a number.
    pub(super) fn int(&mut self, number: i64) {
        match self.next() {
            Cells::Int(cells) => cells.append_value(number),
            _ => panic!("a number in a column of another type"),
        }
    }

    /// The next cell is a list.
    pub(super) fn list<'t>(&mut self, items: impl Iterator<Item = &'t str>) {
        match self.next() {
            Cells::List(cells) => {
                items.for_each(|item| cells.values().append_value(item));
                cells.append(true);
            }
            _ => panic!("a list in a column of another type"),
        }
    }

    /// The next cell is null.
    pub(super) fn null(&mut self) {
        match self.next() {
            Cells::Text(cells) => cells.append_null(),
            Cells::Int(cells) => cells.append_null(),
            Cells::List(cells) => cells.append(true),
        }
    }

    /// The batch.
    pub(super) fn finish(self) -> RecordBatch {
        assert_eq!(self.at, 0, "the last row of {} is whole", self.stream);
        let arrays = self.columns.into_iter().map(|cells| -> ArrayRef {
            match cells {
                Cells::Text(mut cells) => Arc::new(cells.finish()),
                Cells::Int(mut cells) => Arc::new(cells.finish()),
                Cells::List(mut cells) => Arc::new(cells.finish()),
            }
        });
        RecordBatch::try_new(schema(self.stream), arrays.collect())
            .expect("columns were made for the schema and are equally long")
    }
}

/// The file of a stream.
pub(super) enum Sink {
    Parquet(Box<ArrowWriter<BufWriter<File>>>),
    Csv(BufWriter<File>),
    Ndjson(BufWriter<File>),
}

impl Sink {
    /// The name of a stream's file.
    pub(super) fn name(stream: Stream, format: Format) -> String {
        format!("{stream}.{format}")
    }

    pub(super) fn create(path: &Path, stream: Stream, format: Format) -> io::Result<Self> {
        let mut file = BufWriter::with_capacity(1 << 18, File::create(path)?);
        Ok(match format {
            Format::Parquet => {
                let writer = ArrowWriter::try_new(file, schema(stream), Some(properties(stream)));
                Sink::Parquet(Box::new(writer.map_err(io::Error::other)?))
            }
            Format::Csv => {
                let names: Vec<&str> = columns(stream).iter().map(|(name, ..)| *name).collect();
                writeln!(file, "{}", names.join(","))?;
                Sink::Csv(file)
            }
            Format::Ndjson => Sink::Ndjson(file),
        })
    }

    pub(super) fn write(&mut self, batch: &RecordBatch) -> io::Result<()> {
        match self {
            Sink::Parquet(writer) => writer.write(batch).map_err(io::Error::other),
            Sink::Csv(file) => write_lines(batch, file, write_csv),
            Sink::Ndjson(file) => write_lines(batch, file, write_ndjson),
        }
    }

    pub(super) fn finish(self) -> io::Result<()> {
        match self {
            Sink::Parquet(writer) => {
                let mut file = writer.into_inner().map_err(io::Error::other)?;
                file.flush()
            }
            Sink::Csv(mut file) | Sink::Ndjson(mut file) => file.flush(),
        }
    }
}

fn properties(stream: Stream) -> WriterProperties {
    let level = ZstdLevel::try_new(1).expect("a level that zstd has");
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(Some(ROW_GROUP));
    // Every row has its own: a dictionary would only be tried and given up.
    for name in [
        "personal_id",
        "si_number",
        "card_number",
        "visit_id",
        "old_id",
        "report_id",
    ] {
        if stream.columns().iter().any(|column| column.name == name) {
            properties = properties.set_column_dictionary_enabled(ColumnPath::from(name), false);
        }
    }
    properties.build()
}

/// A column of a batch, by type.
enum Column<'b> {
    Text(&'b arrow_array::StringArray),
    Int(&'b arrow_array::Int64Array),
    List(&'b arrow_array::ListArray),
}

fn write_lines(
    batch: &RecordBatch,
    file: &mut BufWriter<File>,
    write: impl Fn(&mut Vec<u8>, &[(String, Column<'_>)], usize),
) -> io::Result<()> {
    let schema = batch.schema();
    let columns: Vec<(String, Column<'_>)> = (schema.fields().iter().zip(batch.columns()))
        .map(|(field, array)| {
            let column = match field.data_type() {
                DataType::Int64 => Column::Int(array.as_primitive::<Int64Type>()),
                DataType::List(_) => Column::List(array.as_list::<i32>()),
                _ => Column::Text(array.as_string::<i32>()),
            };
            (field.name().clone(), column)
        })
        .collect();
    let mut line = Vec::new();
    for row in 0..batch.num_rows() {
        line.clear();
        write(&mut line, &columns, row);
        line.push(b'\n');
        file.write_all(&line)?;
    }
    Ok(())
}

/// A row of CSV. No text of ours has a quote or a line end; a comma is quoted.
fn write_csv(line: &mut Vec<u8>, columns: &[(String, Column<'_>)], row: usize) {
    for (place, (_, column)) in columns.iter().enumerate() {
        if place > 0 {
            line.push(b',');
        }
        match column {
            Column::Text(texts) if texts.is_valid(row) => {
                line.extend_from_slice(texts.value(row).as_bytes());
            }
            Column::Int(numbers) if numbers.is_valid(row) => {
                line.extend_from_slice(numbers.value(row).to_string().as_bytes());
            }
            Column::List(lists) => {
                let items = lists.value(row);
                for (place, item) in items.as_string::<i32>().iter().flatten().enumerate() {
                    if place > 0 {
                        line.push(b';');
                    }
                    line.extend_from_slice(item.as_bytes());
                }
            }
            _ => {}
        }
    }
}

/// A row of NDJSON; nulls are left out.
fn write_ndjson(line: &mut Vec<u8>, columns: &[(String, Column<'_>)], row: usize) {
    let text = |line: &mut Vec<u8>, text: &str| {
        // Writing to memory does not fail, and no text of ours is refused.
        let _ = serde_json::to_writer(line, text);
    };
    line.push(b'{');
    for (name, column) in columns {
        let present = match column {
            Column::Text(texts) => texts.is_valid(row),
            Column::Int(numbers) => numbers.is_valid(row),
            Column::List(_) => true,
        };
        if !present {
            continue;
        }
        if line.len() > 1 {
            line.push(b',');
        }
        text(line, name);
        line.push(b':');
        match column {
            Column::Text(texts) => text(line, texts.value(row)),
            Column::Int(numbers) => {
                line.extend_from_slice(numbers.value(row).to_string().as_bytes());
            }
            Column::List(lists) => {
                line.push(b'[');
                let items = lists.value(row);
                for (place, item) in items.as_string::<i32>().iter().flatten().enumerate() {
                    if place > 0 {
                        line.push(b',');
                    }
                    text(line, item);
                }
                line.push(b']');
            }
        }
    }
    line.push(b'}');
}
