//! The alerts that people have decided on, for whoever asks what their decisions rest on.
//!
//! In: the data directory of a service, which may run meanwhile. Out: the verdict of each closed alert. Must hold:
//! nothing is written; no person of the registers and nobody who decided is told.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use serde::Serialize;

use super::database::REVIEW_DATABASE;
use super::error::DeskError;

/// A decision on an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DecidedAlert {
    /// The alert.
    pub alert_id: String,
    /// What was decided.
    pub verdict: String,
}

/// The alerts that are closed, by id; none where nobody has reviewed any.
///
/// # Errors
/// When the database cannot be read.
pub fn decided_alerts(data: &Path) -> Result<BTreeMap<String, DecidedAlert>, DeskError> {
    let path = data.join(REVIEW_DATABASE);
    if !path.exists() {
        return Ok(BTreeMap::new());
    }
    let read = || -> rusqlite::Result<_> {
        // A reader of a database that another process writes needs its files beside it.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&path, flags)?;
        connection.pragma_update(None, "query_only", true)?;
        let mut statement =
            connection.prepare("SELECT alert_id, verdict FROM item WHERE work = 'closed'")?;
        let rows = statement.query_map([], |row| {
            let alert_id: String = row.get(0)?;
            let verdict = row.get(1)?;
            Ok((alert_id.clone(), DecidedAlert { alert_id, verdict }))
        })?;
        rows.collect()
    };
    read().map_err(|error| DeskError::Database {
        path: path.clone(),
        error,
    })
}
