//! Pages of alerts. The index has the alerts of a state and a reason in order; where several are asked
//! for, the first keys of each are put together, and only the rows of the page are read.

use postgres::Transaction;
use postgres::types::ToSql;

use super::error::Failure;
use super::rows;
use crate::store::alert::SealedAlert;
use crate::store::page::{first_keys, wanted};
use crate::store::{AlertFilter, AlertState, PageToken};

/// The alerts of a page and the one after it, in no order.
pub(super) fn candidates(
    transaction: &mut Transaction<'_>,
    filter: &AlertFilter,
    after: Option<&PageToken>,
    limit: u32,
) -> Result<Vec<SealedAlert>, Failure> {
    let states = AlertState::ALL.into_iter();
    let states = states.filter(|state| filter.state.is_none_or(|asked| asked == *state));
    let mut keys = Vec::new();
    for state in states {
        add_keys(
            transaction,
            state,
            (filter, after),
            wanted(limit),
            &mut keys,
        )?;
    }
    let keys = first_keys(keys, wanted(limit));
    let query = format!(
        "SELECT {} FROM alerts WHERE alert_id = ANY($1)",
        rows::ALERT
    );
    let found = transaction.query(&query, &[&keys])?;
    found.iter().map(rows::alert).collect()
}

/// Adds the first keys of a state's queues after the token.
fn add_keys(
    transaction: &mut Transaction<'_>,
    state: AlertState,
    (filter, after): (&AlertFilter, Option<&PageToken>),
    wanted: usize,
    keys: &mut Vec<(u32, String)>,
) -> Result<(), Failure> {
    // Numbers and words of ours are written out, so that the planner knows them; what was asked for by
    // others is a parameter.
    let state = state.as_str();
    let mut clauses = vec![format!("state = '{state}' AND a.reason = r.reason")];
    let mut values: Vec<&(dyn ToSql + Sync)> = Vec::new();
    // Each reason is one look into the index.
    let reasons = match &filter.reason {
        Some(reason) => {
            values.push(reason);
            "SELECT $1::text COLLATE \"C\" AS reason".to_owned()
        }
        None => format!(
            "WITH RECURSIVE found AS (
                SELECT min(reason) AS reason FROM alerts WHERE state = '{state}'
                UNION ALL
                SELECT (SELECT min(a.reason) FROM alerts a
                        WHERE a.state = '{state}' AND a.reason > found.reason)
                FROM found WHERE found.reason IS NOT NULL
            )
            SELECT reason FROM found WHERE reason IS NOT NULL"
        ),
    };
    if let Some(class) = &filter.class {
        values.push(class);
        clauses.push(format!("class = ${}", values.len()));
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
        "SELECT k.priority, k.alert_id
        FROM ({reasons}) r CROSS JOIN LATERAL (
            SELECT a.priority, a.alert_id FROM alerts a WHERE {}
            ORDER BY a.priority DESC, a.alert_id LIMIT {wanted}
        ) k
        ORDER BY k.priority DESC, k.alert_id LIMIT {wanted}",
        clauses.join(" AND ")
    );
    for row in transaction.query(&query, &values)? {
        keys.push((rows::number(&row, 0)?, rows::get(&row, 1)?));
    }
    Ok(())
}
