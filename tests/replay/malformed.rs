//! A hundred thousand rows, a thousand of them bad in every way that CSV and NDJSON can express.
//!
//! Must hold: a bad row harms only itself, and is kept with its place and a stable code.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use fundwatch::record::{ErrorCode, Stream};
use fundwatch::source::RAW_LIMIT;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::country::{CLAIMS, country};
use crate::faults::{Edit, FAULTS, Fault};
use crate::malformed_xml::XML_FAULTS;
use crate::support::{assert_same, contents, replay, replay_command, replay_into, text};
use crate::tables::{Table, Written, cells, ndjson};

/// Good rows between two bad ones.
const GOOD_BETWEEN: usize = 98;

/// A bad row that was written.
struct Spoiled {
    file: String,
    row: usize,
    code: ErrorCode,
    line: Vec<u8>,
}

/// The same rows in two directories, with and without bad ones among them.
struct Pair {
    clean: TempDir,
    spoiled: TempDir,
    bad: Vec<Spoiled>,
    rows: usize,
}

/// Writes half of each table as CSV, the other as NDJSON.
fn pair(people: usize, claims: usize) -> Pair {
    let mut pair = Pair {
        clean: tempfile::tempdir().unwrap(),
        spoiled: tempfile::tempdir().unwrap(),
        bad: Vec::new(),
        rows: 0,
    };
    for table in country(people, claims).tables {
        let (first, second) = table.rows.split_at(table.rows.len() / 2);
        pair.write(&table, first, false);
        pair.write(&table, second, true);
    }
    pair
}

impl Pair {
    fn write(&mut self, table: &Table, rows: &[String], as_json: bool) {
        let stream = table.stream;
        let header = table.header.as_deref().unwrap();
        let names = cells(header);
        let possible: Vec<&Fault> = (FAULTS.iter())
            .filter(|f| f.stream == stream)
            .filter(|f| f.line(&names, &cells(&rows[0]), as_json).is_some())
            .collect();
        let format = if as_json { "ndjson" } else { "csv" };
        let file = format!("{stream}-{format}.{format}");
        let mut clean = Vec::new();
        if !as_json {
            clean = format!("{header}\n").into_bytes();
        }
        let mut spoiled = clean.clone();
        let (mut row, mut met) = (0, 0);
        for (place, good) in rows.iter().enumerate() {
            let parts = cells(good);
            if place % GOOD_BETWEEN == GOOD_BETWEEN / 2 {
                // Lines beyond the limit are many megabytes: once a file is enough.
                let is_spent = met >= possible.len();
                if is_spent && matches!(possible[met % possible.len()].edit, Edit::TooLarge) {
                    met += 1;
                }
                let fault = possible[met % possible.len()];
                met += 1;
                row += 1;
                let line = fault.line(&names, &parts, as_json).unwrap();
                assert!(!line.contains(&b'\n'));
                spoiled.extend_from_slice(&line);
                spoiled.push(b'\n');
                self.bad.push(Spoiled {
                    file: file.clone(),
                    row,
                    code: fault.code,
                    line,
                });
            }
            row += 1;
            let line = match as_json {
                true => ndjson(stream, &names, &parts),
                false => good.clone(),
            };
            for text in [&mut clean, &mut spoiled] {
                text.extend_from_slice(line.as_bytes());
                text.push(b'\n');
            }
        }
        assert!(
            met >= possible.len(),
            "{file}: too few rows for every fault"
        );
        self.rows += row;
        fs::write(self.clean.path().join(&file), clean).unwrap();
        fs::write(self.spoiled.path().join(&file), spoiled).unwrap();
    }

    /// Where a good row of the clean directory stands in the spoiled one.
    fn moved(&self, file: &str, row: u64) -> u64 {
        let mut moved = row;
        for bad in self.bad.iter().filter(|bad| bad.file == file) {
            moved += u64::from(bad.row as u64 <= moved);
        }
        moved
    }
}

