//! Why the log cannot be opened, read or written.

use std::io;

/// The access log cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// The disk.
    #[error(
        "{place} cannot {doing}: {error}; check that the service may use it and that the disk has room"
    )]
    Storage {
        /// What was to be done.
        doing: &'static str,
        /// Where.
        place: String,
        /// What the system said.
        error: io::Error,
    },
    /// The key is no key.
    #[error(
        "{place} is not the key that was written: restore it from the backup of the keys, or move it away: a new one is made, \
         and its public half is added to access-log.pub"
    )]
    Key {
        /// Where.
        place: String,
    },
    /// Another process writes it.
    #[error("{place} is held by another process ({holder}): one service writes a data directory")]
    InUse {
        /// Where.
        place: String,
        /// What that one noted.
        holder: String,
    },
}

/// Names the place of an error of the disk.
pub(super) fn failed(doing: &'static str, place: String) -> impl FnOnce(io::Error) -> LogError {
    move |error| LogError::Storage {
        doing,
        place,
        error,
    }
}

/// The log cannot be searched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SearchError {
    /// The index is being made again, or has not caught up.
    #[error("the index of the access log is being made; ask again in a moment")]
    Busy,
    /// The index cannot be read; it is made again.
    #[error("the index of the access log cannot be read, and is made again: {0}")]
    Index(#[from] rusqlite::Error),
    /// The log cannot be read.
    #[error("the access log cannot be read: {0}")]
    Log(#[from] io::Error),
}
