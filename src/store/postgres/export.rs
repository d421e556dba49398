//! Lines for exports and recovery, through a portal: so many rows at a time, all of one state of the store.

use postgres::types::ToSql;
use postgres::{Row, Transaction};

use super::error::Failure;
use super::rows;
use crate::store::error::StoreError;
use crate::store::{EachLine, Raised};

/// Rows fetched at a time.
const ROWS: i32 = 1000;

const RAISED: &str = "SELECT alert_id, raised_at, raised_epoch FROM alerts
    WHERE state = 'active' ORDER BY alert_id";
const ALERTS: &str = "SELECT line FROM alerts
    WHERE state = 'active' ORDER BY alert_id";
const HISTORY: &str = "SELECT line FROM history WHERE epoch >= $1 ORDER BY epoch, alert_id";

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
    transaction: &mut Transaction<'_>,
    place: &str,
    each: &mut EachLine<'_>,
) -> Result<(), Failure> {
    stream(transaction, place, (ALERTS, &[]), |row| line(row, each))
}

pub(super) fn history(
    transaction: &mut Transaction<'_>,
    place: &str,
    from_epoch: u64,
    each: &mut EachLine<'_>,
) -> Result<(), Failure> {
    let from = rows::signed(from_epoch);
    stream(transaction, place, (HISTORY, &[&from]), |row| {
        line(row, each)
    })
}

fn line(row: &Row, each: &mut EachLine<'_>) -> Result<(), Failure> {
    each(rows::get(row, 0)?).map_err(|error| StoreError::Output(error).into())
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
