//! Why a report could not be made.

use std::path::PathBuf;

use crate::audit::RunError;
use crate::audit::sample::SampleError;

/// A report could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The run cannot be used.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The sample cannot be used.
    #[error(transparent)]
    Sample(#[from] SampleError),
    /// The sample is of another run.
    #[error("{}: the sample was drawn from another run; draw it from this one", path.display())]
    OtherRun {
        /// The sample.
        path: PathBuf,
    },
    /// The measures cannot be read.
    #[error("measures.ndjson: {0}; replay again with this version of fundwatch")]
    Measures(String),
    /// The difference cannot be read.
    #[error("{}: {message}", path.display())]
    Diff {
        /// The file.
        path: PathBuf,
        /// What is wrong with it and what to do.
        message: String,
    },
    /// The page cannot be put together.
    #[error("the page cannot be put together: {0}")]
    Page(#[from] askama::Error),
}
