//! Apache Parquet, row by row.
//!
//! In: a file. Out: its rows in file order. Must hold: only the columns of the stream are decoded,
//! a batch of rows at a time; what the decoder makes of a damaged file - an error or even a panic -
//! is an error of the file.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};

use super::open::Reading;
use super::unknown::UnknownColumns;
use super::{Entry, ROW_LIMIT, Reject, RowReader, SourceError, change};
use crate::record::{Cell, ErrorCode, Instant, Plain, Row, RowError, Stream};

mod cells;
mod raw;

use cells::Cells;

/// Rows that are decoded together.
const BATCH: usize = 4096;

/// Reads the rows of a Parquet file.
pub(super) struct ParquetReader {
    path: PathBuf,
    stream: Stream,
    batches: ParquetRecordBatchReader,
    names: Vec<&'static str>,
    batch: Batch,
    /// The next row of the batch.
    next: usize,
    row: u64,
    /// Why no row can be read.
    flaw: Option<RowError>,
    arrival: Option<Instant>,
    unknown: UnknownColumns,
}

/// Rows that were decoded together.
#[derive(Default)]
struct Batch {
    rows: usize,
    /// By the stream's columns.
    columns: Vec<Option<Cells>>,
    /// Whether a row could be longer than a row may be.
    is_large: bool,
}

impl ParquetReader {
    /// Reads the metadata of a file.
    pub(super) fn new(
        file: File,
        path: &Path,
        stream: Stream,
        reading: Reading,
    ) -> Result<Self, SourceError> {
        let names: Vec<&'static str> = stream.column_names().collect();
        let metadata = guarded(path, || load(&file))?;
        let mut unknown = UnknownColumns::default();
        let mut wanted = Vec::new();
        let mut met = vec![false; names.len()];
        let mut flaw = None;
        for (root, field) in metadata.schema().fields().iter().enumerate() {
            let Some(column) = names.iter().position(|n| n == field.name()) else {
                unknown.note(field.name());
                continue;
            };
            if std::mem::replace(&mut met[column], true) {
                let twice = format!("the file has column `{}` twice", field.name());
                flaw = Some(RowError::new(ErrorCode::BadParquet, twice));
            }
            if reading != Reading::KnowledgeTimes || column == 0 {
                wanted.push(root);
            }
        }
        unknown.keep();
        let batches = guarded(path, || {
            let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata);
            let mask = ProjectionMask::roots(builder.parquet_schema(), wanted);
            builder.with_projection(mask).with_batch_size(BATCH).build()
        })?;
        Ok(Self {
            path: path.to_owned(),
            stream,
            batches,
            names,
            batch: Batch::default(),
            next: 0,
            row: 0,
            flaw,
            arrival: reading.arrival(),
            unknown,
        })
    }

    /// Moves to the next row; false at the end.
    fn advance(&mut self) -> Result<bool, SourceError> {
        while self.next == self.batch.rows {
            let (batches, names) = (&mut self.batches, &self.names);
            let decoded = guarded(&self.path, || {
                let Some(batch) = batches.next().transpose()? else {
                    return Ok(None);
                };
                Ok::<_, arrow_schema::ArrowError>(Some(Batch::new(&batch, names)))
            })?;
            let Some(batch) = decoded else {
                return Ok(false);
            };
            (self.batch, self.next) = (batch, 0);
        }
        self.row += 1;
        self.next += 1;
        Ok(true)
    }

    /// The row that was moved to.
    fn current(&self) -> ParquetRow<'_> {
        ParquetRow {
            batch: &self.batch,
            row: self.next - 1,
        }
    }

    fn outcome(&self) -> Result<crate::record::Change, Reject> {
        let row = self.current();
        if let Some(flaw) = &self.flaw {
            return Err(Reject::new(self.stream, flaw.clone(), &self.raw()));
        }
        if self.batch.is_large && self.batch.size(row.row) > ROW_LIMIT {
            let reject = Reject::too_large(self.stream, self.raw().as_bytes());
            return Err(reject.known_at(self.recorded_at()));
        }
        change(self.stream, &row, self.arrival, || self.raw())
    }

    fn recorded_at(&self) -> Option<Instant> {
        match self.flaw {
            Some(_) => None,
            None => self.stream.recorded_at(&self.current()).ok(),
        }
    }

    fn raw(&self) -> String {
        let columns = self.names.iter().zip(&self.batch.columns);
        let known = columns.filter_map(|(name, cells)| Some((*name, cells.as_ref()?)));
        raw::raw(known, self.next - 1)
    }
}

