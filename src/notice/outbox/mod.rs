//! The outbox: what was proposed of each value, version by version, and what became of each version at
//! each sink. One SQLite file, in WAL mode, synced at every commit.
//!
//! ```text
//! proposals ─ reconcile ─▶ target, notice ─ plan ─▶ delivery ─ due, begin ─▶ (sent) ─ settle ─▶ delivery
//! ```
//! In: the proposals that hold at a frontier, and answers of sinks. Out: what is due. Must hold: a call
//! is one transaction, so that whoever is killed leaves what was before or what is after; versions about a
//! value are numbered without gaps; nothing is removed; of a value at most one version is pending at a
//! sink, so that a later one never waits behind, or overtakes, an earlier.

mod deliveries;
mod error;
mod listing;
mod reconcile;
mod step;

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

pub use deliveries::{Begun, Delivery, DeliveryState, Pause, Registered, Settled};
pub use error::OutboxError;
pub use listing::{Filter, Listed, ListedState, Listing, SinkLine};
pub use reconcile::Reconciled;

use super::message::Salt;
use crate::record::{Day, Instant};
use crate::write_ahead;

/// "FWNO": marks the file as an outbox of notices.
const APPLICATION: i64 = 0x4657_4e4f;
/// The format of the tables.
const FORMAT: i64 = 1;
/// How long a transaction waits for another process's.
const BUSY: Duration = Duration::from_secs(60);

/// How far what is reconciled is known: the as-of date, then the last knowledge time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Frontier {
    /// The as-of date.
    pub as_of: Day,
    /// The last knowledge time.
    pub at: Instant,
}

impl fmt::Display for Frontier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (as of {})", self.at, self.as_of)
    }
}

/// An outbox that is open.
pub struct Outbox {
    path: PathBuf,
    connection: Connection,
}

impl Outbox {
    /// Opens an outbox, or makes one that its owner alone can read.
    ///
    /// # Errors
    /// When it cannot be made or opened, or is something else.
    pub fn open_or_create(path: &Path) -> Result<Self, OutboxError> {
        let mut options = OpenOptions::new();
        // SQLite gives its other files the permissions of this one.
        let made = options.write(true).create(true).truncate(false).mode(0o600);
        made.open(path).map_err(|error| OutboxError::File {
            path: path.to_owned(),
            error,
        })?;
        Self::open(path)
    }

    /// Opens an outbox that is there.
    ///
    /// # Errors
    /// When it is not there, cannot be opened, or is something else.
    pub fn open(path: &Path) -> Result<Self, OutboxError> {
        if !path.is_file() {
            let path = path.to_owned();
            return Err(OutboxError::Absent { path });
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY)?;
        let mut outbox = Self {
            path: path.to_owned(),
            connection,
        };
        outbox.prepare().map_err(|error| match error {
            OutboxError::Sqlite(rusqlite::Error::SqliteFailure(failure, _))
                if failure.code == rusqlite::ErrorCode::NotADatabase =>
            {
                OutboxError::NotAnOutbox {
                    path: path.to_owned(),
                }
            }
            error => error,
        })?;
        Ok(outbox)
    }

    fn prepare(&mut self) -> Result<(), OutboxError> {
        let pragma = |connection: &Connection, name: &str| {
            connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0))
        };
        // Whether it is an outbox is asked first, so that nothing is done to another database.
        let tables = "SELECT count(*) FROM sqlite_schema";
        let tables: i64 = self.connection.query_row(tables, [], |row| row.get(0))?;
        let application = pragma(&self.connection, "application_id")?;
        let is_new = tables == 0 && application == 0;
        if !is_new && application != APPLICATION {
            let path = self.path.clone();
            return Err(OutboxError::NotAnOutbox { path });
        }
        write_ahead::begin(&self.connection, BUSY)?;
        self.connection.pragma_update(None, "synchronous", "full")?;
        self.connection.pragma_update(None, "foreign_keys", true)?;
        let transaction = self.write()?;
        // Another process may have made the tables meanwhile.
        let format = pragma(&transaction, "user_version")?;
        if format == 0 {
            transaction.execute_batch(include_str!("schema.sql"))?;
            transaction.execute(
                "INSERT INTO meta (name, value) VALUES ('salt', randomblob(32))",
                [],
            )?;
            transaction.pragma_update(None, "application_id", APPLICATION)?;
            transaction.pragma_update(None, "user_version", FORMAT)?;
        }
        transaction.commit()?;
        match format {
            0 | FORMAT => Ok(()),
            format => Err(OutboxError::Later {
                path: self.path.clone(),
                format,
            }),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes this process the one that delivers, for as long as what is returned lives.
    ///
    /// # Errors
    /// When another process delivers, or the file beside the outbox cannot be made.
    pub fn lock(&self) -> Result<DeliveryLock, OutboxError> {
        let mut path = self.path.clone().into_os_string();
        path.push(".lock");
        let path = PathBuf::from(path);
        let failed = |error: io::Error| OutboxError::File {
            path: path.clone(),
            error,
        };
        let mut options = OpenOptions::new();
        let options = options.write(true).create(true).truncate(false).mode(0o600);
        let file = options.open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(DeliveryLock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(OutboxError::InDelivery {
                path: self.path.clone(),
            }),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// A transaction that writes. It is begun as one, so that it waits for others instead of failing when
    /// it comes to write.
    fn write(&mut self) -> rusqlite::Result<Transaction<'_>> {
        self.connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
    }
}

/// That this process is the one that delivers. The operating system takes it back from one that is killed.
pub struct DeliveryLock {
    _file: File,
}

/// The salt of the keys.
fn salt(connection: &Connection) -> rusqlite::Result<Option<Salt>> {
    let query = "SELECT value FROM meta WHERE name = 'salt'";
    let bytes: Vec<u8> = connection.query_row(query, [], |row| row.get(0))?;
    Ok(bytes.try_into().ok().map(Salt))
}

#[cfg(test)]
mod tests;
