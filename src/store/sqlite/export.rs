//! Lines for exports and recovery, row by row.

use rusqlite::{Connection, named_params};

use super::Failure;
use crate::store::{EachLine, Raised, StoreError};

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

pub(super) fn alerts(connection: &Connection, each: &mut EachLine<'_>) -> Result<(), Failure> {
    // By the index of ids: sorting all lines would need their size on disk.
    let query = "SELECT line FROM alerts WHERE +state = 'active' ORDER BY alert_id";
    let mut query = connection.prepare(query)?;
    lines(query.query([])?, each)
}

pub(super) fn history(
    connection: &Connection,
    from_epoch: u64,
    each: &mut EachLine<'_>,
) -> Result<(), Failure> {
    let query = "SELECT line FROM history WHERE epoch >= :from ORDER BY epoch, alert_id";
    let mut query = connection.prepare(query)?;
    let from = i64::try_from(from_epoch).unwrap_or(i64::MAX);
    lines(query.query(named_params! {":from": from})?, each)
}

fn lines(mut rows: rusqlite::Rows<'_>, each: &mut EachLine<'_>) -> Result<(), Failure> {
    while let Some(row) = rows.next()? {
        let line = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        each(line).map_err(StoreError::Output)?;
    }
    Ok(())
}
