//! The alert store as a SQLite file that its owner alone can read: WAL mode, synced at every commit.
//!
//! In: a path. Out: a writer, and readers with connections of their own. Must hold: what is not an alert
//! store is left as it was; a commit that returned is on disk.

mod commit;
mod connect;
mod error;
mod export;
mod pages;
mod reads;
mod rows;

use std::path::{Path, PathBuf};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::error::StoreError;
use super::meta::Opening;
use super::{AlertReader, AlertStore, Commit, EpochCommit, Pruned, Pruning};

/// Writes to a file.
pub(super) struct Writer {
    reads: Reader,
    opening: Opening,
}

/// Reads from a file.
pub(super) struct Reader {
    path: PathBuf,
    connection: Connection,
}

impl Writer {
    pub(super) fn open(path: &Path, opening: Opening) -> Result<Self, StoreError> {
        let connection = connect::writer(path, &opening)?;
        let path = path.to_owned();
        let reads = Reader { path, connection };
        Ok(Self { reads, opening })
    }
}

impl Reader {
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let connection = connect::reader(path)?;
        let path = path.to_owned();
        Ok(Self { path, connection })
    }

    /// Runs `work` on one state of the store.
    fn read<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        let told = |failure| error::told(&self.path, failure);
        let transaction = self.connection.transaction().map_err(Failure::from);
        transaction
            .and_then(|transaction| work(&transaction))
            .map_err(told)
    }
}

impl AlertStore for Writer {
    fn commit(&mut self, epochs: &[EpochCommit]) -> Result<Commit, StoreError> {
        super::plan::check(epochs)?;
        self.write(|transaction, opening, place| {
            commit::commit(transaction, opening, place, epochs)
        })
    }

    fn prune(&mut self, pruning: Pruning) -> Result<Pruned, StoreError> {
        let pruned = self.write(|transaction, opening, place| {
            commit::prune(transaction, opening, place, pruning)
        })?;
        // The log is moved into the file now, so that fewer commits have to. What a reader still needs
        // of it stays.
        let Reader { path, connection } = &mut self.reads;
        let moved = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        moved.map_err(|error| error::told(path, error.into()))?;
        Ok(pruned)
    }

    fn reads(&mut self) -> &mut dyn AlertReader {
        &mut self.reads
    }

    fn reader(&self) -> Result<Box<dyn AlertReader>, StoreError> {
        Ok(Box::new(Reader::open(&self.reads.path)?))
    }
}

impl Writer {
    fn write<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>, &Opening, &str) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        let Reader { path, connection } = &mut self.reads;
        let place = path.display().to_string();
        let run = || {
            // Begun as one that writes, so that it waits for another process instead of failing later.
            let behavior = TransactionBehavior::Immediate;
            let transaction = connection.transaction_with_behavior(behavior)?;
            let done = work(&transaction, &self.opening, &place)?;
            transaction.commit()?;
            Ok(done)
        };
        run().map_err(|failure| error::told(path, failure))
    }
}

/// What ends a transaction: the database's failure, or ours.
enum Failure {
    Sqlite(rusqlite::Error),
    Store(StoreError),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

#[cfg(test)]
mod tests;