#[test]
fn a_thousand_bad_rows_in_a_hundred_thousand_harm_only_themselves() {
    let pair = pair(10_000, 68_000);
    assert!(pair.rows >= 100_000, "{} rows", pair.rows);
    assert!(pair.bad.len() >= 1000, "{} bad rows", pair.bad.len());
    let clean = replay(pair.clean.path(), &[]);
    let spoiled = replay(pair.spoiled.path(), &[]);

    assert_eq!(clean.bytes("rejects.ndjson"), b"");
    assert!(clean.alerts().len() > 1000);
    assert!(clean.bytes("history.ndjson") == spoiled.bytes("history.ndjson"));
    let mut expected = clean.alerts();
    for alert in &mut expected {
        for row in alert["evidence"].as_array_mut().unwrap() {
            let at = row["row"].as_u64().unwrap();
            row["row"] = json!(pair.moved(row["file"].as_str().unwrap(), at));
        }
    }
    assert_same(&spoiled.alerts(), &expected, "alerts of the spoiled rows");

    let rejects = spoiled.rejects();
    assert_rejects(&rejects, &pair.bad);
    let counted = &spoiled.document("summary.json")["rejected"];
    let sum: u64 = (counted.as_object().unwrap().values())
        .map(|n| n.as_u64().unwrap())
        .sum();
    assert_eq!(sum, pair.bad.len() as u64);

    for bad in [&spoiled.stdout, &spoiled.stderr] {
        assert!(!bad.contains("Mẫu"), "names are told to nobody: {bad}");
    }
}

fn assert_rejects(rejects: &[Value], bad: &[Spoiled]) {
    let mut told: Vec<&Value> = rejects.iter().collect();
    told.sort_by_key(|r| (r["file"].as_str(), r["row"].as_u64()));
    let mut bad: Vec<&Spoiled> = bad.iter().collect();
    bad.sort_by_key(|b| (&b.file, b.row));
    for (told, bad) in told.iter().zip(&bad) {
        let line = String::from_utf8_lossy(&bad.line[..bad.line.len().min(300)]);
        let place = (told["file"].as_str(), told["row"].as_u64());
        assert_eq!(place, (Some(&*bad.file), Some(bad.row as u64)), "{line}");
        assert_eq!(told["code"], bad.code.as_str(), "{line}");
        let stream = bad.file.split('-').next().unwrap();
        assert_eq!(told["stream"], stream);
        assert!(!told["reason"].as_str().unwrap().is_empty());
        let raw = told["raw"].as_str().unwrap();
        match std::str::from_utf8(&bad.line) {
            Ok(line) if line.len() <= RAW_LIMIT => assert_eq!(raw, line),
            Ok(line) => assert!(line.starts_with(raw) && raw.len() > RAW_LIMIT - 4),
            Err(_) => assert_eq!(raw, String::from_utf8_lossy(&bad.line)),
        }
    }
    assert_eq!(told.len(), bad.len());
}

#[test]
fn every_code_that_a_row_of_a_file_can_have_is_met() {
    let met: BTreeSet<ErrorCode> = (FAULTS.iter().map(|fault| fault.code))
        .chain(XML_FAULTS.iter().map(|fault| fault.code))
        .collect();
    let unmet: Vec<_> = ErrorCode::ALL.iter().filter(|c| !met.contains(c)).collect();
    let of_others = [
        ErrorCode::BadParquet,
        ErrorCode::BinaryFloat,
        // Only what is read from a broker can be gone before it is read.
        ErrorCode::DeletedBeforeRead,
        // Only a live service retires claims.
        ErrorCode::BeyondWindow,
    ];
    assert_eq!(unmet, of_others.iter().collect::<Vec<_>>());
}

#[test]
fn strict_stops_at_the_first_bad_row_and_writes_nothing() {
    let pair = pair(6_000, 40_000);
    let output = tempfile::tempdir().unwrap();
    replay_into(pair.clean.path(), output.path(), &["--strict"]);
    let before = contents(output.path());
    let strict = || {
        let run = replay_command(pair.spoiled.path(), output.path(), &["--strict"]);
        let told = { run }.output().unwrap();
        assert_eq!(told.status.code(), Some(1));
        text(&told.stderr)
    };
    let stderr = strict();
    assert_eq!(strict(), stderr, "the first is the same one in every run");
    assert!(
        contents(output.path()) == before,
        "the outputs are as they were"
    );
    // Files are read beside each other: it is the first of its file.
    let first = pair
        .bad
        .iter()
        .find(|bad| stderr.contains(&format!("{}, row {}: {}: ", bad.file, bad.row, bad.code)));
    let first = first.unwrap_or_else(|| panic!("no bad row is named: {stderr}"));
    let mut earlier = pair.bad.iter().filter(|bad| bad.file == first.file);
    assert_eq!(earlier.next().map(|bad| bad.row), Some(first.row));
    assert!(stderr.contains("without --strict"), "{stderr}");
    assert!(!stderr.contains("Mẫu"), "{stderr}");

    // One file alone, into a new directory.
    for file in ["claims-csv.csv", "claims-ndjson.ndjson"] {
        let alone = tempfile::tempdir().unwrap();
        fs::copy(pair.spoiled.path().join(file), alone.path().join(file)).unwrap();
        let new = tempfile::tempdir().unwrap();
        let told = replay_command(alone.path(), new.path(), &["--strict"])
            .output()
            .unwrap();
        assert_eq!(told.status.code(), Some(1));
        let first = pair.bad.iter().find(|bad| bad.file == file).unwrap();
        let named = format!("{file}, row {}: {}: ", first.row, first.code);
        assert!(
            text(&told.stderr).contains(&named),
            "{}",
            text(&told.stderr)
        );
        assert!(contents(new.path()).is_empty());
    }
}

