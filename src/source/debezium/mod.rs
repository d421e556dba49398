//! Rows inside Debezium change envelopes.
//!
//! In: one JSON object. Out: the row it carries, as if it stood there alone, or why the change
//! cannot be applied by key. Must hold: `before` is believed for nothing but the key of a deletion;
//! a knowledge time in the row goes before the envelope's own.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::json::{self, Layout, Object};
use super::unknown::UnknownColumns;
use crate::record::{Cell, ErrorCode, Instant, Row, RowError};

mod schema;

use schema::Encoding;

/// What a line holds.
pub(super) enum Line<'a> {
    /// Nothing: a tombstone, which only lets Kafka forget the key of an earlier deletion.
    Nothing,
    /// A row.
    Row(JsonRow<'a>),
    /// No row, and what can be told of its knowledge time.
    Bad(RowError, Option<Instant>),
}

/// Reads the lines of one file.
pub(super) struct Unwrapper {
    layout: Arc<Layout>,
    /// The encodings of rows that come without a schema.
    bare: Arc<[Encoding]>,
    /// The schema of the last envelope, the member it was read for, and what it says: as a rule it
    /// is the next one's too.
    last: Option<(String, &'static str, Arc<[Encoding]>)>,
    /// Columns that the stream does not have.
    pub(super) unknown: UnknownColumns,
}

/// A row and the layout by which it is read.
pub(super) struct JsonRow<'a> {
    columns: Vec<Option<&'a str>>,
    /// None in a plain row.
    encodings: Option<Arc<[Encoding]>>,
    /// The envelope's own time, in milliseconds.
    stamp: Option<i64>,
    is_deletion: bool,
    layout: Arc<Layout>,
}

const TRUNCATED: &str = "a truncation cannot be applied by key; send a deletion for each row";
const MESSAGE: &str = "a logical decoding message is no change of a row; leave it out of the topic";
const NO_AFTER: &str = "an envelope of operation c, r or u needs the row in `after`";
const NO_KEY: &str = "an envelope of operation d needs the key in `before`; set the table's REPLICA \
                      IDENTITY so that it covers the key, or write the message key there";
const NO_OPERATION: &str = "expected an envelope with `op` c, r, u or d in `payload`";

impl Unwrapper {
    /// For rows of this layout.
    pub(super) fn new(layout: Layout) -> Self {
        Self {
            bare: schema::without_schema(&layout).into(),
            layout: Arc::new(layout),
            last: None,
            unknown: UnknownColumns::default(),
        }
    }

