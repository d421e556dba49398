//! What alerts turned out to be: the labels that the model of misuse learns from and is judged by.
//!
//! In: a CSV of reviewers' verdicts, or of a known truth. Out: for an alert, whether it was misuse. Must
//! hold: what neither confirms nor refutes misuse is no label.

use std::collections::HashMap;
use std::path::Path;

/// Labels of alerts.
#[derive(Clone, Debug, Default)]
pub struct Labels {
    by_alert: HashMap<String, bool>,
    by_subject: HashMap<(String, String), bool>,
}

/// The verdicts that a reviewer gives, and what they say of misuse. Those that say nothing - the money
/// was returned before, another alert says the same, nothing could be found out - are no labels.
const VERDICTS: &[(&str, Option<bool>)] = &[
    ("confirmed_fraud", Some(true)),
    ("confirmed_card_misuse", Some(true)),
    ("referred", Some(true)),
    ("confirmed_provider_error", Some(false)),
    ("confirmed_fund_error", Some(false)),
    ("legitimate_timing", Some(false)),
    ("legitimate_other", Some(false)),
    ("false_positive_death_record", Some(false)),
    ("false_positive_card_data", Some(false)),
    ("false_positive_link", Some(false)),
    ("false_positive_rule", Some(false)),
    ("owed_to_member", Some(false)),
    ("already_recovered", None),
    ("duplicate", None),
    ("inconclusive", None),
    // The labels of a known truth.
    ("misuse", Some(true)),
    ("error", Some(false)),
    ("noise", Some(false)),
];

/// Why a file has no labels.
#[derive(Debug, thiserror::Error)]
pub enum LabelsError {
    /// It cannot be read.
    #[error("{file}: {error}")]
    Unreadable {
        /// The file.
        file: String,
        /// What the reader says.
        error: csv::Error,
    },
    /// Its columns are others.
    #[error(
        "{file}: the header has neither `alert_id` and `verdict` nor `reason`, `subject` and `label`; \
         name the columns so"
    )]
    Columns {
        /// The file.
        file: String,
    },
    /// A word is none of the verdicts.
    #[error("{file}:{line}: `{word}` is no verdict; write one of {known}")]
    Verdict {
        /// The file.
        file: String,
        /// The line, from 1.
        line: u64,
        /// What stands there.
        word: String,
        /// What could.
        known: String,
    },
}

impl Labels {
    /// Reads a CSV with a header and the columns `alert_id` and `verdict`, as reviewers' verdicts are
    /// exported, or `reason`, `subject` and `label`, as the `truth.csv` of `fundwatch synth` has them;
    /// other columns are not looked at. Of several labels of one alert, misuse stands.
    ///
    /// # Errors
    /// [`LabelsError`] where the file cannot be read, lacks the columns, or has a word that is no
    /// verdict; the message says where and what to do.
    pub fn read(file: &Path) -> Result<Self, LabelsError> {
        let shown = || file.display().to_string();
        let unreadable = |error| LabelsError::Unreadable {
            file: shown(),
            error,
        };
        let mut reader = csv::Reader::from_path(file).map_err(unreadable)?;
        let header = reader.headers().map_err(unreadable)?.clone();
        let column = |name: &str| header.iter().position(|column| column.trim() == name);
        let of_alert = column("alert_id").zip(column("verdict"));
        let of_subject = column("reason").zip(column("subject")).zip(column("label"));
        let mut labels = Self::default();
        for record in reader.records() {
            let record = record.map_err(unreadable)?;
            let cell = |place: usize| record.get(place).unwrap_or_default().trim();
            let verdict = |place| {
                let word = cell(place);
                let verdict = VERDICTS.iter().find(|(verdict, _)| *verdict == word);
                verdict
                    .map(|(_, says)| *says)
                    .ok_or_else(|| LabelsError::Verdict {
                        file: shown(),
                        line: record.position().map_or(0, csv::Position::line),
                        word: word.to_owned(),
                        known: VERDICTS
                            .iter()
                            .map(|(verdict, _)| *verdict)
                            .collect::<Vec<_>>()
                            .join(", "),
                    })
            };
            match (of_alert, of_subject) {
                (Some((alert, place)), _) => {
                    if let Some(is_misuse) = verdict(place)? {
                        *labels.by_alert.entry(cell(alert).to_owned()).or_default() |= is_misuse;
                    }
                }
                (None, Some(((reason, subject), place))) => {
                    if let Some(is_misuse) = verdict(place)? {
                        let key = (cell(reason).to_owned(), cell(subject).to_owned());
                        *labels.by_subject.entry(key).or_default() |= is_misuse;
                    }
                }
                (None, None) => return Err(LabelsError::Columns { file: shown() }),
            }
        }
        if of_alert.is_none() && of_subject.is_none() {
            return Err(LabelsError::Columns { file: shown() });
        }
        Ok(labels)
    }

    /// How many alerts have a label.
    pub fn len(&self) -> usize {
        self.by_alert.len() + self.by_subject.len()
    }

    /// Whether no alert has one.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether an alert was misuse, where it has a label. `subject` is written as in `alerts.ndjson`.
    pub fn of(&self, alert_id: &str, reason: &str, subject: &str) -> Option<bool> {
        let by_subject = || {
            let key = (reason.to_owned(), subject.to_owned());
            self.by_subject.get(&key)
        };
        self.by_alert.get(alert_id).or_else(by_subject).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Labels, LabelsError> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), text).expect("written");
        Labels::read(file.path())
    }

    #[test]
    fn verdicts_and_truths_are_labels() {
        let verdicts = read("verdict,alert_id\nconfirmed_card_misuse,a\ninconclusive,b\nfalse_positive_death_record,c\n").unwrap();
        assert_eq!(verdicts.len(), 2);
        assert_eq!(verdicts.of("a", "r", "s"), Some(true));
        assert_eq!(verdicts.of("b", "r", "s"), None);
        assert_eq!(verdicts.of("c", "r", "s"), Some(false));
        let truth = read("reason,subject,why,label\nr,s,\"a, b\",error\nr,s,,misuse\nr,t,,noise\n")
            .unwrap();
        assert_eq!(truth.of("a", "r", "s"), Some(true));
        assert_eq!(truth.of("a", "r", "t"), Some(false));
        assert_eq!(truth.of("a", "q", "t"), None);
    }

    #[test]
    fn what_is_no_label_is_refused_with_its_place() {
        let error = read("alert_id,verdict\na,guilty\n")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(":2: `guilty` is no verdict; write one of confirmed_fraud"),
            "{error}"
        );
        assert!(matches!(
            read("alert_id,label\na,misuse\n"),
            Err(LabelsError::Columns { .. })
        ));
        assert!(matches!(
            read("alert_id\n"),
            Err(LabelsError::Columns { .. })
        ));
    }
}
