//! The meeting point of formats and records: a row gives cells, a record reads them by column.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::error::{ErrorCode, RowError};

/// One cell as its format delivers it.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Absent, null or empty.
    Null,
    /// Text: a CSV cell, a JSON string, XML character data, a Parquet string.
    Text(Cow<'a, str>),
    /// The text of a number written without quotes: exact, may carry an exponent.
    Number(Cow<'a, str>),
    /// An integer column.
    Int(i64),
    /// An exact decimal: `value` × 10^-`scale`.
    Decimal {
        /// The unscaled value.
        value: i128,
        /// Digits after the point (negative: trailing zeros).
        scale: i8,
    },
    /// A binary floating-point column, which no record accepts.
    Float,
    /// A date column: days since 1970-01-01.
    Day(i32),
    /// A timestamp column: nanoseconds since 1970-01-01T00:00, in UTC when `utc`, else local.
    Timestamp {
        /// Nanoseconds since the epoch.
        nanos: i128,
        /// Whether the column is adjusted to UTC.
        utc: bool,
    },
    /// A list of text.
    List(Vec<Cow<'a, str>>),
    /// Anything else: a nested object, a boolean, bytes.
    Other,
}

/// A cell of the most frequent kinds, which is lent as it lies in its row: a [`Cell`] that costs
/// nothing to make or to drop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plain<'a> {
    /// [`Cell::Null`].
    Null,
    /// [`Cell::Text`].
    Text(&'a str),
    /// [`Cell::Int`].
    Int(i64),
}

/// The values of a list column: those of a usual row are kept without an allocation.
pub type Few<T> = SmallVec<[T; 2]>;

/// A row that can be read by column number: 0 is `recorded_at`, 1 is `op`, then the stream's own
/// columns in the order of [`super::Stream::columns`].
pub trait Row {
    /// The cell of a column; [`Cell::Null`] when the row has no such column.
    ///
    /// # Errors
    /// When the format cannot deliver the cell at all (say, text that is not UTF-8).
    fn cell(&self, column: usize) -> Result<Cell<'_>, RowError>;

    /// The cell of a column where it can be lent: the same as [`Row::cell`] gives. `None` says to
    /// ask there; by default it always is.
    fn plain(&self, _column: usize) -> Option<Plain<'_>> {
        None
    }

    /// Lends each text of a column whose cell is a [`Cell::List`], in order. False, and no text,
    /// says to ask [`Row::cell`]; by default it always is.
    fn lend_items(&self, _column: usize, _item: &mut dyn FnMut(&str)) -> bool {
        false
    }
}

/// How a column is written, for schemas and for readers that must choose a representation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Free text.
    Text,
    /// 12 digits.
    PersonalId,
    /// 10 digits.
    SiNumber,
    /// 9 digits.
    OldId,
    /// 15 characters.
    CardNumber,
    /// 5 characters.
    Facility,
    /// `YYYY-MM-DD`.
    Date,
    /// `YYYY-MM-DD`, `YYYY-MM` or `YYYY`.
    PartialDate,
    /// `YYYY-MM-DDTHH:MM`, UTC+7.
    LocalTime,
    /// Decimal dong.
    Money,
    /// A whole number of zero or more.
    Count,
    /// One of a list of words.
    OneOf(&'static [&'static str]),
    /// A small number written as digits: lowest, highest, digits (0: as many as needed).
    Digits(u8, u8, u8),
}

/// Whether a column may be null, and whether it holds one value or many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Null is rejected.
    Required,
    /// Null is a value.
    Optional,
    /// Zero or more values; null is the empty list.
    List,
}

/// One column of a stream.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// The contract's name.
    pub name: &'static str,
    /// How it is written.
    pub kind: Kind,
    /// Whether it may be null.
    pub presence: Presence,
}

/// A value that one non-null cell can hold.
pub trait Value: Sized {
    /// How it is written.
    const KIND: Kind;
    /// What the format is, for the message of an error.
    const EXPECTED: &'static str;
    /// The code of a cell that does not hold it.
    const CODE: ErrorCode;

