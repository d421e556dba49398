//! Pages of alerts. Each state is read by the index that has its alerts in order; where several are asked
//! for, the first of each are put together.

use postgres::Transaction;
use postgres::types::ToSql;

use super::error::Failure;
use super::rows;
use crate::store::{AlertFilter, AlertState, PageToken, StoredAlert};

/// The first `wanted` alerts of each state of the filter after the token.
pub(super) fn candidates(
    transaction: &mut Transaction<'_>,
    filter: &AlertFilter,
    after: Option<&PageToken>,
    wanted: usize,
) -> Result<Vec<StoredAlert>, Failure> {
    let states = AlertState::ALL.into_iter();
    let states = states.filter(|state| filter.state.is_none_or(|asked| asked == *state));
    let mut alerts = Vec::new();
    for state in states {
        // Numbers and words of ours are written out, so that the planner knows them; what was asked for
        // by others is a parameter.
        let mut clauses = vec![format!("state = '{}'", state.as_str())];
        let mut values: Vec<&(dyn ToSql + Sync)> = Vec::new();
        for (column, asked) in [("reason", &filter.reason), ("class", &filter.class)] {
            if let Some(word) = asked {
                values.push(word);
                clauses.push(format!("{column} = ${}", values.len()));
            }
        }
        if let Some(PageToken { priority, alert_id }) = after {
            values.push(alert_id);
            let id = values.len();
            // The first bounds the index, the second leaves out what was given.
            clauses.push(format!("priority <= {priority}"));
            clauses.push(format!("(priority < {priority} OR alert_id > ${id})"));
        }
        if let Some(least) = filter.min_priority {
            clauses.push(format!("priority >= {least}"));
        }
        let query = format!(
            "SELECT {} FROM alerts WHERE {} ORDER BY priority DESC, alert_id LIMIT {wanted}",
            rows::ALERT,
            clauses.join(" AND ")
        );
        for row in transaction.query(&query, &values)? {
            alerts.push(rows::alert(&row)?);
        }
    }
    Ok(alerts)
}
