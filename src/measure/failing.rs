//! The subjects of alerts that fail checks, kept up event by event.
//!
//! In: what became of alerts. Out: for each check, how many subjects fail it, and of the one that is told by facility,
//! how many of each. Must hold: a subject of several alerts fails a check once, until the last of them is gone;
//! whatever was raised, changed and withdrawn, the counts are those of the alerts that hold.

use std::collections::BTreeMap;
use std::sync::Arc;

use hashbrown::HashMap;

use super::correct::{CHECKS, Check, DOUBTED, facility_of};
use crate::alert::{Alert, Event, EventKind, Subject};
use crate::record::Facility;
use crate::rule::{Class, Reason};

/// Reasons by which subjects fail, a bit each.
type Reasons = u32;

const _: () = assert!(Reason::ALL.len() <= Reasons::BITS as usize);

/// Who fails what.
#[derive(Clone, Debug, Default)]
pub struct Failing {
    /// By the place of the check.
    subjects: [HashMap<Arc<str>, Reasons>; CHECKS.len()],
}

impl Failing {
    /// Those of alerts that hold.
    pub fn of(alerts: &[Alert]) -> Self {
        let mut failing = Self::default();
        for alert in alerts {
            failing.set((alert.reason, &alert.subject), Some(alert.class));
        }
        failing
    }

    /// Takes what became of an alert.
    pub fn apply(&mut self, event: &Event) {
        let class = match event.kind {
            EventKind::Raised | EventKind::Changed => Some(event.class),
            EventKind::Withdrawn | EventKind::Archived => None,
        };
        self.set((event.reason, &event.subject), class);
    }

    /// How many subjects fail a check.
    pub(super) fn count(&self, check: &Check) -> u64 {
        self.of_check(check)
            .map_or(0, |subjects| subjects.len() as u64)
    }

    /// How many claims of each facility fail the check that is told by facility.
    pub(super) fn by_facility(&self) -> BTreeMap<Facility, u64> {
        let mut counts = BTreeMap::new();
        let claims = self.of_check(&DOUBTED).into_iter().flatten();
        for facility in claims.filter_map(|(claim, _)| facility_of(claim)) {
            *counts.entry(facility).or_default() += 1;
        }
        counts
    }

    fn of_check(&self, check: &Check) -> Option<&HashMap<Arc<str>, Reasons>> {
        let place = CHECKS.iter().position(|own| own == check)?;
        Some(&self.subjects[place])
    }

    /// Says of what class an alert is; of none, where it does not hold.
    fn set(&mut self, (reason, subject): (Reason, &Subject), class: Option<Class>) {
        let bit = 1 << reason as u32;
        for (check, subjects) in CHECKS.iter().zip(&mut self.subjects) {
            if !check.is_failed_by(reason, subject.kind) {
                continue;
            }
            if class.is_some_and(|class| check.is_of_class(class)) {
                *subjects.entry(subject.id.clone()).or_default() |= bit;
            } else if let Some(reasons) = subjects.get_mut(&subject.id) {
                *reasons &= !bit;
                if *reasons == 0 {
                    subjects.remove(&subject.id);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::AlertId;
    use crate::record::{Instant, Money, Stream};
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    fn event(kind: EventKind, reason: Reason, class: Class, claim: usize) -> Event {
        let subject = Subject::of(Stream::Claims, format!("7900{}/V{claim}", claim % 3).into());
        Event {
            epoch: 1,
            at: Instant::from_nanos(0),
            kind,
            alert_id: AlertId::of(reason, &subject),
            reason,
            class,
            grade: None,
            authentication_cause: None,
            amount_vnd: Money::ZERO,
            score: None,
            cause_count: None,
            cause: Vec::new(),
            subject,
        }
    }

    proptest! {
        #[test]
        fn counts_are_those_of_the_alerts_that_hold(
            turns in prop::collection::vec((0usize..4, 0usize..6, 0usize..6, 0usize..5), 0..60),
        ) {
            let reasons = [
                Reason::ServiceAfterDeath, Reason::DuplicateIdentity, Reason::UnknownCard,
                Reason::MoneyMismatch,
            ];
            let mut failing = Failing::default();
            let mut held: BTreeMap<(Reason, usize), Class> = BTreeMap::new();
            for (reason, class, claim, turn) in turns {
                let (reason, class) = (reasons[reason], Class::ALL[class]);
                let kind = match (held.contains_key(&(reason, claim)), turn) {
                    (false, _) => EventKind::Raised,
                    (true, 0..3) => EventKind::Changed,
                    (true, 3) => EventKind::Archived,
                    (true, _) => EventKind::Withdrawn,
                };
                failing.apply(&event(kind, reason, class, claim));
                match kind {
                    EventKind::Raised | EventKind::Changed => drop(held.insert((reason, claim), class)),
                    _ => drop(held.remove(&(reason, claim))),
                }
            }
            for check in CHECKS.iter().filter(|check| check.stream == Stream::Claims) {
                let of_check = held.iter().filter(|((reason, _), class)| {
                    check.reasons.contains(&reason.as_str())
                        && (check.classes.is_empty() || check.classes.contains(&class.as_str()))
                });
                let subjects: BTreeSet<usize> = of_check.map(|((_, claim), _)| *claim).collect();
                prop_assert_eq!(failing.count(check), subjects.len() as u64, "{}", check.name);
                if *check == DOUBTED {
                    for (facility, count) in failing.by_facility() {
                        let code = facility.to_string();
                        let own = subjects.iter().filter(|claim| code == format!("7900{}", *claim % 3));
                        prop_assert_eq!(own.count() as u64, count);
                    }
                }
            }
        }
    }
}