impl RowReader for ParquetReader {
    fn next_entry(&mut self) -> Result<Option<Entry>, SourceError> {
        Ok(self.advance()?.then(|| Entry {
            row: self.row,
            outcome: self.outcome(),
        }))
    }

    fn next_recorded_at(&mut self) -> Result<Option<Option<Instant>>, SourceError> {
        Ok(self.advance()?.then(|| self.recorded_at()))
    }

    fn unknown_columns(&self) -> Vec<String> {
        self.unknown.names()
    }
}

impl Batch {
    fn new(batch: &arrow_array::RecordBatch, names: &[&str]) -> Self {
        let cells = |name: &&str| batch.column_by_name(name).map(Cells::new);
        let columns: Vec<Option<Cells>> = names.iter().map(cells).collect();
        // The memory of a batch says little: its texts share the pages that they were read from.
        let largest = columns.iter().flatten().map(Cells::largest);
        Self {
            rows: batch.num_rows(),
            is_large: largest.fold(0, usize::saturating_add) > ROW_LIMIT,
            columns,
        }
    }

    fn size(&self, row: usize) -> usize {
        let columns = self.columns.iter().flatten();
        columns.map(|cells| cells.size(row)).sum()
    }
}

/// The metadata of a file, with text columns as views: those lend the text of a page or dictionary
/// instead of copying it row by row, which is faster and bounds what a hostile file can blow up to.
fn load(file: &File) -> parquet::errors::Result<ArrowReaderMetadata> {
    let metadata = ArrowReaderMetadata::load(file, ArrowReaderOptions::new())?;
    let options = ArrowReaderOptions::new().with_schema(with_views(metadata.schema()));
    // A combination that the library does not offer is read as it is written.
    Ok(ArrowReaderMetadata::try_new(Arc::clone(metadata.metadata()), options).unwrap_or(metadata))
}

fn with_views(schema: &SchemaRef) -> SchemaRef {
    let view = |field: &Arc<Field>| {
        let data_type = match field.data_type() {
            DataType::Utf8 | DataType::LargeUtf8 => DataType::Utf8View,
            DataType::Binary | DataType::LargeBinary => DataType::BinaryView,
            _ => return Arc::clone(field),
        };
        Arc::new(field.as_ref().clone().with_data_type(data_type))
    };
    let fields: Vec<_> = schema.fields().iter().map(view).collect();
    Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
}

/// Runs the decoder; what it does about a damaged file becomes an error of the file.
fn guarded<T, E: std::fmt::Display>(
    path: &Path,
    decode: impl FnOnce() -> Result<T, E>,
) -> Result<T, SourceError> {
    // After a panic the reader is not used again: the error ends the reading of the file.
    let why = match catch_unwind(AssertUnwindSafe(decode)) {
        Ok(Ok(value)) => return Ok(value),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "its content contradicts itself".to_owned(),
    };
    Err(SourceError::Damaged {
        path: path.to_owned(),
        message: format!("no readable Parquet file ({why}); copy or export it again"),
    })
}

/// A row of a batch.
struct ParquetRow<'a> {
    batch: &'a Batch,
    row: usize,
}

impl Row for ParquetRow<'_> {
    fn cell(&self, column: usize) -> Result<Cell<'_>, RowError> {
        let cells = self.batch.columns.get(column).and_then(Option::as_ref);
        Ok(cells.map_or(Cell::Null, |cells| cells.cell(self.row)))
    }

    fn plain(&self, column: usize) -> Option<Plain<'_>> {
        match self.batch.columns.get(column) {
            Some(Some(cells)) => cells.plain(self.row),
            _ => Some(Plain::Null),
        }
    }

    fn lend_items(&self, column: usize, item: &mut dyn FnMut(&str)) -> bool {
        match self.batch.columns.get(column) {
            Some(Some(cells)) => cells.lend_items(self.row, item),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests;
