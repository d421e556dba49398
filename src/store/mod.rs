//! The alert store: what the detector found, epoch by epoch, in a SQLite file or a PostgreSQL database.
//!
//! ```text
//! sealed epochs ─▶ outputs ─ commit ─▶ alerts, history, rejects, positions, requests, restored, epochs
//!                                      committed_epoch, in the same transaction
//! ```
//! In: the outputs of sealed epochs. Out: pages, exports, and what recovery needs. Must hold:
//! - A commit is one transaction: all of its epochs with `committed_epoch`, or nothing.
//! - The same epoch again changes nothing; with other outputs it is refused, since a replay must reproduce
//!   what was committed.
//! - No epoch is left out: each names the one that it follows.
//! - A writer of an older generation is refused in that transaction: whoever is newer wins.
//! - Alerts are never deleted, and history is only added to.
//! - Lines and subjects are sealed in it: who has the database alone cannot read them (see `key`).
//! - Readers have connections of their own, see whole commits only, and never keep the writer waiting.

mod alert;
mod batch;
mod epoch;
mod error;
mod history;
mod key;
mod meta;
mod page;
mod place;
mod plan;
mod position;
mod postgres;
mod reject;
mod request;
mod restored;
mod sqlite;

use std::io;

pub use alert::{
    AlertChange, AlertCount, AlertRow, AlertState, Raised, StoredAlert, StoredLine, Word,
};
pub use epoch::{EpochCommit, EpochRecord};
pub use error::StoreError;
pub use history::{HistoryKind, HistoryRow};
pub use key::StoreKey;
pub use meta::{Committed, Opening};
pub use page::{AlertFilter, PAGE_MAX, Page, PageToken, PageTokenError};
pub use place::StorePlace;
pub use position::{Position, StoredPosition};
pub use postgres::Server;
pub use reject::{RejectCount, RejectFilter, RejectRow, RejectState, SettledReject, StoredReject};
pub use request::{RequestRow, StoredRequest};
pub use restored::{RestoredClaim, StoredRestoration};

/// What a commit did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Epochs written.
    pub written: usize,
    /// Epochs that were committed before.
    pub repeated: usize,
}

/// What may be forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pruning {
    /// How many of the last epochs are kept with their digests, at least 1. What is forgotten can no more
    /// be compared with a replay; alerts and history are kept for ever.
    pub keep_epochs: u32,
    /// Requests received before this are forgotten: milliseconds since 1970-01-01T00:00Z.
    pub requests_before: i64,
}

/// How much was forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Epochs.
    pub epochs: u64,
    /// Requests.
    pub requests: u64,
}

/// A receiver of the lines of an export, without their ends.
pub type EachLine<'a> = dyn FnMut(&str) -> io::Result<()> + 'a;

/// A receiver of the lines of history: of which alert, and the line; none where it does not open, since it was changed past the
/// program.
pub type EachChange<'a> = dyn FnMut(&str, Option<&str>) -> io::Result<()> + 'a;

/// A receiver of alerts in every state.
pub type EachAlert<'a> = dyn FnMut(StoredLine<'_>) -> io::Result<()> + 'a;

/// Writes alerts. One thread has it.
///
/// Every call fails with a [`StoreError`], which says what to do.
pub trait AlertStore: Send {
    /// Commits epochs in one transaction. Those committed before are compared and skipped, so that a
    /// commit whose outcome is unknown is simply made again.
    ///
    /// # Errors
    /// [`StoreError::Fenced`], [`StoreError::Diverged`], [`StoreError::OutOfOrder`] and
    /// [`StoreError::Unknown`] for what must not be written, others where the database fails; nothing is
    /// written then.
    fn commit(&mut self, epochs: &[EpochCommit]) -> Result<Commit, StoreError>;

    /// Forgets what is old. Best called now and then when no commit waits: the file's log is tidied up with
    /// it.
    ///
    /// # Errors
    /// [`StoreError::Fenced`], or when the database fails; nothing is forgotten then.
    fn prune(&mut self, pruning: Pruning) -> Result<Pruned, StoreError>;

    /// Reads on the writer's own connection.
    fn reads(&mut self) -> &mut dyn AlertReader;

    /// A reader with a connection of its own, for another thread.
    ///
    /// # Errors
    /// When it cannot connect.
    fn reader(&self) -> Result<Box<dyn AlertReader>, StoreError>;
}

/// Reads what is stored. Each call sees one state of the store: that after some commit.
///
/// Every call fails with a [`StoreError`] when the database does.
#[allow(clippy::missing_errors_doc)]
pub trait AlertReader: Send {
    /// How far the store is.
    fn committed(&mut self) -> Result<Committed, StoreError>;

    /// What is kept of a committed epoch; none where it was not committed or is forgotten.
    fn epoch(&mut self, epoch: u64) -> Result<Option<EpochRecord>, StoreError>;

