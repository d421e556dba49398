//! What self-replays found, as it is kept.
//!
//! In: the outcome of each. Out: `self-replay.json` in the data directory: the last one, and those before it whose
//! differences nothing has taken back. Must hold: it is whole or as it was; no identifier but those of alerts is in it; a
//! difference stands until a self-replay of the same persons, or of all, finds none.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::compare::Differing;
use crate::persons::{NotCovered, Slice};
use crate::record::{Instant, Value};

/// The file in the data directory.
pub const FILE: &str = "self-replay.json";

/// What a self-replay found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// When it began.
    pub started_at: String,
    /// When it ended.
    pub ended_at: String,
    /// How long it took.
    pub seconds: f64,
    /// The day, in UTC+7, whose decisions were compared.
    pub day: String,
    /// The first epoch of the day; one more than the last where it has none.
    pub from_epoch: u64,
    /// The last epoch that was computed again, whose alerts were compared.
    pub until_epoch: u64,
    /// Whose alerts: `all`, or one of so many parts of the persons.
    pub persons: Slice,
    /// The share of the persons that is.
    pub covered_ratio: f64,
    /// Decisions of the day that were compared: raises, changes, withdrawals and what was archived.
    pub decisions: u64,
    /// Alerts that were compared as they stood at the last epoch.
    pub alerts: u64,
    /// Alerts that were not, since a later epoch changed them.
    pub alerts_changed_since: u64,
    /// Alerts of which a decision or the alert itself differs.
    pub mismatched_decisions: u64,
    /// The first of them, by alert id.
    pub differing: Vec<Differing>,
    /// What could not be compared, and why.
    pub not_covered: Vec<NotCovered>,
}

/// What self-replays found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcomes {
    /// The last one.
    pub last: Outcome,
    /// Those before it with differences, of persons of whom none has been since.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub standing: Vec<Outcome>,
}

/// The file of outcomes cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutcomeError {
    /// It cannot be read or written.
    #[error("{}: {error}; check that the file may be read and written, and that its disk has room", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        error: io::Error,
    },
    /// It is not as a self-replay writes it.
    #[error("{}: {error}; remove it, and run `fundwatch self-replay`", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        error: serde_json::Error,
    },
}

impl Outcome {
    /// When it ended.
    pub fn ended(&self) -> Option<Instant> {
        Instant::from_text(&self.ended_at)
    }

    /// Whether it is of an earlier epoch than another.
    fn is_before(&self, other: &Self) -> bool {
        (&self.day, self.until_epoch) < (&other.day, other.until_epoch)
    }
}

impl Outcomes {
    /// What is kept in a data directory; none before the first self-replay.
    ///
    /// # Errors
    /// When the file cannot be read, or is not as it was written.
    pub fn read(data: &Path) -> Result<Option<Self>, OutcomeError> {
        let path = data.join(FILE);
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(OutcomeError::Io { path, error }),
        };
        match serde_json::from_slice(&text) {
            Ok(outcomes) => Ok(Some(outcomes)),
            Err(error) => Err(OutcomeError::Wrong { path, error }),
        }
    }

    /// Keeps an outcome in a data directory. One of an earlier day or epoch than the last is not kept; tells whether
    /// it was.
    ///
    /// # Errors
    /// When the file cannot be read or written; it is then as it was.
    pub fn keep(data: &Path, outcome: Outcome) -> Result<bool, OutcomeError> {
        let outcomes = match Self::read(data)? {
            None => Self {
                last: outcome,
                standing: Vec::new(),
            },
            Some(before) if outcome.is_before(&before.last) => return Ok(false),
            Some(before) => before.followed_by(outcome),
        };
        let path = data.join(FILE);
        let failed = |error| OutcomeError::Io {
            path: path.clone(),
            error,
        };
        let mut text =
            serde_json::to_vec_pretty(&outcomes).map_err(|error| failed(error.into()))?;
        text.push(b'\n');
        write(data, &path, &text).map_err(failed)?;
        Ok(true)
    }

    fn followed_by(self, outcome: Outcome) -> Self {
        let mut standing = self.standing;
        standing.push(self.last);
        standing.retain(|one| one.mismatched_decisions > 0 && !outcome.persons.covers(one.persons));
        Self {
            last: outcome,
            standing,
        }
    }

    /// The decisions that differ, of all persons of whom some were found to.
    pub fn mismatched_decisions(&self) -> u64 {
        let all = std::iter::once(&self.last).chain(&self.standing);
        all.map(|one| one.mismatched_decisions).sum()
    }
}

/// Writes a file whole or not at all, for its owner alone.
fn write(data: &Path, path: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(data)?;
    file.write_all(text)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    File::open(data)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(day: &str, persons: &str, mismatched: u64) -> Outcome {
        Outcome {
            started_at: format!("{day}T01:30:00+07:00"),
            ended_at: format!("{day}T01:31:00+07:00"),
            seconds: 60.0,
            day: day.to_owned(),
            from_epoch: 1,
            until_epoch: 9,
            persons: persons.parse().expect("persons"),
            covered_ratio: 1.0,
            decisions: 5,
            alerts: 7,
            alerts_changed_since: 0,
            mismatched_decisions: mismatched,
            differing: Vec::new(),
            not_covered: Vec::new(),
        }
    }

    #[test]
    fn what_is_kept_is_read() {
        let data = tempfile::tempdir().expect("a directory");
        assert_eq!(Outcomes::read(data.path()).expect("read"), None);
        let first = outcome("2026-03-01", "all", 3);
        assert!(Outcomes::keep(data.path(), first.clone()).expect("kept"));
        let read = Outcomes::read(data.path()).expect("read").expect("kept");
        assert_eq!(read.last, first);
        assert_eq!(read.mismatched_decisions(), 3);
        // One of an earlier day takes nothing back.
        let earlier = outcome("2026-02-27", "all", 0);
        assert!(!Outcomes::keep(data.path(), earlier).expect("compared"));
        let later = outcome("2026-03-02", "all", 0);
        assert!(Outcomes::keep(data.path(), later).expect("kept"));
        let read = Outcomes::read(data.path()).expect("read").expect("kept");
        assert_eq!(read.mismatched_decisions(), 0);
        assert!(read.standing.is_empty());
        std::fs::write(data.path().join(FILE), "{").expect("written");
        let wrong = Outcomes::read(data.path());
        assert!(matches!(wrong, Err(OutcomeError::Wrong { .. })));
    }

    #[test]
    fn a_difference_stands_until_the_same_persons_have_none() {
        let mut outcomes = Outcomes {
            last: outcome("2026-03-01", "0/3", 2),
            standing: Vec::new(),
        };
        for (day, persons, mismatched, expected) in [
            ("2026-03-02", "1/3", 0, 2),
            ("2026-03-03", "2/3", 5, 7),
            ("2026-03-04", "0/3", 0, 5),
            ("2026-03-05", "2/4", 0, 5),
            ("2026-03-06", "2/3", 1, 1),
            ("2026-03-07", "1/3", 0, 1),
            ("2026-03-08", "all", 0, 0),
        ] {
            outcomes = outcomes.followed_by(outcome(day, persons, mismatched));
            assert_eq!(outcomes.mismatched_decisions(), expected, "{day}");
        }
    }
}
