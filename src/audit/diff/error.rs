//! Two runs that cannot be compared.

use std::io;
use std::path::PathBuf;

use super::super::manifest::ManifestError;
use crate::persons::Slice;
use crate::source::SpillError;

/// Two runs that cannot be compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DiffError {
    /// A file cannot be read.
    #[error("{}: {error}; name the output directory of a replay, or one with a service's exports", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        error: io::Error,
    },
    /// A line is not as a run has it.
    #[error("{}, line {line}: {what}; replay again, or take the file back from a backup", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong.
        what: String,
    },
    /// The manifest of a run cannot be used.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// They are of different persons.
    #[error(
        "run A is of persons {a}, run B of persons {b}; compare runs of the same part, or of all persons"
    )]
    OtherPersons {
        /// The part of run A.
        a: Slice,
        /// The part of run B.
        b: Slice,
    },
    /// A history could not be sorted.
    #[error(transparent)]
    Spill(#[from] SpillError),
    /// What differs cannot be written.
    #[error("{}: {error}; name a file in a directory with room that can be written to", path.display())]
    Output {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        error: io::Error,
    },
}
