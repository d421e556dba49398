//! The XML envelope, driven through the public reader: golden files of each version of the
//! standard, hostile input, and what must hold of any.

#![expect(
    clippy::unwrap_used,
    reason = "a test says with a panic that it failed"
)]

#[path = "../support/envelope.rs"]
mod envelope;
mod golden;
mod hostile;
mod property;

use std::io::{BufReader, Cursor};
use std::path::{Path, PathBuf};

use envelope::{Encoding, envelope};
use fundwatch::record::{Claim, Day, Few, Operation, Record, Stream, Value};
use fundwatch::source::{Entry, RAW_LIMIT, open_xml};

/// Every entry of a file, read in chunks of `chunk` bytes. Holds every reader to its promises.
fn entries_in_chunks(bytes: &[u8], chunk: usize) -> Vec<Entry> {
    let open = || {
        let input = BufReader::with_capacity(chunk, Cursor::new(bytes.to_vec()));
        open_xml(Box::new(input), Path::new("claims-xml/test.xml"), None)
    };
    let mut reader = open();
    let mut times = open();
    let mut all = Vec::new();
    while let Some(entry) = reader.next_entry().expect("memory does not fail") {
        assert_eq!(entry.row, all.len() as u64 + 1, "rows are consecutive");
        let time = times.next_recorded_at().expect("memory does not fail");
        let at = match &entry.outcome {
            Ok(change) => Some(change.recorded_at),
            Err(reject) => {
                assert!(reject.raw.len() <= RAW_LIMIT);
                assert!(matches!(reject.stream, Stream::Claims | Stream::CheckIns));
                reject.recorded_at
            }
        };
        assert_eq!(time, Some(at), "both ways of reading agree");
        all.push(entry);
    }
    assert_eq!(
        times.next_recorded_at().expect("memory does not fail"),
        None
    );
    assert_eq!(reader.next_entry().expect("memory does not fail"), None);
    all
}

fn entries(bytes: &[u8]) -> Vec<Entry> {
    entries_in_chunks(bytes, 8192)
}

const GOLDEN: [&str; 9] = [
    "qd130",
    "qd4750",
    "qd3176",
    "plain",
    "card-lists",
    "totals",
    "check-in",
    "damaged",
    "late-date",
];

/// A golden file.
fn golden_file(name: &str) -> Vec<u8> {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests/golden/xml", name]
        .iter()
        .collect();
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The codes of the rejects and the visits of the claims, in order.
fn outline(entries: &[Entry]) -> Vec<String> {
    let told = |entry: &Entry| match &entry.outcome {
        Ok(change) => match &change.operation {
            Operation::Upsert(Record::Claims(claim)) => claim.visit_id.to_string(),
            Operation::Upsert(Record::CheckIns(check_in)) => check_in.visit_id.to_string(),
            other => panic!("an envelope does not make {other:?}"),
        },
        Err(reject) => reject.error.code.to_string(),
    };
    entries.iter().map(told).collect()
}

/// An envelope around HOSO given as text.
fn around(hosos: &str) -> String {
    format!(
        "<GIAMDINHHS><THONGTINHOSO><NGAYLAP>20250702</NGAYLAP><DANHSACHHOSO>{hosos}\
         </DANHSACHHOSO></THONGTINHOSO></GIAMDINHHS>"
    )
}

fn hoso(kind: &str, content: &str) -> String {
    format!(
        "<HOSO><FILEHOSO><LOAIHOSO>{kind}</LOAIHOSO><NOIDUNGFILE>{content}</NOIDUNGFILE></FILEHOSO></HOSO>"
    )
}

/// The HOSO of a good claim.
fn good(visit: &str) -> String {
    let text = envelope(&[sample(visit)], day("2025-07-02"), Encoding::Plain);
    let (from, to) = (
        text.find("<HOSO>").unwrap(),
        text.find("</DANHSACHHOSO>").unwrap(),
    );
    text[from..to].to_owned()
}

fn day(text: &str) -> Day {
    Day::from_text(text).expect("a date")
}

fn value<T: Value>(text: &str) -> T {
    T::from_text(text).expect("a valid value")
}

fn sample(visit: &str) -> Claim {
    Claim {
        facility: value("01001"),
        visit_id: value(visit),
        cards: vec![value("DN4010000000001")].into(),
        personal_id: None,
        full_name: value("Nguyễn Văn Mẫu"),
        birth_date: value("1980-03"),
        sex: value("1"),
        blood_group: None,
        visit_type: value("01"),
        object_code: value("1.1"),
        main_diagnosis: value("J02"),
        other_diagnoses: Few::new(),
        admitted_at: value("2025-07-01T08:00"),
        inpatient_at: None,
        discharged_at: value("2025-07-01T09:00"),
        outcome: value("2"),
        discharge_type: value("1"),
        copay_exempt_from: None,
        referred_from: None,
        referred_to: None,
        department: None,
        cost_drugs: value("120000"),
        cost_supplies: value("0"),
        cost_total: value("170000"),
        cost_covered: value("170000"),
        paid_by_fund: value("136000"),
        copay: value("34000"),
        self_paid: value("0"),
        other_sources: value("0"),
        lines: None,
        line_totals: None,
    }
}