#[test]
fn a_bad_header_rejects_the_rows_of_its_file_only() {
    let directory = country(20, 300);
    let claims = directory.tables.iter().find(|t| t.stream == Stream::Claims);
    let claims = claims.unwrap();
    let without = |name: &str| CLAIMS.replace(&format!(",{name}"), ",other_name");
    let cases: [(Vec<u8>, ErrorCode); 7] = [
        (without("recorded_at").into(), ErrorCode::MissingColumn),
        (without("copay,").into(), ErrorCode::BadCsv),
        (without("sex").into(), ErrorCode::MissingColumn),
        (CLAIMS.replace("copay,", "sex,").into(), ErrorCode::BadCsv),
        (CLAIMS.replace("cards", "\"cards").into(), ErrorCode::BadCsv),
        (
            CLAIMS
                .replace("cards", "c?rds")
                .bytes()
                .map(|b| if b == b'?' { 0xff } else { b })
                .collect(),
            ErrorCode::BadUtf8,
        ),
        (claims.rows[0].clone().into(), ErrorCode::MissingColumn),
    ];
    let clean = directory.write(Written::Plain);
    let expected = replay(clean.path(), &[]);
    for (header, code) in cases {
        let input = directory.write(Written::Plain);
        let rows = claims.rows[..3].join("\n");
        let bad = [&*header, b"\n", rows.as_bytes(), b"\n"].concat();
        fs::write(input.path().join("claims-0.csv"), bad).unwrap();
        let found = replay(input.path(), &[]);
        let which = String::from_utf8_lossy(&header);
        assert_same(&found.alerts(), &expected.alerts(), &which);
        assert_same(&found.history(), &expected.history(), &which);
        let mut places: Vec<_> = (found.rejects().iter())
            .map(|r| (r["file"].clone(), r["code"].clone(), r["row"].as_u64()))
            .collect();
        places.sort_by_key(|place| place.2);
        let expected: Vec<_> = (1..=3)
            .map(|row| (json!("claims-0.csv"), json!(code.as_str()), Some(row)))
            .collect();
        assert_eq!(places, expected, "{which}");
    }
}

#[test]
fn a_file_of_nothing_but_noise_ends() {
    let noise: [(&str, Vec<u8>); 4] = [
        (
            "claims-quotes.csv",
            [CLAIMS.as_bytes(), b"\n", &b"\"\n".repeat(20_000)].concat(),
        ),
        ("claims-nul.csv", vec![0; 3 << 20]),
        ("claims-brackets.ndjson", b"[".repeat(3 << 20)),
        ("claims-ends.ndjson", b"{\n}\n".repeat(20_000)),
    ];
    for (name, bytes) in noise {
        let input = country(20, 300).write(Written::Plain);
        let expected = replay(input.path(), &[]);
        fs::write(Path::new(input.path()).join(name), bytes).unwrap();
        let found = replay(input.path(), &[]);
        assert_same(&found.alerts(), &expected.alerts(), name);
        let rejected = found.rejects().len();
        let lines = match name {
            "claims-quotes.csv" => 20_000,
            "claims-ends.ndjson" => 40_000,
            // One line: of a CSV file it is the header.
            "claims-nul.csv" => 0,
            _ => 1,
        };
        assert_eq!(rejected, lines, "{name}");
    }
}
