//! One JSON object as the texts of its members, and a text as a cell.
//!
//! In: the text of an object. Out: for each column the untouched text of its value, so that numbers
//! stay exact; and the members that make an envelope. Must hold: nothing recurses, however deep the
//! text; of members with the same name the last one counts.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer as _;
use serde::de::{DeserializeSeed, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::unknown::UnknownColumns;
use crate::record::{Cell, Column, ErrorCode, Kind, RowError, Stream};

/// The deepest nesting of a row: what other readers of `rejects.ndjson` can follow.
const DEEPEST: usize = 100;

/// The names that a reader of a stream looks for.
#[derive(Debug)]
pub(super) struct Layout {
    /// Column names in the order in which a row numbers them.
    pub(super) names: Vec<&'static str>,
    /// How each is written; none for the columns that all streams have.
    pub(super) kinds: Vec<Option<Kind>>,
    /// Whether a column is part of the key.
    pub(super) is_key: Vec<bool>,
}

impl Layout {
    /// The columns of a stream.
    pub(super) fn of(stream: Stream) -> Self {
        let names: Vec<_> = stream.column_names().collect();
        let common = names.len() - stream.columns().len();
        let own = stream.columns().iter().map(|c: &Column| Some(c.kind));
        Self {
            kinds: std::iter::repeat_n(None, common).chain(own).collect(),
            is_key: names
                .iter()
                .map(|n| stream.key_columns().contains(n))
                .collect(),
            names,
        }
    }

    /// The number of a column; `hint` is where it is most likely.
    fn column(&self, name: &str, hint: usize) -> Option<usize> {
        if self.names.get(hint) == Some(&name) {
            return Some(hint);
        }
        self.names.iter().position(|n| *n == name)
    }
}

/// The texts of an object's members.
#[derive(Debug, Default)]
pub(super) struct Object<'a> {
    /// The value of each column.
    pub(super) columns: Vec<Option<&'a str>>,
    /// The members of an envelope, which no column but `source` of death reports is named like.
    pub(super) before: Option<&'a str>,
    pub(super) after: Option<&'a str>,
    pub(super) payload: Option<&'a str>,
    pub(super) schema: Option<&'a str>,
    pub(super) source: Option<&'a str>,
    pub(super) ts_ms: Option<&'a str>,
    pub(super) message: Option<&'a str>,
}

/// The text of `op`, the second column of every stream.
const OP: usize = 1;

impl<'a> Object<'a> {
    /// Reads an object. What was met before a mistake is kept, so that a broken row can still be
    /// placed in time.
    pub(super) fn read(
        text: &'a str,
        layout: &Layout,
        unknown: &mut UnknownColumns,
    ) -> (Self, Result<(), RowError>) {
        let mut object = Self {
            columns: vec![None; layout.names.len()],
            ..Self::default()
        };
        if too_deep(text) {
            let deep = format!("the line is nested deeper than {DEEPEST} levels");
            return (object, Err(RowError::new(ErrorCode::BadJson, deep)));
        }
        let mut reader = serde_json::Deserializer::from_str(text);
        let members = Members {
            object: &mut object,
            layout,
            unknown,
        };
        let read = reader
            .deserialize_map(members)
            .and_then(|()| reader.end())
            .map_err(|error| {
                // serde_json's own text may quote the value.
                let place = error.column();
                let what = match error.classify() {
                    serde_json::error::Category::Eof => "it ends too early",
                    serde_json::error::Category::Data => "it is another value",
                    _ => "it is not JSON",
                };
                let message = format!("expected one JSON object a line: {what} at byte {place}");
                RowError::new(ErrorCode::BadJson, message)
            });
        (object, read)
    }

    /// The text of `op`, where it is text.
    pub(super) fn op(&self) -> Option<&'a str> {
        let raw = self.columns[OP]?;
        raw.strip_prefix('"')?.strip_suffix('"')
    }
}

/// Whether brackets nest deeper than [`DEEPEST`].
fn too_deep(text: &str) -> bool {
    let bytes = text.as_bytes();
    // Few lines have so many brackets at all.
    if memchr::memchr2_iter(b'{', b'[', bytes)
        .nth(DEEPEST)
        .is_none()
    {
        return false;
    }
    let (mut depth, mut in_text, mut escaped) = (0usize, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return true;
        }
    }
    false
}

struct Members<'s, 'a> {
    object: &'s mut Object<'a>,
    layout: &'s Layout,
    unknown: &'s mut UnknownColumns,
}

impl<'a> Visitor<'a> for Members<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<(), M::Error> {
        let Self {
            object,
            layout,
            unknown,
        } = self;
        let mut hint = 0;
        while let Some(member) = map.next_key_seed(Name {
            layout,
            hint,
            unknown,
        })? {
            let value: &'a RawValue = map.next_value()?;
            let value = Some(value.get());
            match member {
                Member::Column(column) => {
                    object.columns[column] = value;
                    hint = column + 1;
                }
                Member::ColumnSource(column) => {
                    object.columns[column] = value;
                    object.source = value;
                }
                Member::Before => object.before = value,
                Member::After => object.after = value,
                Member::Payload => object.payload = value,
                Member::Schema => object.schema = value,
                Member::Source => object.source = value,
                Member::TsMs => object.ts_ms = value,
                Member::Message => object.message = value,
                Member::Unknown => {}
            }
        }
        Ok(())
    }
}

