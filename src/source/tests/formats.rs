//! The same changes as CSV, NDJSON, Debezium envelopes and Parquet, compressed and not, read back
//! as equal entries.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::{ArrayRef, Decimal128Array, RecordBatch, StringArray, TimestampMillisecondArray};
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

use super::super::*;
use super::{entries, times};
use crate::record::{Kind, Presence, Value};

/// A row as texts, by the stream's column numbers; a list is separated by `;`.
type Texts = Vec<Option<String>>;

/// Local milliseconds of the first row.
const START: i64 = 1_735_689_600_000;

/// A text of a kind that is valid.
fn text_of(kind: Kind) -> BoxedStrategy<String> {
    let day = || (1901i32..2025, 1u32..13, 1u32..29);
    match kind {
        // Quotes, commas and line breaks are for CSV, backslashes for JSON.
        Kind::Text => "[A-Za-zÀ-ỹ\"\\\\,\n\t '{}\\[\\]-][A-Za-zÀ-ỹ\"\\\\, ]{0,8}x".boxed(),
        Kind::PersonalId => "0[0-9]{11}".boxed(),
        Kind::SiNumber => "[0-9]{10}".boxed(),
        Kind::OldId => "[0-9]{9}".boxed(),
        Kind::CardNumber => "[A-Z]{2}[1-5][0-9]{12}".boxed(),
        Kind::Facility => "[0-9A-Z]{5}".boxed(),
        Kind::Date => day()
            .prop_map(|(y, m, d)| format!("{y}-{m:02}-{d:02}"))
            .boxed(),
        Kind::PartialDate => (day(), 0usize..3)
            .prop_map(|((y, m, d), drop)| format!("{y}-{m:02}-{d:02}")[..10 - 3 * drop].to_owned())
            .boxed(),
        Kind::LocalTime => (0u32..24, 0u32..60)
            .prop_map(|(h, m)| format!("2025-03-01T{h:02}:{m:02}"))
            .boxed(),
        Kind::Money => (0i64..99_999_999)
            .prop_map(|n| format!("{}.{:03}", n / 1000, n % 1000))
            .boxed(),
        Kind::Count => (0u32..1000).prop_map(|n| n.to_string()).boxed(),
        Kind::OneOf(words) => prop::sample::select(words).prop_map(str::to_owned).boxed(),
        Kind::Digits(low, high, width) => (low..=high)
            .prop_map(move |n| format!("{n:0w$}", w = usize::from(width)))
            .boxed(),
    }
}

/// A row of a stream; one in eight deletes, one in eight misses what it should have.
fn row(stream: Stream) -> impl Strategy<Value = Texts> {
    let columns: Vec<_> = stream
        .columns()
        .iter()
        .map(|column| {
            let text = text_of(column.kind);
            match column.presence {
                Presence::Required => prop::option::weighted(0.99, text).boxed(),
                Presence::Optional => prop::option::of(text).boxed(),
                // Items of free text could hold the separator; these do not.
                Presence::List => prop::collection::vec(text, 0..3)
                    .prop_map(|items| Some(items.join(";")).filter(|t| !t.is_empty()))
                    .boxed(),
            }
        })
        .collect();
    let op = prop_oneof![
        4 => Just(None),
        3 => Just(Some("upsert".to_owned())),
        1 => Just(Some("delete".to_owned())),
    ];
    (op, columns).prop_map(|(op, columns)| {
        let mut texts = vec![None, op];
        texts.extend(columns);
        texts
    })
}

fn rows() -> impl Strategy<Value = (Stream, Vec<Texts>)> {
    prop::sample::select(Stream::ALL).prop_flat_map(|stream| {
        prop::collection::vec(row(stream), 1..6).prop_map(move |mut rows| {
            for (place, row) in rows.iter_mut().enumerate() {
                let at = Instant::from_millis(START + place as i64).expect("in range");
                row[0] = Some(at.to_string());
            }
            (stream, rows)
        })
    })
}

