//! The columns of a part.
//!
//! Times and places of arrival are numbers, since they are counted and compared; the columns of the contract are
//! the text of its values, which is exact and the same for ever. All of these are nullable: a deletion has its key alone.
//! A list is the text of a JSON array, and not a nested column: DuckDB 2.0 does not decrypt nested ones, and a text
//! with separators would not tell an item that has one.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};

use crate::record::Stream;

/// The columns before those of the contract.
pub(super) const LEADING: [&str; 5] = ["epoch", "row", "arrived_at", "recorded_at", "op"];

/// What stands beside the columns of a claim: sums of money as text, a count, and two marks.
pub(super) const TOTALS: [&str; 7] = [
    "line_totals_drugs",
    "line_totals_supplies",
    "line_totals_total",
    "line_totals_covered",
    "line_totals_lines",
    "line_totals_has_drugs",
    "line_totals_has_services",
];

/// The last columns: the one row whose place a row takes, where it undoes that one.
pub(super) const REPLACED: [&str; 2] = ["replaced_epoch", "replaced_row"];

/// A time in UTC, to the nanosecond.
pub(super) fn time() -> DataType {
    DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into()))
}

/// The columns of the parts of a stream.
pub(super) fn schema(stream: Stream) -> SchemaRef {
    let [epoch, row, arrived_at, recorded_at, op] = LEADING;
    let mut fields = vec![
        Field::new(epoch, DataType::UInt64, false),
        Field::new(row, DataType::UInt64, false),
        Field::new(arrived_at, time(), false),
        Field::new(recorded_at, time(), false),
        Field::new(op, DataType::Utf8, true),
    ];
    let own = stream.columns().iter();
    fields.extend(own.map(|column| Field::new(column.name, DataType::Utf8, true)));
    if stream == Stream::Claims {
        let [
            drugs,
            supplies,
            total,
            covered,
            lines,
            has_drugs,
            has_services,
        ] = TOTALS;
        let sums = [drugs, supplies, total, covered];
        fields.extend(sums.map(|name| Field::new(name, DataType::Utf8, true)));
        fields.push(Field::new(lines, DataType::UInt32, true));
        let marks = [has_drugs, has_services];
        fields.extend(marks.map(|name| Field::new(name, DataType::Boolean, true)));
    }
    fields.extend(REPLACED.map(|name| Field::new(name, DataType::UInt64, true)));
    Arc::new(Schema::new(fields))
}

/// The same columns as they are read: texts lie where they were decompressed, and are not copied.
pub(super) fn lent(schema: &Schema) -> SchemaRef {
    let fields = schema.fields().iter().map(|field| {
        let kind = match field.data_type() {
            DataType::Utf8 => DataType::Utf8View,
            other => other.clone(),
        };
        field.as_ref().clone().with_data_type(kind)
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}