    /// Reads a line, which is not blank.
    pub(super) fn read<'a>(&mut self, text: &'a str) -> Line<'a> {
        let line = self.unwrap(text);
        match line {
            Line::Row(_) => self.unknown.keep(),
            _ => self.unknown.drop_noted(),
        }
        line
    }

    fn unwrap<'a>(&mut self, text: &'a str) -> Line<'a> {
        if text.trim_ascii() == "null" {
            return Line::Nothing;
        }
        let (object, read) = self.object(text);
        if let Err(error) = read {
            let recorded_at = self.plain(object).recorded_at();
            return Line::Bad(error, recorded_at);
        }
        // A plain row may have an unknown column of that name.
        if let Some(payload) = object.payload
            && object.columns.iter().all(Option::is_none)
        {
            if payload == "null" {
                return Line::Nothing;
            }
            self.unknown.drop_noted();
            let (inner, read) = self.object(payload);
            if read.is_err() || !is_envelope(&inner) {
                let error = RowError::new(ErrorCode::BadEnvelope, NO_OPERATION);
                return Line::Bad(error, stamp(&inner).and_then(Instant::from_millis));
            }
            return self.envelope(inner, object.schema.filter(|s| *s != "null"));
        }
        if is_envelope(&object) {
            return self.envelope(object, None);
        }
        Line::Row(self.plain(object))
    }

    fn object<'a>(&mut self, text: &'a str) -> (Object<'a>, Result<(), RowError>) {
        Object::read(text, &self.layout, &mut self.unknown)
    }

    fn plain<'a>(&self, object: Object<'a>) -> JsonRow<'a> {
        JsonRow {
            columns: object.columns,
            encodings: None,
            stamp: None,
            is_deletion: false,
            layout: Arc::clone(&self.layout),
        }
    }

    fn envelope<'a>(&mut self, envelope: Object<'a>, schema: Option<&str>) -> Line<'a> {
        self.unknown.drop_noted();
        let stamp = stamp(&envelope);
        let at = stamp.and_then(Instant::from_millis);
        let bad = |message| Line::Bad(RowError::new(ErrorCode::BadEnvelope, message), at);
        let is_deletion = match envelope.op() {
            Some("t") => return bad(TRUNCATED),
            Some("m") => return bad(MESSAGE),
            Some("d") => true,
            _ => false,
        };
        let (member, content, missing) = match is_deletion {
            true => ("before", envelope.before, NO_KEY),
            false => ("after", envelope.after, NO_AFTER),
        };
        let Some(content) = content.filter(|c| c.starts_with('{')) else {
            return bad(missing);
        };
        let (mut object, read) = self.object(content);
        if read.is_err() {
            return bad(missing);
        }
        if is_deletion {
            // Nothing of `before` is believed but the key.
            self.unknown.drop_noted();
            let columns = object.columns.iter_mut();
            for (value, is_key) in columns.zip(&self.layout.is_key) {
                if !is_key {
                    *value = None;
                } else if value.is_none_or(|v| v == "null" || v == "\"\"") {
                    return bad(NO_KEY);
                }
            }
        }
        let encodings = match schema {
            None => Arc::clone(&self.bare),
            Some(schema) => match self.encodings(schema, member) {
                Ok(encodings) => encodings,
                Err(error) => return Line::Bad(error, at),
            },
        };
        Line::Row(JsonRow {
            columns: object.columns,
            encodings: Some(encodings),
            stamp,
            is_deletion,
            layout: Arc::clone(&self.layout),
        })
    }

    fn encodings(&mut self, text: &str, member: &'static str) -> Result<Arc<[Encoding]>, RowError> {
        if let Some((last, of, encodings)) = &self.last
            && *of == member
            && last == text
        {
            return Ok(Arc::clone(encodings));
        }
        let encodings: Arc<[Encoding]> = schema::read(text, member, &self.layout)?.into();
        self.last = Some((text.to_owned(), member, Arc::clone(&encodings)));
        Ok(encodings)
    }
}

/// Whether an object is a change envelope rather than a row.
fn is_envelope(object: &Object<'_>) -> bool {
    let has_row = object.before.is_some() || object.after.is_some();
    match object.op() {
        Some("c" | "r" | "u" | "d") => has_row,
        // These two carry no row.
        Some("t") => has_row || object.source.is_some(),
        Some("m") => has_row || object.source.is_some() || object.message.is_some(),
        _ => false,
    }
}

/// When the connector met the change, else when the database made it, in milliseconds.
fn stamp(envelope: &Object<'_>) -> Option<i64> {
    #[derive(Deserialize)]
    struct Source<'a> {
        #[serde(borrow)]
        ts_ms: Option<&'a RawValue>,
    }
    let number = |raw: &str| raw.trim_matches('"').parse().ok();
    envelope.ts_ms.and_then(number).or_else(|| {
        let source: Source<'_> = serde_json::from_str(envelope.source?).ok()?;
        number(source.ts_ms?.get())
    })
}

impl JsonRow<'_> {
    /// The knowledge time, where it can be read.
    fn recorded_at(&self) -> Option<Instant> {
        // Which stream is asked makes no difference to the column that they have in common.
        crate::record::Stream::Claims.recorded_at(self).ok()
    }
}

impl Row for JsonRow<'_> {
    fn cell(&self, column: usize) -> Result<Cell<'_>, RowError> {
        if column == 1 && self.is_deletion {
            return Ok(Cell::Text(Cow::Borrowed("delete")));
        }
        let cell = match (self.columns.get(column).copied().flatten(), &self.encodings) {
            (None, _) => Cell::Null,
            (Some(raw), None) => json::cell(raw)?,
            (Some(raw), Some(encodings)) => {
                encodings[column].cell(raw, self.layout.names[column])?
            }
        };
        match (cell, self.stamp) {
            (Cell::Null, Some(millis)) if column == 0 => Ok(Cell::Timestamp {
                nanos: i128::from(millis) * 1_000_000,
                utc: true,
            }),
            (cell, _) => Ok(cell),
        }
    }
}

#[cfg(test)]
mod tests;
