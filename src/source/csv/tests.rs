//! What is a record, what is none, and what a mistake costs.

use super::*;
use crate::source::tests::{codes, entries, times};
use proptest::prelude::*;

const HEADER: &str = "recorded_at,op,si_number,tax_code,from,to";

fn reader(text: &[u8]) -> CsvReader {
    let input = std::io::BufReader::with_capacity(16, std::io::Cursor::new(text.to_vec()));
    let lines = Lines::new(Box::new(input), std::path::Path::new("memory")).expect("in memory");
    CsvReader::new(lines, Stream::Employments, None).expect("in memory")
}

fn codes_of(text: &str) -> Vec<&'static str> {
    codes(&mut reader(text.as_bytes()))
}

fn row(second: u32, tax_code: &str) -> String {
    format!("2025-01-01T00:00:{second:02}Z,,0123456789,{tax_code},2020-01-01,")
}

#[test]
fn rows_are_read_and_numbered() {
    let text = format!(
        "\u{feff}{HEADER}\r\n\r\n{}\r\n\n{}",
        row(1, "D1"),
        row(2, "D2")
    );
    let found = entries(&mut reader(text.as_bytes()));
    assert_eq!(found.iter().map(|e| e.row).collect::<Vec<_>>(), [1, 2]);
    assert!(found.iter().all(|e| e.outcome.is_ok()));
}

#[test]
fn an_empty_file_is_empty() {
    for text in ["", "\u{feff}", "\n\r\n", HEADER, "nonsense"] {
        assert!(codes_of(text).is_empty(), "{text:?}");
    }
}

#[test]
fn without_a_header_every_row_is_rejected() {
    let text = format!("{}\n{}\n{}", row(1, "D1"), row(2, "D2"), row(3, "D3"));
    assert_eq!(codes_of(&text), ["missing_column"; 2]);
    let text = format!("op,{HEADER}\nx,{}", row(1, "D1"));
    assert_eq!(codes_of(&text), ["bad_csv"]);
}

#[test]
fn a_quoted_cell_may_hold_lines_and_commas() {
    let text = format!(
        "{HEADER}\n{}\n{}",
        row(1, "\"D,\r\n\"\"1\"\"\n\""),
        row(2, "D2")
    );
    let found = entries(&mut reader(text.as_bytes()));
    let keys: Vec<_> = found
        .iter()
        .map(|e| e.outcome.as_ref().expect("accepted").key.to_string())
        .collect();
    assert_eq!(keys, ["0123456789/D,\r\n\"1\"\n", "0123456789/D2"]);
}

#[test]
fn a_stray_quote_costs_its_line_only() {
    for stray in ["\"D", "\"D\"E", "\"D\"\""] {
        // The lines behind it hold quotes of their own, which could close the stray one.
        let text = format!(
            "{HEADER}\n{}\n{}\n{}\n",
            row(1, stray),
            row(2, "\",\""),
            row(3, "\"D3\"")
        );
        let found = entries(&mut reader(text.as_bytes()));
        assert_eq!(
            found.iter().map(|e| e.outcome.is_ok()).collect::<Vec<_>>(),
            [false, true, true],
            "{stray}"
        );
        let reject = found[0].outcome.as_ref().expect_err("a reject");
        assert_eq!(reject.error.code, ErrorCode::BadCsv);
        assert_eq!(reject.raw, row(1, stray));
        assert!(reject.recorded_at.is_some());
    }
    let many = format!("{HEADER}\n{}\n{}", row(1, "\"D"), "x\n".repeat(200));
    assert_eq!(codes_of(&many), ["bad_csv"; 201]);
}

#[test]
fn a_wrong_number_of_cells_is_rejected_with_its_time() {
    let text = format!("{HEADER}\n{},\n{}\n2025", row(1, "D1"), row(2, "D1,D2"));
    let found = entries(&mut reader(text.as_bytes()));
    assert_eq!(codes_of(&text), ["bad_csv"; 3]);
    let known: Vec<_> = found.iter().map(|e| e.recorded_at().is_some()).collect();
    assert_eq!(known, [true, true, false]);
}

#[test]
fn bytes_that_are_not_utf8_are_rejected_with_their_time() {
    let mut text = format!("{HEADER}\n{}\n", row(1, "D?")).into_bytes();
    let place = text.iter().position(|b| *b == b'?').expect("there");
    text[place] = 0xff;
    let found = entries(&mut reader(&text));
    let reject = found[0].outcome.as_ref().expect_err("a reject");
    assert_eq!(reject.error.code, ErrorCode::BadUtf8);
    assert_eq!(reject.raw, row(1, "D\u{fffd}"));
    assert!(reject.recorded_at.is_some());
}

#[test]
fn a_row_beyond_the_limit_is_rejected() {
    let long = "x".repeat(crate::source::ROW_LIMIT);
    let text = format!(
        "{HEADER}\n{}\n{}\n{}",
        row(1, &long),
        row(2, "D2"),
        row(3, "\"x")
    );
    let found = entries(&mut reader(text.as_bytes()));
    let reject = found[0].outcome.as_ref().expect_err("a reject");
    assert_eq!(reject.error.code, ErrorCode::RowTooLarge);
    assert_eq!(reject.raw.len(), crate::source::RAW_LIMIT);
    assert!(found[1].outcome.is_ok());
    assert_eq!(found.len(), 3);
}

/// A cell as a careful writer writes it, without line breaks.
fn tax_code() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zẵ;]{1,6}",
        "[a-zẵ,\"]{1,6}".prop_map(|t| format!("\"{}\"", t.replace('"', "\"\""))),
    ]
}

/// Any bytes, most of them such as CSV is made of.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        4 => prop::sample::select(b"\",\n\r;0".to_vec()),
        1 => any::<u8>(),
    ];
    let piece = prop_oneof![
        3 => prop::collection::vec(byte, 0..12),
        1 => tax_code().prop_map(|t| (row(7, &t) + "\n").into_bytes()),
        1 => Just(b"2025-01-01T00:00:00Z".to_vec()),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_panic(header: bool, bytes in hostile()) {
        let text = if header {
            [HEADER.as_bytes(), b"\n", &bytes].concat()
        } else {
            bytes
        };
        let found = entries(&mut reader(&text));
        prop_assert!(found.iter().map(|e| e.row).eq(1..=found.len() as u64));
        let known: Vec<_> = found.iter().map(Entry::recorded_at).collect();
        prop_assert_eq!(times(&mut reader(&text)), known);
    }

    #[test]
    fn a_corrupted_line_harms_only_itself(
        codes in prop::collection::vec(tax_code(), 1..12),
        at in any::<prop::sample::Index>(),
        noise in prop::collection::vec(any::<u8>().prop_filter("one line", |b| *b != b'\n'), 1..40),
        quote: bool,
    ) {
        let mut lines: Vec<Vec<u8>> =
            codes.iter().enumerate().map(|(i, c)| row(i as u32, c).into_bytes()).collect();
        let at = at.index(lines.len());
        let mut noise = noise;
        if quote {
            noise.insert(0, b'"');
        }
        lines[at] = noise;
        let text = [vec![HEADER.as_bytes().to_vec()], lines].concat().join(&b'\n');
        let found = entries(&mut reader(&text));
        let good: Vec<_> = found
            .iter()
            .filter(|e| e.outcome.is_ok())
            .map(|e| e.recorded_at().map(|t| t.nanos() / 1_000_000_000 % 60))
            .collect();
        let expected: Vec<_> = (0..codes.len() as i64).filter(|i| *i != at as i64).map(Some).collect();
        prop_assert_eq!(good, expected);
    }
}
