//! The JSON Schema of a stream, derived from its columns: the published form of what `parse` accepts
//! in NDJSON.

use serde_json::{Map, Value, json};

use super::cell::{Kind, Presence};
use super::stream::{COMMON_COLUMNS, Stream};

/// The schema of one NDJSON row of a stream (JSON Schema 2020-12).
///
/// A row that the parser accepts is valid, and a valid row is accepted but for what a schema cannot
/// state and leaves to the parser: that a day exists in its month, that instants lie between 1677 and
/// 2262, that an amount lies within 9.2e15 dong and, written as a number, has no more than three
/// places, that a number that is whole is written without a point or an exponent, and that a row
/// does not contradict itself.
pub fn json_schema(stream: Stream) -> Value {
    let [recorded_at, op] = COMMON_COLUMNS;
    let required: Vec<&str> = stream
        .columns()
        .iter()
        .filter(|c| c.presence == Presence::Required)
        .map(|c| c.name)
        .collect();
    let mut of_deletion = vec![recorded_at];
    of_deletion.extend(stream.key_columns());
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("{stream}.schema.json"),
        "title": stream.name(),
        "description": format!(
            "A row of `{stream}`: it replaces the earlier row with the same {}.",
            stream.key_columns().join(" + ")
        ),
        "type": "object",
        "required": of_deletion,
        "properties": {
            recorded_at: {
                "description": "Knowledge time: when the fund learned the row (RFC 3339).",
                "type": "string",
                "pattern": format!(
                    "^{DAY}[Tt ]{HOUR}:{MINUTE}:({MINUTE}|60)([.][0-9]+)?([Zz]|[+-]{HOUR}:{MINUTE})$"
                )
            },
            op: { "description": "What happens to the key; `upsert` when absent.",
                  "enum": ["upsert", "delete", "", null] },
        },
        "if": { "properties": { op: { "const": "delete" } }, "required": [op] },
        // All that a deletion is asked for is its key.
        "then": { "properties": properties(stream, |name| stream.key_columns().contains(&name)) },
        "else": { "required": required, "properties": properties(stream, |_| true) },
    })
}

const DAY: &str = "(?!0000)[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])";
const PARTIAL_DATE: &str = "(?!0000)[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?";
const HOUR: &str = "([01][0-9]|2[0-3])";
const MINUTE: &str = "[0-5][0-9]";
const CARD: &str = "[A-Z]{2}[1-5][0-9]{12}";
const FACILITY: &str = "[!#$%()*+./0-9:=?@A-Z\\[\\]^_a-z|~-]{5}";

/// The schemas of some of a stream's columns.
fn properties(stream: Stream, chosen: impl Fn(&str) -> bool) -> Value {
    let columns = stream.columns().iter().filter(|c| chosen(c.name));
    columns
        .map(|c| (c.name.to_owned(), column_schema(c.kind, c.presence)))
        .collect::<Map<_, _>>()
        .into()
}

fn column_schema(kind: Kind, presence: Presence) -> Value {
    let empty = json!({ "enum": ["", null] });
    match presence {
        Presence::Required => value_schema(kind),
        Presence::Optional => json!({ "anyOf": [value_schema(kind), empty] }),
        Presence::List => json!({ "anyOf": [
            { "type": "array", "items": { "anyOf": [value_schema(kind), empty] } },
            { "description": "Values separated by `;`.", "type": "string", "pattern": list_pattern(kind) },
            { "type": "null" }] }),
    }
}

/// The pattern of a list that is written as one text.
fn list_pattern(kind: Kind) -> String {
    match kind {
        Kind::CardNumber => format!("^;*({CARD}(;+{CARD})*;*)?$"),
        _ => "^".to_owned(),
    }
}

/// The schema of a value that is not null.
fn value_schema(kind: Kind) -> Value {
    let text = |pattern: &str| json!({ "type": "string", "pattern": format!("^{pattern}$") });
    let text_or = |pattern: &str, number: Value| json!({ "anyOf": [text(pattern), number] });
    let whole = |low: u64, high: u64| json!({ "type": "integer", "minimum": low, "maximum": high });
    // An identifier written as a number has lost its leading zeros.
    let identifier = |n: u32| text_or(&format!("[0-9]{{{n}}}"), whole(0, 10u64.pow(n) - 1));
    match kind {
        Kind::Text => json!({ "type": ["string", "number"], "minLength": 1 }),
        Kind::PersonalId => identifier(12),
        Kind::SiNumber => identifier(10),
        Kind::OldId => identifier(9),
        Kind::CardNumber => text(CARD),
        Kind::Facility => text_or(FACILITY, whole(0, 99_999)),
        Kind::Date => text(DAY),
        Kind::PartialDate => text_or(PARTIAL_DATE, whole(1000, 9999)),
        Kind::LocalTime => text(&format!("{DAY}T{HOUR}:{MINUTE}")),
        Kind::Money => text_or("-?[0-9]{1,18}([.][0-9]{1,3})?", json!({ "type": "number" })),
        Kind::Count => text_or("0*[0-9]{1,10}", whole(0, u64::from(u32::MAX))),
        Kind::OneOf(words) => json!({ "enum": words }),
        Kind::Digits(low, high, width) => {
            let words: Vec<String> = (low..=high)
                .map(|n| format!("{n:0w$}", w = usize::from(width)))
                .collect();
            json!({ "anyOf": [{ "enum": words }, whole(low.into(), high.into())] })
        }
    }
}
