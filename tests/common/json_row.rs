//! A JSON object as a row of a stream, for tests that ask the parser what it makes of one.

use std::borrow::Cow;

use fundwatch::record::{Cell, Row, RowError, Stream};
use serde_json::{Map, Value};

/// One NDJSON row.
pub struct JsonRow<'a> {
    columns: Vec<&'static str>,
    object: &'a Map<String, Value>,
}

impl<'a> JsonRow<'a> {
    /// The row of a stream that an object states.
    pub fn new(stream: Stream, object: &'a Map<String, Value>) -> Self {
        Self {
            columns: stream.column_names().collect(),
            object,
        }
    }
}

impl Row for JsonRow<'_> {
    fn cell(&self, column: usize) -> Result<Cell<'_>, RowError> {
        let value = self.object.get(self.columns[column]);
        Ok(match value.unwrap_or(&Value::Null) {
            Value::Null => Cell::Null,
            Value::String(text) => Cell::Text(Cow::Borrowed(text)),
            Value::Number(number) => Cell::Number(Cow::Owned(number.to_string())),
            Value::Array(items) => items
                .iter()
                .map(|item| match item {
                    Value::String(text) => Some(Cow::Borrowed(text.as_str())),
                    Value::Null => Some(Cow::Borrowed("")),
                    Value::Number(number) => Some(Cow::Owned(number.to_string())),
                    Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
                })
                .collect::<Option<_>>()
                .map_or(Cell::Other, Cell::List),
            Value::Bool(_) | Value::Object(_) => Cell::Other,
        })
    }
}
