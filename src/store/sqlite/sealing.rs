//! A store of before texts were sealed: its rows are sealed in place, between two migrations.
//!
//! Must hold: it happens in the transaction that brings the schema up to date, so that it is done whole or not at all; what was
//! plain is overwritten in the file.

use rusqlite::{Transaction, named_params};

use super::rows;
use crate::store::key::StoreKey;

/// Rows that are in memory at a time.
const ROWS: usize = 1_000;

/// Seals what is plain.
pub(super) fn seal(transaction: &Transaction<'_>, key: &StoreKey) -> rusqlite::Result<()> {
    seal_alerts(transaction, key)?;
    seal_history(transaction, key)
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