/// What a member's name says.
enum Member {
    Column(usize),
    /// The column `source` of death reports, which may also be an envelope's.
    ColumnSource(usize),
    Before,
    After,
    Payload,
    Schema,
    Source,
    TsMs,
    Message,
    Unknown,
}

struct Name<'s> {
    layout: &'s Layout,
    hint: usize,
    unknown: &'s mut UnknownColumns,
}

impl<'a> DeserializeSeed<'a> for Name<'_> {
    type Value = Member;

    fn deserialize<D: serde::Deserializer<'a>>(self, deserializer: D) -> Result<Member, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Member;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member's name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Member, E> {
        if let Some(column) = self.layout.column(name, self.hint) {
            return Ok(match name {
                "source" => Member::ColumnSource(column),
                _ => Member::Column(column),
            });
        }
        Ok(match name {
            "before" => Member::Before,
            "after" => Member::After,
            "payload" => Member::Payload,
            "schema" => Member::Schema,
            "source" => Member::Source,
            "ts_ms" => Member::TsMs,
            "message" => Member::Message,
            _ => Member::Unknown,
        })
        .inspect(|_| self.note(name))
    }
}

impl Name<'_> {
    /// Also an envelope's members, should the object turn out to be a plain row.
    fn note(self, name: &str) {
        self.unknown.note(name);
    }
}

/// A value as a cell.
pub(super) fn cell(raw: &str) -> Result<Cell<'_>, RowError> {
    Ok(match raw.as_bytes().first() {
        None | Some(b'n') => Cell::Null,
        Some(b'"') => Cell::Text(text(raw)?),
        Some(b'[') => list(raw)?,
        Some(b'-' | b'0'..=b'9') => Cell::Number(Cow::Borrowed(raw)),
        Some(_) => Cell::Other,
    })
}

/// A JSON string without its quotes and escapes.
fn text(raw: &str) -> Result<Cow<'_, str>, RowError> {
    if memchr::memchr(b'\\', raw.as_bytes()).is_none()
        && let Some(plain) = raw.get(1..raw.len() - 1)
    {
        return Ok(Cow::Borrowed(plain));
    }
    serde_json::from_str(raw).map(Cow::Owned).map_err(|_| {
        let message = "a text has an escape that stands for no character";
        RowError::new(ErrorCode::BadJson, message)
    })
}

/// An array of text; numbers in it count as their text, null as an empty item.
fn list(raw: &str) -> Result<Cell<'_>, RowError> {
    let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(raw) else {
        return Ok(Cell::Other);
    };
    let mut texts = Vec::with_capacity(items.len());
    for item in items {
        match cell(scalar(item.get()))? {
            Cell::Null => texts.push(Cow::Borrowed("")),
            Cell::Text(text) | Cell::Number(text) => texts.push(text),
            _ => return Ok(Cell::Other),
        }
    }
    Ok(Cell::List(texts))
}

/// An item of a list; one that is itself a list is no item, so that nothing recurses.
fn scalar(raw: &str) -> &str {
    if raw.starts_with('[') { "{}" } else { raw }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_become_cells() {
        let read = |raw| cell(raw).expect("a cell");
        assert_eq!(read("null"), Cell::Null);
        assert_eq!(read("\"\""), Cell::Text("".into()));
        assert_eq!(read("\"Ngọc\""), Cell::Text("Ngọc".into()));
        assert_eq!(read(r#""a\"b\u1ecd""#), Cell::Text("a\"bọ".into()));
        assert_eq!(read("-1.250E+3"), Cell::Number("-1.250E+3".into()));
        assert_eq!(
            read(r#"["a", 7, null, "\n"]"#),
            Cell::List(vec!["a".into(), "7".into(), "".into(), "\n".into()])
        );
        for other in ["true", "false", "{}", "[true]", "[[\"a\"]]", "[{}]"] {
            assert_eq!(read(other), Cell::Other, "{other}");
        }
        assert!(cell(r#""\ud800""#).is_err());
    }

    #[test]
    fn the_last_member_of_a_name_counts() {
        let mut unknown = UnknownColumns::default();
        let layout = Layout::of(Stream::DeathReports);
        let text = r#"{"op":"a","x":1,"source":"court","op":"b","\u006fp":"c"}"#;
        let (object, read) = Object::read(text, &layout, &mut unknown);
        assert_eq!(read, Ok(()));
        assert_eq!(object.op(), Some("c"));
        assert_eq!(object.source, Some("\"court\""));
        unknown.keep();
        assert_eq!(unknown.names(), ["x"]);
    }

    #[test]
    fn depth_is_bounded_outside_of_text() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(!too_deep(&nested(DEEPEST)));
        assert!(too_deep(&nested(DEEPEST + 1)));
        assert!(too_deep(&nested(1_000_000)));
        assert!(!too_deep(&format!("\"\\\"{}\"", nested(DEEPEST + 1))));
        assert!(!too_deep(&"[]".repeat(DEEPEST * 2)));
    }

    proptest! {
        #[test]
        fn text_comes_back(text in any::<String>()) {
            let raw = serde_json::to_string(&text).expect("text");
            prop_assert_eq!(cell(&raw), Ok(Cell::Text(text.into())));
        }
    }
}
