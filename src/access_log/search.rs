//! Who did what: entries by actor, action, object, subject and time, the newest first.
//!
//! In: a query. Out: a page of entries, as the log has them: the index only says where they are. Must hold: whatever was
//! kept before the question is in the answer.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, params_from_iter};

use super::entry::Entry;
use super::error::SearchError;
use super::index::is_damage;
use super::lines::LONGEST_LINE;
use super::progress::Progress;
use crate::journal::Storage;
use crate::record::Instant;

/// The most entries of a page.
const MOST: usize = 1000;
/// How long the index may lag behind.
const PATIENCE: Duration = Duration::from_secs(3);

/// Which entries. What is none is not asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Of this user or token.
    pub actor: Option<String>,
    /// Of this action, by its name in the log.
    pub action: Option<String>,
    /// About this object.
    pub object: Option<String>,
    /// About this person: the pseudonym.
    pub subject: Option<String>,
    /// At this time or later.
    pub from: Option<Instant>,
    /// Before this time.
    pub until: Option<Instant>,
    /// With a lower number: the [`Found::next`] of the page before.
    pub before: Option<u64>,
    /// How many, 1 to 1,000.
    pub limit: usize,
}

/// A page of entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The newest first.
    pub entries: Vec<Entry>,
    /// Where the next page begins, if there is more.
    pub next: Option<u64>,
}

/// Searches a log.
pub(super) struct Search {
    storage: Arc<dyn Storage>,
    path: PathBuf,
    progress: Arc<Progress>,
}

/// Where a line stands.
struct Place {
    n: u64,
    file: String,
    start: u64,
    length: usize,
}

impl Search {
    pub(super) fn new(storage: Arc<dyn Storage>, path: PathBuf, progress: Arc<Progress>) -> Self {
        Self {
            storage,
            path,
            progress,
        }
    }

    pub(super) fn find(&self, query: &Query) -> Result<Found, SearchError> {
        if !self.progress.wait_until_indexed(PATIENCE) {
            return Err(SearchError::Busy);
        }
        let limit = query.limit.clamp(1, MOST);
        let places = self.places(query, limit + 1);
        let mut places = places.inspect_err(|error| {
            if is_damage(error) {
                self.progress.doubt();
            }
        })?;
        let has_more = places.len() > limit;
        places.truncate(limit);
        let next = places.last().map(|last| last.n).filter(|_| has_more);
        let mut entries = Vec::with_capacity(places.len());
        for place in places {
            let Some(entry) = self.read(&place)? else {
                self.progress.doubt();
                return Err(SearchError::Busy);
            };
            entries.push(entry);
        }
        Ok(Found { entries, next })
    }

    /// When each actor last did something.
    pub(super) fn latest(&self, action: &str) -> Result<BTreeMap<String, Instant>, SearchError> {
        if !self.progress.wait_until_indexed(PATIENCE) {
            return Err(SearchError::Busy);
        }
        let select = "SELECT actor, max(at) FROM entries WHERE action = ? GROUP BY actor";
        let read = || -> rusqlite::Result<Vec<(String, i64)>> {
            let connection = self.connection()?;
            let mut statement = connection.prepare(select)?;
            let rows = statement.query_map([action], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        };
        let found = read().inspect_err(|error| {
            if is_damage(error) {
                self.progress.doubt();
            }
        })?;
        let known = |(actor, at)| Some((actor, Instant::from_millis(at)?));
        Ok(found.into_iter().filter_map(known).collect())
    }

    fn connection(&self) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.busy_timeout(PATIENCE)?;
        Ok(connection)
    }

    fn places(&self, query: &Query, limit: usize) -> rusqlite::Result<Vec<Place>> {
        let connection = self.connection()?;
        let text = |text: &Option<String>| text.clone().map(Value::Text);
        // Times are kept in milliseconds.
        let time = |at: Option<Instant>, up: i64| {
            at.map(|at| Value::Integer(at.nanos().saturating_add(up).div_euclid(1_000_000)))
        };
        let before = query
            .before
            .map(|before| Value::Integer(i64::try_from(before).unwrap_or(i64::MAX)));
        let asked = [
            ("actor = ?", text(&query.actor)),
            ("action = ?", text(&query.action)),
            ("object = ?", text(&query.object)),
            ("subject = ?", text(&query.subject)),
            ("at >= ?", time(query.from, 999_999)),
            ("at < ?", time(query.until, 999_999)),
            ("n < ?", before),
        ];
        let mut conditions = String::from("true");
        let mut values = Vec::new();
        for (condition, value) in asked {
            if let Some(value) = value {
                conditions.push_str(" AND ");
                conditions.push_str(condition);
                values.push(value);
            }
        }
        let select = format!(
            "SELECT n, file, starts, length FROM entries WHERE {conditions} ORDER BY n DESC LIMIT {limit}"
        );
        let mut statement = connection.prepare(&select)?;
        let rows = statement.query_map(params_from_iter(values), |row| {
            Ok(Place {
                n: row.get(0)?,
                file: row.get(1)?,
                start: row.get(2)?,
                length: row.get(3)?,
            })
        })?;
        rows.collect()
    }

    fn read(&self, place: &Place) -> Result<Option<Entry>, SearchError> {
        if place.length > LONGEST_LINE {
            return Ok(None);
        }
        let mut line = vec![0; place.length];
        let read = self.storage.read_at(&place.file, place.start, &mut line)?;
        let entry = serde_json::from_slice::<Entry>(&line[..read]).ok();
        Ok(entry.filter(|entry| entry.n == place.n))
    }
}
