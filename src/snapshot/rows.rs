//! Columns become changes again.
//!
//! In: batches of a part. Out: its changes, in order. Must hold: what is not a row of the stream is an error, and
//! nothing that a column holds is left out silently.

use arrow_array::cast::AsArray;
use arrow_array::types::{TimestampNanosecondType, UInt32Type, UInt64Type};
use arrow_array::{Array, ArrayRef, BooleanArray, PrimitiveArray, RecordBatch, StringViewArray};
use arrow_schema::Schema;

use super::part::{Arrival, Ordinal};
use super::schema::{LEADING, REPLACED, TOTALS};
use crate::record::{
    Cell, Change, Instant, LineTotals, Money, Operation, Plain, Presence, Record, Row, RowError,
    Stream, Value,
};

/// The columns of a batch.
pub(super) struct Batch {
    stream: Stream,
    epoch: PrimitiveArray<UInt64Type>,
    row: PrimitiveArray<UInt64Type>,
    arrived_at: PrimitiveArray<TimestampNanosecondType>,
    recorded_at: PrimitiveArray<TimestampNanosecondType>,
    /// `op`, then the stream's own.
    cells: Vec<Cells>,
    totals: Option<Totals>,
    /// None where the part was written before there were rows that undo.
    replaced: Option<[PrimitiveArray<UInt64Type>; 2]>,
    rows: usize,
}

enum Cells {
    /// The part was written before the column was added.
    Absent,
    One(StringViewArray),
    /// Texts of JSON arrays.
    List(StringViewArray),
}

struct Totals {
    sums: [StringViewArray; 4],
    lines: PrimitiveArray<UInt32Type>,
    marks: [BooleanArray; 2],
}

/// What is wrong with a batch or a row, without a value.
pub(super) type Flaw = &'static str;

/// Whether this version knows all columns of a part.
pub(super) fn check(schema: &Schema, stream: Stream) -> Result<(), Flaw> {
    let known = super::schema::schema(stream);
    let is_known = |name: &str| known.field_with_name(name).is_ok();
    match schema.fields().iter().all(|field| is_known(field.name())) {
        true => Ok(()),
        false => Err("it has a column that this version does not know"),
    }
}

impl Batch {
    /// The columns of a batch, by name.
    pub(super) fn new(stream: Stream, batch: &RecordBatch) -> Result<Self, Flaw> {
        const KIND: Flaw = "a column is not of its type";
        let [epoch, row, arrived_at, recorded_at, op] =
            LEADING.map(|name| batch.column_by_name(name));
        let number = |column: Option<&ArrayRef>| {
            let column = column.ok_or("a column of numbers is missing")?;
            column.as_primitive_opt::<UInt64Type>().cloned().ok_or(KIND)
        };
        let time = |column: Option<&ArrayRef>| {
            let column = column.ok_or("a column of times is missing")?;
            column
                .as_primitive_opt::<TimestampNanosecondType>()
                .cloned()
                .ok_or(KIND)
        };
        let cells = |(column, presence): (Option<&ArrayRef>, _)| -> Result<Cells, Flaw> {
            let Some(column) = column else {
                return Ok(Cells::Absent);
            };
            let texts = column.as_string_view_opt().ok_or(KIND)?.clone();
            Ok(match presence {
                Presence::Required | Presence::Optional => Cells::One(texts),
                Presence::List => Cells::List(texts),
            })
        };
        let own = stream.columns().iter();
        let own = own.map(|column| (batch.column_by_name(column.name), column.presence));
        let op = (op, Presence::Optional);
        Ok(Self {
            stream,
            epoch: number(epoch)?,
            row: number(row)?,
            arrived_at: time(arrived_at)?,
            recorded_at: time(recorded_at)?,
            cells: [op]
                .into_iter()
                .chain(own)
                .map(cells)
                .collect::<Result<_, _>>()?,
            totals: match stream {
                Stream::Claims => Totals::of(batch).ok_or(KIND)?,
                _ => None,
            },
            replaced: match REPLACED.map(|name| batch.column_by_name(name)) {
                [None, None] => None,
                [epoch, row] => Some([number(epoch)?, number(row)?]),
            },
            rows: batch.num_rows(),
        })
    }

    /// Rows in it.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Where and when a row arrived.
    pub(super) fn arrival(&self, row: usize) -> Arrival {
        Arrival {
            ordinal: Ordinal {
                epoch: self.epoch.value(row),
                row: self.row.value(row),
            },
            at: Instant::from_nanos(self.arrived_at.value(row)),
            replaced: (self.replaced.as_ref())
                .filter(|[epoch, _]| epoch.is_valid(row))
                .map(|[of_epoch, of_row]| Ordinal {
                    epoch: of_epoch.value(row),
                    row: of_row.value(row),
                }),
        }
    }

