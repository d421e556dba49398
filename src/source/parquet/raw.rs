//! A Parquet row as text, for a person who must mend it.
//!
//! In: the cells of a rejected row. Out: a JSON object of their texts, in column order.

use serde_json::Value;

use super::cells::Cells;
use crate::record::{Cell, Day, Instant, LocalTime, Value as _};

/// The row as one JSON object; a value that has no text is shown as its type in brackets.
pub(super) fn raw<'a>(columns: impl Iterator<Item = (&'a str, &'a Cells)>, row: usize) -> String {
    // Not a `serde_json::Map`, which would sort the columns by name.
    let members = columns.map(|(name, cells)| {
        let (name, value) = (Value::from(name), show(cells, row));
        format!("{name}:{value}")
    });
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

fn show(cells: &Cells, row: usize) -> Value {
    match cells.cell(row) {
        Cell::Null => Value::Null,
        Cell::Text(text) | Cell::Number(text) => text.into(),
        Cell::Int(value) => value.to_string().into(),
        Cell::Decimal { value, scale } => decimal(value, scale).into(),
        Cell::Day(days) => day(days).unwrap_or_else(|| format!("day {days}")).into(),
        Cell::Timestamp { nanos, utc } => timestamp(nanos, utc)
            .unwrap_or_else(|| format!("{nanos} ns"))
            .into(),
        Cell::List(items) => items.iter().map(|item| item.as_ref()).collect(),
        Cell::Float => cells
            .float(row)
            .map_or(Value::Null, |value| value.to_string().into()),
        Cell::Other => format!("({})", cells.data_type()).into(),
    }
}

/// Digits with a point, or an exponent where there are trailing zeros beyond the point.
fn decimal(value: i128, scale: i8) -> String {
    let Ok(scale @ 1..) = usize::try_from(scale) else {
        return match scale {
            0 => value.to_string(),
            _ => format!("{value}e{}", scale.unsigned_abs()),
        };
    };
    let sign = if value < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    format!("{sign}{whole}.{fraction}")
}

fn day(days: i32) -> Option<String> {
    Some(Day::from_day(days)?.to_string())
}

fn timestamp(nanos: i128, utc: bool) -> Option<String> {
    if utc {
        return Some(Instant::from_timestamp(nanos, true)?.to_string());
    }
    let minute = LocalTime::from_timestamp(nanos, false)?;
    let in_minute = nanos.rem_euclid(60_000_000_000);
    let (second, fraction) = (in_minute / 1_000_000_000, in_minute % 1_000_000_000);
    let text = format!("{minute}:{second:02}.{fraction:09}");
    Some(text.trim_end_matches('0').trim_end_matches('.').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_are_shown_exactly() {
        assert_eq!(decimal(-5, 3), "-0.005");
        assert_eq!(decimal(12_345, 2), "123.45");
        assert_eq!(decimal(7, 0), "7");
        assert_eq!(decimal(7, -2), "7e2");
        assert_eq!(decimal(i128::MIN, i8::MAX).len(), 130);
        assert_eq!(day(0).as_deref(), Some("1970-01-01"));
        assert_eq!(day(i32::MAX), None);
        assert_eq!(timestamp(0, false).as_deref(), Some("1970-01-01T00:00:00"));
        assert_eq!(
            timestamp(61_500_000_000, false).as_deref(),
            Some("1970-01-01T00:01:01.5")
        );
        assert_eq!(
            timestamp(0, true).as_deref(),
            Some("1970-01-01T07:00:00+07:00")
        );
        assert_eq!(timestamp(i128::from(i64::MAX) * 1_000_000_000, true), None);
    }
}
