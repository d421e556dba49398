//! The fields of a rejected row, for a form that repairs it.
//!
//! In: the text of a row as it came, and its stream. Out: the columns with what may be told of each; and, of what a person
//! gave, the row that is sent in its place. Must hold: what is told is no identifier of a person, no name, no date of birth
//! and nothing of how somebody is; whatever a cell holds that should not be in it; what is not told is kept as it came
//! unless something else is given.

use serde_json::{Map, Value, json};

use crate::mask;
use crate::record::{Kind, Presence, Stream};
use crate::web::pages::{Given, RowField};

/// Columns that are not told, beside identifiers: names, what people were treated for, free texts in which anything may be.
const MASKED: &[&str] = &[
    "full_name",
    "name",
    "birth_date",
    "sex",
    "blood_group",
    "main_diagnosis",
    "other_diagnoses",
    "allergies",
    "chronic_conditions",
    "visit_id",
    "report_id",
    "tax_code",
    "successor",
    "scheme",
];
/// The longest text of which a column without a form of its own is told: codes of provinces, kinds and departments.
const LONGEST_CODE: usize = 5;
const LONGEST: usize = 32;
/// Runs of digits that may be an identifier.
const IDENTIFIER: usize = 9;
pub(super) const RECORDED_AT: &str = "recorded_at";
const OP: &str = "op";

/// The columns of a row as they came; nothing of a text that is no object of columns.
pub(super) fn read(raw: &str) -> Option<Map<String, Value>> {
    let Value::Object(row) = serde_json::from_str(raw).ok()? else {
        return None;
    };
    // What is in a change envelope is under `after`, of the whole or of its payload.
    let inside = |row: &Map<String, Value>| match row.get("after") {
        Some(Value::Object(after)) => Some(after.clone()),
        _ => None,
    };
    let payload = row.get("payload").and_then(Value::as_object);
    let found = payload.and_then(inside).or_else(|| inside(&row));
    Some(found.unwrap_or(row))
}

/// The name of a column of a stream.
pub(super) fn column(stream: Stream, name: &str) -> Option<&'static str> {
    stream.column_names().find(|own| *own == name)
}

/// The fields of a row, or of one that cannot be read.
pub(super) fn fields(stream: Stream, row: Option<&Map<String, Value>>) -> Vec<RowField> {
    let value = |name: &str| row.and_then(|row| row.get(name)).and_then(text);
    let common = [
        (RECORDED_AT, Vec::new()),
        (OP, vec!["upsert".to_owned(), "delete".to_owned()]),
    ];
    let common = common.into_iter().map(|(name, words)| {
        let text = value(name);
        let told = text.as_deref().filter(|text| match name {
            OP => words.iter().any(|word| word == text),
            _ => is_time(text),
        });
        RowField {
            name,
            presence: Presence::Optional,
            is_masked: text.is_some() && told.is_none(),
            text: told.map(str::to_owned),
            words,
        }
    });
    let own = stream.columns().iter().map(|column| {
        let text = value(column.name);
        let told = text
            .as_deref()
            .filter(|text| is_told(column.name, column.kind, text));
        RowField {
            name: column.name,
            presence: column.presence,
            words: match column.kind {
                Kind::OneOf(words) => words.iter().map(|&word| word.to_owned()).collect(),
                _ => Vec::new(),
            },
            is_masked: text.is_some() && told.is_none(),
            text: told.map(str::to_owned),
        }
    });
    common.chain(own).collect()
}

/// A value as one types it; nothing of one that says nothing.
fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().filter_map(text).collect();
            items.join(";")
        }
        other => other.to_string(),
    };
    Some(text).filter(|text| !text.is_empty())
}

/// Whether a text may be told.
fn is_told(name: &str, kind: Kind, text: &str) -> bool {
    if MASKED.contains(&name) || text.len() > LONGEST {
        return false;
    }
    match kind {
        Kind::PersonalId | Kind::SiNumber | Kind::OldId | Kind::CardNumber => false,
        Kind::OneOf(words) => words.contains(&text),
        // A part of a number or of a name may stand where a code should.
        Kind::Text | Kind::Facility => {
            let is_code = |c: char| c.is_ascii_digit() || c == '.';
            text.len() <= LONGEST_CODE && text.chars().all(is_code)
        }
        Kind::Date
        | Kind::PartialDate
        | Kind::LocalTime
        | Kind::Money
        | Kind::Count
        | Kind::Digits(..) => is_figures(text),
    }
}

/// Whether a text is of digits and what stands between those of dates, times and amounts, and no identifier is in it.
fn is_figures(text: &str) -> bool {
    let is_between = |c: char| matches!(c, '-' | '/' | '.' | ',' | ':' | 'T' | ' ' | '+' | 'Z');
    text.chars().all(|c| c.is_ascii_digit() || is_between(c)) && !has_identifier(text)
}

fn is_time(text: &str) -> bool {
    text.len() <= LONGEST && is_figures(&text.replace(['t', 'z'], "T"))
}

