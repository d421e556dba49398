//! Why people could not be authenticated at all.

use std::io;
use std::path::PathBuf;

use crate::source::SourceError;

/// An authentication that did not finish.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RosterError {
    /// A register could not be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The directory has no citizens.
    #[error(
        "{}: no file holds `citizens`; name the directory that holds citizens.csv, .ndjson or .parquet",
        path.display()
    )]
    NoCitizens {
        /// The directory.
        path: PathBuf,
    },
    /// The list of people could not be read.
    #[error("{}: {error}", path.display())]
    People {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        error: io::Error,
    },
    /// The list of people is something else.
    #[error("{}, line {line}: {message}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// 1-based line.
        line: u64,
        /// What is wrong and what to do.
        message: String,
    },
    /// A line could not be written.
    #[error("the output could not be written: {0}; check that there is room")]
    Output(io::Error),
}
