//! What can go wrong with the register of tokens and users.

use std::io;
use std::path::PathBuf;

use super::role::Role;
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
    #[error("{} does not exist; `fundwatch token create` makes it, and so does `fundwatch user add`", path.display())]
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
    /// No user has this name.
    #[error("no user has the name {name}; `fundwatch user list` shows those that exist")]
    NoSuchUser {
        /// The name, which is plain.
        name: String,
    },
    /// An identity provider brought the user.
    #[error(
        "{name} signs in by the identity provider, which says what the user may; change their groups there, or disable the user here"
    )]
    OfProvider {
        /// The name, which is plain.
        name: String,
    },
    /// A user has this name already, active or not.
    #[error("there is a user {name} already; give another name, or enable or reset that one")]
    NameTaken {
        /// The name, which is plain.
        name: String,
    },
    /// A text cannot be the name of a user.
    #[error("the name of a user is 1 to 64 of a-z, 0-9, ., - and _")]
    NotAName,
    /// A text cannot be a display name.
    #[error("a display name has 1 to 80 characters, in one line")]
    NotADisplayName,
    /// People cannot have this role.
    #[error("{role} is a role of systems, which have tokens; a user has another")]
    RoleOfSystems {
        /// The role.
        role: Role,
    },
    /// What a row of the register says is none of what this version knows.
    #[error("{}: the {kind} {id} has an unknown {column}; use the version that wrote it", path.display())]
    UnknownValue {
        /// The file.
        path: PathBuf,
        /// What the row is of.
        kind: &'static str,
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
