//! The cells of one column of one batch.
//!
//! In: an arrow array. Out: the cell of any row of it. Must hold: the array's type is looked at once
//! a batch; text is lent, not copied; a value that does not fit is never taken for null.

use std::borrow::Cow;

use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::{
    Array, ArrayRef, BinaryArray, BinaryViewArray, Date32Array, Decimal128Array, Decimal256Array,
    FixedSizeBinaryArray, Float64Array, Int64Array, LargeBinaryArray, LargeStringArray,
    OffsetSizeTrait, StringArray, StringViewArray,
};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, TimeUnit};

use crate::record::{Cell, Plain};

const MILLIS_A_DAY: i64 = 86_400_000;

/// One column of one batch.
pub(super) struct Cells {
    array: ArrayRef,
    /// Which rows are null, if any is: asked of every cell, so not through the array.
    nulls: Option<NullBuffer>,
    values: Values,
}

enum Values {
    Null,
    Text(StringArray),
    LargeText(LargeStringArray),
    TextView(StringViewArray),
    Bytes(BinaryArray),
    LargeBytes(LargeBinaryArray),
    BytesView(BinaryViewArray),
    FixedBytes(FixedSizeBinaryArray),
    Int(Int64Array),
    Decimal(Decimal128Array, i8),
    WideDecimal(Decimal256Array, i8),
    Days(Date32Array),
    /// Milliseconds of midnights.
    DayMillis(Int64Array),
    /// Counts of a unit of so many nanoseconds; whether in UTC.
    Timestamp(Int64Array, i64, bool),
    Float(Float64Array),
    /// The place of each row's value.
    Dictionary(Vec<usize>, Box<Cells>),
    /// Where each row's items begin; one more than rows.
    List(Vec<usize>, Box<Cells>),
    Other,
}

impl Cells {
    /// The cells of an array.
    pub(super) fn new(array: &ArrayRef) -> Self {
        Self {
            values: Values::of(array),
            nulls: array.nulls().filter(|n| n.null_count() > 0).cloned(),
            array: array.clone(),
        }
    }

    fn is_null(&self, row: usize) -> bool {
        self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row))
    }

    /// The cell of a row of the batch.
    pub(super) fn cell(&self, row: usize) -> Cell<'_> {
        if self.is_null(row) {
            return Cell::Null;
        }
        let text = |text| Cell::Text(Cow::Borrowed(text));
        let bytes = |bytes| std::str::from_utf8(bytes).map_or(Cell::Other, text);
        match &self.values {
            Values::Null => Cell::Null,
            Values::Text(array) => text(array.value(row)),
            Values::LargeText(array) => text(array.value(row)),
            Values::TextView(array) => text(array.value(row)),
            Values::Bytes(array) => bytes(array.value(row)),
            Values::LargeBytes(array) => bytes(array.value(row)),
            Values::BytesView(array) => bytes(array.value(row)),
            Values::FixedBytes(array) => bytes(array.value(row)),
            Values::Int(array) => Cell::Int(array.value(row)),
            Values::Decimal(array, scale) => Cell::Decimal {
                value: array.value(row),
                scale: *scale,
            },
            Values::WideDecimal(array, scale) => match array.value(row).to_i128() {
                Some(value) => Cell::Decimal {
                    value,
                    scale: *scale,
                },
                None => Cell::Other,
            },
            Values::Days(array) => Cell::Day(array.value(row)),
            Values::DayMillis(array) => {
                let days = array.value(row).div_euclid(MILLIS_A_DAY);
                i32::try_from(days).map_or(Cell::Other, Cell::Day)
            }
            Values::Timestamp(array, unit, utc) => Cell::Timestamp {
                nanos: i128::from(array.value(row)) * i128::from(*unit),
                utc: *utc,
            },
            Values::Float(_) => Cell::Float,
            Values::Dictionary(keys, values) => values.cell(keys[row]),
            Values::List(starts, items) => items.list(starts[row]..starts[row + 1]),
            Values::Other => Cell::Other,
        }
    }

    /// The cell of a row where it can be lent, which it can of the usual kinds of column.
    #[inline]
    pub(super) fn plain(&self, row: usize) -> Option<Plain<'_>> {
        if self.is_null(row) {
            return Some(Plain::Null);
        }
        match &self.values {
            Values::TextView(array) => Some(Plain::Text(array.value(row))),
            Values::Text(array) => Some(Plain::Text(array.value(row))),
            Values::Int(array) => Some(Plain::Int(array.value(row))),
            Values::Null => Some(Plain::Null),
            _ => None,
        }
    }

    /// Lends the items of a row's list, if they are text; one that is null is lent as empty.
    pub(super) fn lend_items(&self, row: usize, item: &mut dyn FnMut(&str)) -> bool {
        let Values::List(starts, items) = &self.values else {
            return false;
        };
        if self.is_null(row) || !matches!(items.values, Values::Text(_) | Values::TextView(_)) {
            return false;
        }
        for place in starts[row]..starts[row + 1] {
            match items.plain(place) {
                Some(Plain::Text(text)) => item(text),
                _ => item(""),
            }
        }
        true
    }

    /// Items as a list of text.
    fn list(&self, rows: std::ops::Range<usize>) -> Cell<'_> {
        let mut texts = Vec::with_capacity(rows.len());
        for row in rows {
            texts.push(match self.cell(row) {
                Cell::Text(text) => text,
                Cell::Int(value) => Cow::Owned(value.to_string()),
                Cell::Null => Cow::Borrowed(""),
                _ => return Cell::Other,
            });
        }
        Cell::List(texts)
    }

    /// The bytes that the cell of a row takes, roughly.
    pub(super) fn size(&self, row: usize) -> usize {
        if self.is_null(row) {
            return 0;
        }
        match &self.values {
            Values::Text(array) => array.value(row).len(),
            Values::LargeText(array) => array.value(row).len(),
            Values::TextView(array) => array.value(row).len(),
            Values::Bytes(array) => array.value(row).len(),
            Values::LargeBytes(array) => array.value(row).len(),
            Values::BytesView(array) => array.value(row).len(),
            Values::FixedBytes(array) => array.value(row).len(),
            Values::Dictionary(keys, values) => values.size(keys[row]),
            Values::List(starts, items) => (starts[row]..starts[row + 1])
                .map(|i| 8 + items.size(i))
                .sum(),
            _ => 16,
        }
    }

    /// At least the size of every cell.
    pub(super) fn largest(&self) -> usize {
        let width = match &self.values {
            // All lengths' bits together are no less than any of them, and quicker to find.
            Values::TextView(array) => array.lengths().fold(0, |all, one| all | one) as usize,
            Values::BytesView(array) => array.lengths().fold(0, |all, one| all | one) as usize,
            Values::Dictionary(_, values) => values.largest(),
            Values::List(starts, items) => {
                let lengths = starts.windows(2).map(|ends| ends[1] - ends[0]);
                let item = items.largest().saturating_add(8);
                lengths.max().unwrap_or(0).saturating_mul(item)
            }
            // Of other kinds of text and bytes, all of them together.
            Values::Text(_)
            | Values::LargeText(_)
            | Values::Bytes(_)
            | Values::LargeBytes(_)
            | Values::FixedBytes(_) => self.array.get_array_memory_size(),
            _ => 0,
        };
        width.max(16)
    }

    /// The value of a binary floating-point cell, for showing it.
    pub(super) fn float(&self, row: usize) -> Option<f64> {
        match &self.values {
            Values::Float(array) => Some(array.value(row)),
            Values::Dictionary(keys, values) => values.float(keys[row]),
            _ => None,
        }
    }

    /// The type of the column, for telling it.
    pub(super) fn data_type(&self) -> &DataType {
        self.array.data_type()
    }
}

