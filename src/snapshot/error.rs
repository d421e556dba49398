//! Why a snapshot could not be written or read. Each says where and what to do; none shows what a row holds.

use std::io;

use super::manifest::VERSION;
use crate::journal::{JournalId, KeyError};

/// What went wrong with a snapshot.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// A file could not be read or written.
    #[error(
        "{place}: the snapshot cannot {doing}: {error}; check the disk and its free space, and that the service owns the directory"
    )]
    Storage {
        /// What was to be done.
        doing: &'static str,
        /// The file.
        place: String,
        /// What the disk said.
        error: io::Error,
    },
    /// A key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The system gave no random bytes.
    #[error("the system gives no random numbers: {error}; no snapshot can be written without")]
    Random {
        /// What it said.
        error: getrandom::Error,
    },
    /// A file that a manifest names is not there.
    #[error(
        "{place}: this file of a snapshot is missing; start from the snapshot before, or from the journal, and take the next snapshot anew"
    )]
    Missing {
        /// The file.
        place: String,
    },
    /// A file is not what was written.
    #[error(
        "{place}: this file of a snapshot is damaged: {what}; start from the snapshot before, or from the journal, and take the next snapshot anew"
    )]
    Damaged {
        /// The file.
        place: String,
        /// What is wrong, without a value.
        what: &'static str,
    },
    /// A later version of the program wrote it.
    #[error(
        "{place}: this snapshot is of format {found}, and this program reads up to {VERSION}; run the version that wrote it, or a later one, or start from the journal"
    )]
    Later {
        /// The manifest.
        place: String,
        /// Its format.
        found: u64,
    },
    /// What a manifest says was not sealed by the key of its month.
    #[error(
        "{place}: this manifest was not sealed by the service that has these keys, so somebody may have changed it; start from the journal, and find out who writes to this directory"
    )]
    Forged {
        /// The manifest.
        place: String,
    },
    /// Another process writes snapshots into the directory.
    #[error(
        "{place}: another process writes snapshots here ({holder}); wait until it has finished"
    )]
    Busy {
        /// The lock.
        place: String,
        /// Who holds it.
        holder: String,
    },
    /// The snapshot that was to be gone on from is of another journal.
    #[error(
        "the snapshot before is of journal {found}, and this one is of {expected}; keep each service in a data directory of its own"
    )]
    OtherJournal {
        /// Its journal.
        found: JournalId,
        /// The journal of the one that was begun.
        expected: JournalId,
    },
    /// A row or an epoch came out of its order.
    #[error(
        "row {row} of epoch {epoch} was given to a snapshot that stands at row {last_row} of epoch {last_epoch}; this is a defect: please report it"
    )]
    NotNext {
        /// The epoch given.
        epoch: u64,
        /// The row given.
        row: u64,
        /// The epoch that was reached.
        last_epoch: u64,
        /// The row that was reached.
        last_row: u64,
    },
    /// Rows were left out.
    #[error(
        "the journal has {expected} rows up to epoch {epoch}, and {found} were given to the snapshot, which is not kept; this is a defect: please report it"
    )]
    Incomplete {
        /// The epoch of the snapshot.
        epoch: u64,
        /// Rows of the journal.
        expected: u64,
        /// Rows of the snapshot.
        found: u64,
    },
    /// A batch of rows could not be encoded.
    #[error("{place}: rows cannot be encoded as Parquet; this is a defect: please report it")]
    Encoding {
        /// The file.
        place: String,
    },
}

impl SnapshotError {
    /// Whether the snapshot itself is at fault, so that the one before, or the journal, is to be used instead. Else
    /// the same may succeed later: a disk that fails, keys that are not mounted.
    pub fn is_of_the_snapshot(&self) -> bool {
        matches!(
            self,
            Self::Missing { .. } | Self::Damaged { .. } | Self::Later { .. } | Self::Forged { .. }
        )
    }
}
