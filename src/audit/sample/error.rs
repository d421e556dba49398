//! Why a sample could not be drawn, or nothing be estimated from it.

use std::path::{Path, PathBuf};

use crate::source::{SourceError, SpillError};

/// A sample could not be drawn, or nothing be estimated from it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SampleError {
    /// A file cannot be read or written.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// A file is not what it is to be.
    #[error("{}: {message}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and what to do.
        message: String,
    },
    /// The run cannot be used.
    #[error(transparent)]
    Run(#[from] crate::audit::RunError),
    /// An input cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// There is no room to sort.
    #[error(transparent)]
    Spill(#[from] SpillError),
    /// Fewer units are asked for than there are strata.
    #[error(
        "{asked} of {frame} are fewer than its {strata} strata; ask for at least {strata}, or name fewer --strata"
    )]
    TooFew {
        /// The frame.
        frame: &'static str,
        /// How many are asked for.
        asked: u64,
        /// How many strata there are.
        strata: usize,
    },
}

impl SampleError {
    /// The error of a file.
    pub(super) fn io(path: &Path) -> impl Fn(std::io::Error) -> Self + '_ {
        |error| Self::Io {
            path: path.to_owned(),
            error,
        }
    }

    /// A file that is wrong, and what to do.
    pub(super) fn wrong(path: &Path, message: impl Into<String>) -> Self {
        Self::Wrong {
            path: path.to_owned(),
            message: message.into(),
        }
    }
}
