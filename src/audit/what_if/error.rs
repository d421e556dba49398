//! What would be decided cannot be found out.

use std::io;
use std::path::PathBuf;

use crate::audit::diff::DiffError;
use crate::journal::{EpochError, JournalError, NoLoadId};
use crate::replay::ReplayError;
use crate::review::DeskError;
use crate::source::SourceError;

/// What would be decided cannot be found out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WhatIfError {
    /// A replay failed.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// The runs cannot be compared.
    #[error(transparent)]
    Diff(#[from] DiffError),
    /// An input cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// What people decided cannot be read.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// An epoch of it cannot be read.
    #[error(transparent)]
    Epoch(#[from] EpochError),
    /// Not even the smallest part of the persons fits into memory.
    #[error(
        "{free} bytes of memory are free, and a replay of one in {MOST} persons takes about {needed}; free some memory, or \
         name a part with --slice",
        MOST = crate::persons::MOST_SLICES
    )]
    NoRoom {
        /// What is free.
        free: u64,
        /// What the smallest part takes.
        needed: u64,
    },
    /// There is an input of the same name.
    #[error(
        "the inputs have a file {name} already; give the one that is to come another name, such as death_reports-2.csv"
    )]
    NameTaken {
        /// The name.
        name: String,
    },
    /// There is no such input.
    #[error("the inputs have no file {name} that could be left out")]
    NoInput {
        /// The name.
        name: String,
    },
    /// That names no load of a journal.
    #[error("{text}: {error}")]
    NoLoad {
        /// What was given.
        text: String,
        /// Why.
        error: NoLoadId,
    },
    /// An output cannot be written.
    #[error("{}: {error}; check that the output directory can be written and has room", path.display())]
    Output {
        /// The directory.
        path: PathBuf,
        /// What the operating system said.
        error: io::Error,
    },
}