    /// Gives every active alert, by id.
    fn raised(&mut self, each: &mut dyn FnMut(Raised<'_>)) -> Result<(), StoreError>;

    /// The ids of alerts in every state that an epoch after this one changed last, after an id, by id, at most
    /// `limit`. It reads the table whole: for a start, not for every page.
    fn changed_after(
        &mut self,
        epoch: Option<u64>,
        after: &str,
        limit: u32,
    ) -> Result<Vec<String>, StoreError>;

    /// An alert.
    fn alert(&mut self, alert_id: &str) -> Result<Option<StoredAlert>, StoreError>;

    /// A page of alerts: those of the filter after the token, at most `limit` and [`PAGE_MAX`].
    fn alerts(
        &mut self,
        filter: &AlertFilter,
        after: Option<&PageToken>,
        limit: u32,
    ) -> Result<Page, StoreError>;

    /// How many alerts there are, by reason and state. It reads an index whole: not for every scrape of
    /// a store with millions of alerts.
    fn counts(&mut self) -> Result<Vec<AlertCount>, StoreError>;

    /// Where each source was read to, by source and partition.
    fn positions(&mut self) -> Result<Vec<StoredPosition>, StoreError>;

    /// An answered request.
    fn request(
        &mut self,
        principal: &str,
        key_digest: &[u8; 32],
    ) -> Result<Option<StoredRequest>, StoreError>;

    /// Refused rows, by epoch and ordinal, at most `limit` and [`PAGE_MAX`].
    fn rejects(
        &mut self,
        filter: &RejectFilter,
        limit: u32,
    ) -> Result<Vec<StoredReject>, StoreError>;

    /// How many refused rows are open, by source and code.
    fn reject_counts(&mut self) -> Result<Vec<RejectCount>, StoreError>;

    /// The claims that were restored up to an epoch, by epoch; also those that are retired again.
    fn restored(&mut self, up_to_epoch: u64) -> Result<Vec<StoredRestoration>, StoreError>;

    /// Gives the lines of `alerts.ndjson`: alerts that are active, by id. Memory is bounded,
    /// and what is given is one state of the store; a slow receiver keeps that state alive, so one on a
    /// network is better given a copy.
    ///
    /// # Errors
    /// [`StoreError::Output`] with what the receiver said; it is not called again. [`StoreError::Forged`] at an alert that
    /// does not open.
    fn export_alerts(&mut self, each: &mut EachLine<'_>) -> Result<(), StoreError>;

    /// Gives the lines of `history.ndjson` from an epoch on, by epoch and alert id. As
    /// [`AlertReader::export_alerts`] otherwise.
    ///
    /// # Errors
    /// [`StoreError::Output`] with what the receiver said; it is not called again. [`StoreError::Forged`] at a line that
    /// does not open.
    fn export_history(
        &mut self,
        from_epoch: u64,
        each: &mut EachLine<'_>,
    ) -> Result<(), StoreError> {
        let mut forged = None;
        let given = self.history(from_epoch, &mut |alert_id, line| match line {
            Some(line) => each(line),
            None => {
                forged = Some(alert_id.to_owned());
                Err(io::ErrorKind::InvalidData.into())
            }
        });
        match forged {
            Some(alert_id) => Err(StoreError::Forged { alert_id }),
            None => given,
        }
    }

    /// Gives the history from an epoch on, by epoch and alert id, also what does not open.
    ///
    /// # Errors
    /// [`StoreError::Output`] with what the receiver said; it is not called again.
    fn history(&mut self, from_epoch: u64, each: &mut EachChange<'_>) -> Result<(), StoreError> {
        self.history_between((from_epoch, u64::MAX), each)
    }

    /// Gives the history from an epoch up to another, as [`AlertReader::history`] does.
    ///
    /// # Errors
    /// [`StoreError::Output`] with what the receiver said; it is not called again.
    fn history_between(
        &mut self,
        epochs: (u64, u64),
        each: &mut EachChange<'_>,
    ) -> Result<(), StoreError>;

    /// Gives every alert in every state, by id, also what does not open. As [`AlertReader::export_alerts`] otherwise.
    ///
    /// # Errors
    /// [`StoreError::Output`] with what the receiver said; it is not called again.
    fn every_alert(&mut self, each: &mut EachAlert<'_>) -> Result<(), StoreError>;

    /// Whether the store answers now. It does not wait for a server that does not.
    fn ping(&mut self) -> Result<(), StoreError>;
}

/// Opens a store to write to it, makes it where it is not there yet, and brings its schema up to date.
/// From then on writers of older generations are refused.
///
/// # Errors
/// When it cannot be opened or made, is of another journal, another key or a later version, or a newer writer has it.
pub fn open(
    place: &StorePlace,
    opening: Opening,
    key: &StoreKey,
) -> Result<Box<dyn AlertStore>, StoreError> {
    match place {
        StorePlace::File(path) => Ok(Box::new(sqlite::Writer::open(path, opening, key)?)),
        StorePlace::Server(server) => Ok(Box::new(postgres::Writer::open(server, opening, key)?)),
    }
}

/// Opens a store that is there, to read from it.
///
/// # Errors
/// When it is not there, cannot be opened, or is of another key or version of the program.
pub fn open_reader(place: &StorePlace, key: &StoreKey) -> Result<Box<dyn AlertReader>, StoreError> {
    reader(place, Some(key))
}

/// Opens a store that is there, to count what is in it: what is sealed stays so, and is [`StoreError::Forged`] to whoever
/// asks for it.
///
/// # Errors
/// When it is not there, cannot be opened, or is of another version of the program.
pub fn open_counter(place: &StorePlace) -> Result<Box<dyn AlertReader>, StoreError> {
    reader(place, None)
}

fn reader(place: &StorePlace, key: Option<&StoreKey>) -> Result<Box<dyn AlertReader>, StoreError> {
    match place {
        StorePlace::File(path) => Ok(Box::new(sqlite::Reader::open(path, key)?)),
        StorePlace::Server(server) => Ok(Box::new(postgres::Reader::open(server, key)?)),
    }
}

/// Where readers of a store come from.
#[derive(Clone, Debug)]
pub struct StoreReaders {
    place: StorePlace,
    key: StoreKey,
}

impl StoreReaders {
    /// Readers of a store that is sealed by a key.
    pub fn new(place: StorePlace, key: StoreKey) -> Self {
        Self { place, key }
    }

    /// A reader with a connection of its own.
    ///
    /// # Errors
    /// As [`open_reader`].
    pub fn reader(&self) -> Result<Box<dyn AlertReader>, StoreError> {
        open_reader(&self.place, &self.key)
    }
}
