//! Why rows cannot be resolved.

use std::io;

use crate::dataflow::Stopped;

/// Rows cannot be resolved any more.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// The scratch file of the rows cannot be used.
    #[error("the scratch file of rows cannot be used: {0}; free space on its disk")]
    Scratch(#[source] io::Error),
    /// The dataflow has stopped.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}
