//! What a replay came to, beside what the store has.
//!
//! In: the decisions and alerts of a replay, and the lines of the store. Out: the alerts of which something differs.
//! Must hold: lines are compared byte for byte; an alert that a later epoch changed is not compared, its decisions are; a
//! line that does not open differs from everything.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use serde::{Deserialize, Serialize};

use super::replaying::{Replayed, line_digest};
use super::span::Span;
use crate::alert::AlertId;
use crate::persons::{ACROSS_PERSONS, Persons};
use crate::rule::Reason;
use crate::store::{AlertReader, AlertState, StoreError, StoredLine};

/// How many alerts that differ are named.
const NAMED: usize = 20;

/// What differs of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// The store lacks a decision that the replay has.
    DecisionMissing,
    /// The store has a decision that the replay does not.
    DecisionNotReplayed,
    /// Both have the decision, and its lines differ.
    DecisionOther,
    /// The alert holds in the replay, and in the store it does not.
    AlertMissing,
    /// The alert holds in the store, and in the replay it does not.
    AlertNotReplayed,
    /// It holds in both, and its lines differ.
    AlertOther,
    /// A line of the store does not open: it was changed past the program.
    Unreadable,
}

impl Difference {
    /// The word in outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DecisionMissing => "decision_missing",
            Self::DecisionNotReplayed => "decision_not_replayed",
            Self::DecisionOther => "decision_other",
            Self::AlertMissing => "alert_missing",
            Self::AlertNotReplayed => "alert_not_replayed",
            Self::AlertOther => "alert_other",
            Self::Unreadable => "unreadable",
        }
    }
}

/// An alert of which something differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Differing {
    /// Its id.
    pub alert_id: String,
    /// Its reason; empty where only a line that does not open tells of it.
    pub reason: String,
    /// What differs.
    pub differences: Vec<Difference>,
}

/// What was compared.
pub(super) struct Compared {
    pub(super) decisions: u64,
    pub(super) alerts: u64,
    pub(super) changed_since: u64,
    pub(super) mismatched: u64,
    pub(super) differing: Vec<Differing>,
}

/// Compares.
pub(super) struct Comparison<'p> {
    span: Span,
    persons: Option<&'p Persons>,
    /// By alert: its reason, and what differs.
    found: BTreeMap<String, (String, BTreeSet<Difference>)>,
}

/// What is read of a line.
#[derive(Deserialize)]
struct Told {
    #[serde(default)]
    epoch: u64,
    alert_id: AlertId,
    reason: Reason,
    subject: ToldSubject,
}

#[derive(Deserialize)]
struct ToldSubject {
    kind: String,
    id: String,
}

impl<'p> Comparison<'p> {
    pub(super) fn new(span: Span, persons: Option<&'p Persons>) -> Self {
        Self {
            span,
            persons,
            found: BTreeMap::new(),
        }
    }

    /// Compares what a replay came to with a store.
    pub(super) fn run(
        mut self,
        replayed: &Replayed,
        store: &mut dyn AlertReader,
    ) -> Result<Compared, StoreError> {
        let decisions = self.decisions(replayed, store)?;
        let (alerts, changed_since) = self.alerts(replayed, store)?;
        let mismatched = self.found.len() as u64;
        let differing = self.found.into_iter().take(NAMED);
        let differing = differing.map(|(alert_id, (reason, differences))| Differing {
            alert_id,
            reason,
            differences: differences.into_iter().collect(),
        });
        Ok(Compared {
            decisions,
            alerts,
            changed_since,
            mismatched,
            differing: differing.collect(),
        })
    }

    fn differs(&mut self, alert_id: &str, reason: &str, what: Difference) {
        let found = self.found.entry(alert_id.to_owned()).or_default();
        if found.0.is_empty() {
            reason.clone_into(&mut found.0);
        }
        found.1.insert(what);
    }

    /// Whether an alert is compared.
    fn is_compared(&self, told: &Told) -> bool {
        self.persons.is_none_or(|persons| {
            told.reason != ACROSS_PERSONS
                && persons.are_subject(&told.subject.kind, &told.subject.id)
        })
    }

    /// The decisions of the span. Gives how many the store has of them.
    fn decisions(
        &mut self,
        replayed: &Replayed,
        store: &mut dyn AlertReader,
    ) -> Result<u64, StoreError> {
        let from = self.span.from.max(replayed.settled + 1);
        let mut left: BTreeSet<(u64, AlertId)> = replayed.decisions.keys().copied().collect();
        let mut compared = 0;
        if from <= self.span.until {
            store.history_between((from, self.span.until), &mut |alert_id, line| {
                let told = line.and_then(|line| serde_json::from_str::<Told>(line).ok());
                let (Some(line), Some(told)) = (line, told) else {
                    self.differs(alert_id, "", Difference::Unreadable);
                    return Ok(());
                };
                if !self.is_compared(&told) {
                    return Ok(());
                }
                compared += 1;
                let key = (told.epoch, told.alert_id);
                left.remove(&key);
                match replayed.decisions.get(&key) {
                    Some((_, digest)) if *digest == line_digest(line) => {}
                    Some((reason, _)) => {
                        self.differs(alert_id, reason.as_str(), Difference::DecisionOther);
                    }
                    None => {
                        let reason = told.reason.as_str();
                        self.differs(alert_id, reason, Difference::DecisionNotReplayed);
                    }
                }
                Ok(())
            })?;
        }
        for key in left {
            let (reason, _) = replayed.decisions[&key];
            let alert_id = key.1.to_string();
            self.differs(&alert_id, reason.as_str(), Difference::DecisionMissing);
        }
        Ok(compared)
    }

    /// The alerts at the end of the span. Gives how many of the store were compared, and how many were not, since a
    /// later epoch changed them.
    fn alerts(
        &mut self,
        replayed: &Replayed,
        store: &mut dyn AlertReader,
    ) -> Result<(u64, u64), StoreError> {
        let mut left: BTreeSet<AlertId> = replayed.alerts.keys().copied().collect();
        let (mut compared, mut changed_since) = (0, 0);
        store.every_alert(&mut |stored| {
            let id: AlertId = stored.alert_id.parse().map_err(io::Error::other)?;
            if stored.changed_epoch > self.span.until {
                changed_since += u64::from(left.remove(&id));
                return Ok(());
            }
            compared += u64::from(self.alert(replayed, (id, &stored)));
            left.remove(&id);
            Ok(())
        })?;
        for id in left {
            let (reason, _) = replayed.alerts[&id];
            self.differs(&id.to_string(), reason.as_str(), Difference::AlertMissing);
        }
        Ok((compared, changed_since))
    }

    /// Whether an alert of the store was compared.
    fn alert(&mut self, replayed: &Replayed, (id, stored): (AlertId, &StoredLine<'_>)) -> bool {
        let told = stored
            .line
            .and_then(|line| serde_json::from_str::<Told>(line).ok());
        let (Some(line), Some(told)) = (stored.line, told) else {
            self.differs(stored.alert_id, stored.reason, Difference::Unreadable);
            return true;
        };
        if !self.is_compared(&told) {
            return false;
        }
        let holds = stored.state == AlertState::Active;
        let what = match (replayed.alerts.get(&id), holds) {
            (Some((_, digest)), true) if *digest == line_digest(line) => return true,
            (Some(_), true) => Difference::AlertOther,
            (Some(_), false) => Difference::AlertMissing,
            (None, true) => Difference::AlertNotReplayed,
            (None, false) => return true,
        };
        self.differs(stored.alert_id, stored.reason, what);
        true
    }
}
