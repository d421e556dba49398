//! Why a self-replay has no outcome.

use std::io;
use std::path::PathBuf;

use crate::dataflow::Stopped;
use crate::journal::{EpochError, JournalError};
use crate::replay::ReplayError;
use crate::service::ServiceError;
use crate::store::StoreError;

/// A self-replay that has no outcome.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SelfReplayError {
    /// It was told to stop.
    #[error("the self-replay was stopped; nothing was compared")]
    Stopped,
    /// Another one runs.
    #[error("{}: another self-replay of this service runs; wait until it has ended", path.display())]
    InUse {
        /// The lock.
        path: PathBuf,
    },
    /// A file or directory cannot be used.
    #[error("{}: {error}; name the --data directory of a service, and check that it may be read and has room", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the operating system said.
        error: io::Error,
    },
    /// The store is of another journal.
    #[error(
        "the alert store is of another journal than the one in the data directory; name the configuration of the service, which says where its store is"
    )]
    OtherJournal,
    /// The journal lacks epochs that the store has.
    #[error(
        "the alert store has epoch {committed} and the journal ends with epoch {sealed}: the end of the journal is lost; bring the journal back from a backup"
    )]
    Cut {
        /// The last epoch of the store.
        committed: u64,
        /// The last epoch of the journal.
        sealed: u64,
    },
    /// The store does not have yet what is to be compared.
    #[error(
        "the alert store has epoch {committed} and not yet epoch {until}; wait until the service has stored it, or start the service"
    )]
    StoreBehind {
        /// The last epoch of the store.
        committed: u64,
        /// The last epoch that is to be compared.
        until: u64,
    },
    /// A month of the journal was erased while it was replayed.
    #[error("a month of the journal was erased while it was replayed; replay again")]
    ErasedMeanwhile,
    /// The journal has no such epoch.
    #[error("the journal has no epoch {epoch}, it ends with epoch {sealed}; name an earlier one")]
    NoEpoch {
        /// The epoch that was asked for.
        epoch: u64,
        /// The last epoch of the journal.
        sealed: u64,
    },
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// An epoch of it cannot be read.
    #[error(transparent)]
    Epoch(#[from] EpochError),
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What the journal comes to cannot be computed.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The replay did not begin.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// The scratch files could not be used.
    #[error("the scratch files in the data directory failed: {0}; check that its disk has room")]
    Scratch(io::Error),
    /// The dataflow stopped.
    #[error(transparent)]
    Dataflow(#[from] Stopped),
    /// The thread that keeps alerts panicked.
    #[error(
        "the thread that keeps the alerts stopped; this is a defect of fundwatch, please report it"
    )]
    LedgerStopped,
    /// Something that the configuration names cannot be used.
    #[error("{0}")]
    Configured(String),
    /// Not even a small slice of the persons fits into the memory.
    #[error(
        "{free} bytes of memory are free, and a replay of one in {MOST} persons takes about {needed}; give the service more memory, or turn the self-replay off ([self_replay] at = \"off\")",
        MOST = crate::persons::MOST_SLICES
    )]
    NoRoom {
        /// What is free.
        free: u64,
        /// What the smallest slice takes.
        needed: u64,
    },
}
