//! Envelopes, made by hand and real ones.

use std::collections::BTreeMap;

use super::*;
use crate::record::{Operation, Record, Stream};
use serde_json::{Value, json};

fn unwrap(stream: Stream, line: &Value) -> Result<crate::record::Change, String> {
    let text = line.to_string();
    let mut unwrapper = Unwrapper::new(Layout::of(stream));
    match unwrapper.read(&text) {
        Line::Nothing => Err("nothing".to_owned()),
        Line::Row(row) => {
            let at = stream.recorded_at(&row).map_err(|e| e.code.to_string())?;
            stream.parse(&row, at).map_err(|e| e.code.to_string())
        }
        Line::Bad(error, at) => Err(format!("{} {}", error.code, at.is_some())),
    }
}

fn employment() -> Value {
    json!({"si_number": "0123456789", "tax_code": "D1", "from": "2020-01-01", "to": null})
}

#[test]
fn operations_are_applied_by_key() {
    for op in ["c", "r", "u"] {
        let line = json!({"op": op, "before": {"si_number": 7}, "after": employment(),
                          "ts_ms": 1_735_689_600_000_i64});
        let change = unwrap(Stream::Employments, &line).expect("a change");
        assert_eq!(change.key.to_string(), "0123456789/D1");
        assert!(matches!(change.operation, Operation::Upsert(_)));
        assert_eq!(change.recorded_at.to_string(), "2025-01-01T07:00:00+07:00");
        let wrapped = json!({"schema": null, "payload": line});
        assert_eq!(unwrap(Stream::Employments, &wrapped), Ok(change.clone()));
        let alone = json!({"payload": line});
        assert_eq!(unwrap(Stream::Employments, &alone), Ok(change));
    }
    let line = json!({"op": "d", "ts_ms": 0, "after": null,
                      "before": {"si_number": 123_456_789, "tax_code": "D1", "from": {},
                                 "recorded_at": "2025-01-01T00:00:00Z"}});
    let change = unwrap(Stream::Employments, &line).expect("a change");
    assert_eq!(change.key.to_string(), "0123456789/D1");
    assert_eq!(change.operation, Operation::Delete);
    assert_eq!(change.recorded_at.nanos(), 0);
}

#[test]
fn knowledge_time_is_the_rows_then_the_envelopes_then_the_sources() {
    let at = |line: &Value| {
        let change = unwrap(Stream::Employments, line);
        change.map(|c| c.recorded_at.nanos() / 1_000_000)
    };
    let mut line = json!({"op": "c", "after": employment(), "source": {"ts_ms": 3}});
    assert_eq!(at(&line), Ok(3));
    line["ts_ms"] = json!(2);
    assert_eq!(at(&line), Ok(2));
    line["after"]["recorded_at"] = json!(null);
    assert_eq!(at(&line), Ok(2));
    line["after"]["recorded_at"] = json!("1970-01-01T00:00:00.001Z");
    assert_eq!(at(&line), Ok(1));
    line["after"]["recorded_at"] = json!("yesterday");
    assert_eq!(at(&line), Err("bad_recorded_at".to_owned()));
    let line = json!({"op": "c", "after": employment()});
    assert_eq!(at(&line), Err("missing_column".to_owned()));
    let line = json!({"op": "c", "after": employment(), "ts_ms": i64::MAX});
    assert_eq!(at(&line), Err("bad_recorded_at".to_owned()));
}

#[test]
fn what_cannot_be_applied_by_key_is_rejected_with_its_time() {
    for line in [
        json!({"op": "t", "ts_ms": 1, "source": {}}),
        json!({"op": "m", "ts_ms": 1, "source": {}, "message": {"prefix": "x"}}),
        json!({"op": "c", "ts_ms": 1, "before": employment(), "after": null}),
        json!({"op": "u", "ts_ms": 1, "before": employment()}),
        json!({"op": "d", "ts_ms": 1, "before": null, "after": null}),
        json!({"op": "d", "ts_ms": 1, "before": {"si_number": "0123456789"}}),
        json!({"op": "d", "ts_ms": 1, "before": {"si_number": "0123456789", "tax_code": ""}}),
        json!({"payload": {"op": "x", "ts_ms": 1, "after": {}}}),
        json!({"schema": [], "payload": {"op": "c", "ts_ms": 1, "after": {}}}),
    ] {
        let result = unwrap(Stream::Employments, &line);
        assert_eq!(result, Err("bad_envelope true".to_owned()), "{line}");
    }
}

