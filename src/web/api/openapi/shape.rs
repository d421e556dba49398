//! Schemas of JSON Schema 2020-12, in few words.

use serde_json::{Map, Value, json};

/// A text.
pub(super) fn text() -> Value {
    json!({"type": "string"})
}

/// A text of a form.
pub(super) fn form(pattern: &str) -> Value {
    json!({"type": "string", "pattern": pattern})
}

/// One of a list of words.
pub(super) fn word(words: impl IntoIterator<Item = &'static str>) -> Value {
    let words: Vec<&str> = words.into_iter().collect();
    json!({"type": "string", "enum": words})
}

/// A whole number, zero or more.
pub(super) fn count() -> Value {
    json!({"type": "integer", "minimum": 0, "maximum": i64::MAX})
}

/// A whole number of 32 bits.
pub(super) fn small() -> Value {
    json!({"type": "integer", "minimum": 0, "maximum": u32::MAX})
}

/// A number.
pub(super) fn number() -> Value {
    json!({"type": "number"})
}

/// A number from 0 to 1.
pub(super) fn share() -> Value {
    json!({"type": "number", "minimum": 0, "maximum": 1})
}

pub(super) fn truth() -> Value {
    json!({"type": "boolean"})
}

/// A time with its offset.
pub(super) fn time() -> Value {
    json!({"type": "string", "format": "date-time"})
}

/// A day.
pub(super) fn day() -> Value {
    json!({"type": "string", "format": "date"})
}

/// An amount of dong, with up to three decimals.
pub(super) fn dong() -> Value {
    json!({"type": "number", "description": "Dong, exact to a thousandth."})
}

pub(super) fn list(of: Value) -> Value {
    json!({"type": "array", "items": of})
}

/// That, or nothing.
pub(super) fn or_null(of: Value) -> Value {
    json!({"anyOf": [of, {"type": "null"}]})
}

/// A schema of the one place of schemas.
pub(super) fn named(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// The same with a word about it.
pub(super) fn about(mut schema: Value, description: &str) -> Value {
    schema["description"] = description.into();
    schema
}

/// An object with these fields, and with those that may be left out; with no others.
pub(super) fn object(fields: Vec<(&str, Value)>, optional: Vec<(&str, Value)>) -> Value {
    let required: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    let properties = fields.into_iter().chain(optional);
    let properties: Map<String, Value> = properties
        .map(|(name, schema)| (name.to_owned(), schema))
        .collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// The same, where later versions may tell more.
pub(super) fn open_object(fields: Vec<(&str, Value)>, optional: Vec<(&str, Value)>) -> Value {
    let mut schema = object(fields, optional);
    schema["additionalProperties"] = true.into();
    schema
}
