//! Why a table cannot be scored.
//!
//! Must hold: a message names the file, the line and the column where there are any, and what to do;
//! never a cell.

use std::path::{Path, PathBuf};

use crate::model::FitError;
use crate::source::SourceError;

/// Why a table was not scored.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The call cannot be done: it names what is not there.
    #[error("{0}")]
    WrongCall(String),
    /// A file cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A file is no table of numbers.
    #[error("{}{}{}: {message}", file.display(), told("line", line.as_ref()),
            told("column", column.as_ref()))]
    Table {
        /// The file.
        file: PathBuf,
        /// The line of it, from 1.
        line: Option<u64>,
        /// The name of the column.
        column: Option<String>,
        /// What is wrong and what to do.
        message: String,
    },
    /// No model can be fitted on the rows.
    #[error("{}: {error}", file.display())]
    Fit {
        /// The file.
        file: PathBuf,
        /// Why.
        error: FitError,
    },
    /// An output cannot be written.
    #[error("{}: {error}; check that its directory exists and can be written", file.display())]
    Output {
        /// The file.
        file: PathBuf,
        /// What the operating system said.
        error: std::io::Error,
    },
}

impl TableError {
    /// What is wrong in a place of a file.
    pub(super) fn at(
        file: &Path,
        line: Option<u64>,
        column: Option<&str>,
        message: impl Into<String>,
    ) -> Self {
        Self::Table {
            file: file.to_owned(),
            line,
            column: column.map(str::to_owned),
            message: message.into(),
        }
    }
}

fn told(what: &str, value: Option<&impl std::fmt::Display>) -> String {
    value.map_or_else(String::new, |value| format!(", {what} {value}"))
}
