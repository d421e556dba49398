//! The published schemas of the streams: what is generated is what stands in `streams/schema/`, it is
//! a JSON Schema, and it says of a row what the parser says.
//!
//! `FUNDWATCH_BLESS=1 cargo test --test schemas` writes the files anew.

use std::path::PathBuf;

use fundwatch::record::{Kind, Presence, Stream, json_schema};
use serde_json::{Map, Value, json};

#[path = "common/json_row.rs"]
mod json_row;
use json_row::JsonRow;

#[test]
fn the_published_schemas_are_the_generated_ones() {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("streams/schema");
    for stream in Stream::ALL {
        let path = directory.join(format!("{stream}.schema.json"));
        let schema = json_schema(*stream);
        let mut generated = serde_json::to_string_pretty(&schema).expect("a schema prints");
        generated.push('\n');
        if std::env::var_os("FUNDWATCH_BLESS").is_some() {
            std::fs::create_dir_all(&directory).expect("streams/schema");
            std::fs::write(&path, &generated).expect("a schema file");
        }
        let published = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            published == generated,
            "{} is out of date: run FUNDWATCH_BLESS=1 cargo test --test schemas",
            path.display()
        );
    }
    let published = std::fs::read_dir(&directory)
        .expect("streams/schema")
        .count();
    assert_eq!(published, Stream::ALL.len(), "a schema of no stream");
}

#[test]
fn the_published_page_of_the_measures_is_the_generated_one() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("streams/measures.md");
    let generated = fundwatch::measure::describe();
    if std::env::var_os("FUNDWATCH_BLESS").is_some() {
        std::fs::write(&path, &generated).expect("the page");
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        published == generated,
        "{} is out of date: run FUNDWATCH_BLESS=1 cargo test --test schemas",
        path.display()
    );
}

#[test]
fn every_schema_is_a_json_schema() {
    for stream in Stream::ALL {
        let schema = json_schema(*stream);
        assert!(jsonschema::meta::is_valid(&schema), "{stream}");
    }
}

/// What the parser makes of a row.
fn accepted(stream: Stream, row: &Map<String, Value>) -> bool {
    let cells = JsonRow::new(stream, row);
    let at = stream.recorded_at(&cells);
    at.and_then(|at| stream.parse(&cells, at)).is_ok()
}

/// A value that a column of this kind accepts.
fn valid(kind: Kind) -> Value {
    match kind {
        Kind::Text => json!("Nguyễn Thị Mẫu"),
        Kind::PersonalId => json!("001080000001"),
        Kind::SiNumber => json!("7900000001"),
        Kind::OldId => json!("023456789"),
        Kind::CardNumber => json!("DN4797900000001"),
        Kind::Facility => json!("01001"),
        Kind::Date | Kind::PartialDate => json!("2025-02-01"),
        Kind::LocalTime => json!("2025-02-01T08:00"),
        Kind::Money | Kind::Count => json!("1000"),
        Kind::OneOf(words) => json!(words[0]),
        Kind::Digits(low, _, width) => json!(format!("{low:0w$}", w = usize::from(width))),
    }
}

/// A row in which every required column is well formed.
fn sample(stream: Stream) -> Map<String, Value> {
    let columns = stream.columns().iter();
    let required = columns.filter(|c| c.presence == Presence::Required);
    let mut row: Map<String, Value> = required
        .map(|c| (c.name.to_owned(), valid(c.kind)))
        .collect();
    row.insert("recorded_at".into(), json!("2025-03-01T08:00:00+07:00"));
    row
}

