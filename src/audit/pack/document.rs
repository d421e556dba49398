//! What an evidence pack says: an in-toto Statement about one alert.
//!
//! In: the alert, the rows it follows from, and what decided. Out: the document, and back. Must hold: a changed byte
//! is found, in a row by the row's number.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::audit::code::Code;
use crate::audit::statement::{FileDigest, Predicate, Statement, StatementError};
use crate::audit::thresholds::StatedValues;
use crate::hex::hex;
use crate::journal::row_text;
use crate::record::{Change, LineTotals, Operation, Record, Stream};
use crate::source::LineReader;

/// An evidence pack: its subject is the alert.
pub type Pack = Statement<Packed>;

/// What an evidence pack states.
pub const PACK: &str = "urn:fundwatch:pack:1";

/// An alert and what it follows from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Packed {
    /// The alert, as its line in the run has it.
    pub alert: Value,
    /// The rows that it follows from.
    pub rows: Vec<PackedRow>,
    /// What else names the persons that the alert is about, and changes nothing of it.
    pub slice: SliceSummary,
    /// The program that made the pack.
    pub code: Code,
    /// The version of the catalogue of rules.
    pub rules_version: String,
    /// SHA-256 of the catalogue and its tables.
    pub rules_sha256: String,
    /// SHA-256 of the list of benefits that exclude each other.
    pub exclusive_benefits_sha256: String,
    /// The thresholds in force that were not the catalogue's.
    pub thresholds: StatedValues,
    /// SHA-256 of the artefact of the model in force.
    pub model_sha256: String,
    /// SHA-256 of the artefact of the model that linked participants.
    pub link_model_sha256: String,
    /// The least weight of two participants who are linked, in thousandths of a bit.
    pub link_weight: i32,
    /// The as-of date.
    pub as_of: String,
    /// The run.
    pub run: Origin,
    /// SHA-256 by part of this document.
    pub seal: BTreeMap<String, String>,
}

impl Predicate for Packed {
    const TYPE: &'static str = PACK;

    fn seal(&mut self) -> &mut BTreeMap<String, String> {
        &mut self.seal
    }
}

/// A row that the alert follows from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackedRow {
    /// The stream.
    pub stream: String,
    /// The key, as a subject's id is written.
    pub key: String,
    /// Knowledge time.
    pub recorded_at: String,
    /// The file of the run's inputs.
    pub file: String,
    /// 1-based record in it.
    pub row: u64,
    /// Whether the alert would be another in substance without the row; else it is listed as evidence.
    pub is_needed: bool,
    /// What it says, each column as text.
    pub columns: Value,
    /// What the detail tables of an XML claim add up to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line_totals: Option<LineTotals>,
    /// SHA-256 of `columns` and `line_totals` as compact JSON with sorted members.
    pub sha256: String,
}

/// What names the persons that the alert is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SliceSummary {
    /// Rows in force by stream; of a stream that is left out there is none.
    pub rows: BTreeMap<String, u64>,
    /// Those that change nothing, by their places: what they say is not in the pack.
    pub without_effect: Vec<RowDigest>,
}

/// A row by its place and digest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowDigest {
    /// The file of the run's inputs.
    pub file: String,
    /// 1-based record in it.
    pub row: u64,
    /// The stream.
    pub stream: String,
    /// As of a packed row.
    pub sha256: String,
}

/// The run that an alert is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// SHA-256 of its manifest.
    pub manifest_sha256: String,
    /// The instant after which rows were left out.
    pub as_of: Option<String>,
    /// How knowledge time was cut.
    pub epoch: String,
    /// The inputs.
    pub inputs: Vec<FileDigest>,
}

impl PackedRow {
    /// A row, and whether the alert would be another without it.
    pub fn new((file, row): (&str, u64), change: &Change, is_needed: bool) -> Self {
        let (columns, line_totals, sha256) = said(change);
        Self {
            stream: change.key.stream().name().to_owned(),
            key: change.key.to_string(),
            recorded_at: change.recorded_at.to_string(),
            file: file.to_owned(),
            row,
            is_needed,
            columns,
            line_totals,
            sha256,
        }
    }

    /// The row, as a replay would read it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn change(&self) -> Result<Change, String> {
        let stream = Stream::ALL
            .iter()
            .find(|stream| stream.name() == self.stream)
            .copied();
        let stream = stream.ok_or_else(|| "its stream is none of this version".to_owned())?;
        let text = self.columns.to_string();
        let mut change = match LineReader::new(stream).read_again(text.as_bytes()) {
            Some(Ok(change)) => change,
            Some(Err(reject)) => {
                return Err(format!("it is no longer accepted ({})", reject.error.code));
            }
            None => return Err("it is empty".to_owned()),
        };
        if let Operation::Upsert(Record::Claims(claim)) = &mut change.operation {
            claim.line_totals = self.line_totals;
        }
        let (columns, _, sha256) = said(&change);
        let is_it = sha256 == self.sha256
            && columns == self.columns
            && change.key.to_string() == self.key
            && change.recorded_at.to_string() == self.recorded_at;
        is_it
            .then_some(change)
            .ok_or_else(|| "it is not as it was packed".to_owned())
    }
}

impl RowDigest {
    /// The digest of a row.
    pub fn new((file, row): (&str, u64), change: &Change) -> Self {
        Self {
            file: file.to_owned(),
            row,
            stream: change.key.stream().name().to_owned(),
            sha256: said(change).2,
        }
    }
}

impl From<&PackedRow> for RowDigest {
    fn from(row: &PackedRow) -> Self {
        Self {
            file: row.file.clone(),
            row: row.row,
            stream: row.stream.clone(),
            sha256: row.sha256.clone(),
        }
    }
}

/// What a row says, and the digest of that.
fn said(change: &Change) -> (Value, Option<LineTotals>, String) {
    let columns: Value = serde_json::from_slice(&row_text(change)).expect("a row is an object");
    let totals = match &change.operation {
        Operation::Upsert(Record::Claims(claim)) => claim.line_totals,
        _ => None,
    };
    let sha256 = digest(&columns, totals);
    (columns, totals, sha256)
}

fn digest(columns: &Value, totals: Option<LineTotals>) -> String {
    let mut text = columns.to_string();
    if let Some(totals) = totals {
        let totals = serde_json::to_value(totals).expect("totals are plain data");
        text.push_str(&totals.to_string());
    }
    hex(&Sha256::digest(text))
}

/// The pack that bytes are.
///
/// # Errors
/// What is not as it was written: a part, or of rows, the row.
pub fn read(bytes: &[u8]) -> Result<Pack, StatementError> {
    let error = match Pack::from_bytes(bytes) {
        Ok(pack) => return Ok(pack),
        Err(error) => error,
    };
    if let StatementError::Altered { part } = &error
        && part == "rows"
        && let Ok(pack) = serde_json::from_slice::<Pack>(bytes)
    {
        let rows = pack.predicate.rows.iter();
        let altered = rows.zip(1..).find(|(row, _)| row.change().is_err());
        if let Some((row, number)) = altered {
            let part = format!(
                "row {number} of `rows` ({}, {}:{})",
                row.stream, row.file, row.row
            );
            return Err(StatementError::Altered { part });
        }
    }
    Err(error)
}
