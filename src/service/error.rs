//! Why the service cannot start, or cannot go on.

use std::io;
use std::path::PathBuf;

use crate::dataflow::Stopped;
use crate::journal::{EpochError, JournalError};
use crate::resolve::ResolveError;
use crate::snapshot::SnapshotError;
use crate::store::StoreError;

/// The service cannot start, or cannot go on. What is durable stays so: it recovers when it is started again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceError {
    /// A file or directory of the service cannot be used.
    #[error("{}: {error}; check that the service may write there, and that its disk has room", path.display())]
    Directory {
        /// Which.
        path: PathBuf,
        /// What the operating system said.
        error: io::Error,
    },
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// An epoch of the journal cannot be read.
    #[error(transparent)]
    Epoch(#[from] EpochError),
    /// The alert store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A snapshot was damaged while it was read.
    #[error("{0}; start the service again: it does not use this snapshot any more")]
    Snapshot(#[source] SnapshotError),
    /// The store is ahead of the journal.
    #[error(
        "the alert store has epoch {stored}, and the journal ends with epoch {sealed}: the journal was put back \
         to an earlier state; restore it from a later copy, or name a new store, which this journal then fills"
    )]
    StoreAhead {
        /// The last epoch of the store.
        stored: u64,
        /// The last epoch of the journal.
        sealed: u64,
    },
    /// What was computed again is not what is stored.
    #[error(
        "computed again from the journal, {raised} alerts hold that the store does not have, and {gone} that it \
         has do not: the program, the rules or the models are other than those that found them, or rows that \
         they rest on are erased; start with those, or name a new store, which this journal then fills"
    )]
    NotReproduced {
        /// Alerts that the store does not have.
        raised: usize,
        /// Alerts that only the store has.
        gone: usize,
    },
    /// Other settings decide than did.
    #[error(
        "{what} is another than the alert store was computed with; name the one that it was, or a new store \
         (`store.url`), which the journal then fills with the one that is named now"
    )]
    OtherDetector {
        /// What of the settings.
        what: &'static str,
    },
    /// What decided an epoch is not among the artefacts.
    #[error(
        "the journal names a detector that is not in the directory `artefacts` beside it; restore that \
         directory from the copy that the journal is from"
    )]
    NoArtefact,
    /// What decided an epoch is nothing that this program can read.
    #[error(
        "{}: {why}; the journal was computed with it: run the version of fundwatch that wrote it, or a later one, \
         or restore the directory from a copy", path.display()
    )]
    Artefact {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The scratch file of rows cannot be used.
    #[error(
        "the scratch file of rows cannot be used: {0}; free space on its disk, and start the service again"
    )]
    Scratch(io::Error),
    /// The dataflow stopped.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// A thread of the service ended early.
    #[error("a thread that computes alerts ended early; the reason is told before")]
    Computing,
}

impl From<ResolveError> for ServiceError {
    fn from(error: ResolveError) -> Self {
        match error {
            ResolveError::Scratch(error) => Self::Scratch(error),
            ResolveError::Stopped(stopped) => Self::Stopped(stopped),
        }
    }
}
