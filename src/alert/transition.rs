//! What an epoch did to findings.
//!
//! In: findings that came and went, in order, and the claims whose alerts are to be looked at as well.
//! Out: a transition for each subject and reason. Must hold: each is given once.

use std::collections::BTreeMap;

use super::ledger::Active;
use crate::dataflow::{Finding, RowRef};
use crate::rule::Reason;

/// An alert, as the ledger knows it.
pub type AlertKey = (RowRef, Reason);

/// What an epoch did to one finding.
pub struct Transition {
    /// Subject and reason.
    pub key: AlertKey,
    /// What held before.
    pub before: Option<Finding>,
    /// What holds after it.
    pub after: Option<Finding>,
}

/// The transitions of an epoch. `active` are the alerts that held before it.
pub fn transitions(
    findings: Vec<(Finding, i32)>,
    looked_at: impl Iterator<Item = RowRef>,
    active: &BTreeMap<AlertKey, Active>,
) -> Vec<Transition> {
    let mut transitions = pairs(findings);
    let found = transitions.len();
    let mut looked_at: Vec<RowRef> = looked_at.collect();
    looked_at.sort_unstable();
    looked_at.dedup();
    for subject in looked_at {
        let from = (subject, Reason::ALL[0]);
        let of_subject = active.range(from..).take_while(|(key, _)| key.0 == subject);
        for (key, active) in of_subject {
            let is_found = transitions[..found].binary_search_by_key(key, |one| one.key);
            if is_found.is_err() {
                transitions.push(Transition {
                    key: *key,
                    before: Some(active.finding.clone()),
                    after: Some(active.finding.clone()),
                });
            }
        }
    }
    transitions
}

/// What came and went of each subject and reason, in their order.
fn pairs(mut findings: Vec<(Finding, i32)>) -> Vec<Transition> {
    // They come in this order, so that there is nothing to do but to see it.
    findings.sort_by_key(|(finding, _)| (finding.subject, finding.reason));
    let mut transitions: Vec<Transition> = Vec::with_capacity(findings.len());
    for (finding, count) in findings {
        let key = (finding.subject, finding.reason);
        if transitions.last().is_none_or(|last| last.key != key) {
            transitions.push(Transition {
                key,
                before: None,
                after: None,
            });
        }
        let last = transitions.len() - 1;
        let side = match count {
            1 => &mut transitions[last].after,
            -1 => &mut transitions[last].before,
            _ => unreachable!("a reason holds of a subject once or not at all"),
        };
        assert!(
            side.is_none(),
            "a reason holds of a subject once or not at all"
        );
        *side = Some(finding);
    }
    transitions
}