/// Values that are right or nearly so, whichever column they are put into.
fn values() -> Vec<Value> {
    let texts = [
        "",
        " ",
        "x",
        "ơ",
        "-",
        "0",
        "1",
        "01",
        "1 ",
        "+1",
        "3",
        "03",
        "5",
        "05",
        "8",
        "9",
        "16",
        "17",
        "00",
        "001",
        "A",
        "A+",
        "AB-",
        "a",
        "C+",
        "alive",
        "Alive",
        "dead",
        "dissolved",
        "valid",
        "locked",
        "civil_registry",
        "court",
        "upsert",
        "delete",
        "12",
        "123456789",
        "12345678",
        "1234567890",
        "0012345678",
        "001080000001",
        "00108000000",
        "0010800000012",
        "00108000000x",
        "٠٠١٠٨٠٠٠٠٠٠١",
        "DN4797900000001",
        "dn4797900000001",
        "DN0797900000001",
        "DN6797900000001",
        "TE579790000000",
        "DN47979000000011",
        "DN47979OOOOOO1",
        "DN4797900000001;TE1797900000002",
        ";DN4797900000001;;",
        "DN4797900000001;x",
        ";",
        ";;",
        "DN4797900000001 ",
        "01001",
        "1001",
        "010011",
        "01 01",
        "ABc-z",
        "01,01",
        "01;01",
        "01\"01",
        "01é1",
        "0100\n",
        "2025",
        "2025-02",
        "2025-02-01",
        "2025-2-1",
        "2025-13",
        "2025-00",
        "2025-13-01",
        "2025-12-00",
        "2025-12-32",
        "2025-12-31",
        "0000",
        "0000-01-01",
        "0001-01-01",
        "9999-12-31",
        "02025-01-01",
        "2025/02/01",
        "2025-02-01T08:00",
        "2025-02-01T24:00",
        "2025-02-01T23:59",
        "2025-02-01T23:60",
        "2025-02-01 08:00",
        "2025-02-01T08:00:00",
        "2025-02-01T8:00",
        "0000-01-01T08:00",
        "2025-03-01T08:00:00+07:00",
        "2025-03-01T08:00:00Z",
        "2025-03-01t08:00:60z",
        "2025-03-01 08:00:00.123456789012-11:30",
        "2025-03-01T08:00:00",
        "2025-03-01T08:00:00.Z",
        "2025-03-01T08:00:61Z",
        "2025-03-01T08:00:00+0700",
        "2025-03-01T08:00:00+24:00",
        "2025-03-01T24:00:00Z",
        "2025-13-01T08:00:00Z",
        "-0",
        "-1",
        "1.5",
        "1.234",
        "1.2345",
        "1.",
        ".5",
        "1e3",
        "1,000",
        "--1",
        "000000000000000001",
        "0000000000000000001",
        "-12345.678",
        "4294967295",
        "00000000004294967295",
    ];
    let mut values: Vec<Value> = texts.iter().map(|t| json!(t)).collect();
    values.extend([
        json!(null),
        json!(true),
        json!(false),
        json!({}),
        json!({"a": 1}),
        json!([]),
        json!([""]),
        json!([null]),
        json!([true]),
        json!([{}]),
        json!([["DN4797900000001"]]),
        json!(["DN4797900000001"]),
        json!(["DN4797900000001", "", null]),
        json!(["DN4797900000001", "x"]),
        json!(["DN4797900000001;DN4797900000002"]),
        json!([7]),
        json!([1.5, "x"]),
        json!(0),
        json!(1),
        json!(3),
        json!(4),
        json!(8),
        json!(9),
        json!(16),
        json!(17),
        json!(-1),
        json!(1.5),
        json!(999),
        json!(1000),
        json!(2025),
        json!(9999),
        json!(10_000),
        json!(99_999),
        json!(100_000),
        json!(999_999_999),
        json!(1_000_000_000),
        json!(4_294_967_295_u64),
        json!(4_294_967_296_u64),
        json!(9_999_999_999_u64),
        json!(10_000_000_000_u64),
        json!(999_999_999_999_u64),
        json!(1_000_000_000_000_u64),
    ]);
    values
}

