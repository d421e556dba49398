//! What can go wrong with the database of reviews.

use std::path::PathBuf;

/// A database that cannot be used. Nothing in it is of a person.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeskError {
    /// A file is something else.
    #[error("{}: not a database of reviews; name the data directory of the service", path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
    },
    /// A later version made the file.
    #[error("{}: has format {format}, which a later version of fundwatch made; use that version", path.display())]
    Later {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: i64,
    },
    /// A file cannot be used.
    #[error("{}: {error}; check the disk, and that the service owns the data directory", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        error: std::io::Error,
    },
    /// The key that notes are encrypted with is not the one they were encrypted with, or a note was changed.
    #[error("{}: a note cannot be read with this key; restore the key that belongs to the database", path.display())]
    Forged {
        /// The file of the key.
        path: PathBuf,
    },
    /// The database is there, and its key is not.
    #[error("{}: the key of the database of reviews is missing; restore it from the backup that the database is from", path.display())]
    KeyMissing {
        /// The file of the key.
        path: PathBuf,
    },
    /// The key cannot be opened by the master key.
    #[error("{}: {why}", path.display())]
    MasterKey {
        /// The file of the key.
        path: PathBuf,
        /// Why, and what to do.
        why: String,
    },
    /// A row says what this version does not know.
    #[error("{}: an unknown {column}; use the version that wrote it", path.display())]
    UnknownValue {
        /// The file.
        path: PathBuf,
        /// The column.
        column: &'static str,
    },
    /// A key of a month cannot be used.
    #[error(transparent)]
    Key(#[from] crate::journal::KeyError),
    /// The operating system has no random bytes.
    #[error("the operating system gives no random bytes: {0}")]
    Random(#[from] getrandom::Error),
    /// The database failed.
    #[error("{}: {error}", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        error: rusqlite::Error,
    },
    /// The access log cannot be written: what it would tell of is not shown.
    #[error("the access log cannot be written; what it would tell of is not shown")]
    NotLogged,
    /// The alert store cannot be read.
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
}

impl From<crate::journal::KeyFileError> for DeskError {
    fn from(error: crate::journal::KeyFileError) -> Self {
        use crate::journal::KeyFileError;
        match error {
            KeyFileError::File { path, error } => Self::File { path, error },
            KeyFileError::MasterKey { path, why } => Self::MasterKey { path, why },
            KeyFileError::Random(error) => Self::Random(error),
        }
    }
}