#[test]
fn tombstones_are_nothing() {
    for line in [json!(null), json!({"schema": null, "payload": null})] {
        assert_eq!(
            unwrap(Stream::Employments, &line),
            Err("nothing".to_owned())
        );
    }
    let row = json!({"payload": null, "si_number": "0123456789"});
    let missing = Err("missing_column".to_owned());
    assert_eq!(unwrap(Stream::Employments, &row), missing);
}

#[test]
fn a_death_report_with_a_source_is_no_envelope() {
    let row = json!({"recorded_at": "2025-01-01T00:00:00Z", "op": "delete", "report_id": "r1",
                     "source": "court"});
    assert!(unwrap(Stream::DeathReports, &row).is_ok());
    let line = json!({"op": "c", "ts_ms": 5, "source": {"ts_ms": 1},
                      "after": {"report_id": "r1", "death_date": "2024", "source": "court"}});
    assert!(unwrap(Stream::DeathReports, &line).is_ok());
}

#[test]
fn the_schema_tells_what_numbers_mean() {
    let field = |name: &str, logical: &str, scale: Option<&str>| json!({"field": name, "type": "?", "name": logical, "parameters": {"scale": scale.unwrap_or("0")}});
    let columns = json!([
        field("birth_date", "io.debezium.time.Date", None),
        field("admitted_at", "io.debezium.time.MicroTimestamp", None),
        field("discharged_at", "io.debezium.time.ZonedTimestamp", None),
        field("cost_total", "org.apache.kafka.connect.data.Decimal", Some("2")),
        field("recorded_at", "io.debezium.time.Timestamp", None),
        {"field": "sex", "type": "int16"},
    ]);
    let schema = json!({"type": "struct", "name": "server.public.claims.Envelope",
                        "fields": [{"field": "before", "type": "struct", "fields": columns},
                                   {"field": "after", "type": "struct", "fields": columns}]});
    let mut after = json!({
        "recorded_at": 1_735_689_600_000_i64, "facility": "01001", "visit_id": "v1", "cards": [],
        "full_name": "A", "birth_date": 7305, "sex": 1, "visit_type": "01", "object_code": "1",
        "main_diagnosis": "J00", "admitted_at": 1_735_689_600_000_000_i64,
        "discharged_at": "2025-01-01T02:00:00Z", "outcome": 1, "discharge_type": 1,
        "cost_drugs": 0, "cost_supplies": 0, "cost_total": "MDk=", "cost_covered": 0,
        "paid_by_fund": 0, "copay": 0, "self_paid": 0, "other_sources": 0
    });
    let line = |after: &Value| json!({"schema": schema, "payload": {"op": "c", "before": null, "after": after, "ts_ms": 9}});
    let change = unwrap(Stream::Claims, &line(&after)).expect("a change");
    assert_eq!(change.recorded_at.to_string(), "2025-01-01T00:00:00+07:00");
    let Operation::Upsert(Record::Claims(claim)) = change.operation else {
        panic!("no claim");
    };
    assert_eq!(claim.birth_date.to_string(), "1990-01-01");
    assert_eq!(claim.admitted_at.to_string(), "2025-01-01T00:00");
    assert_eq!(claim.discharged_at.to_string(), "2025-01-01T09:00");
    assert_eq!(claim.cost_total.to_string(), "123.45");
    // Without the schema, 7305 would also be a year.
    after["recorded_at"] = json!(null);
    let bare = json!({"op": "c", "after": after, "ts_ms": 9});
    assert_eq!(
        unwrap(Stream::Claims, &bare),
        Err("bad_partial_date".to_owned())
    );
}