    /// What a row says.
    pub(super) fn change(&self, row: usize) -> Result<Change, Flaw> {
        let recorded_at = Instant::from_nanos(self.recorded_at.value(row));
        let cells = BatchRow { batch: self, row };
        let mut change = (self.stream)
            .parse(&cells, recorded_at)
            .map_err(|_| "a row is no longer accepted")?;
        if let (Some(totals), Operation::Upsert(Record::Claims(claim))) =
            (&self.totals, &mut change.operation)
        {
            claim.line_totals = totals.at(row)?;
        }
        Ok(change)
    }
}

impl Totals {
    /// Nothing when they have other types; `Some(None)` when no row has any.
    fn of(batch: &RecordBatch) -> Option<Option<Self>> {
        let [
            drugs,
            supplies,
            total,
            covered,
            lines,
            has_drugs,
            has_services,
        ] = TOTALS.map(|name| batch.column_by_name(name));
        let lines = lines?.as_primitive_opt::<UInt32Type>()?;
        if lines.null_count() == lines.len() {
            return Some(None);
        }
        let sum = |column: Option<&ArrayRef>| column?.as_string_view_opt().cloned();
        let mark = |column: Option<&ArrayRef>| column?.as_boolean_opt().cloned();
        Some(Some(Self {
            sums: [sum(drugs)?, sum(supplies)?, sum(total)?, sum(covered)?],
            lines: lines.clone(),
            marks: [mark(has_drugs)?, mark(has_services)?],
        }))
    }

    fn at(&self, row: usize) -> Result<Option<LineTotals>, Flaw> {
        if self.lines.is_null(row) {
            return Ok(None);
        }
        let sum = |place: usize| {
            let sums = &self.sums[place];
            let sum = sums
                .is_valid(row)
                .then(|| Money::from_text(sums.value(row)));
            sum.flatten().ok_or("a sum of detail lines is no amount")
        };
        let mark = |place: usize| {
            let marks = &self.marks[place];
            let mark = marks.is_valid(row).then(|| marks.value(row));
            mark.ok_or("a mark of detail lines is missing")
        };
        Ok(Some(LineTotals {
            drugs: sum(0)?,
            supplies: sum(1)?,
            total: sum(2)?,
            covered: sum(3)?,
            lines: self.lines.value(row),
            has_drugs: mark(0)?,
            has_services: mark(1)?,
        }))
    }
}

/// Lends the texts of a JSON array; false, and none, when it is no such array.
fn lend(array: &str, item: &mut dyn FnMut(&str)) -> bool {
    // Where nothing is escaped, no item has a quote.
    if !array.contains('\\') {
        let items = array
            .strip_prefix("[\"")
            .and_then(|rest| rest.strip_suffix("\"]"));
        let Some(items) = items else {
            return false;
        };
        items.split("\",\"").for_each(item);
        return true;
    }
    let Ok(items) = serde_json::from_str::<Vec<String>>(array) else {
        return false;
    };
    items.iter().for_each(|text| item(text));
    true
}

/// A row of a batch, whose columns are numbered from `recorded_at`, which is not asked for.
struct BatchRow<'b> {
    batch: &'b Batch,
    row: usize,
}

impl BatchRow<'_> {
    fn cells(&self, column: usize) -> Option<&Cells> {
        self.batch.cells.get(column.checked_sub(1)?)
    }
}

impl Row for BatchRow<'_> {
    fn cell(&self, column: usize) -> Result<Cell<'_>, RowError> {
        Ok(match self.plain(column) {
            Some(Plain::Null) => Cell::Null,
            Some(Plain::Text(text)) => Cell::Text(text.into()),
            Some(Plain::Int(number)) => Cell::Int(number),
            None => Cell::Other,
        })
    }

    #[inline]
    fn plain(&self, column: usize) -> Option<Plain<'_>> {
        Some(match self.cells(column) {
            Some(Cells::One(texts)) if texts.is_valid(self.row) => {
                Plain::Text(texts.value(self.row))
            }
            Some(Cells::List(texts)) if texts.is_valid(self.row) => return None,
            _ => Plain::Null,
        })
    }

    fn lend_items(&self, column: usize, item: &mut dyn FnMut(&str)) -> bool {
        match self.cells(column) {
            Some(Cells::List(texts)) if texts.is_valid(self.row) => {
                lend(texts.value(self.row), item)
            }
            _ => false,
        }
    }
}
