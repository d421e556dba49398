//! Lines for exports and recovery, through a portal: so many rows at a time, all of one state of the store.

use postgres::types::ToSql;
use postgres::{Row, Transaction};

use super::error::Failure;
use super::rows;
use crate::store::error::StoreError;
use crate::store::key::StoreKey;
use crate::store::{AlertState, EachAlert, EachChange, EachLine, Raised, StoredLine};

/// Rows fetched at a time.
const ROWS: i32 = 1000;

const RAISED: &str = "SELECT alert_id, raised_at, raised_epoch FROM alerts
    WHERE state = 'active' ORDER BY alert_id";
const ALERTS: &str = "SELECT alert_id, sealed FROM alerts
    WHERE state = 'active' ORDER BY alert_id";
const HISTORY: &str = "SELECT epoch, alert_id, sealed FROM history
    WHERE epoch BETWEEN $1 AND $2 ORDER BY epoch, alert_id";
const EVERY_ALERT: &str =
    "SELECT alert_id, reason, state, changed_epoch, sealed FROM alerts ORDER BY alert_id";

pub(super) fn raised(
    transaction: &mut Transaction<'_>,
    place: &str,
    each: &mut dyn FnMut(Raised<'_>),
) -> Result<(), Failure> {
    stream(transaction, place, (RAISED, &[]), |row| {
        each(Raised {
            alert_id: rows::get(row, 0)?,
            raised_at: rows::get(row, 1)?,
            raised_epoch: rows::number(row, 2)?,
        });
        Ok(())
    })
}

pub(super) fn alerts(
    (transaction, key): (&mut Transaction<'_>, Option<&StoreKey>),
    place: &str,
    each: &mut EachLine<'_>,
) -> Result<(), Failure> {
    stream(transaction, place, (ALERTS, &[]), |row| {
        let (alert_id, sealed): (&str, &[u8]) = (rows::get(row, 0)?, rows::get(row, 1)?);
        let opened = key.and_then(|key| key.open_alert(alert_id, sealed));
        let (_, line) = opened.ok_or_else(|| StoreError::Forged {
            alert_id: alert_id.to_owned(),
        })?;
        given(each(&line))
    })
}

pub(super) fn history(
    (transaction, key): (&mut Transaction<'_>, Option<&StoreKey>),
    place: &str,
    (from, until): (u64, u64),
    each: &mut EachChange<'_>,
) -> Result<(), Failure> {
    let (from, until) = (rows::signed(from), rows::signed(until));
    stream(transaction, place, (HISTORY, &[&from, &until]), |row| {
        let (epoch, alert_id): (u64, &str) = (rows::number(row, 0)?, rows::get(row, 1)?);
        let sealed: &[u8] = rows::get(row, 2)?;
        let line = key.and_then(|key| key.open_history(epoch, alert_id, sealed));
        given(each(alert_id, line.as_deref()))
    })
}

pub(super) fn every_alert(
    (transaction, key): (&mut Transaction<'_>, Option<&StoreKey>),
    place: &str,
    each: &mut EachAlert<'_>,
) -> Result<(), Failure> {
    stream(transaction, place, (EVERY_ALERT, &[]), |row| {
        let (alert_id, sealed): (&str, &[u8]) = (rows::get(row, 0)?, rows::get(row, 4)?);
        let opened = key.and_then(|key| key.open_alert(alert_id, sealed));
        given(each(StoredLine {
            alert_id,
            reason: rows::get(row, 1)?,
            state: rows::named(row, 2, AlertState::from_name)?,
            changed_epoch: rows::number(row, 3)?,
            line: opened.as_ref().map(|(_, line)| &**line),
        }))
    })
}

fn given(taken: std::io::Result<()>) -> Result<(), Failure> {
    taken.map_err(|error| StoreError::Output(error).into())
}

/// Gives rows out. What fails once some were given is final: it cannot be begun anew.
fn stream(
    transaction: &mut Transaction<'_>,
    place: &str,
    (query, values): (&str, &[&(dyn ToSql + Sync)]),
    mut each: impl FnMut(&Row) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let portal = transaction.bind(query, values)?;
    let mut was_given = false;
    loop {
        let fetched = transaction.query_portal(&portal, ROWS);
        let fetched = fetched
            .map_err(Failure::from)
            .map_err(|failure| match was_given {
                true => Failure::Store(failure.told(place)),
                false => failure,
            })?;
        if fetched.is_empty() {
            return Ok(());
        }
        was_given = true;
        fetched.iter().try_for_each(&mut each)?;
    }
}
