//! Why a store could not be used. Each says what to do; none quotes a row, a password or an identifier
//! of a person.

use std::io;

/// A store that could not be used. A commit that fails wrote nothing, but where the connection broke
/// while it ended: then the same commit again tells, and is right either way.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// What is said to be the place of a store is none.
    #[error("the alert store's place is not understood: {what}")]
    Place {
        /// What is wrong, with the remedy.
        what: &'static str,
    },
    /// A file could not be made or opened.
    #[error("{place}: {error}; check that the file and its directory can be read and written")]
    File {
        /// Which file.
        place: String,
        /// What the operating system said.
        error: io::Error,
    },
    /// There is something else at this place.
    #[error("{place}: not an alert store of fundwatch; name another place")]
    NotAStore {
        /// The store.
        place: String,
    },
    /// There is no store at this place yet.
    #[error("{place}: no alert store is there yet; the service makes it when it starts")]
    Absent {
        /// The store.
        place: String,
    },
    /// The store keeps the alerts of another journal.
    #[error(
        "{place}: this store keeps the alerts of journal {known}, not of {given}; name the store that belongs \
         to this journal, or a new place, which the journal then fills"
    )]
    WrongJournal {
        /// The store.
        place: String,
        /// The journal it belongs to.
        known: String,
        /// The journal it is asked to serve.
        given: String,
    },
    /// A later version of the program made it.
    #[error(
        "{place}: made by a later version of fundwatch (schema {found}, this version knows {known}); use that \
         version"
    )]
    NewerSchema {
        /// The store.
        place: String,
        /// Its schema.
        found: i64,
        /// The latest that this version knows.
        known: i64,
    },
    /// An earlier version of the program made it, and this connection may not change it.
    #[error(
        "{place}: made by an earlier version of fundwatch (schema {found}, this version wants {known}); start \
         the service once, which brings it up to date"
    )]
    OlderSchema {
        /// The store.
        place: String,
        /// Its schema.
        found: i64,
        /// The one that is wanted.
        known: i64,
    },
    /// The key of the store cannot be used.
    #[error(transparent)]
    Key(crate::journal::KeyFileError),
    /// The store is sealed, and its key is not there.
    #[error(
        "{path}: the key of the alert store is missing; restore it from the backup of the keys, or name a new place in \
         `store.url`, which the journal then fills"
    )]
    KeyMissing {
        /// The file of the key.
        path: String,
    },
    /// The store was sealed by another key.
    #[error(
        "{place}: what this store says about people was sealed with another key than `keys/store.key` of the data \
         directory; restore that file from its backup, or name a new place, which the journal then fills"
    )]
    WrongKey {
        /// The store.
        place: String,
    },
    /// What is stored of an alert does not open.
    #[error(
        "alert {alert_id}: what the store has of it does not open with the key of the store: it was changed past the \
         program; restore the store from a copy, or let a new one be filled"
    )]
    Forged {
        /// The alert.
        alert_id: String,
    },
    /// A newer detector took the store over.
    #[error(
        "{place}: a newer detector (generation {held}) writes to this store, this one is of generation {own}; \
         let this one end, and see to it that one detector runs for a journal"
    )]
    Fenced {
        /// The store.
        place: String,
        /// The generation that holds it.
        held: u64,
        /// The generation that was refused.
        own: u64,
    },
    /// An epoch was committed before with other outputs.
    #[error(
        "epoch {epoch} was committed with other outputs than are given now; the journal, the rules, the model \
         or the program is not the one that made them: go back to those, or let a new store be filled"
    )]
    Diverged {
        /// The epoch.
        epoch: u64,
    },
    /// Epochs are missing between what is committed and what is given, or their order is wrong.
    #[error(
        "epoch {epoch} follows {}, but the last one committed is {}; nothing was written: commit the epochs \
         between first, or restore the store that belongs to this journal",
        number(*previous), number(*committed)
    )]
    OutOfOrder {
        /// The first epoch that does not follow.
        epoch: u64,
        /// The epoch that it follows.
        previous: Option<u64>,
        /// The epoch that it would have to follow.
        committed: Option<u64>,
    },
    /// An epoch ends or changes what the store does not have.
    #[error(
        "epoch {epoch} is about {what} that the store does not have; nothing was written: restore the store \
         from a copy, or let a new one be filled from the journal"
    )]
    Unknown {
        /// The epoch.
        epoch: u64,
        /// What is missing.
        what: &'static str,
    },
    /// An epoch has what cannot be stored.
    #[error("epoch {epoch} has {what}; this is a defect of fundwatch, please report it")]
    Invalid {
        /// The epoch.
        epoch: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// The disk is full.
    #[error("{place}: the disk is full; make room, and it goes on where it stopped")]
    Full {
        /// The store.
        place: String,
    },
    /// Others keep the store busy.
    #[error(
        "{place}: busy for too long ({what}); end what holds it, such as an open transaction or a copy, and try \
         again"
    )]
    Busy {
        /// The store.
        place: String,
        /// Who is in the way.
        what: String,
    },
    /// What was read cannot be.
    #[error(
        "{place}: the store is damaged ({what}); restore it from a copy, or let a new one be filled"
    )]
    Damaged {
        /// The store.
        place: String,
        /// What is wrong.
        what: String,
    },
    /// The server does not answer.
    #[error(
        "{place}: no connection ({what}); check that the server runs and can be reached from here"
    )]
    Unreachable {
        /// The store.
        place: String,
        /// What went wrong last.
        what: String,
    },
    /// The server does not let the program in, or do what it must.
    #[error(
        "{place}: refused by the server ({what}); check user, password, database and the right to create a schema"
    )]
    Refused {
        /// The store.
        place: String,
        /// What the server said.
        what: String,
    },
    /// The receiver of an export took no more.
    #[error("the export was not taken to its end: {0}")]
    Output(#[source] io::Error),
    /// The database failed in another way.
    #[error(
        "{place}: the database failed ({what}); check that its disk works and that its files are whole"
    )]
    Database {
        /// The store.
        place: String,
        /// What it said.
        what: String,
    },
}

impl StoreError {
    /// Whether the same call may succeed later without anybody changing the store or the journal.
    pub fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Full { .. } | Self::Busy { .. } | Self::Unreachable { .. }
        )
    }
}

fn number(epoch: Option<u64>) -> String {
    epoch.map_or_else(|| "none".to_owned(), |epoch| epoch.to_string())
}
