//! What became of one person, as a line of an output.
//!
//! In: a verdict or a fault. Out: a JSON object or a CSV record. Must hold: a person is one line, in
//! which corrections are lists of equal length, in CSV separated by `;` as everywhere.

use std::io::{self, Write};
use std::path::Path;

use serde_json::json;

use super::asked::Fault;
use crate::authenticate::{Correction, GivenId, Verdict};
use crate::record::SiNumber;

/// How lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// CSV with a header.
    Csv,
    /// A JSON object a line.
    Ndjson,
}

impl Format {
    /// The format that a file's name says, if it says one.
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "csv" => Some(Self::Csv),
            "ndjson" => Some(Self::Ndjson),
            _ => None,
        }
    }

    /// Writes what comes before the first line.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn header(self, out: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Csv => writeln!(out, "{}", CSV_HEADER.join(",")),
            Self::Ndjson => Ok(()),
        }
    }
}

const CSV_HEADER: [&str; 12] = [
    "row",
    "si_number",
    "personal_id",
    "matched",
    "cause",
    "database",
    "field",
    "current",
    "proposed",
    "confidence",
    "basis",
    "error",
];

/// What became of one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// 1-based place of the person.
    pub row: u64,
    /// The social-insurance number, where it is known.
    pub si_number: Option<SiNumber>,
    /// The number by which the citizen was looked up, where there is one.
    pub id: Option<GivenId>,
    /// What became of the person, or why nothing could.
    pub verdict: Result<Verdict, Fault>,
}

impl Line {
    /// Writes the line.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, format: Format, out: &mut impl Write) -> io::Result<()> {
        match format {
            Format::Csv => writeln!(out, "{}", self.cells().map(|cell| quoted(&cell)).join(",")),
            Format::Ndjson => writeln!(out, "{}", self.object()),
        }
    }

    fn object(&self) -> serde_json::Value {
        let mut object = json!({ "row": self.row });
        if let Some(si) = self.si_number {
            object["si_number"] = json!(si.to_string());
        }
        if let Some(id) = self.id {
            object["personal_id"] = json!(id.to_string());
        }
        match &self.verdict {
            Ok(verdict) => {
                object["matched"] = json!(verdict.is_authenticated());
                if let Some(cause) = verdict.cause {
                    object["cause"] = json!(cause);
                    object["corrections"] = json!(verdict.corrections);
                }
            }
            Err(fault) => object["error"] = json!(fault),
        }
        object
    }

    fn cells(&self) -> [String; 12] {
        let text = |value: Option<String>| value.unwrap_or_default();
        let (verdict, fault) = match &self.verdict {
            Ok(verdict) => (Some(verdict), None),
            Err(fault) => (None, Some(fault)),
        };
        let list = |of: fn(&Correction) -> String| -> String {
            let corrections = verdict.into_iter().flat_map(|verdict| &verdict.corrections);
            corrections.map(of).collect::<Vec<_>>().join(";")
        };
        [
            self.row.to_string(),
            text(self.si_number.map(|si| si.to_string())),
            text(self.id.map(|id| id.to_string())),
            text(verdict.map(|verdict| verdict.is_authenticated().to_string())),
            text(verdict.and_then(|verdict| Some(verdict.cause?.to_string()))),
            list(|c| c.database.to_string()),
            list(|c| c.field.to_string()),
            // A name with a `;` would seem to be two.
            list(|c| text_of(c.current.as_ref().map(ToString::to_string))),
            list(|c| text_of(Some(c.proposed.to_string()))),
            list(|c| c.confidence.to_string()),
            list(|c| c.basis.to_string()),
            text(fault.map(ToString::to_string)),
        ]
    }
}

fn text_of(value: Option<String>) -> String {
    value.unwrap_or_default().replace(';', ",")
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}