fn as_csv(stream: Stream, rows: &[Texts]) -> Vec<u8> {
    let mut text = stream.column_names().collect::<Vec<_>>().join(",");
    for row in rows {
        let cells = row.iter().map(|cell| match cell {
            None => String::new(),
            Some(text) if text.contains([',', '"', '\n']) => {
                format!("\"{}\"", text.replace('"', "\"\""))
            }
            Some(text) => text.clone(),
        });
        text += &format!("\n{}", cells.collect::<Vec<_>>().join(","));
    }
    text.into_bytes()
}

fn is_list(stream: Stream, column: usize) -> bool {
    column >= 2 && stream.columns()[column - 2].presence == Presence::List
}

fn kind(stream: Stream, column: usize) -> Option<Kind> {
    stream.columns().get(column.checked_sub(2)?).map(|c| c.kind)
}

/// The row as a JSON object: lists as arrays, amounts as unquoted numbers.
fn object(stream: Stream, row: &Texts) -> String {
    let mut members = Vec::new();
    for (column, name) in stream.column_names().enumerate() {
        let value = match &row[column] {
            None => continue,
            Some(text) if is_list(stream, column) => text
                .split(';')
                .map(Json::from)
                .collect::<Json>()
                .to_string(),
            Some(text) if kind(stream, column) == Some(Kind::Money) => text.clone(),
            Some(text) => Json::from(text.as_str()).to_string(),
        };
        members.push(format!("{}:{value}", Json::from(name)));
    }
    format!("{{{}}}", members.join(","))
}

fn as_ndjson(stream: Stream, rows: &[Texts]) -> Vec<u8> {
    let lines: Vec<_> = rows.iter().map(|row| object(stream, row)).collect();
    lines.join("\n").into_bytes()
}

fn as_debezium(stream: Stream, rows: &[Texts]) -> Vec<u8> {
    let line = |(place, row): (usize, &Texts)| {
        let mut row = row.clone();
        let is_deletion = row[1].take().is_some_and(|op| op == "delete");
        let stamp = START + place as i64;
        // Knowledge time stands in the row or in the envelope.
        if place % 2 == 0 || is_deletion {
            row[0] = None;
        }
        let row = object(stream, &row);
        let (op, before, after) = match is_deletion {
            true => ("d", row.as_str(), "null"),
            false => ("u", "{\"op\":\"not to be believed\"}", row.as_str()),
        };
        let envelope = format!(
            r#"{{"op":"{op}","before":{before},"source":{{"ts_ms":1}},"after":{after},"ts_ms":{stamp}}}"#
        );
        match place % 3 {
            0 => format!(r#"{{"schema":null,"payload":{envelope}}}"#),
            _ => envelope,
        }
    };
    let lines: Vec<_> = rows.iter().enumerate().map(line).collect();
    lines.join("\n").into_bytes()
}

fn as_parquet(stream: Stream, rows: &[Texts]) -> Vec<u8> {
    let array = |column: usize| -> ArrayRef {
        let cells = rows.iter().map(|row| row[column].as_deref());
        if column == 0 {
            let times = cells.map(|cell| {
                let at = Instant::from_text(cell.expect("always there")).expect("a time");
                at.nanos() / 1_000_000
            });
            return Arc::new(
                TimestampMillisecondArray::from_iter_values(times).with_timezone("UTC"),
            );
        }
        if is_list(stream, column) {
            let mut list = ListBuilder::new(StringBuilder::new());
            for cell in cells {
                list.append_option(cell.map(|text| text.split(';').map(Some)));
            }
            return Arc::new(list.finish());
        }
        if kind(stream, column) == Some(Kind::Money) {
            let thousandths = cells.map(|cell| {
                let digits = cell?.replace('.', "");
                Some(digits.parse::<i128>().expect("digits"))
            });
            let array: Decimal128Array = thousandths.collect();
            return Arc::new(array.with_precision_and_scale(20, 3).expect("valid"));
        }
        Arc::new(cells.collect::<StringArray>())
    };
    let columns = stream.column_names().enumerate();
    let columns = columns.map(|(column, name)| (name, array(column), true));
    let batch = RecordBatch::try_from_iter_with_nullable(columns).expect("a batch");
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).expect("a writer");
    writer.write(&batch).expect("written");
    writer.close().expect("written");
    bytes
}

