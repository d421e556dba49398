//! Why records cannot be linked.
//!
//! Must hold: a message names the file, the line where there is one, and what to do; never a cell,
//! which may tell of a person.

use std::path::PathBuf;

use crate::source::SourceError;

/// Why a linkage failed.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The call cannot be done: it names what is not there.
    #[error("{0}")]
    WrongCall(String),
    /// A file cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A file is not a table of records.
    #[error("{}{}: {message}", file.display(), line.map(|line| format!(", line {line}")).unwrap_or_default())]
    Table {
        /// The file.
        file: PathBuf,
        /// The line of it, from 1.
        line: Option<u64>,
        /// What is wrong and what to do.
        message: String,
    },
    /// An output cannot be written.
    #[error("{}: {error}; check that its directory exists and can be written", file.display())]
    Output {
        /// The file.
        file: PathBuf,
        /// What the operating system said.
        error: std::io::Error,
    },
    /// An artefact cannot be used.
    #[error("{}: {message}", file.display())]
    Artefact {
        /// The file.
        file: PathBuf,
        /// What is wrong and what to do.
        message: String,
    },
}

impl LinkError {
    /// Whether the call is to be mended, rather than the data.
    pub fn is_wrong_call(&self) -> bool {
        matches!(self, Self::WrongCall(_))
    }
}
