//! The index of the log: a table in SQLite that is made of the lines and can be made again at any time.
//!
//! In: lines that are durable. Out: by whom, what, about what and when, and where the line stands. Must hold: it holds
//! nothing that the log does not; where it does not continue the log, or is damaged, it is made again.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OptionalExtension, Transaction, params};

use super::entry::Entry;
use super::lines::{Lines, line_before};
use super::merkle::sha256;
use super::opening::months;
use super::progress::Progress;
use super::time::millis_of;
use crate::journal::Storage;
use crate::write_ahead;

const FORMAT: i64 = 1;
const SCHEMA: &str = "
    CREATE TABLE indexed (format INTEGER NOT NULL, n INTEGER NOT NULL, file TEXT NOT NULL, ends INTEGER NOT NULL,
        line BLOB NOT NULL);
    CREATE TABLE entries (n INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
        object TEXT, subject TEXT, file TEXT NOT NULL, starts INTEGER NOT NULL, length INTEGER NOT NULL);
    CREATE INDEX by_actor ON entries (actor, n);
    CREATE INDEX by_action ON entries (action, n);
    CREATE INDEX by_object ON entries (object, n) WHERE object IS NOT NULL;
    CREATE INDEX by_subject ON entries (subject, n) WHERE subject IS NOT NULL;
    CREATE INDEX by_time ON entries (at, n);
";
const INSERT: &str = "INSERT OR REPLACE INTO entries VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
/// Lines in a transaction.
const BATCH: usize = 2000;
const BUSY: Duration = Duration::from_secs(10);
/// How long until it is tried again.
const PAUSE: Duration = Duration::from_secs(10);
const LONG: Duration = Duration::from_secs(3600);

/// How far the log is indexed: behind this line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Place {
    n: u64,
    file: String,
    end: u64,
    line: Vec<u8>,
}

#[derive(Debug, thiserror::Error)]
enum IndexError {
    #[error("the index of the access log: {0}")]
    Database(#[from] rusqlite::Error),
    #[error("the access log: {0}")]
    Log(#[from] io::Error),
    #[error("the index does not continue the access log")]
    Other,
}

impl IndexError {
    /// Whether the index is of no use, and not just out of reach for now.
    fn is_damage(&self) -> bool {
        match self {
            Self::Database(error) => is_damage(error),
            Self::Log(_) => false,
            Self::Other => true,
        }
    }
}

/// Whether an error says that the index is of no use, and not just out of reach for now.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    let waits = [
        ErrorCode::DatabaseBusy,
        ErrorCode::DatabaseLocked,
        ErrorCode::DiskFull,
        ErrorCode::SystemIoFailure,
        ErrorCode::CannotOpen,
        ErrorCode::PermissionDenied,
        ErrorCode::OutOfMemory,
    ];
    !error
        .sqlite_error_code()
        .is_some_and(|code| waits.contains(&code))
}

/// The thread that makes the index.
pub(super) struct Indexer {
    storage: Arc<dyn Storage>,
    path: PathBuf,
    progress: Arc<Progress>,
}

impl Indexer {
    pub(super) fn new(storage: Arc<dyn Storage>, path: PathBuf, progress: Arc<Progress>) -> Self {
        Self {
            storage,
            path,
            progress,
        }
    }

    /// Indexes what becomes durable, until the log ends.
    pub(super) fn run(self) {
        let mut made_again = false;
        while !self.progress.is_over() {
            let Err(error) = self.keep() else { return };
            self.progress.set_indexed(0);
            tracing::warn!(%error, "the index of the access log is made again, or tried again");
            // What fails twice is left alone for a while.
            let is_damage = error.is_damage();
            if is_damage && let Err(error) = remove(&self.path) {
                tracing::warn!(%error, "the index of the access log cannot be removed");
            }
            if (made_again || !is_damage) && self.progress.wait_for_end(PAUSE) {
                return;
            }
            made_again = is_damage;
        }
    }

