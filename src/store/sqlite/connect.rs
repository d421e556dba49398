//! Connections to the file: it is made, told from others, and brought up to date here.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior, named_params};

use super::{Failure, error, rows, sealing};
use crate::store::error::StoreError;
use crate::store::key::StoreKey;
use crate::store::meta::{Opening, first_migration};
use crate::write_ahead;

/// "FWAS": marks the file as an alert store.
const APPLICATION: i64 = 0x4657_4153;
/// How long a transaction waits for another process's.
const BUSY: Duration = Duration::from_secs(30);
/// Pages in the log before a commit moves them into the file: 64 MiB, so that few commits wait for it.
const CHECKPOINT_PAGES: i64 = 16_384;
/// What is left of the log after that.
const LOG_BYTES: i64 = 64 << 20;
/// Memory for pages of the writer, in KiB: the upper parts of the indexes of millions of alerts.
const CACHE_KIB: i64 = 64 << 10;
/// Statements that stay prepared.
const STATEMENTS: usize = 64;

/// How the tables came to be what they are, one step after the other. A step that was released is never
/// changed.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_tables.sql"),
    include_str!("migrations/0002_retention.sql"),
    include_str!("migrations/0003_sealed.sql"),
    include_str!("migrations/0004_no_plain.sql"),
];
/// The step after which the rows that are there are sealed.
const SEALS: usize = 2;

/// A connection that writes for `opening`, to a file that is made if it is not there.
pub(super) fn writer(
    path: &Path,
    opening: &Opening,
    key: &StoreKey,
) -> Result<Connection, StoreError> {
    make(path).map_err(|error| file_error(path, error))?;
    let connect = || {
        let mut connection = connection(path)?;
        let is_new = is_new(path, &connection)?;
        // Only now is it known that nobody else's file is changed.
        write_ahead::begin(&connection, BUSY)?;
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
        connection.pragma_update(None, "journal_size_limit", LOG_BYTES)?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        prepare(&transaction, (opening, key), path, is_new)?;
        transaction.commit()?;
        sealing::rewrite(&connection, path)?;
        Ok(connection)
    };
    connect().map_err(|failure| error::told(path, failure))
}

/// A connection that reads from a store that is there.
pub(super) fn reader(path: &Path, key: Option<&StoreKey>) -> Result<Connection, StoreError> {
    let place = || path.display().to_string();
    match path.try_exists() {
        Ok(true) => {}
        Ok(false) => return Err(StoreError::Absent { place: place() }),
        Err(error) => return Err(file_error(path, error)),
    }
    let connect = || {
        let connection = connection(path)?;
        if is_new(path, &connection)? {
            return Err(StoreError::Absent { place: place() }.into());
        }
        connection.pragma_update(None, "query_only", true)?;
        let found = schema_version(&connection)?;
        let latest = MIGRATIONS.len();
        if first_migration(found, latest, &place())? < latest {
            return Err(Failure::Store(StoreError::OlderSchema {
                place: place(),
                found,
                known: latest as i64,
            }));
        }
        if let Some(key) = key {
            key.may_open(key_check(&connection)?.as_deref(), &place())?;
        }
        Ok(connection)
    };
    connect().map_err(|failure| error::told(path, failure))
}

/// Makes the file, which its owner alone can read; SQLite gives its other files the same permissions.
fn make(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    match options.write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
        Err(error) => return Err(error),
    }
    // That the file is there must outlive a power failure as its content does.
    let directory = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
}

fn file_error(path: &Path, error: io::Error) -> StoreError {
    StoreError::File {
        place: path.display().to_string(),
        error,
    }
}

fn connection(path: &Path) -> Result<Connection, Failure> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

/// Whether nothing is in the file yet.
fn is_new(path: &Path, connection: &Connection) -> Result<bool, Failure> {
    let tables = "SELECT count(*) FROM sqlite_schema";
    let tables: i64 = connection.query_row(tables, [], |row| row.get(0))?;
    let application: i64 =
        connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    match (tables, application) {
        (0, 0) => Ok(true),
        (_, APPLICATION) => Ok(false),
        _ => Err(Failure::Store(StoreError::NotAStore {
            place: path.display().to_string(),
        })),
    }
}

fn schema_version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT schema_version FROM meta", [], |row| row.get(0))
}

/// What tells the key by which it was sealed from others.
fn key_check(connection: &Connection) -> rusqlite::Result<Option<Vec<u8>>> {
    connection.query_row("SELECT key_check FROM meta", [], |row| row.get(0))
}

/// Brings the tables up to date and makes `opening` the one that writes.
fn prepare(
    transaction: &Transaction<'_>,
    (opening, key): (&Opening, &StoreKey),
    path: &Path,
    was_new: bool,
) -> Result<(), Failure> {
    let place = path.display().to_string();
    // Another process may have made the tables meanwhile.
    let is_new = was_new && is_new(path, transaction)?;
    let found = match is_new {
        true => 0,
        false => schema_version(transaction)?,
    };
    let first = first_migration(found, MIGRATIONS.len(), &place)?;
    if !is_new {
        opening.may_write(&rows::committed(transaction)?, &place)?;
    }
    if !is_new && first > SEALS {
        key.may_open(key_check(transaction)?.as_deref(), &place)?;
    }
    for (step, migration) in MIGRATIONS.iter().enumerate().skip(first) {
        transaction.execute_batch(migration)?;
        if step == SEALS && !is_new {
            sealing::seal(transaction, key)?;
        }
    }
    if is_new {
        transaction.pragma_update(None, "application_id", APPLICATION)?;
    }
    let upsert = "INSERT INTO meta (one, schema_version, journal_id, generation, key_check)
        VALUES (1, :schema, :journal, :generation, :key_check)
        ON CONFLICT (one) DO UPDATE
        SET schema_version = excluded.schema_version, generation = excluded.generation,
            key_check = excluded.key_check";
    transaction.execute(
        upsert,
        named_params! {
            ":schema": MIGRATIONS.len() as i64,
            ":journal": opening.journal_id,
            ":generation": opening.generation,
            ":key_check": key.check(),
        },
    )?;
    Ok(())
}
