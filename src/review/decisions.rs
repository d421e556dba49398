//! What was decided of the alerts of a reason, and how long people took over one.
//!
//! In: a reason, and whose provinces. Out: the verdicts of closed alerts that hold, and the median of the minutes from
//! taking an alert to deciding it. Must hold: times are those of people who decided in one sitting, one alert at a
//! time; where they are few, none is told, and whoever counts work says what is assumed instead.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::database::Failure;
use super::rows::unknown;
use super::verdict::{Outcome, Verdict};
use super::viewer::Viewer;
use crate::rule::Reason;
use crate::store::AlertState;

/// Minutes that an alert is taken to need where too few were measured: what opening a case, comparing its rows and
/// writing a note takes somebody who knows the reason. An assumption, and pages say so.
pub const ASSUMED_MINUTES: u32 = 15;
/// The fewest decisions that a median is told of.
pub const FEWEST_MEASURED: usize = 20;
/// The longest sitting: whoever decides later did something else in between.
const LONGEST_SITTING: i64 = 4 * 3_600_000;
/// The latest decisions that are measured.
const MEASURED: u32 = 5_000;

/// What was decided of the alerts of a reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decisions {
    /// The closed alerts that hold: their ids, and what was decided.
    pub outcomes: Vec<(String, Outcome)>,
    /// Minutes that people took over one, where enough were measured: the median, and of how many.
    pub minutes: Option<(u32, usize)>,
}

/// The decisions about the alerts of a reason that somebody may see.
pub(super) fn of_reason(
    connection: &Connection,
    who: &Viewer,
    reason: Reason,
) -> Result<Decisions, Failure> {
    Ok(Decisions {
        outcomes: outcomes(connection, who, reason)?,
        minutes: minutes(connection, reason)?,
    })
}

fn outcomes(
    connection: &Connection,
    who: &Viewer,
    reason: Reason,
) -> Result<Vec<(String, Outcome)>, Failure> {
    let mut text = "SELECT alert_id, verdict FROM item WHERE place IN ('closed', 'recheck') AND reason = ? AND \
                    work = 'closed' AND state = ?"
        .to_owned();
    let mut values: Vec<Value> = [reason.as_str(), AlertState::Active.as_str()]
        .map(|word| word.to_owned().into())
        .into();
    if !who.provinces.is_empty() {
        let places = vec!["?"; who.provinces.len()].join(", ");
        text += &format!(" AND (province IS NULL OR province IN ({places}))");
        values.extend(who.provinces.iter().cloned().map(Value::from));
    }
    let mut select = connection.prepare_cached(&text)?;
    let mut found = select.query(params_from_iter(values))?;
    let mut outcomes = Vec::new();
    while let Some(row) = found.next()? {
        let code: String = row.get(1)?;
        let verdict = Verdict::from_code(&code).ok_or_else(|| unknown(1))?;
        outcomes.push((row.get(0)?, verdict.outcome()));
    }
    Ok(outcomes)
}

/// The median minutes of the latest decisions. Of everybody: a pace is of no province.
fn minutes(connection: &Connection, reason: Reason) -> Result<Option<(u32, usize)>, Failure> {
    let mut select = connection.prepare_cached(
        "SELECT decided.at - (SELECT max(begun.at) FROM event begun WHERE begun.alert_id = decided.alert_id \
         AND begun.number < decided.number AND begun.actor = decided.actor \
         AND begun.action IN ('take', 'start', 'resume')) AS took \
         FROM event decided JOIN item USING (alert_id) \
         WHERE item.reason = ? AND decided.action IN ('close', 'propose') AND decided.bulk IS NULL \
         AND decided.batch IS NULL \
         ORDER BY decided.number DESC LIMIT ?",
    )?;
    let took = select.query_map((reason.as_str(), MEASURED), |row| row.get(0))?;
    let took: Vec<Option<i64>> = took.collect::<Result<_, _>>()?;
    Ok(median_minutes(took.into_iter().flatten()))
}

/// The median of times in milliseconds, of those of one sitting, in whole minutes and at least one.
fn median_minutes(took: impl Iterator<Item = i64>) -> Option<(u32, usize)> {
    let mut took: Vec<i64> = took
        .filter(|took| (0..=LONGEST_SITTING).contains(took))
        .collect();
    if took.len() < FEWEST_MEASURED {
        return None;
    }
    took.sort_unstable();
    let minutes = (took[took.len() / 2] + 59_999) / 60_000;
    Some((
        u32::try_from(minutes.max(1)).unwrap_or(u32::MAX),
        took.len(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_of_sittings_and_of_enough_of_them() {
        let minutes = |minutes: i64| minutes * 60_000;
        let few = (1..20).map(minutes);
        assert_eq!(median_minutes(few), None);
        let enough = (1..=21).map(minutes);
        assert_eq!(median_minutes(enough.clone()), Some((11, 21)));
        // Who decides on the next day took no day.
        let over_night = enough.chain([minutes(600), -1]);
        assert_eq!(median_minutes(over_night), Some((11, 21)));
        let quick = std::iter::repeat_n(5_000, 20);
        assert_eq!(median_minutes(quick), Some((1, 20)));
    }
}