#[test]
fn schema_and_parser_agree_on_every_column() {
    let mut differences = Vec::new();
    for stream in Stream::ALL {
        let schema = jsonschema::validator_for(&json_schema(*stream)).expect("a schema");
        let row = sample(*stream);
        assert!(accepted(*stream, &row), "the sample of {stream}");
        for name in stream.column_names() {
            let mut changed = row.clone();
            changed.remove(name);
            let mut rows = vec![("absent".to_owned(), changed)];
            rows.extend(values().into_iter().map(|value| {
                let mut changed = row.clone();
                changed.insert(name.to_owned(), value.clone());
                (value.to_string(), changed)
            }));
            for (what, row) in rows {
                // Its own contradiction is not what a column is asked for.
                let row = without_contradiction(*stream, name, row);
                let (theirs, ours) = (
                    schema.is_valid(&Value::Object(row.clone())),
                    accepted(*stream, &row),
                );
                if theirs != ours {
                    differences.push(format!(
                        "{stream}.{name} {what}: schema {theirs}, parser {ours}"
                    ));
                }
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// Moves the other end of a span out of the way.
fn without_contradiction(
    stream: Stream,
    name: &str,
    mut row: Map<String, Value>,
) -> Map<String, Value> {
    let mut set = |column: &str, value: &str| row.insert(column.to_owned(), json!(value));
    match (stream, name) {
        (Stream::Claims, "admitted_at") => set("discharged_at", "9999-12-31T23:59"),
        (Stream::Claims, "discharged_at") => set("admitted_at", "0001-01-01T00:00"),
        (Stream::Cards, "valid_to") => set("valid_from", "0001-01-01"),
        (Stream::Employments | Stream::Beneficiaries, "to") => set("from", "0001-01-01"),
        _ => None,
    };
    row
}

#[test]
fn a_deletion_is_asked_for_its_key_and_its_time_alone() {
    for stream in Stream::ALL {
        let schema = jsonschema::validator_for(&json_schema(*stream)).expect("a schema");
        let agree = |row: &Map<String, Value>, expected: bool| {
            assert_eq!(
                accepted(*stream, row),
                expected,
                "{stream}: parser, {row:?}"
            );
            let valid = schema.is_valid(&Value::Object(row.clone()));
            assert_eq!(valid, expected, "{stream}: schema, {row:?}");
        };
        let mut row = sample(*stream);
        let key = stream.key_columns();
        row.retain(|name, _| key.contains(&name.as_str()) || name == "recorded_at");
        row.insert("op".into(), json!("delete"));
        agree(&row, true);
        for column in stream.columns().iter().filter(|c| !key.contains(&c.name)) {
            let mut nonsense = row.clone();
            nonsense.insert(column.name.to_owned(), json!({}));
            agree(&nonsense, true);
        }
        for name in key.iter().chain(&["recorded_at"]) {
            let mut without = row.clone();
            without.remove(*name);
            agree(&without, false);
            for wrong in [json!(""), json!(null), json!(true)] {
                let mut broken = row.clone();
                broken.insert((*name).to_owned(), wrong);
                agree(&broken, false);
            }
        }
        row.insert("op".into(), json!("erase"));
        agree(&row, false);
    }
}

/// What the schema's own description says that it leaves to the parser.
#[test]
fn what_a_schema_cannot_state_is_the_parsers_alone() {
    for (stream, name, value) in [
        (Stream::Cards, "valid_from", json!("2025-02-29")),
        (Stream::Cards, "recorded_at", json!("9999-01-01T00:00:00Z")),
        (Stream::Claims, "paid_by_fund", json!("99999999999999999")),
        (Stream::Claims, "paid_by_fund", json!(1.2345)),
        (Stream::Claims, "discharged_at", json!("2025-01-31T08:00")),
        (Stream::Participants, "sex", json!(1.0)),
    ] {
        let schema = jsonschema::validator_for(&json_schema(stream)).expect("a schema");
        let mut row = sample(stream);
        row.insert(name.to_owned(), value.clone());
        assert!(
            schema.is_valid(&Value::Object(row.clone())),
            "{name} {value}"
        );
        assert!(!accepted(stream, &row), "{name} {value}");
    }
}
