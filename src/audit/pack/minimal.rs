//! Which rows an alert needs.
//!
//! In: rows of which an alert holds. Out: those that are left when every row is taken out without which the alert is
//! the same to the letter, and of those, the ones without which it would be another in substance. Must hold: the
//! alert follows from what is left alone; of what is left none can be taken out without a change of the alert or of
//! its evidence.
//!
//! The search takes rows out of a running dataflow, half of what is left at a time while that changes nothing
//! (Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input", 2002), so that a slice without effect
//! costs one step and every row that counts a logarithm of them.

use super::trial::{Move, Trial, TrialError};
use crate::alert::{Alert, AlertId, Evidence};

/// The rows that an alert needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Minimal {
    /// Their places, in order, each with whether the alert would be another without it; without one that would not
    /// it would list another evidence.
    pub rows: Vec<(usize, bool)>,
}

/// An alert but for the rows that it lists.
pub fn substance(alert: &Alert) -> Alert {
    Alert {
        evidence: Evidence {
            rows: Vec::new(),
            count: None,
            digest: None,
        },
        ..alert.clone()
    }
}

/// Finds the rows that an alert needs, of so many which are all in.
///
/// # Errors
/// When the dataflow stopped.
pub fn minimal(trial: &mut Trial<'_>, alert: &Alert, count: usize) -> Result<Minimal, TrialError> {
    let mut kept: Vec<usize> = (0..count).collect();
    loop {
        let before = kept.len();
        let mut left = Vec::with_capacity(before);
        reduce(trial, alert, &kept, &mut left)?;
        kept = left;
        // What was kept for the sake of a row that is gone since may go as well.
        if kept.len() == before {
            break;
        }
    }
    let wanted = substance(alert);
    let mut rows = Vec::with_capacity(kept.len());
    for place in kept {
        trial.apply([(place, Move::Take)])?;
        let is_same =
            found(trial, alert.alert_id)?.is_some_and(|found| substance(&found) == wanted);
        trial.apply([(place, Move::Put)])?;
        rows.push((place, !is_same));
    }
    Ok(Minimal { rows })
}

/// Takes out what can be, of some rows; adds what is left to `left`.
fn reduce(
    trial: &mut Trial<'_>,
    alert: &Alert,
    rows: &[usize],
    left: &mut Vec<usize>,
) -> Result<(), TrialError> {
    if rows.is_empty() {
        return Ok(());
    }
    trial.apply(rows.iter().map(|place| (*place, Move::Take)))?;
    if found(trial, alert.alert_id)?.is_some_and(|found| found == *alert) {
        return Ok(());
    }
    trial.apply(rows.iter().map(|place| (*place, Move::Put)))?;
    if let [row] = rows {
        left.push(*row);
        return Ok(());
    }
    let (first, second) = rows.split_at(rows.len() / 2);
    reduce(trial, alert, first, left)?;
    reduce(trial, alert, second, left)
}

/// An alert, where it holds.
pub fn found(trial: &Trial<'_>, id: AlertId) -> Result<Option<Alert>, TrialError> {
    Ok(trial.alerts()?.remove(&id))
}
