//! Lines for exports and recovery, row by row.

use rusqlite::{Connection, named_params};

use super::{Failure, rows};
use crate::store::key::StoreKey;
use crate::store::{AlertState, EachAlert, EachChange, EachLine, Raised, StoreError, StoredLine};

pub(super) fn raised(
    connection: &Connection,
    each: &mut dyn FnMut(Raised<'_>),
) -> Result<(), Failure> {
    let query = "SELECT alert_id, raised_at, raised_epoch FROM alerts
        WHERE +state = 'active' ORDER BY alert_id";
    let mut query = connection.prepare(query)?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        each(Raised {
            alert_id: row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?,
            raised_at: row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?,
            raised_epoch: row.get(2)?,
        });
    }
    Ok(())
}

pub(super) fn alerts(
    connection: &Connection,
    key: Option<&StoreKey>,
    each: &mut EachLine<'_>,
) -> Result<(), Failure> {
    // By the index of ids: sorting all lines would need their size on disk.
    let query = "SELECT alert_id, sealed FROM alerts WHERE +state = 'active' ORDER BY alert_id";
    let mut query = connection.prepare(query)?;
    let mut found = query.query([])?;
    while let Some(row) = found.next()? {
        let alert_id = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        let sealed = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        let opened = key.and_then(|key| key.open_alert(alert_id, sealed));
        let (_, line) = opened.ok_or_else(|| StoreError::Forged {
            alert_id: alert_id.to_owned(),
        })?;
        each(&line).map_err(StoreError::Output)?;
    }
    Ok(())
}

pub(super) fn history(
    connection: &Connection,
    key: Option<&StoreKey>,
    (from, until): (u64, u64),
    each: &mut EachChange<'_>,
) -> Result<(), Failure> {
    let query = "SELECT epoch, alert_id, sealed FROM history
        WHERE epoch BETWEEN :from AND :until ORDER BY epoch, alert_id";
    let mut query = connection.prepare(query)?;
    let [from, until] = [from, until].map(|epoch| i64::try_from(epoch).unwrap_or(i64::MAX));
    let mut found = query.query(named_params! {":from": from, ":until": until})?;
    while let Some(row) = found.next()? {
        let alert_id = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        let sealed = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
        let epoch = row.get(0)?;
        let line = key.and_then(|key| key.open_history(epoch, alert_id, sealed));
        each(alert_id, line.as_deref()).map_err(StoreError::Output)?;
    }
    Ok(())
}

pub(super) fn every_alert(
    connection: &Connection,
    key: Option<&StoreKey>,
    each: &mut EachAlert<'_>,
) -> Result<(), Failure> {
    let query =
        "SELECT alert_id, reason, state, changed_epoch, sealed FROM alerts ORDER BY alert_id";
    let mut query = connection.prepare(query)?;
    let mut found = query.query([])?;
    while let Some(row) = found.next()? {
        let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
        let alert_id = text(0)?;
        let sealed = row.get_ref(4)?.as_blob().map_err(rusqlite::Error::from)?;
        let opened = key.and_then(|key| key.open_alert(alert_id, sealed));
        let stored = StoredLine {
            alert_id,
            reason: text(1)?,
            state: rows::named(row, 2, AlertState::from_name)?,
            changed_epoch: row.get(3)?,
            line: opened.as_ref().map(|(_, line)| &**line),
        };
        each(stored).map_err(StoreError::Output)?;
    }
    Ok(())
}
