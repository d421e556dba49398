//! What can go wrong with the register of tokens.

use std::io;
use std::path::PathBuf;

use super::token::TokenId;

/// A register of tokens that cannot be used, or a change of it that cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccessError {
    /// The data directory is not there.
    #[error("{} is not a directory; name the data directory of the service", path.display())]
    NoDirectory {
        /// Where it should be.
        path: PathBuf,
    },
    /// There is no register in it.
    #[error("{} does not exist; `fundwatch token create` makes it", path.display())]
    Absent {
        /// Where it should be.
        path: PathBuf,
    },
    /// A file is something else.
    #[error("{} is not a register of tokens; name the data directory of the service", path.display())]
    NotARegister {
        /// The file.
        path: PathBuf,
    },
    /// A later version made the file.
    #[error(
        "{} has format {format}, which a later version of fundwatch made; use that version", path.display()
    )]
    Later {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: i64,
    },
    /// A file cannot be used.
    #[error("{}: {error}; run this as the user that the service runs as", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        error: io::Error,
    },
    /// No token has this id.
    #[error("no token has the id {id}; `fundwatch token list` shows those that exist")]
    NoSuchToken {
        /// The id.
        id: TokenId,
    },
    /// What a row of the register says is none of what this version knows.
    #[error("{}: the token {id} has an unknown {column}; use the version that wrote it", path.display())]
    UnknownValue {
        /// The file.
        path: PathBuf,
        /// The id, as far as it is one.
        id: String,
        /// The column.
        column: &'static str,
    },
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
}
