//! What several epochs do to alerts together: of each alert what the last of them left, by id, so that a
//! group of epochs writes each alert once, and neighbours in the index one after the other.

use std::collections::BTreeMap;

use super::alert::{AlertChange, AlertRow, AlertState};
use super::epoch::EpochCommit;

/// What becomes of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outcome<'a> {
    pub(super) alert_id: &'a str,
    /// What is known of it from these epochs; none where it stays as it is stored.
    pub(super) row: Option<&'a AlertRow>,
    pub(super) state: AlertState,
    pub(super) changed_epoch: u64,
}

/// What becomes of each alert, by id.
pub(super) fn outcomes(epochs: &[EpochCommit]) -> Vec<Outcome<'_>> {
    let mut outcomes: BTreeMap<&str, Outcome<'_>> = BTreeMap::new();
    for epoch in epochs {
        for change in &epoch.alerts {
            let alert_id = change.alert_id();
            let row = match change {
                AlertChange::Holds(row) => Some(&**row),
                _ => outcomes.get(alert_id).and_then(|earlier| earlier.row),
            };
            let outcome = Outcome {
                alert_id,
                row,
                state: change.state(),
                changed_epoch: epoch.epoch,
            };
            outcomes.insert(alert_id, outcome);
        }
    }
    outcomes.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_epoch_decides_with_the_last_row() {
        let row = |alert_id: &str, line: &str| AlertRow {
            alert_id: alert_id.to_owned(),
            reason: "unknown_card".into(),
            class: "eligibility".into(),
            severity: "low".into(),
            subject_kind: "card".into(),
            subject_id: String::new(),
            amount_thousandths: 0,
            grade: None,
            cause: None,
            score: None,
            misuse_probability: None,
            priority: 0,
            raised_at: String::new(),
            raised_epoch: 1,
            line: line.to_owned(),
        };
        let holds = |alert_id, line| AlertChange::Holds(Box::new(row(alert_id, line)));
        let withdrawn = |alert_id: &str| AlertChange::Withdrawn {
            alert_id: alert_id.to_owned(),
        };
        let epoch = |epoch, alerts| EpochCommit {
            epoch,
            alerts,
            ..EpochCommit::default()
        };
        let epochs = [
            epoch(1, vec![holds("b", "1"), holds("a", "1"), withdrawn("c")]),
            epoch(2, vec![holds("b", "2"), withdrawn("a")]),
            epoch(3, vec![withdrawn("b")]),
            epoch(4, vec![holds("b", "4")]),
        ];
        let outcomes = outcomes(&epochs);
        let told: Vec<_> = outcomes
            .iter()
            .map(|one| {
                let line = one.row.map(|row| &*row.line);
                (one.alert_id, line, one.state, one.changed_epoch)
            })
            .collect();
        assert_eq!(
            told,
            [
                ("a", Some("1"), AlertState::Withdrawn, 2),
                ("b", Some("4"), AlertState::Active, 4),
                ("c", None, AlertState::Withdrawn, 1),
            ]
        );
    }
}
