//! A store of before texts were sealed: its rows are sealed in place, between two migrations, and the file is written anew.
//!
//! Must hold: rows are sealed in the transaction that brings the schema up to date, so that it is done whole or not at all; until
//! the file was written anew it has a mark, and every start tries again: pages that were freed before may hold what was plain.

use std::path::Path;

use rusqlite::{Connection, Transaction, named_params};

use super::rows;
use crate::store::key::StoreKey;

/// Rows that are in memory at a time.
const ROWS: usize = 1_000;

/// Seals what is plain.
pub(super) fn seal(transaction: &Transaction<'_>, key: &StoreKey) -> rusqlite::Result<()> {
    seal_alerts(transaction, key)?;
    seal_history(transaction, key)?;
    transaction.execute("UPDATE meta SET has_plain_left = 1", [])?;
    Ok(())
}

/// Writes the file anew where something plain may be left in it. Where that is not possible now, as without room for a second
/// copy, it is told, and the next start tries again: what is stored is sealed all the same.
pub(super) fn rewrite(connection: &Connection, path: &Path) -> rusqlite::Result<()> {
    let query = "SELECT has_plain_left FROM meta";
    let has_plain_left: bool = connection.query_row(query, [], |row| row.get(0))?;
    if !has_plain_left {
        return Ok(());
    }
    let rewritten = || -> rusqlite::Result<bool> {
        connection.execute_batch("VACUUM")?;
        // Until it is emptied, the log has pages of before.
        let empty = "PRAGMA wal_checkpoint(TRUNCATE)";
        let is_busy: bool = connection.query_row(empty, [], |row| row.get(0))?;
        if !is_busy {
            connection.execute("UPDATE meta SET has_plain_left = 0", [])?;
        }
        Ok(!is_busy)
    };
    let store = path.display();
    match rewritten() {
        Ok(true) => {
            tracing::info!(%store, "the alert store was written anew: nothing plain is left in it")
        }
        Ok(false) => tracing::warn!(
            %store,
            "the alert store is sealed, and others read it: what was plain before may be left in free places of its files \
             until the next start"
        ),
        Err(error) => tracing::warn!(
            %store,
            code = ?error.sqlite_error_code(),
            "the alert store is sealed and could not be written anew: what was plain before may be left in free places of \
             its files; make room for a second copy of it, and start again"
        ),
    }
    Ok(())
}

fn seal_alerts(transaction: &Transaction<'_>, key: &StoreKey) -> rusqlite::Result<()> {
    let query = format!(
        "SELECT alert_id, subject_id, line FROM alerts WHERE alert_id > ? ORDER BY alert_id LIMIT {ROWS}"
    );
    let mut query = transaction.prepare(&query)?;
    let update =
        "UPDATE alerts SET sealed = :sealed, subject_id = '', line = '' WHERE alert_id = :alert_id";
    let mut update = transaction.prepare(update)?;
    let mut last = String::new();
    loop {
        let plain = query.query_map([&last], rows::plain_alert)?;
        let plain = plain.collect::<Result<Vec<_>, _>>()?;
        let Some((alert_id, ..)) = plain.last() else {
            return Ok(());
        };
        last.clone_from(alert_id);
        for (alert_id, subject_id, line) in plain {
            let sealed = key.seal_alert(&alert_id, &subject_id, &line);
            update.execute(named_params! {":alert_id": alert_id, ":sealed": sealed})?;
        }
    }
}

fn seal_history(transaction: &Transaction<'_>, key: &StoreKey) -> rusqlite::Result<()> {
    let query = format!(
        "SELECT id, epoch, alert_id, line FROM history WHERE id > ? ORDER BY id LIMIT {ROWS}"
    );
    let mut query = transaction.prepare(&query)?;
    let update = "UPDATE history SET sealed = :sealed, line = '' WHERE id = :id";
    let mut update = transaction.prepare(update)?;
    let mut last = i64::MIN;
    loop {
        let plain = query.query_map([last], rows::plain_history)?;
        let plain = plain.collect::<Result<Vec<_>, _>>()?;
        let Some((id, ..)) = plain.last() else {
            return Ok(());
        };
        last = *id;
        for (id, epoch, alert_id, line) in plain {
            let sealed = key.seal_history(epoch, &alert_id, &line);
            update.execute(named_params! {":id": id, ":sealed": sealed})?;
        }
    }
}
