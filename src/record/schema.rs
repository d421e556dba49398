//! The JSON Schema of a stream, derived from its columns: the published form of what `parse` accepts
//! in NDJSON.

use serde_json::{Map, Value, json};

use super::cell::{Kind, Presence};
use super::stream::Stream;

/// The schema of one NDJSON row of a stream (JSON Schema 2020-12).
///
/// It states the formats of the columns; that dates exist and that a row does not contradict itself
/// is beyond it and left to the parser.
pub fn json_schema(stream: Stream) -> Value {
    let mut properties = Map::new();
    properties.insert(
        "recorded_at".into(),
        json!({
            "description": "Knowledge time: when the fund learned the row (RFC 3339).",
            "type": "string",
            "pattern": "^\\d{4}-\\d{2}-\\d{2}[Tt ]\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?([Zz]|[+-]\\d{2}:\\d{2})$"
        }),
    );
    properties.insert(
        "op".into(),
        json!({ "description": "What happens to the key; `upsert` when absent.",
                "enum": ["upsert", "delete", "", null] }),
    );
    for column in stream.columns() {
        properties.insert(
            column.name.into(),
            column_schema(column.kind, column.presence),
        );
    }
    let required: Vec<&str> = stream
        .columns()
        .iter()
        .filter(|c| c.presence == Presence::Required)
        .map(|c| c.name)
        .collect();
    let mut of_deletion = vec!["recorded_at"];
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
        "if": { "properties": { "op": { "const": "delete" } }, "required": ["op"] },
        "then": { "properties": key_properties(stream) },
        "else": { "required": required, "properties": properties },
    })
}

/// The key columns alone: all that a deletion is checked for.
fn key_properties(stream: Stream) -> Value {
    let columns = stream
        .columns()
        .iter()
        .filter(|c| stream.key_columns().contains(&c.name));
    columns
        .map(|c| (c.name.to_owned(), column_schema(c.kind, c.presence)))
        .collect::<Map<_, _>>()
        .into()
}

fn column_schema(kind: Kind, presence: Presence) -> Value {
    let digits = |n: u8| json!({ "type": ["string"], "pattern": format!("^\\d{{{n}}}$") });
    // An identifier written as a number has lost its leading zeros.
    let identifier = |n: u8| {
        json!({ "anyOf": [digits(n), { "type": "integer", "minimum": 0,
                "exclusiveMaximum": 10u64.pow(u32::from(n)) }] })
    };
    let value = match kind {
        Kind::Text => json!({ "type": ["string", "number"], "minLength": 1 }),
        Kind::PersonalId => identifier(12),
        Kind::SiNumber => identifier(10),
        Kind::OldId => identifier(9),
        Kind::CardNumber => json!({ "type": "string", "pattern": "^[A-Z]{2}[1-5]\\d{12}$" }),
        Kind::Facility => json!({ "anyOf": [
            { "type": "string", "pattern": "^[!#$%()*+./0-9:=?@A-Z\\[\\]^_a-z|~-]{5}$" },
            { "type": "integer", "minimum": 0, "maximum": 99999 }] }),
        Kind::Date => json!({ "type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}$" }),
        Kind::PartialDate => json!({ "anyOf": [
            { "type": "string", "pattern": "^\\d{4}(-\\d{2}(-\\d{2})?)?$" },
            { "type": "integer", "minimum": 1000, "maximum": 9999 }] }),
        Kind::LocalTime => {
            json!({ "type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}$" })
        }
        Kind::Money => json!({ "anyOf": [
            { "type": "string", "pattern": "^-?\\d{1,18}(\\.\\d{1,3})?$" },
            { "type": "number" }] }),
        Kind::Count => json!({ "anyOf": [
            { "type": "string", "pattern": "^\\d+$" }, { "type": "integer", "minimum": 0 }] }),
        Kind::OneOf(words) => json!({ "enum": words }),
        Kind::Digits(low, high, width) => {
            let words: Vec<String> = (low..=high)
                .map(|n| format!("{n:0w$}", w = usize::from(width)))
                .collect();
            json!({ "anyOf": [{ "enum": words }, { "type": "integer", "minimum": low, "maximum": high }] })
        }
    };
    let empty = json!({ "enum": ["", null] });
    match presence {
        Presence::Required => value,
        Presence::Optional => json!({ "anyOf": [value, empty] }),
        Presence::List => json!({ "anyOf": [
            { "type": "array", "items": { "anyOf": [{ "type": "string" }, empty] } },
            { "description": "Values separated by `;`.", "type": "string" },
            { "type": "null" }] }),
    }
}
