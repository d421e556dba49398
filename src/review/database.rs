//! Connections to `review.db` in the data directory: a SQLite file in WAL mode.
//!
//! In: a data directory. Out: one writer at a time, and readers that it does not keep waiting. Must hold: what a person
//! did is synced before it is answered; of two who open a new file one makes the tables.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior};

use super::error::DeskError;
use super::review_key::ReviewKey;
use crate::write_ahead;

/// Its name in the data directory.
pub const REVIEW_DATABASE: &str = "review.db";
/// "FWRV": marks the file as a database of reviews.
const APPLICATION: i64 = 0x4657_5256;
/// What makes the tables, each of the format before: a new file has all of them.
const MIGRATIONS: [&str; 2] = [include_str!("schema/1.sql"), include_str!("schema/2.sql")];
/// The format of the tables.
const FORMAT: i64 = MIGRATIONS.len() as i64;
/// How long a transaction waits for another process's.
const BUSY: Duration = Duration::from_secs(30);
/// Readers that are kept for the next question.
const KEPT: usize = 8;
const STATEMENTS: usize = 64;
/// Memory for pages of the writer, in KiB.
const CACHE_KIB: i64 = 32 << 10;

/// What can go wrong inside a transaction.
pub(super) enum Failure {
    Database(rusqlite::Error),
    Desk(DeskError),
    Refused(super::Refused),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

impl From<DeskError> for Failure {
    fn from(error: DeskError) -> Self {
        Self::Desk(error)
    }
}

impl From<super::Refused> for Failure {
    fn from(refused: super::Refused) -> Self {
        Self::Refused(refused)
    }
}

/// How much a commit has to outlive.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Durable {
    /// What a person did: the power may fail right after it.
    Synced,
    /// What can be had again from the alert store: it is durable with the next that is synced.
    Again,
}

/// The database.
pub(super) struct Database {
    path: PathBuf,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
}

impl Database {
    pub(super) fn open_or_create(data: &Path, key: &ReviewKey) -> Result<Self, DeskError> {
        let path = data.join(REVIEW_DATABASE);
        make(&path).map_err(|error| DeskError::File {
            path: path.clone(),
            error,
        })?;
        let told = |failure| told(&path, failure);
        let mut writer = connect(&path).map_err(told)?;
        prepare(&mut writer, &path, key).map_err(told)?;
        Ok(Self {
            writer: Mutex::new(writer),
            readers: Mutex::default(),
            path,
        })
    }

    /// Does all of something, or nothing.
    pub(super) fn write<T>(
        &self,
        durable: Durable,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut writer = self.lock();
        let synchronous = match durable {
            Durable::Synced => "full",
            Durable::Again => "normal",
        };
        writer.pragma_update(None, "synchronous", synchronous)?;
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = work(&transaction)?;
        transaction.commit()?;
        Ok(done)
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A transaction that was not committed is rolled back when it is dropped.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads one state of the database.
    pub(super) fn read<T>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T, Failure>,
    ) -> Result<T, DeskError> {
        let answer = || {
            let kept = || self.readers.lock().unwrap_or_else(PoisonError::into_inner);
            let reader = kept().pop();
            let mut reader = match reader {
                Some(reader) => reader,
                None => {
                    let reader = connect(&self.path)?;
                    reader.pragma_update(None, "query_only", true)?;
                    reader
                }
            };
            let snapshot = reader.transaction()?;
            let answer = question(&snapshot)?;
            drop(snapshot);
            let mut readers = kept();
            if readers.len() < KEPT {
                readers.push(reader);
            }
            Ok(answer)
        };
        answer().map_err(|failure| told(&self.path, failure))
    }

    /// A failure as callers are told it, where nothing is refused.
    pub(super) fn told(&self, failure: Failure) -> DeskError {
        told(&self.path, failure)
    }
}

fn told(path: &Path, failure: Failure) -> DeskError {
    match failure {
        Failure::Database(error) => DeskError::Database {
            path: path.to_owned(),
            error,
        },
        Failure::Desk(error) | Failure::Refused(super::Refused::Database(error)) => error,
        Failure::Refused(_) => DeskError::UnknownValue {
            path: path.to_owned(),
            column: "state",
        },
    }
}

fn make(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    match options.write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
        Err(error) => return Err(error),
    }
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}

fn connect(path: &Path) -> Result<Connection, Failure> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}

/// Makes the tables where the file is empty, and sees to it that the key is theirs.
fn prepare(connection: &mut Connection, path: &Path, key: &ReviewKey) -> Result<(), Failure> {
    let pragma = |connection: &Connection, name: &str| {
        connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0))
    };
    let tables = |connection: &Connection| {
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| {
            row.get::<_, i64>(0)
        })
    };
    // Whose file it is, is asked before anything is done to it.
    let application = pragma(connection, "application_id")?;
    if application != APPLICATION && (application != 0 || tables(connection)? != 0) {
        return Err(Failure::Desk(DeskError::NotOurs {
            path: path.to_owned(),
        }));
    }
    write_ahead::begin(connection, BUSY)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let format = pragma(&transaction, "user_version")?;
    let Some(missing) = usize::try_from(format)
        .ok()
        .and_then(|done| MIGRATIONS.get(done..))
    else {
        return Err(Failure::Desk(DeskError::Later {
            path: path.to_owned(),
            format,
        }));
    };
    if format == 0 {
        transaction.pragma_update(None, "application_id", APPLICATION)?;
    } else {
        check_key(&transaction, key)?;
    }
    for migration in missing {
        transaction.execute_batch(migration)?;
    }
    if format == 0 {
        let first = "INSERT INTO meta (one, key_check) VALUES (1, ?)";
        transaction.execute(first, [key.check()])?;
    }
    if !missing.is_empty() {
        transaction.pragma_update(None, "user_version", FORMAT)?;
    }
    transaction.commit()?;
    Ok(())
}

/// Whether the tables were made with the key.
fn check_key(transaction: &Transaction<'_>, key: &ReviewKey) -> Result<(), Failure> {
    let check = "SELECT key_check FROM meta";
    let check: Option<Vec<u8>> = transaction
        .query_row(check, [], |row| row.get(0))
        .optional()?;
    if check.as_deref() == Some(key.check()) {
        return Ok(());
    }
    Err(Failure::Desk(DeskError::Forged {
        path: key.path().to_owned(),
    }))
}
