//! Pages of alerts. Each state is read by the index that has its alerts in order; where several are asked
//! for, the first of each are put together.

use rusqlite::{Connection, params_from_iter, types::Value};

use super::{Failure, rows};
use crate::store::{AlertFilter, AlertState, PageToken, StoredAlert};

/// The first `wanted` alerts of each state of the filter after the token.
pub(super) fn candidates(
    connection: &Connection,
    filter: &AlertFilter,
    after: Option<&PageToken>,
    wanted: usize,
) -> Result<Vec<StoredAlert>, Failure> {
    let states = AlertState::ALL.into_iter();
    let states = states.filter(|state| filter.state.is_none_or(|asked| asked == *state));
    let mut alerts = Vec::new();
    for state in states {
        let mut clauses = vec!["state = ?"];
        let mut values: Vec<Value> = vec![state.as_str().to_owned().into()];
        if let Some(reason) = &filter.reason {
            clauses.push("reason = ?");
            values.push(reason.clone().into());
        }
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
            "SELECT {} FROM alerts WHERE {} ORDER BY priority DESC, alert_id LIMIT ?",
            rows::ALERT,
            clauses.join(" AND ")
        );
        let mut query = connection.prepare_cached(&query)?;
        let found = query.query_map(params_from_iter(values), rows::alert)?;
        for alert in found {
            alerts.push(alert?);
        }
    }
    Ok(alerts)
}
