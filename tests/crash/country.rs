//! A synthetic country: its rows in the order of their knowledge times, as NDJSON and as CSV.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::binary::fundwatch;
use crate::said;

/// The streams, and the columns of their keys.
pub const STREAMS: [(&str, &[&str]); 10] = [
    ("citizens", &["personal_id"]),
    ("death_reports", &["report_id"]),
    ("participants", &["si_number"]),
    ("cards", &["card_number"]),
    ("claims", &["facility", "visit_id"]),
    ("check_ins", &["facility", "visit_id"]),
    ("enterprises", &["tax_code"]),
    ("employments", &["si_number", "tax_code"]),
    ("beneficiaries", &["personal_id", "scheme"]),
    ("health_profiles", &["personal_id"]),
];

/// A row.
pub struct Row {
    pub stream: &'static str,
    /// Its stream and key.
    pub key: String,
    /// When it was known; all are of one time zone.
    pub at: String,
    /// As a JSON object.
    pub json: String,
    /// As a line of CSV.
    pub csv: String,
    /// Whether its key has no other row, and it is no deletion.
    pub is_alone: bool,
}

/// A country.
pub struct Country {
    pub rows: Vec<Row>,
    /// The header of each stream's CSV.
    pub headers: BTreeMap<&'static str, String>,
}

impl Country {
    /// Makes the country of a seed.
    pub fn new(citizens: u64, seed: u64) -> Self {
        let directory = tempfile::tempdir().unwrap();
        for format in ["ndjson", "csv"] {
            let mut command = fundwatch();
            command
                .arg("synth")
                .arg("--output")
                .arg(directory.path().join(format));
            command.args(["--days", "60", "--format", format]);
            command.args([
                "--citizens",
                &citizens.to_string(),
                "--seed",
                &seed.to_string(),
            ]);
            let told = command.output().unwrap();
            assert!(
                told.status.success(),
                "{}",
                String::from_utf8_lossy(&told.stderr)
            );
        }
        said::people_in(&directory.path().join("ndjson"));
        let mut country = Self {
            rows: Vec::new(),
            headers: BTreeMap::new(),
        };
        for (stream, key) in STREAMS {
            country.read(directory.path(), stream, key);
        }
        country.rows.sort_by(|a, b| a.at.cmp(&b.at));
        let (mut seen, mut again) = (BTreeSet::new(), BTreeSet::new());
        for row in &country.rows {
            if !seen.insert(row.key.clone()) {
                again.insert(row.key.clone());
            }
        }
        for row in &mut country.rows {
            row.is_alone &= !again.contains(&row.key);
        }
        country
    }

    fn read(&mut self, directory: &Path, stream: &'static str, key: &[&str]) {
        let text = |format: &str| {
            let file = directory.join(format).join(format!("{stream}.{format}"));
            fs::read_to_string(file).unwrap_or_default()
        };
        let (ndjson, csv) = (text("ndjson"), text("csv"));
        let mut csv = csv.lines();
        let header = csv.next().unwrap_or_default().to_owned();
        self.headers.insert(stream, header);
        for json in ndjson.lines() {
            let row: Value = serde_json::from_str(json).unwrap();
            let parts = key.iter().map(|column| row[*column].to_string());
            self.rows.push(Row {
                stream,
                key: format!("{stream} {}", parts.collect::<Vec<_>>().join("/")),
                at: row["recorded_at"].as_str().unwrap().to_owned(),
                json: json.to_owned(),
                csv: csv.next().expect("as many rows as CSV").to_owned(),
                is_alone: row.get("op").is_none(),
            });
        }
        assert_eq!(csv.next(), None, "{stream}: as many rows as NDJSON");
    }
}