impl Values {
    fn of(array: &ArrayRef) -> Self {
        // A macro, since each type of array has its own type of values.
        macro_rules! widened {
            ($type:ty) => {
                array.as_primitive::<$type>().unary(i64::from)
            };
        }
        match array.data_type() {
            DataType::Null => Values::Null,
            DataType::Utf8 => Values::Text(array.as_string().clone()),
            DataType::LargeUtf8 => Values::LargeText(array.as_string().clone()),
            DataType::Utf8View => Values::TextView(array.as_string_view().clone()),
            DataType::Binary => Values::Bytes(array.as_binary().clone()),
            DataType::LargeBinary => Values::LargeBytes(array.as_binary().clone()),
            DataType::BinaryView => Values::BytesView(array.as_binary_view().clone()),
            DataType::FixedSizeBinary(_) => {
                Values::FixedBytes(array.as_fixed_size_binary().clone())
            }
            DataType::Int8 => Values::Int(widened!(Int8Type)),
            DataType::Int16 => Values::Int(widened!(Int16Type)),
            DataType::Int32 => Values::Int(widened!(Int32Type)),
            DataType::Int64 => Values::Int(array.as_primitive::<Int64Type>().clone()),
            DataType::UInt8 => Values::Int(widened!(UInt8Type)),
            DataType::UInt16 => Values::Int(widened!(UInt16Type)),
            DataType::UInt32 => Values::Int(widened!(UInt32Type)),
            DataType::UInt64 => {
                Values::Decimal(array.as_primitive::<UInt64Type>().unary(i128::from), 0)
            }
            DataType::Float16 => {
                Values::Float(array.as_primitive::<Float16Type>().unary(|v| v.to_f64()))
            }
            DataType::Float32 => {
                Values::Float(array.as_primitive::<Float32Type>().unary(f64::from))
            }
            DataType::Float64 => Values::Float(array.as_primitive::<Float64Type>().clone()),
            DataType::Decimal32(_, scale) => {
                let values = array.as_primitive::<Decimal32Type>().unary(i128::from);
                Values::Decimal(values, *scale)
            }
            DataType::Decimal64(_, scale) => {
                let values = array.as_primitive::<Decimal64Type>().unary(i128::from);
                Values::Decimal(values, *scale)
            }
            DataType::Decimal128(_, scale) => {
                Values::Decimal(array.as_primitive::<Decimal128Type>().clone(), *scale)
            }
            DataType::Decimal256(_, scale) => {
                Values::WideDecimal(array.as_primitive::<Decimal256Type>().clone(), *scale)
            }
            DataType::Date32 => Values::Days(array.as_primitive::<Date32Type>().clone()),
            DataType::Date64 => {
                Values::DayMillis(array.as_primitive::<Date64Type>().reinterpret_cast())
            }
            DataType::Timestamp(unit, zone) => {
                let (counts, nanos) = match unit {
                    TimeUnit::Second => {
                        let array = array.as_primitive::<TimestampSecondType>();
                        (array.reinterpret_cast(), 1_000_000_000)
                    }
                    TimeUnit::Millisecond => {
                        let array = array.as_primitive::<TimestampMillisecondType>();
                        (array.reinterpret_cast(), 1_000_000)
                    }
                    TimeUnit::Microsecond => {
                        let array = array.as_primitive::<TimestampMicrosecondType>();
                        (array.reinterpret_cast(), 1_000)
                    }
                    TimeUnit::Nanosecond => {
                        let array = array.as_primitive::<TimestampNanosecondType>();
                        (array.reinterpret_cast(), 1)
                    }
                };
                Values::Timestamp(counts, nanos, zone.is_some())
            }
            DataType::Dictionary(_, _) => {
                let dictionary = array.as_any_dictionary();
                // Keys of null rows are any; without values all rows are null.
                let keys = match dictionary.values().len() {
                    0 => Vec::new(),
                    _ => dictionary.normalized_keys(),
                };
                Values::Dictionary(keys, Box::new(Cells::new(dictionary.values())))
            }
            DataType::List(_) => Self::list(array.as_list::<i32>()),
            DataType::LargeList(_) => Self::list(array.as_list::<i64>()),
            DataType::FixedSizeList(_, length) => {
                let list = array.as_fixed_size_list();
                let length = usize::try_from(*length).unwrap_or(0);
                let starts = (0..=list.len()).map(|row| row * length).collect();
                Values::List(starts, Box::new(Cells::new(list.values())))
            }
            _ => Values::Other,
        }
    }

