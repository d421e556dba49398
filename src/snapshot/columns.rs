//! Changes become columns.
//!
//! In: changes of one stream. Out: batches of the columns of its parts. Must hold: [`super::rows`] reads the same
//! changes back.

use std::mem;
use std::sync::Arc;

use arrow_array::builder::{
    ArrayBuilder, BooleanBuilder, StringBuilder, TimestampNanosecondBuilder, UInt32Builder,
    UInt64Builder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, SchemaRef};

use super::part::Arrival;
use super::schema::{LEADING, schema};
use crate::record::{Change, ColumnWriter, LineTotals, Money, Operation, Record, Stream, Value};

/// Rows that are made columns together.
pub(super) const BATCH: usize = 4096;

/// Columns that are being filled.
pub(super) struct Columns {
    schema: SchemaRef,
    names: Vec<&'static str>,
    epoch: UInt64Builder,
    row: UInt64Builder,
    arrived_at: TimestampNanosecondBuilder,
    recorded_at: TimestampNanosecondBuilder,
    op: StringBuilder,
    cells: Vec<StringBuilder>,
    totals: Option<TotalsBuilder>,
    replaced: [UInt64Builder; 2],
    rows: usize,
    /// Room for the text of a value.
    text: String,
}

#[derive(Default)]
struct TotalsBuilder {
    sums: [StringBuilder; 4],
    lines: UInt32Builder,
    marks: [BooleanBuilder; 2],
}

impl Columns {
    /// Empty columns.
    pub(super) fn new(stream: Stream) -> Self {
        let columns = stream.columns();
        Self {
            schema: schema(stream),
            names: columns.iter().map(|column| column.name).collect(),
            epoch: UInt64Builder::new(),
            row: UInt64Builder::new(),
            arrived_at: TimestampNanosecondBuilder::new(),
            recorded_at: TimestampNanosecondBuilder::new(),
            op: StringBuilder::new(),
            cells: columns.iter().map(|_| StringBuilder::new()).collect(),
            totals: (stream == Stream::Claims).then(TotalsBuilder::default),
            replaced: Default::default(),
            rows: 0,
            text: String::new(),
        }
    }

    /// Rows that are held.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Adds a change of the stream.
    pub(super) fn push(&mut self, arrival: Arrival, change: &Change) {
        self.epoch.append_value(arrival.ordinal.epoch);
        self.row.append_value(arrival.ordinal.row);
        self.arrived_at.append_value(arrival.at.nanos());
        self.recorded_at.append_value(change.recorded_at.nanos());
        let mut filler = Filler {
            names: &self.names,
            op: &mut self.op,
            cells: &mut self.cells,
            text: &mut self.text,
            next: 0,
        };
        change.write(&mut filler);
        self.rows += 1;
        for texts in [&mut self.op].into_iter().chain(&mut self.cells) {
            if texts.len() < self.rows {
                texts.append_null();
            }
        }
        if let Some(totals) = &mut self.totals {
            let line_totals = match &change.operation {
                Operation::Upsert(Record::Claims(claim)) => claim.line_totals.as_ref(),
                _ => None,
            };
            totals.push(line_totals, &mut self.text);
        }
        let [epoch, row] = &mut self.replaced;
        epoch.append_option(arrival.replaced.map(|place| place.epoch));
        row.append_option(arrival.replaced.map(|place| place.row));
    }

    /// What has been added, of which nothing is held any more.
    pub(super) fn take(&mut self) -> Result<RecordBatch, ArrowError> {
        self.rows = 0;
        let arrived_at = self.arrived_at.finish().with_timezone("UTC");
        let recorded_at = self.recorded_at.finish().with_timezone("UTC");
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(self.epoch.finish()),
            Arc::new(self.row.finish()),
            Arc::new(arrived_at),
            Arc::new(recorded_at),
            Arc::new(self.op.finish()),
        ];
        let own = self.cells.iter_mut();
        columns.extend(own.map(|texts| -> ArrayRef { Arc::new(texts.finish()) }));
        if let Some(totals) = &mut self.totals {
            totals.take_into(&mut columns);
        }
        for place in &mut self.replaced {
            columns.push(Arc::new(place.finish()));
        }
        RecordBatch::try_new(self.schema.clone(), columns)
    }
}

impl TotalsBuilder {
    fn push(&mut self, totals: Option<&LineTotals>, text: &mut String) {
        let of = |pick: fn(&LineTotals) -> Money| totals.map(pick);
        let sums = [
            of(|t| t.drugs),
            of(|t| t.supplies),
            of(|t| t.total),
            of(|t| t.covered),
        ];
        for (builder, sum) in self.sums.iter_mut().zip(sums) {
            match sum {
                Some(sum) => builder.append_value(written(&sum, text)),
                None => builder.append_null(),
            }
        }
        self.lines.append_option(totals.map(|totals| totals.lines));
        let marks = [totals.map(|t| t.has_drugs), totals.map(|t| t.has_services)];
        for (builder, mark) in self.marks.iter_mut().zip(marks) {
            builder.append_option(mark);
        }
    }

    fn take_into(&mut self, columns: &mut Vec<ArrayRef>) {
        for sums in &mut self.sums {
            columns.push(Arc::new(sums.finish()));
        }
        columns.push(Arc::new(self.lines.finish()));
        for marks in &mut self.marks {
            columns.push(Arc::new(marks.finish()));
        }
    }
}

fn written<'t>(value: &impl Value, text: &'t mut String) -> &'t str {
    text.clear();
    value.write(text);
    text
}

/// Puts the cells of one row into their columns.
struct Filler<'c> {
    names: &'c [&'static str],
    op: &'c mut StringBuilder,
    cells: &'c mut [StringBuilder],
    text: &'c mut String,
    /// The column after the last one that was filled: cells come in order but for those of a deletion.
    next: usize,
}

impl Filler<'_> {
    fn cell(&mut self, name: &str) -> Option<&mut StringBuilder> {
        let ahead = self.names[self.next..].iter().position(|n| *n == name);
        let place = match ahead {
            Some(ahead) => self.next + ahead,
            None => self.names.iter().position(|n| *n == name)?,
        };
        self.next = place + 1;
        self.cells.get_mut(place)
    }
}

impl ColumnWriter for Filler<'_> {
    fn one(&mut self, name: &'static str, value: &impl Value) {
        let [.., recorded_at, op] = LEADING;
        if name == recorded_at {
            return;
        }
        let mut text = mem::take(self.text);
        let value = written(value, &mut text);
        if name == op {
            self.op.append_value(value);
        } else if let Some(texts) = self.cell(name) {
            texts.append_value(value);
        }
        *self.text = text;
    }

    fn list(&mut self, name: &'static str, values: &[impl Value]) {
        let mut text = mem::take(self.text);
        let mut array = Vec::with_capacity(64);
        for value in values {
            array.push(if array.is_empty() { b'[' } else { b',' });
            serde_json::to_writer(&mut array, written(value, &mut text))
                .expect("memory takes every text");
        }
        array.push(b']');
        *self.text = text;
        let array = String::from_utf8(array).expect("JSON is text");
        if let Some(texts) = self.cell(name) {
            texts.append_value(array);
        }
    }
}
