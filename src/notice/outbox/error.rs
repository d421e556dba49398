//! Why an outbox could not be used.

use std::io;
use std::path::PathBuf;

use super::Frontier;

/// An outbox that could not be used. Nothing that is half done is kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutboxError {
    /// The file could not be made or opened.
    #[error("{}: {error}; check that the outbox and its directory can be written", path.display())]
    File {
        /// The outbox.
        path: PathBuf,
        /// What the operating system said.
        error: io::Error,
    },
    /// There is no such file.
    #[error(
        "{}: no such outbox; `fundwatch notices reconcile` makes one", path.display()
    )]
    Absent {
        /// The outbox.
        path: PathBuf,
    },
    /// The file is something else.
    #[error("{}: not an outbox of notices; name another file", path.display())]
    NotAnOutbox {
        /// The file.
        path: PathBuf,
    },
    /// A later version of the program made it.
    #[error("{}: made by a later version of fundwatch (format {format}); use that version", path.display())]
    Later {
        /// The outbox.
        path: PathBuf,
        /// Its format.
        format: i64,
    },
    /// Another process delivers from it.
    #[error(
        "{}: another process delivers from this outbox; let it finish, or end it", path.display()
    )]
    InDelivery {
        /// The outbox.
        path: PathBuf,
    },
    /// What is to be reconciled is of an earlier time than what was.
    #[error(
        "the findings are of {given}, and the outbox was last reconciled with those of {known}; replay what \
         is known now, or say --allow-earlier where that is meant"
    )]
    Earlier {
        /// Of what is to be reconciled.
        given: Frontier,
        /// Of what was.
        known: Frontier,
    },
    /// Two proposals are about one value.
    #[error(
        "two proposals are about one value of a record of `{stream}`; this is a defect of fundwatch, please \
         report it"
    )]
    Twice {
        /// The stream of the record.
        stream: &'static str,
    },
    /// A sink's name was used for another database.
    #[error(
        "sink `{sink}` is known to this outbox as one of database `{known}`, not `{given}`; give it another \
         name"
    )]
    OtherDatabase {
        /// The sink.
        sink: String,
        /// The database it had.
        known: String,
        /// The database it is said to have.
        given: &'static str,
    },
    /// What was read cannot be.
    #[error("{}: the outbox is damaged ({what}); restore it from a copy", path.display())]
    Damaged {
        /// The outbox.
        path: PathBuf,
        /// What is wrong.
        what: &'static str,
    },
    /// A notice could not be written as JSON.
    #[error("a notice could not be written: {0}; this is a defect of fundwatch, please report it")]
    Json(#[from] serde_json::Error),
    /// The database failed.
    #[error("the outbox failed: {0}; check that its disk has room and that the file is whole")]
    Sqlite(#[from] rusqlite::Error),
}
