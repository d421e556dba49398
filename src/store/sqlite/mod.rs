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
mod sealing;

use std::path::{Path, PathBuf};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::error::StoreError;
use super::key::StoreKey;
use super::meta::Opening;
use super::{AlertReader, AlertStore, Commit, EpochCommit, Pruned, Pruning};

/// Writes to a file.
pub(super) struct Writer {
    reads: Reader,
    opening: Opening,
    key: StoreKey,
}

/// Reads from a file.
pub(super) struct Reader {
    path: PathBuf,
    connection: Connection,
    /// None where it only counts.
    key: Option<StoreKey>,
}

impl Writer {
    pub(super) fn open(path: &Path, opening: Opening, key: &StoreKey) -> Result<Self, StoreError> {
        let connection = connect::writer(path, &opening, key)?;
        let reads = Reader {
            path: path.to_owned(),
            connection,
            key: Some(key.clone()),
        };
        let key = key.clone();
        Ok(Self {
            reads,
            opening,
            key,
        })
    }
}

impl Reader {
    pub(super) fn open(path: &Path, key: Option<&StoreKey>) -> Result<Self, StoreError> {
        let connection = connect::reader(path, key)?;
        Ok(Self {
            path: path.to_owned(),
            connection,
            key: key.cloned(),
        })
    }

    /// Runs `work` on one state of the store.
    fn read<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>, Option<&StoreKey>) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        let told = |failure| error::told(&self.path, failure);
        let transaction = self.connection.transaction().map_err(Failure::from);
        transaction
            .and_then(|transaction| work(&transaction, self.key.as_ref()))
            .map_err(told)
    }
}

impl AlertStore for Writer {
    fn commit(&mut self, epochs: &[EpochCommit]) -> Result<Commit, StoreError> {
        super::plan::check(epochs)?;
        let key = self.key.clone();
        self.write(|transaction, opening, place| {
            commit::commit((transaction, &key), opening, place, epochs)
        })
    }

    fn prune(&mut self, pruning: Pruning) -> Result<Pruned, StoreError> {
        let pruned = self.write(|transaction, opening, place| {
            commit::prune(transaction, opening, place, pruning)
        })?;
        // The log is moved into the file now, so that fewer commits have to. What a reader still needs
        // of it stays.
        let Reader {
            path, connection, ..
        } = &mut self.reads;
        let moved = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        moved.map_err(|error| error::told(path, error.into()))?;
        Ok(pruned)
    }

    fn reads(&mut self) -> &mut dyn AlertReader {
        &mut self.reads
    }

    fn reader(&self) -> Result<Box<dyn AlertReader>, StoreError> {
        Ok(Box::new(Reader::open(&self.reads.path, Some(&self.key))?))
    }
}

impl Writer {
    fn write<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>, &Opening, &str) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        let Reader {
            path, connection, ..
        } = &mut self.reads;
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