#[test]
fn another_schema_takes_the_place_of_the_last() {
    let line = |logical: &str, from: i32| {
        let mut after = employment();
        after["from"] = json!(from);
        let columns = json!([{"field": "from", "name": logical}]);
        let schema = json!({"fields": [{"field": "after", "fields": columns}]});
        json!({"schema": schema, "payload": {"op": "c", "after": after, "ts_ms": 1}}).to_string()
    };
    let lines = [
        line("io.debezium.time.Date", 1),
        line("io.debezium.time.Timestamp", 86_400_000),
        line("io.debezium.time.Date", 2),
    ];
    let midnight = Cell::Timestamp {
        nanos: 86_400_000_000_000,
        utc: false,
    };
    let mut unwrapper = Unwrapper::new(Layout::of(Stream::Employments));
    for (line, from) in lines.iter().zip([Cell::Day(1), midnight, Cell::Day(2)]) {
        let Line::Row(row) = unwrapper.read(line) else {
            panic!("no row");
        };
        assert_eq!(row.cell(4), Ok(from));
    }
}

/// Columns of the table behind the real envelopes.
fn orders() -> Layout {
    let names = vec![
        "recorded_at",
        "op",
        "id",
        "customer_name",
        "product_name",
        "quantity",
        "price",
        "order_date",
        "status",
    ];
    Layout {
        kinds: vec![None; names.len()],
        is_key: names.iter().map(|n| *n == "id").collect(),
        names,
    }
}

/// The table after all changes, by id.
type Table = BTreeMap<String, BTreeMap<String, String>>;

/// Applies the envelopes of a file, checking each against what serde_json reads.
fn apply(text: &str) -> (Table, BTreeMap<String, usize>) {
    let layout = orders();
    let names = layout.names.clone();
    let mut unwrapper = Unwrapper::new(layout);
    let mut table = Table::new();
    let mut operations = BTreeMap::new();
    for line in text.lines() {
        let Line::Row(row) = unwrapper.read(line) else {
            panic!("an envelope is no row");
        };
        let whole: Value = serde_json::from_str(line).expect("JSON");
        *operations.entry(whole["op"].to_string()).or_default() += 1;
        let is_deletion = whole["op"] == "d";
        assert_eq!(
            row.cell(1).expect("a cell") == Cell::Text("delete".into()),
            is_deletion
        );
        let content = &whole[if is_deletion { "before" } else { "after" }];
        let mut texts = BTreeMap::new();
        for (column, name) in names.iter().enumerate().skip(2) {
            let text = match row.cell(column).expect("a cell") {
                Cell::Text(text) | Cell::Number(text) => text.into_owned(),
                Cell::Null => {
                    assert!(
                        is_deletion && *name != "id",
                        "`before` is not to be believed"
                    );
                    continue;
                }
                other => panic!("{other:?}"),
            };
            let expected = &content[*name];
            let same = expected
                .as_str()
                .map_or_else(|| expected.to_string(), str::to_owned);
            assert_eq!(text, same);
            texts.insert((*name).to_owned(), text);
        }
        let id = texts["id"].clone();
        if is_deletion {
            table.remove(&id).expect("a deletion follows its row");
        } else {
            table.insert(id, texts);
        }
    }
    (table, operations)
}

#[test]
fn real_envelopes_make_the_golden_table() {
    let folder = std::path::Path::new("../shared/data/debezium");
    let read = |name: &str| std::fs::read_to_string(folder.join(name));
    let (Ok(envelopes), Ok(golden)) = (
        read("arroyo_aggregate_updates.jsonl"),
        read("arroyo_golden_debezium_pass_through.jsonl"),
    ) else {
        eprintln!("SKIPPED: {} is absent", folder.display());
        return;
    };
    let (mut table, operations) = apply(&envelopes);
    let counts: Vec<_> = operations.values().copied().collect();
    assert_eq!(counts, [582, 23, 225]);
    // The golden query casts microseconds to seconds.
    for row in table.values_mut() {
        let micros: i64 = row["order_date"].parse().expect("a number");
        row.insert("order_date".to_owned(), (micros / 1_000_000).to_string());
    }
    assert_eq!(table, apply(&golden).0);
}
