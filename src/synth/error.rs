//! Why a country was not made.

use std::io;
use std::path::{Path, PathBuf};

/// A country that was not made; then the output directory is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SynthError {
    /// The options are out of their bounds.
    #[error("{0}")]
    Options(String),
    /// The output directory holds something.
    #[error("{} is not empty; name another directory, or say --overwrite to replace a country in it", .0.display())]
    NotEmpty(PathBuf),
    /// A file could not be written.
    #[error("{}: {error}; check that the output directory can be written and has room", path.display())]
    Output {
        /// The file or directory.
        path: PathBuf,
        /// What the operating system said.
        error: io::Error,
    },
}

impl SynthError {
    /// Whether the call was wrong, and not the run.
    pub fn is_wrong_call(&self) -> bool {
        matches!(self, Self::Options(_) | Self::NotEmpty(_))
    }

    pub(super) fn output(path: &Path) -> impl Fn(io::Error) -> Self + '_ {
        move |error| Self::Output {
            path: path.to_owned(),
            error,
        }
    }
}
