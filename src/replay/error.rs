//! Why a replay did not finish.

use std::io;
use std::path::{Path, PathBuf};

use crate::dataflow::Stopped;
use crate::journal::{EpochError, JournalError, LoadId, UnreadableEpoch};
use crate::processes::ProcessesError;
use crate::record::ErrorCode;
use crate::resolve::ResolveError;
use crate::self_replay::OutcomeError;
use crate::service::ServiceError;
use crate::source::{SourceError, SpillError};

/// A replay that did not finish.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// An input could not be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A bad row, in a strict replay.
    #[error(
        "{file}, row {row}: {code}: {message}; mend the row, or replay without --strict to keep it in rejects.ndjson"
    )]
    BadRow {
        /// The file, relative to the input directory.
        file: String,
        /// 1-based record in the file.
        row: u64,
        /// The stable code.
        code: ErrorCode,
        /// What is wrong.
        message: String,
    },
    /// There is no journal of a live service.
    #[error("{}: {error}; name the --data directory of a service, which holds `journal` and `keys`", path.display())]
    NoJournal {
        /// The directory.
        path: PathBuf,
        /// What the operating system said.
        error: io::Error,
    },
    /// The journal has no epoch.
    #[error("{}: the journal is empty; start the service once", path.display())]
    EmptyJournal {
        /// The directory.
        path: PathBuf,
    },
    /// The journal has no such load.
    #[error("the journal has no load {0}; `fundwatch loads` lists them")]
    NoLoad(LoadId),
    /// The journal of a live service cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// An epoch of it cannot be read.
    #[error(transparent)]
    Epoch(#[from] EpochError),
    /// What its epochs come to cannot be computed.
    #[error(transparent)]
    Service(ServiceError),
    /// What the service stored is not what its journal comes to, so that a replay of it is not signed.
    #[error(
        "{}: the self-replay of {day} found {mismatched} decisions that differ from what the service stored, so that no replay of it is signed; explain them (docs/audit.md, the nightly self-replay), then run `fundwatch self-replay` until none differs; or replay without --signing-key",
        path.display()
    )]
    SelfReplayDiffers {
        /// What the self-replays found.
        path: PathBuf,
        /// The day of the last one.
        day: String,
        /// Decisions that differ.
        mismatched: u64,
    },
    /// What self-replays found cannot be read, so that a replay is not signed.
    #[error(transparent)]
    SelfReplay(#[from] OutcomeError),
    /// An output could not be written.
    #[error("{}: {error}; check that the output directory can be written and has room", path.display())]
    Output {
        /// The file or directory.
        path: PathBuf,
        /// What the operating system said.
        error: io::Error,
    },
    /// The scratch files of the replay could not be used.
    #[error("the scratch files in the output directory failed: {0}; check that its disk has room")]
    Scratch(io::Error),
    /// Rows or rejects that are out of order had no room to be sorted in.
    #[error(transparent)]
    Spill(#[from] SpillError),
    /// The processes of the replay did not come together.
    #[error(transparent)]
    Processes(#[from] ProcessesError),
    /// A part of the replay stopped.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// The thread that keeps alerts panicked.
    #[error(
        "the thread that keeps the alerts stopped; this is a defect of fundwatch, please report it"
    )]
    LedgerStopped,
}

impl From<UnreadableEpoch> for ReplayError {
    fn from(error: UnreadableEpoch) -> Self {
        match error {
            UnreadableEpoch::Journal(error) => Self::Journal(error),
            UnreadableEpoch::Epoch(error) => Self::Epoch(error),
        }
    }
}

impl From<ServiceError> for ReplayError {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Scratch(error) => Self::Scratch(error),
            ServiceError::Stopped(stopped) => Self::Stopped(stopped),
            error => Self::Service(error),
        }
    }
}

impl From<ResolveError> for ReplayError {
    fn from(error: ResolveError) -> Self {
        match error {
            ResolveError::Scratch(error) => Self::Scratch(error),
            ResolveError::Stopped(stopped) => Self::Stopped(stopped),
        }
    }
}

impl ReplayError {
    pub(super) fn scratch(error: io::Error) -> Self {
        Self::Scratch(error)
    }

    pub(super) fn output(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |error| Self::Output {
            path: path.to_owned(),
            error,
        }
    }
}