/// Whether digits that follow each other, or would without what stands between, could be an identifier.
fn has_identifier(text: &str) -> bool {
    let longest = text
        .split(|c: char| !c.is_ascii_digit())
        .map(str::len)
        .max();
    longest.unwrap_or_default() >= IDENTIFIER || mask::text(text) != text
}

/// The row that is sent: what is given, and else what came.
pub(super) fn repaired(
    stream: Stream,
    row: Option<&Map<String, Value>>,
    given: &[(&'static str, Given)],
) -> Vec<u8> {
    let own = stream.columns().iter().map(|column| column.name);
    let mut sent = Map::new();
    for name in [RECORDED_AT, OP].into_iter().chain(own) {
        let given = given.iter().find(|(own, _)| *own == name);
        let value = match given.map(|(_, given)| given) {
            Some(Given::Text(text)) => Some(json!(text)),
            Some(Given::Nothing) => None,
            Some(Given::Kept) | None => row.and_then(|row| row.get(name)).cloned(),
        };
        if let Some(value) = value.filter(|value| !value.is_null()) {
            sent.insert(name.to_owned(), value);
        }
    }
    Value::Object(sent).to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(fields: &[RowField]) -> Vec<(&'static str, Option<&str>, bool)> {
        let fields = fields.iter();
        let some = fields.filter(|field| field.text.is_some() || field.is_masked);
        some.map(|field| (field.name, field.text.as_deref(), field.is_masked))
            .collect()
    }

    #[test]
    fn what_identifies_somebody_is_kept_and_not_told() {
        let raw = r#"{"card_number":"HT3797900000001","valid_from":"2024-13-01","valid_to":"2025-12-31",
            "status":"Nguyễn Mẫu An","primary_facility":"79001","recorded_at":"2026-11-27T09:00:00+07:00","odd":"x"}"#;
        let row = read(raw).expect("an object");
        let fields = fields(Stream::Cards, Some(&row));
        assert_eq!(
            told(&fields),
            [
                ("recorded_at", Some("2026-11-27T09:00:00+07:00"), false),
                ("card_number", None, true),
                ("valid_from", Some("2024-13-01"), false),
                ("valid_to", Some("2025-12-31"), false),
                ("status", None, true),
                ("primary_facility", Some("79001"), false),
            ]
        );
        let given = [
            ("valid_from", Given::Text("2024-12-01".to_owned())),
            ("status", Given::Text("valid".to_owned())),
            ("valid_to", Given::Nothing),
        ];
        let sent = repaired(Stream::Cards, Some(&row), &given);
        let sent: Value = serde_json::from_slice(&sent).expect("JSON");
        assert_eq!(
            sent,
            json!({
                "card_number": "HT3797900000001", "valid_from": "2024-12-01", "status": "valid",
                "primary_facility": "79001", "recorded_at": "2026-11-27T09:00:00+07:00",
            })
        );
    }

    #[test]
    fn rows_in_envelopes_are_read_and_others_are_not() {
        for raw in [
            r#"{"before":null,"after":{"tax_code":"1"},"op":"c"}"#,
            r#"{"payload":{"after":{"tax_code":"1"}}}"#,
            r#"{"tax_code":"1"}"#,
        ] {
            let row = read(raw).expect("an object");
            assert_eq!(row.get("tax_code"), Some(&json!("1")), "{raw}");
        }
        for raw in ["a,b,c", "<GIAMDINHHS/>", "[1]", "", "{\"a\":"] {
            assert_eq!(read(raw), None, "{raw}");
        }
        let fields = fields(Stream::Claims, None);
        assert_eq!(fields.len(), Stream::Claims.columns().len() + 2);
        assert!(told(&fields).is_empty());
    }

    proptest! {
        #[test]
        fn whatever_stands_in_a_cell_no_identifier_or_name_is_told(
            stream in 0..Stream::ALL.len(),
            text in prop_oneof![
                "[0-9]{9,15}", "[A-Z]{2}[1-5][0-9]{12}", "[A-Z][a-z]{1,6} [A-Z][a-z]{1,6}", "[0-9]{3}[ -][0-9]{9}",
            ],
        ) {
            let stream = Stream::ALL[stream];
            let row: Map<String, Value> = stream
                .column_names()
                .map(|name| (name.to_owned(), json!(text)))
                .collect();
            for field in fields(stream, Some(&row)) {
                prop_assert!(field.text.is_none() && field.is_masked, "{}", field.name);
            }
        }

        #[test]
        fn what_is_not_given_is_sent_as_it_came(text in "[ -~]{1,20}", number in 0_u32..1_000) {
            let row: Map<String, Value> = [
                ("personal_id".to_owned(), json!(text)),
                ("monthly_amount".to_owned(), json!(number)),
            ].into_iter().collect();
            let sent = repaired(Stream::Beneficiaries, Some(&row), &[]);
            prop_assert_eq!(serde_json::from_slice::<Value>(&sent).expect("JSON"), Value::Object(row));
        }
    }
}
