//! A store of before texts were sealed: its rows are sealed in place, between two migrations.
//!
//! Must hold: it happens in the transaction that brings the schema up to date, so that it is done whole or not at all.

use postgres::Transaction;

use super::error::Failure;
use super::rows;
use crate::store::key::StoreKey;

/// Rows that are in memory at a time.
const ROWS: i64 = 1_000;

const PLAIN_ALERTS: &str = "SELECT alert_id, subject_id, line FROM alerts
    WHERE alert_id > $1 ORDER BY alert_id LIMIT $2";
const SEAL_ALERTS: &str = "UPDATE alerts a SET sealed = s.sealed
    FROM unnest($1::text[], $2::bytea[]) s (alert_id, sealed) WHERE a.alert_id = s.alert_id";
const PLAIN_HISTORY: &str = "SELECT epoch, alert_id, line FROM history
    WHERE (epoch, alert_id) > ($1, $2) ORDER BY epoch, alert_id LIMIT $3";
const SEAL_HISTORY: &str = "UPDATE history h SET sealed = s.sealed
    FROM unnest($1::bigint[], $2::text[], $3::bytea[]) s (epoch, alert_id, sealed)
    WHERE h.epoch = s.epoch AND h.alert_id = s.alert_id";

/// Seals what is plain.
pub(super) fn seal(transaction: &mut Transaction<'_>, key: &StoreKey) -> Result<(), Failure> {
    seal_alerts(transaction, key)?;
    seal_history(transaction, key)
}

fn seal_alerts(transaction: &mut Transaction<'_>, key: &StoreKey) -> Result<(), Failure> {
    let mut last = String::new();
    loop {
        let plain = transaction.query(PLAIN_ALERTS, &[&last, &ROWS])?;
        let Some(end) = plain.last() else {
            return Ok(());
        };
        last = rows::get(end, 0)?;
        let mut ids: Vec<&str> = Vec::with_capacity(plain.len());
        let mut sealed = Vec::with_capacity(plain.len());
        for row in &plain {
            let alert_id = rows::get(row, 0)?;
            ids.push(alert_id);
            sealed.push(key.seal_alert(alert_id, rows::get(row, 1)?, rows::get(row, 2)?));
        }
        transaction.execute(SEAL_ALERTS, &[&ids, &sealed])?;
    }
}

fn seal_history(transaction: &mut Transaction<'_>, key: &StoreKey) -> Result<(), Failure> {
    let mut last = (-1_i64, String::new());
    loop {
        let plain = transaction.query(PLAIN_HISTORY, &[&last.0, &last.1, &ROWS])?;
        let Some(end) = plain.last() else {
            return Ok(());
        };
        last = (rows::get(end, 0)?, rows::get(end, 1)?);
        let mut epochs: Vec<i64> = Vec::with_capacity(plain.len());
        let mut ids: Vec<&str> = Vec::with_capacity(plain.len());
        let mut sealed = Vec::with_capacity(plain.len());
        for row in &plain {
            let alert_id = rows::get(row, 1)?;
            epochs.push(rows::get(row, 0)?);
            ids.push(alert_id);
            sealed.push(key.seal_history(rows::number(row, 0)?, alert_id, rows::get(row, 2)?));
        }
        transaction.execute(SEAL_HISTORY, &[&epochs, &ids, &sealed])?;
    }
}