fn compressed(bytes: &[u8], compression: Compression) -> Vec<u8> {
    match compression {
        Compression::None => bytes.to_vec(),
        Compression::Gzip => {
            let level = flate2::Compression::fast();
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
            encoder.write_all(bytes).expect("in memory");
            encoder.finish().expect("in memory")
        }
        Compression::Zstd => zstd::encode_all(bytes, 1).expect("in memory"),
    }
}

/// Writes a file under its name, finds it and reads it both ways.
fn read_back(dir: &Path, name: &str, bytes: &[u8]) -> Vec<Entry> {
    let path = dir.join(name);
    std::fs::write(&path, bytes).expect("written");
    let found = discover(dir).expect("readable");
    assert_eq!(found.files.len(), 1, "{:?}", found.ignored);
    let open = |reading| open(&found.files[0], reading, dir).expect("opened");
    let entries = entries(open(Reading::Everything).as_mut());
    let known: Vec<_> = entries.iter().map(Entry::recorded_at).collect();
    assert_eq!(times(open(Reading::Everything).as_mut()), known);
    assert_eq!(times(open(Reading::KnowledgeTimes).as_mut()), known);
    std::fs::remove_file(path).expect("removed");
    entries
}

/// What must be equal: rows, changes, codes and times; the raw text is the format's own, and so is
/// what a deletion without its key is called.
fn comparable(entries: Vec<Entry>) -> Vec<(u64, Option<Instant>, Result<Change, &'static str>)> {
    let code = |code: ErrorCode| match code {
        ErrorCode::BadEnvelope => ErrorCode::MissingColumn.as_str(),
        code => code.as_str(),
    };
    entries
        .into_iter()
        .map(|e| {
            (
                e.row,
                e.recorded_at(),
                e.outcome.map_err(|r| code(r.error.code)),
            )
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn a_row_means_the_same_in_every_format((stream, rows) in rows(), how in 0usize..3) {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let (suffix, compression) = [
            ("", Compression::None),
            (".gz", Compression::Gzip),
            (".zst", Compression::Zstd),
        ][how];
        let read = |extension: &str, bytes: Vec<u8>| {
            let name = format!("{stream}-1.{extension}{suffix}");
            comparable(read_back(dir.path(), &name, &compressed(&bytes, compression)))
        };
        let csv = read("csv", as_csv(stream, &rows));
        prop_assert_eq!(csv.len(), rows.len());
        prop_assert_eq!(&read("ndjson", as_ndjson(stream, &rows)), &csv);
        prop_assert_eq!(&read("ndjson", as_debezium(stream, &rows)), &csv);
        prop_assert_eq!(&read("parquet", as_parquet(stream, &rows)), &csv);
    }
}

#[test]
fn a_valid_row_of_each_stream_is_accepted() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let dir = tempfile::tempdir().expect("a temporary directory");
    let mut runner = TestRunner::deterministic();
    for stream in Stream::ALL {
        let mut accepted = 0;
        for _ in 0..20 {
            let mut texts = row(*stream).new_tree(&mut runner).expect("a row").current();
            texts[0] = Some("2025-01-01T00:00:00Z".to_owned());
            let bytes = as_csv(*stream, &[texts]);
            let found = read_back(dir.path(), &format!("{stream}.csv"), &bytes);
            accepted += usize::from(found[0].outcome.is_ok());
        }
        assert!(accepted > 2, "{stream}: {accepted}");
    }
}

#[test]
fn an_object_keeps_the_order_of_its_members_out_of_the_matter() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let mut members = Map::new();
    for (name, value) in [
        ("from", json!("2020-01-01")),
        ("recorded_at", json!("2025-01-01T00:00:00Z")),
        ("tax_code", json!(12)),
        ("si_number", json!(123_456_789)),
    ] {
        members.insert(name.to_owned(), value);
    }
    let text = Json::from(members).to_string();
    let found = read_back(dir.path(), "employments.ndjson", text.as_bytes());
    let change = found[0].outcome.as_ref().expect("accepted");
    assert_eq!(change.key.to_string(), "0123456789/12");
}
