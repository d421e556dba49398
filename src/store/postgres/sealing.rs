//! A store of before texts were sealed: its rows are sealed in place, between two migrations, and the tables are written anew.
//!
//! Must hold: rows are sealed in the transaction that brings the schema up to date, so that it is done whole or not at all; until
//! the tables were written anew they have a mark, and every start tries again: what is dead in them may be plain.

use postgres::Transaction;

use super::error::Failure;
use super::link::{LOCKS, Session};
use super::rows;
use crate::store::key::StoreKey;

/// Rows that are in memory at a time.
const ROWS: i64 = 1_000;

const PLAIN_ALERTS: &str = "SELECT alert_id, subject_id, line FROM alerts
    WHERE alert_id > $1 ORDER BY alert_id LIMIT $2";
const SEAL_ALERTS: &str = "UPDATE alerts a SET sealed = s.sealed, subject_id = '', line = ''
    FROM unnest($1::text[], $2::bytea[]) s (alert_id, sealed) WHERE a.alert_id = s.alert_id";
const PLAIN_HISTORY: &str = "SELECT epoch, alert_id, line FROM history
    WHERE (epoch, alert_id) > ($1, $2) ORDER BY epoch, alert_id LIMIT $3";
const SEAL_HISTORY: &str = "UPDATE history h SET sealed = s.sealed, line = ''
    FROM unnest($1::bigint[], $2::text[], $3::bytea[]) s (epoch, alert_id, sealed)
    WHERE h.epoch = s.epoch AND h.alert_id = s.alert_id";

/// Seals what is plain.
pub(super) fn seal(transaction: &mut Transaction<'_>, key: &StoreKey) -> Result<(), Failure> {
    seal_alerts(transaction, key)?;
    seal_history(transaction, key)?;
    transaction.execute("UPDATE meta SET has_plain_left = 1", &[])?;
    Ok(())
}

/// Writes the tables anew where something plain may be left in them. Where that is not possible now, it is told, and the
/// next start tries again: what is stored is sealed all the same.
pub(super) fn rewrite(session: &mut Session, place: &str) -> Result<(), Failure> {
    let query = "SELECT has_plain_left FROM meta";
    let marked: i64 = rows::get(&session.client.query_one(query, &[])?, 0)?;
    if marked == 0 {
        return Ok(());
    }
    let mut run = |statement: &str| session.client.batch_execute(statement);
    // It takes as long as the tables are large.
    run("SET lock_timeout = 0; SET statement_timeout = 0")?;
    let rewritten = run("VACUUM (FULL) fundwatch.alerts, fundwatch.history");
    let rewritten = rewritten.and_then(|()| run("UPDATE fundwatch.meta SET has_plain_left = 0"));
    match rewritten {
        Ok(()) => tracing::info!(
            store = place,
            "the tables of the alert store were written anew: nothing plain is left in them"
        ),
        // Another connection tries it again.
        Err(error) if error.is_closed() => return Err(error.into()),
        Err(error) => tracing::warn!(
            store = place,
            code = error.code().map(|code| code.code()),
            "the alert store is sealed and its tables could not be written anew: what was plain before may be left in \
             free places of them; make room for a second copy, and start again"
        ),
    }
    run("RESET statement_timeout")?;
    run(LOCKS)?;
    Ok(())
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