    /// Goes on until the log ends, or something fails.
    fn keep(&self) -> Result<(), IndexError> {
        let mut connection = open(&self.path)?;
        let mut place = read_place(&connection)?;
        if !self.continues(&place)? {
            return Err(IndexError::Other);
        }
        self.progress.set_indexed(place.n);
        while let Some(durable) = self.progress.wait_for_work(LONG) {
            if self.progress.take_doubt() {
                return Err(IndexError::Other);
            }
            while place.n < durable && !self.progress.is_over() {
                let before = place.n;
                let transaction = connection.transaction()?;
                place = self.index(&transaction, &place, durable)?;
                transaction.commit()?;
                // A log that was changed may have fewer lines than numbers.
                let n = if place.n == before { durable } else { place.n };
                self.progress.set_indexed(n);
                if n == durable {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Whether the line that was indexed last still stands where it stood.
    fn continues(&self, place: &Place) -> Result<bool, IndexError> {
        if place.n == 0 {
            return Ok(true);
        }
        match line_before(&*self.storage, &place.file, place.end) {
            Ok(line) => Ok(line.is_some_and(|line| sha256(&line)[..] == place.line[..])),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Indexes some lines behind a place.
    fn index(
        &self,
        transaction: &Transaction<'_>,
        from: &Place,
        durable: u64,
    ) -> Result<Place, IndexError> {
        let mut insert = transaction.prepare_cached(INSERT)?;
        let mut place = from.clone();
        let mut left = BATCH;
        for name in months(&*self.storage)? {
            let begin = match name.cmp(&place.file) {
                std::cmp::Ordering::Less => continue,
                std::cmp::Ordering::Equal => place.end,
                std::cmp::Ordering::Greater => 0,
            };
            let mut lines = Lines::new(&*self.storage, &name, begin);
            while left > 0 && place.n < durable {
                let Some(line) = lines.next()?.filter(|line| line.is_ended) else {
                    break;
                };
                left -= 1;
                let entry = serde_json::from_slice::<Entry>(line.bytes).ok();
                let at = entry.as_ref().and_then(|entry| millis_of(&entry.at));
                if let Some((entry, at)) = entry.as_ref().zip(at) {
                    insert.execute(params![
                        entry.n,
                        at,
                        entry.actor,
                        entry.action,
                        entry.object,
                        entry.subject,
                        name,
                        line.start,
                        line.bytes.len(),
                    ])?;
                }
                place = Place {
                    n: entry.map_or(place.n, |entry| entry.n),
                    file: name.clone(),
                    end: line.end(),
                    line: sha256(line.bytes).to_vec(),
                };
            }
        }
        let update = "UPDATE indexed SET n = ?1, file = ?2, ends = ?3, line = ?4";
        let values = params![place.n, place.file, place.end, place.line];
        transaction.execute(update, values)?;
        Ok(place)
    }
}

fn open(path: &Path) -> Result<Connection, IndexError> {
    // SQLite gives its other files the mode of this one.
    let mut file = OpenOptions::new();
    file.append(true).create(true).mode(0o600).open(path)?;
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    write_ahead::begin(&connection, BUSY)?;
    connection.pragma_update(None, "synchronous", "normal")?;
    let check: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if check != "ok" {
        return Err(IndexError::Other);
    }
    let tables = "SELECT count(*) FROM sqlite_schema";
    if connection.query_row(tables, [], |row| row.get::<_, i64>(0))? == 0 {
        connection.execute_batch(&format!(
            "BEGIN IMMEDIATE; {SCHEMA} INSERT INTO indexed VALUES ({FORMAT}, 0, '', 0, x''); COMMIT;"
        ))?;
    }
    Ok(connection)
}

fn read_place(connection: &Connection) -> Result<Place, IndexError> {
    let select = "SELECT n, file, ends, line FROM indexed WHERE format = ?1";
    let place = connection.query_row(select, [FORMAT], |row| {
        Ok(Place {
            n: row.get(0)?,
            file: row.get(1)?,
            end: row.get(2)?,
            line: row.get(3)?,
        })
    });
    place.optional()?.ok_or(IndexError::Other)
}

fn remove(path: &Path) -> io::Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        match fs::remove_file(&name) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}