    fn list<O: OffsetSizeTrait>(list: &arrow_array::GenericListArray<O>) -> Self {
        let starts = list.value_offsets().iter().map(|o| o.as_usize()).collect();
        Values::List(starts, Box::new(Cells::new(list.values())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::builder::{ListBuilder, StringBuilder};
    use arrow_array::*;
    use std::sync::Arc;

    fn lists() -> ListArray {
        let mut lists = ListBuilder::new(StringBuilder::new());
        lists.append_value([Some("a"), None, Some("")]);
        lists.append_null();
        lists.append_value::<[Option<&str>; 0], &str>([]);
        lists.finish()
    }

    /// One array of each kind of column that a row can be lent from, and of some that it cannot.
    fn arrays() -> Vec<ArrayRef> {
        let texts = [Some("một"), None, Some("")];
        let numbers = [Some(1i64), None, Some(-1)];
        let dictionary: DictionaryArray<Int8Type> = texts.into_iter().collect();
        vec![
            Arc::new(StringArray::from_iter(texts)),
            Arc::new(StringViewArray::from_iter(texts)),
            Arc::new(LargeStringArray::from_iter(texts)),
            Arc::new(StringArray::from(vec!["x", "y", "z"])),
            Arc::new(Int64Array::from_iter(numbers)),
            Arc::new(UInt8Array::from(vec![0, 1, 255])),
            Arc::new(UInt64Array::from(vec![0, 1, u64::MAX])),
            Arc::new(Float64Array::from(vec![0.5, 1.0, 2.0])),
            Arc::new(BooleanArray::from(vec![true, false, true])),
            Arc::new(Date32Array::from(vec![Some(0), None, Some(-1)])),
            Arc::new(NullArray::new(3)),
            Arc::new(BinaryArray::from_iter_values([b"a", b"b", b"c"])),
            Arc::new(dictionary),
            Arc::new(lists()),
        ]
    }

    #[test]
    fn what_is_lent_is_the_cell() {
        let mut lent = 0;
        for array in arrays() {
            let cells = Cells::new(&array);
            for row in 0..array.len() {
                let (cell, told) = (cells.cell(row), array.data_type());
                if let Some(plain) = cells.plain(row) {
                    lent += 1;
                    let plain = match plain {
                        Plain::Null => Cell::Null,
                        Plain::Text(text) => Cell::Text(Cow::Borrowed(text)),
                        Plain::Int(value) => Cell::Int(value),
                    };
                    assert_eq!(plain, cell, "{told}, row {row}");
                }
                let mut items = Vec::new();
                if cells.lend_items(row, &mut |text| items.push(Cow::Owned(text.to_owned()))) {
                    lent += 1;
                    assert_eq!(Cell::List(items), cell, "{told}, row {row}");
                } else {
                    assert!(items.is_empty(), "{told}, row {row}");
                }
            }
        }
        assert!(lent > 20, "usual columns are lent");
    }
}
