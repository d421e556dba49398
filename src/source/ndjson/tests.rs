//! What is a row, what is none, and what a mistake costs.

use super::*;
use crate::record::{ErrorCode, Value};
use crate::source::tests::{codes, entries, times};
use proptest::prelude::*;

fn reader(text: &[u8]) -> NdjsonReader {
    let input = std::io::BufReader::with_capacity(16, std::io::Cursor::new(text.to_vec()));
    let lines = Lines::new(Box::new(input), std::path::Path::new("memory")).expect("in memory");
    NdjsonReader::new(lines, Stream::Employments, None)
}

fn codes_of(text: &str) -> Vec<&'static str> {
    codes(&mut reader(text.as_bytes()))
}

fn row(second: usize) -> String {
    format!(
        r#"{{"recorded_at":"2025-01-01T00:00:{second:02}Z","si_number":"0123456789","tax_code":"D1","from":"2020-01-01"}}"#
    )
}

fn envelope(second: usize) -> String {
    let row = row(second);
    format!(r#"{{"before":{{"si_number":"9"}},"after":{row},"op":"u","ts_ms":5,"source":{{}}}}"#)
}

#[test]
fn rows_are_read_and_numbered() {
    let text = format!("\u{feff}{}\r\n \t\r\n\nnull\n{}\n", row(1), row(2));
    let found = entries(&mut reader(text.as_bytes()));
    assert_eq!(found.iter().map(|e| e.row).collect::<Vec<_>>(), [1, 2]);
    assert!(found.iter().all(|e| e.outcome.is_ok()));
    assert!(codes_of("").is_empty());
}

#[test]
fn what_is_not_one_object_is_bad_json() {
    for bad in [
        "[]".to_owned(),
        "7".to_owned(),
        "nul".to_owned(),
        format!("{} {}", row(1), row(2)),
        row(1).replace("D1", "D\u{0}1"),
        row(1) + "\u{0}",
        row(1).replace('}', ""),
        row(1).replace("\"D1\"", "\"\\ud800\""),
        row(1).replace("\"D1\"", "01"),
        "[".repeat(1_000_000),
        "{\"a\":".repeat(500_000),
        format!(
            "{{\"a\":{}{}}}",
            "[".repeat(1_000_000),
            "]".repeat(1_000_000)
        ),
    ] {
        let start = &bad[..bad.len().min(60)];
        let text = format!("{bad}\n{}", row(3));
        let found = entries(&mut reader(text.as_bytes()));
        let reject = found[0].outcome.as_ref().expect_err(start);
        assert_eq!(reject.error.code, ErrorCode::BadJson, "{start}");
        assert!(!reject.error.message.contains("0123456789"), "{start}");
        assert!(found[1].outcome.is_ok(), "{start}");
    }
}

#[test]
fn a_broken_row_keeps_the_time_that_was_read() {
    let text = row(1).replace("\"2020-01-01\"}", "");
    assert!(times(&mut reader(text.as_bytes()))[0].is_some());
    let mut text = row(1).into_bytes();
    let place = text.iter().position(|b| *b == b'D').expect("there");
    text[place] = 0xff;
    let found = entries(&mut reader(&text));
    let reject = found[0].outcome.as_ref().expect_err("a reject");
    assert_eq!(reject.error.code, ErrorCode::BadUtf8);
    assert!(reject.recorded_at.is_some());
}

#[test]
fn a_row_beyond_the_limit_is_rejected() {
    let long = row(1).replace("D1", &"x".repeat(crate::source::ROW_LIMIT));
    let text = format!("{long}\n{}", row(2));
    assert_eq!(codes_of(&text), ["row_too_large", "ok"]);
}

#[test]
fn unknown_columns_are_named_once_and_envelopes_have_none() {
    let with =
        |name: &str| row(1).replace("\"si_number\"", &format!("\"{name}\":{{}},\"si_number\""));
    let text = [with("note"), with("note"), envelope(2), with("__deleted")].join("\n");
    let mut reader = reader(text.as_bytes());
    entries(&mut reader);
    assert_eq!(reader.unknown_columns(), ["note", "__deleted"]);
}

/// Lines of JSON and of what is nearly JSON.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        4 => prop::sample::select(b"{}[]\",:\\0-e \n".to_vec()),
        1 => any::<u8>(),
    ];
    let word = prop::sample::select(vec![
        "{\"recorded_at\":\"2025-01-01T00:00:00Z\",",
        "\"recorded_at\":",
        "\"op\":\"d\",",
        "\"before\":",
        "\"after\":",
        "\"payload\":",
        "\"schema\":",
        "\"ts_ms\":17",
        "\"source\":{\"ts_ms\":1}",
        "\"si_number\":123",
        "null",
        "\n",
        "{",
        "}",
        ",",
    ]);
    let piece = prop_oneof![
        1 => prop::collection::vec(byte, 0..6),
        4 => word.prop_map(|w| w.as_bytes().to_vec()),
        1 => (0usize..60).prop_map(|s| (row(s) + "\n").into_bytes()),
        1 => (0usize..60).prop_map(|s| (envelope(s) + "\n").into_bytes()),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_panic(text in hostile()) {
        let found = entries(&mut reader(&text));
        prop_assert!(found.iter().map(|e| e.row).eq(1..=found.len() as u64));
        let known: Vec<_> = found.iter().map(Entry::recorded_at).collect();
        prop_assert_eq!(times(&mut reader(&text)), known);
    }

    #[test]
    fn a_corrupted_line_harms_only_itself(
        kinds in prop::collection::vec(any::<bool>(), 1..12),
        at in any::<prop::sample::Index>(),
        cut in any::<prop::sample::Index>(),
        with in any::<u8>().prop_filter("one line", |b| *b != b'\n'),
    ) {
        let line = |(second, plain): (usize, &bool)| match plain {
            true => row(second).into_bytes(),
            false => envelope(second).into_bytes(),
        };
        let mut lines: Vec<_> = kinds.iter().enumerate().map(line).collect();
        let at = at.index(lines.len());
        let cut = cut.index(lines[at].len());
        lines[at].truncate(cut);
        lines[at].push(with);
        let found = entries(&mut reader(&lines.join(&b'\n')));
        let good: Vec<_> = found
            .iter()
            .filter(|e| e.outcome.is_ok())
            .map(|e| e.recorded_at().map(|t| t.nanos() / 1_000_000_000 % 60))
            .collect();
        // A cut line can be whole again only by the very byte that it lost.
        let expected: Vec<_> = (0..kinds.len()).filter(|i| *i != at).map(|i| Some(i as i64)).collect();
        if good.len() == expected.len() {
            prop_assert_eq!(good, expected);
        } else {
            prop_assert_eq!(with, b'}');
        }
    }
}

#[test]
fn a_row_that_arrives_is_known_at_its_own_time_unless_that_is_absent_or_later() {
    let arrival = Instant::from_text("2026-03-05T10:00:00+07:00").expect("a time");
    let mut lines = LineReader::new(Stream::Employments);
    let mut known = |time: &str| {
        let line =
            format!(r#"{{{time}"si_number":"0123456789","tax_code":"D1","from":"2020-01-01"}}"#);
        let read = lines.read(line.as_bytes(), Some(arrival)).expect("a row");
        read.map(|change| change.recorded_at.to_string())
    };
    let earlier = r#""recorded_at":"2026-03-04T10:00:00+07:00","#;
    let later = r#""recorded_at":"2026-03-06T10:00:00+07:00","#;
    assert_eq!(known(""), Ok(arrival.to_string()));
    assert_eq!(known(earlier), Ok("2026-03-04T10:00:00+07:00".to_owned()));
    assert_eq!(known(later), Ok(arrival.to_string()));
    let bad = known(r#""recorded_at":"yesterday","#).expect_err("no time");
    assert_eq!(bad.error.code, ErrorCode::BadRecordedAt);
    assert!(lines.read(b"  ", Some(arrival)).is_none(), "blank");
}
