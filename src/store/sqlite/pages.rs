//! Pages of alerts. The index has the alerts of a state and a reason in order; where several are asked
//! for, the first keys of each are put together, and only the rows of the page are read.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};

use super::{Failure, rows};
use crate::store::alert::SealedAlert;
use crate::store::page::{first_keys, wanted};
use crate::store::{AlertFilter, AlertState, PageToken};

/// The alerts of a page and the one after it, in no order.
pub(super) fn candidates(
    connection: &Connection,
    filter: &AlertFilter,
    after: Option<&PageToken>,
    limit: u32,
) -> Result<Vec<SealedAlert>, Failure> {
    let states = AlertState::ALL.into_iter();
    let states = states.filter(|state| filter.state.is_none_or(|asked| asked == *state));
    let mut keys = Vec::new();
    for state in states {
        let reasons = match &filter.reason {
            Some(reason) => vec![reason.clone()],
            None => reasons(connection, state)?,
        };
        for reason in reasons {
            let queue = (state, reason);
            add_keys(connection, queue, (filter, after), wanted(limit), &mut keys)?;
        }
    }
    let query = format!("SELECT {} FROM alerts WHERE alert_id = ?", rows::ALERT);
    let mut query = connection.prepare_cached(&query)?;
    let keys = first_keys(keys, wanted(limit)).into_iter();
    let alerts = keys.map(|alert_id| query.query_row([alert_id], rows::alert));
    Ok(alerts.collect::<Result<_, _>>()?)
}

/// The reasons of alerts in a state, each by one look into the index.
fn reasons(connection: &Connection, state: AlertState) -> Result<Vec<String>, Failure> {
    let next = "SELECT reason FROM alerts WHERE state = ? AND reason > ? ORDER BY reason LIMIT 1";
    let mut next = connection.prepare_cached(next)?;
    let mut reasons: Vec<String> = Vec::new();
    loop {
        let last = reasons.last().map_or("", String::as_str);
        let reason = next.query_row([state.as_str(), last], |row| row.get(0));
        match reason.optional()? {
            Some(reason) => reasons.push(reason),
            None => return Ok(reasons),
        }
    }
}

/// Adds the first keys of a queue after the token.
fn add_keys(
    connection: &Connection,
    (state, reason): (AlertState, String),
    (filter, after): (&AlertFilter, Option<&PageToken>),
    wanted: usize,
    keys: &mut Vec<(u32, String)>,
) -> Result<(), Failure> {
    let mut clauses = vec!["state = ? AND reason = ?"];
    let mut values: Vec<Value> = vec![state.as_str().to_owned().into(), reason.into()];
    if let Some(class) = &filter.class {
        clauses.push("class = ?");
        values.push(class.clone().into());
    }
    if let Some(least) = filter.min_priority {
        clauses.push("priority >= ?");
        values.push(i64::from(least).into());
    }
    if let Some(token) = after {
        // The first of them bounds the index, the second leaves out what was given.
        clauses.push("priority <= ? AND (priority < ? OR alert_id > ?)");
        let priority = i64::from(token.priority);
        values.extend([priority.into(), priority.into()]);
        values.push(token.alert_id.clone().into());
    }
    values.push(i64::try_from(wanted).unwrap_or(i64::MAX).into());
    let query = format!(
        "SELECT priority, alert_id FROM alerts WHERE {} ORDER BY priority DESC, alert_id LIMIT ?",
        clauses.join(" AND ")
    );
    let mut query = connection.prepare_cached(&query)?;
    let found = query.query_map(params_from_iter(values), |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    for key in found {
        keys.push(key?);
    }
    Ok(())
}