    /// Reads the text form.
    fn from_text(text: &str) -> Option<Self>;

    /// Adds the text form, as [`Value::from_text`] reads it back.
    fn write(&self, out: &mut String);

    /// Reads an unquoted number. By default a number is text without quotes.
    fn from_number(text: &str) -> Option<Self> {
        Self::from_text(text)
    }

    /// Reads an integer column. By default it is read as its decimal digits.
    fn from_int(value: i64) -> Option<Self> {
        Self::from_number(&value.to_string())
    }

    /// Reads an exact decimal column. By default only whole numbers are.
    fn from_decimal(value: i128, scale: i8) -> Option<Self> {
        let unit = 10i128.checked_pow(u32::from(scale.unsigned_abs()))?;
        let whole = match scale {
            ..0 => value.checked_mul(unit)?,
            _ if value % unit == 0 => value / unit,
            _ => return None,
        };
        Self::from_int(i64::try_from(whole).ok()?)
    }

    /// Reads a date column: days since 1970-01-01.
    fn from_day(_days: i32) -> Option<Self> {
        None
    }

    /// Reads a timestamp column.
    fn from_timestamp(_nanos: i128, _utc: bool) -> Option<Self> {
        None
    }
}

/// Takes the cells of a row, column by column; null cells are left out.
pub trait ColumnWriter {
    /// A value.
    fn one(&mut self, name: &'static str, value: &impl Value);

    /// A list that is not empty.
    fn list(&mut self, name: &'static str, values: &[impl Value]);
}

/// Adds the text form of a value that displays as it.
pub(super) fn write_displayed(value: &impl std::fmt::Display, out: &mut String) {
    use std::fmt::Write;
    write!(out, "{value}").expect("a string takes everything");
}

/// Reads one scalar cell. `Ok(None)` is null.
#[inline]
pub(super) fn optional<T: Value>(
    row: &impl Row,
    column: usize,
    name: &str,
) -> Result<Option<T>, RowError> {
    let value = match row.plain(column) {
        Some(Plain::Null | Plain::Text("")) => return Ok(None),
        Some(Plain::Text(text)) => T::from_text(text),
        Some(Plain::Int(value)) => T::from_int(value),
        None => return of_cell(row.cell(column)?, name),
    };
    match value {
        Some(value) => Ok(Some(value)),
        None => Err(broken::<T>(name)),
    }
}

/// Reads any scalar cell.
fn of_cell<T: Value>(cell: Cell<'_>, name: &str) -> Result<Option<T>, RowError> {
    let value = match cell {
        Cell::Null => return Ok(None),
        Cell::Text(text) if text.is_empty() => return Ok(None),
        Cell::Text(text) => T::from_text(&text),
        Cell::Number(text) => T::from_number(&text),
        Cell::Int(value) => T::from_int(value),
        Cell::Decimal { value, scale } => T::from_decimal(value, scale),
        Cell::Day(days) => T::from_day(days),
        Cell::Timestamp { nanos, utc } => T::from_timestamp(nanos, utc),
        Cell::Float => {
            return Err(RowError::column(
                ErrorCode::BinaryFloat,
                name,
                "binary floating point is not exact; use text, integer or decimal",
            ));
        }
        Cell::List(_) | Cell::Other => {
            return Err(RowError::column(ErrorCode::BadType, name, T::EXPECTED));
        }
    };
    match value {
        Some(value) => Ok(Some(value)),
        None => Err(broken::<T>(name)),
    }
}

/// The error of a value that breaks its format.
#[cold]
fn broken<T: Value>(name: &str) -> RowError {
    RowError::column(T::CODE, name, T::EXPECTED)
}

/// Reads one scalar cell that must not be null.
#[inline]
pub(super) fn required<T: Value>(row: &impl Row, column: usize, name: &str) -> Result<T, RowError> {
    match optional(row, column, name)? {
        Some(value) => Ok(value),
        None => Err(missing(name)),
    }
}

#[cold]
fn missing(name: &str) -> RowError {
    RowError::column(ErrorCode::MissingColumn, name, "a value is required")
}

/// Reads a list: a list cell, or text separated by `;`. Null is the empty list; empty items are
/// dropped.
pub(super) fn list<T: Value>(
    row: &impl Row,
    column: usize,
    name: &str,
) -> Result<Few<T>, RowError> {
    let (mut values, mut all_hold) = (Few::new(), true);
    let mut take = |text: &str| {
        // What follows the first that breaks its format is not looked at.
        if all_hold && !text.is_empty() {
            let value = T::from_text(text);
            all_hold = value.is_some();
            values.extend(value);
        }
    };
    if !row.lend_items(column, &mut take) {
        match row.cell(column)? {
            Cell::Null => {}
            Cell::Text(text) => text.split(';').for_each(take),
            Cell::List(items) => items.iter().for_each(|text| take(text)),
            _ => {
                return Err(RowError::column(
                    ErrorCode::BadType,
                    name,
                    "a list, or text separated by `;`",
                ));
            }
        }
    }
    if all_hold {
        Ok(values)
    } else {
        Err(broken::<T>(name))
    }
}

/// Declares a record: its fields are the stream's columns, in order, each read by its presence.
/// Expands to the struct, `COLUMNS` and `read`, so that a column cannot be declared and not read.
macro_rules! record {
    (
        $(#[$doc:meta])*
        $name:ident {
            $( $(#[$field_doc:meta])* $presence:ident $field:ident: $ty:ty, )*
        }
        $( beside the columns {
            $( $(#[$beside_doc:meta])* $beside:ident: $beside_ty:ty, )*
        } )?
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub struct $name {
            $( $(#[$field_doc])* pub $field: record!(@type $presence $ty), )*
            $( $( $(#[$beside_doc])* pub $beside: $beside_ty, )* )?
        }

        impl $name {
            /// The stream's own columns, in the order in which a row numbers them from 2.
            pub const COLUMNS: &'static [$crate::record::Column] = &[
                $( $crate::record::Column {
                    name: stringify!($field),
                    kind: <$ty as $crate::record::Value>::KIND,
                    presence: record!(@presence $presence),
                }, )*
            ];

            /// Reads every column; the first that breaks its format is the error.
            fn read(row: &impl $crate::record::Row) -> Result<Self, $crate::record::RowError> {
                let mut column = $crate::record::cell::FIRST_COLUMN;
                $(
                    let $field = record!(@read $presence)(row, column, stringify!($field))?;
                    column += 1;
                )*
                let _ = column;
                Ok(Self { $($field,)* $( $($beside: Default::default(),)* )? })
            }

            /// Writes every column that is not null, in order.
            pub(super) fn write(&self, writer: &mut impl $crate::record::ColumnWriter) {
                $( record!(@write $presence writer, stringify!($field), &self.$field); )*
            }
        }
    };
    (@type required $ty:ty) => { $ty };
    (@type optional $ty:ty) => { Option<$ty> };
    (@type list $ty:ty) => { $crate::record::Few<$ty> };
    (@presence required) => { $crate::record::Presence::Required };
    (@presence optional) => { $crate::record::Presence::Optional };
    (@presence list) => { $crate::record::Presence::List };
    (@write required $writer:ident, $name:expr, $value:expr) => { $writer.one($name, $value) };
    (@write optional $writer:ident, $name:expr, $value:expr) => {
        if let Some(value) = $value { $writer.one($name, value) }
    };
    (@write list $writer:ident, $name:expr, $value:expr) => {
        if !$value.is_empty() { $writer.list($name, $value) }
    };
    (@read required) => { $crate::record::cell::required };
    (@read optional) => { $crate::record::cell::optional };
    (@read list) => { $crate::record::cell::list };
}
pub(super) use record;

/// The column number of a stream's first own column: `recorded_at` and `op` come before it.
pub(super) const FIRST_COLUMN: usize = 2;
