//! The alerts of a run, one after another.
//!
//! In: `alerts.ndjson`. Out: its lines, typed and as they are. Must hold: they are in order of their ids, which is
//! what merging two of them takes; what is not, or is no alert, is told with file and line.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::case::Alert;

/// An alert of a run.
#[derive(Clone, Debug)]
pub struct Line {
    /// The alert.
    pub alert: Alert,
    /// Everything that its line says.
    pub members: Map<String, Value>,
}

/// A file of alerts that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LineError {
    /// It cannot be read.
    #[error("{}: {error}; name the output directory of a replay, or one with the exports of a service", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        error: io::Error,
    },
    /// A line is no alert.
    #[error("{}, line {line}: not an alert of this version: {error}; replay again", path.display())]
    NoAlert {
        /// The file.
        path: PathBuf,
        /// 1-based line.
        line: u64,
        /// What is wrong.
        error: serde_json::Error,
    },
    /// A line is not behind the one before it.
    #[error("{}, line {line}: its alert_id is not greater than that of the line before; sort the file by alert_id", path.display())]
    OutOfOrder {
        /// The file.
        path: PathBuf,
        /// 1-based line.
        line: u64,
    },
}

/// Reads the alerts of a run.
pub struct Lines {
    path: PathBuf,
    lines: io::Lines<BufReader<File>>,
    number: u64,
    last: Option<String>,
}

impl Lines {
    /// Opens a file of alerts.
    ///
    /// # Errors
    /// When it cannot be.
    pub fn open(path: &Path) -> Result<Self, LineError> {
        let file = File::open(path).map_err(|error| LineError::Io {
            path: path.to_owned(),
            error,
        })?;
        Ok(Self {
            path: path.to_owned(),
            lines: BufReader::with_capacity(1 << 18, file).lines(),
            number: 0,
            last: None,
        })
    }

    /// The next alert.
    ///
    /// # Errors
    /// When it cannot be read, is no alert, or is out of order.
    pub fn next(&mut self) -> Result<Option<Line>, LineError> {
        let Some(text) = self.lines.next() else {
            return Ok(None);
        };
        self.number += 1;
        let text = text.map_err(|error| LineError::Io {
            path: self.path.clone(),
            error,
        })?;
        let wrong = |error| LineError::NoAlert {
            path: self.path.clone(),
            line: self.number,
            error,
        };
        let alert: Alert = serde_json::from_str(&text).map_err(wrong)?;
        let members = serde_json::from_str(&text).map_err(wrong)?;
        if self
            .last
            .as_ref()
            .is_some_and(|last| *last >= alert.alert_id)
        {
            return Err(LineError::OutOfOrder {
                path: self.path.clone(),
                line: self.number,
            });
        }
        self.last = Some(alert.alert_id.clone());
        Ok(Some(Line { alert, members }))
    }
}

impl Line {
    /// The members that say what was decided and on which rows: not since when it is known, nor where rows stand,
    /// which is otherwise where the same rows were cut or shuffled otherwise.
    pub fn substance(&self) -> Map<String, Value> {
        let mut members = self.members.clone();
        members.remove("raised_at");
        let rows = members.get_mut("evidence").and_then(Value::as_array_mut);
        for row in rows.into_iter().flatten().filter_map(Value::as_object_mut) {
            row.remove("file");
            row.remove("row");
        }
        members
    }

    /// The first two characters of the facility, where the alert is about a visit.
    pub fn province(&self) -> Option<String> {
        let subject = &self.alert.subject;
        let is_visit = subject.kind == "claim" || subject.kind == "check_in";
        let province: String = subject.id.chars().take(2).collect();
        (is_visit && province.len() == 2).then_some(province)
    }
}
