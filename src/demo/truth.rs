//! What was made wrong on purpose with the subjects of alerts: rows of `truth.csv`.
//!
//! In: a CSV file with the columns of [`COLUMNS`]. Out: for each alert, the row about its reason and
//! subject, else the first about its subject. Must hold: only rows about the alerts are held.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use csv_core::{ReadRecordResult, Reader};

use crate::case::{Alert, Subject};

/// The header of the file.
const COLUMNS: [&str; 9] = [
    "reason",
    "subject_kind",
    "subject",
    "kind",
    "label",
    "expected",
    "cause",
    "corrections",
    "why",
];
/// The most bytes of a record.
const RECORD_LIMIT: usize = 1 << 20;

/// What was made wrong on purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Truth {
    /// The reason under which it is to be found.
    pub reason: String,
    /// The kind of the story, such as `borrower_died_on_card`.
    pub kind: String,
    /// Misuse, an error, or neither.
    pub label: String,
    /// The story behind it.
    pub why: String,
}

/// A truth that could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TruthError {
    /// The file cannot be read.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        error: io::Error,
    },
    /// The file is something else.
    #[error("{}, record {record}: {message}; run again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// 1-based record; 0 is the header.
        record: u64,
        /// What is wrong.
        message: &'static str,
    },
}

/// The truth about each alert's subject, if the file has it.
///
/// # Errors
/// When the file cannot be read or is something else.
pub(super) fn of_subjects(path: &Path, alerts: &[Alert]) -> Result<Vec<Option<Truth>>, TruthError> {
    let mut found: HashMap<&Subject, Vec<Truth>> = alerts
        .iter()
        .map(|alert| (&alert.subject, Vec::new()))
        .collect();
    let mut records = Records::open(path)?;
    let header = records.next_record()?.unwrap_or_default();
    if header != COLUMNS {
        return Err(records.damaged("the columns are not those of a truth file"));
    }
    while let Some(cells) = records.next_record()? {
        let Ok([reason, subject_kind, id, kind, label, _, _, _, why]) =
            <[String; 9]>::try_from(cells)
        else {
            return Err(records.damaged("it has not as many cells as the header"));
        };
        let subject = Subject {
            kind: subject_kind,
            id,
        };
        if let Some(truths) = found.get_mut(&subject) {
            truths.push(Truth {
                reason,
                kind,
                label,
                why,
            });
        }
    }
    let truth = |alert: &Alert| {
        let truths = &found[&alert.subject];
        let of_reason = truths
            .iter()
            .find(|truth| truth.reason == alert.reason.as_str());
        of_reason.or_else(|| truths.first()).cloned()
    };
    Ok(alerts.iter().map(truth).collect())
}

/// The records of a CSV file.
struct Records {
    path: PathBuf,
    bytes: BufReader<File>,
    reader: Reader,
    /// Records read, the header among them.
    count: u64,
}

impl Records {
    fn open(path: &Path) -> Result<Self, TruthError> {
        let file = File::open(path).map_err(|error| TruthError::Io {
            path: path.to_owned(),
            error,
        })?;
        Ok(Self {
            path: path.to_owned(),
            bytes: BufReader::new(file),
            reader: Reader::new(),
            count: 0,
        })
    }

    fn damaged(&self, message: &'static str) -> TruthError {
        TruthError::Damaged {
            path: self.path.clone(),
            record: self.count.saturating_sub(1),
            message,
        }
    }

    fn next_record(&mut self) -> Result<Option<Vec<String>>, TruthError> {
        let mut text = vec![0; 256];
        let mut ends = vec![0; COLUMNS.len() + 2];
        let (mut written, mut cells) = (0, 0);
        loop {
            let bytes = self.bytes.fill_buf().map_err(|error| TruthError::Io {
                path: self.path.clone(),
                error,
            })?;
            let (result, read, more, ended) =
                self.reader
                    .read_record(bytes, &mut text[written..], &mut ends[cells..]);
            self.bytes.consume(read);
            (written, cells) = (written + more, cells + ended);
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if text.len() < RECORD_LIMIT => {
                    text.resize(text.len() * 2, 0);
                }
                ReadRecordResult::OutputFull => return Err(self.damaged("it is too long")),
                ReadRecordResult::OutputEndsFull => {
                    return Err(self.damaged("it has more cells than the header"));
                }
                ReadRecordResult::Record => break,
                ReadRecordResult::End => return Ok(None),
            }
        }
        self.count += 1;
        let mut start = 0;
        let texts = ends[..cells].iter().map(|end| {
            let cell = String::from_utf8_lossy(&text[start..*end]).into_owned();
            start = *end;
            cell
        });
        Ok(Some(texts.collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::tests::alert;

    const HEADER: &str = "reason,subject_kind,subject,kind,label,expected,cause,corrections,why\n";

    fn truths(text: &str) -> Result<Vec<Option<Truth>>, TruthError> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), text).expect("written");
        of_subjects(file.path(), &[alert()])
    }

    #[test]
    fn the_row_of_the_reason_comes_before_others_of_the_subject() {
        let other = "stale_card,claim,79001/S01-1,k,error,true,,,\"a, \"\"b\"\"\"\n";
        let own = format!(
            "service_after_death,claim,79001/S01-1,k,fraud,true,,,{}\n",
            "y".repeat(2000)
        );
        let foreign = "service_after_death,card,79001/S01-1,k,z,true,,,\n";
        let of = |rows: &[&str]| {
            let found = truths(&format!("{HEADER}{}", rows.concat())).expect("a truth file");
            found[0].clone()
        };
        assert_eq!(of(&[foreign]), None);
        let first = of(&[other]).expect("the subject is there");
        assert_eq!(
            (first.label.as_str(), first.why.as_str()),
            ("error", "a, \"b\"")
        );
        let second = of(&[foreign, other, &own]).expect("the subject is there");
        assert_eq!((second.label.as_str(), second.why.len()), ("fraud", 2000));
    }

    #[test]
    fn other_files_are_refused() {
        for (text, record) in [
            ("", "record 0"),
            ("a,b\n", "record 0"),
            (&format!("{HEADER}a,b\n"), "record 1"),
            (&format!("{HEADER}{}\n", "a,".repeat(20)), "record"),
        ] {
            let error = truths(text).expect_err("it is no truth file");
            assert!(error.to_string().contains(record), "{error}");
        }
    }
}
