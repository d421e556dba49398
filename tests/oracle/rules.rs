//! A change of thresholds raises and withdraws exactly what it should, and its reversal undoes it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use proptest::prelude::*;

use crate::near_thresholds::near_thresholds;
use crate::outcome::{Line, lines, without_raised_at};
use crate::property::{Case, DAY, agrees, holds_of_a_fixed_sample, holds_under};
use crate::thresholds::{Rules, Setting, rules, settings};
use crate::timeline::{Epoch, timeline};
use crate::universe::instant;

/// The reasons that have thresholds.
const WITH_THRESHOLDS: [&str; 12] = [
    "service_after_death",
    "death_on_living_card",
    "unknown_card",
    "card_not_valid",
    "overlapping_stay",
    "visit_during_stay",
    "same_day_facilities",
    "frequent_visits",
    "money_mismatch",
    "benefit_mismatch",
    "employer_ceased",
    "cost_outlier",
];

/// Reason, subject kind and subject.
type Name = (String, String, String);

/// What happened to alerts in an epoch: their names, by kind of event.
type Events = BTreeMap<String, BTreeSet<Name>>;

fn name(line: &Line) -> Name {
    (
        line.reason.clone(),
        line.subject_kind.clone(),
        line.subject_id.clone(),
    )
}

/// The events of each epoch; of those that are caused by rules alone if so asked.
fn told(history: &str, by_rules_alone: bool) -> Result<BTreeMap<i64, Events>, String> {
    let mut told: BTreeMap<i64, Events> = BTreeMap::new();
    for line in lines(history)? {
        let line = Line::read(line)?;
        let epoch = line.whole["epoch"].as_i64().ok_or("no epoch")?;
        let kind = line.whole["kind"].as_str().ok_or("no kind")?.to_owned();
        let is_by_rules = line.keys("cause")?.iter().all(|cause| cause.0 == "rules");
        if is_by_rules || !by_rules_alone {
            let events = told.entry(epoch).or_default();
            events.entry(kind).or_default().insert(name(&line));
        }
    }
    Ok(told)
}

/// What the oracle says has happened between two epochs.
fn between(before: &Epoch, after: &Epoch) -> Events {
    let mut events = Events::new();
    let named = |(reason, subject): &(&str, crate::reason::Subject)| {
        (
            (*reason).to_owned(),
            subject.kind.to_owned(),
            subject.id.clone(),
        )
    };
    for (alert, finding) in &after.alerts {
        let statement = |f: &crate::reason::Finding| (f.class, f.grade, f.amount, f.score);
        let kind = match before.alerts.get(alert) {
            None => "raised",
            Some(old) if statement(old) != statement(finding) => "changed",
            Some(_) => continue,
        };
        events
            .entry(kind.to_owned())
            .or_default()
            .insert(named(alert));
    }
    for alert in before
        .alerts
        .keys()
        .filter(|alert| !after.alerts.contains_key(*alert))
    {
        events
            .entry("withdrawn".to_owned())
            .or_default()
            .insert(named(alert));
    }
    events
}

/// How often rules alone raised, and withdrew, alerts of each reason.
#[derive(Default)]
struct Tally(RefCell<BTreeMap<(String, String), u32>>);

impl Tally {
    fn add(&self, history: &str) -> Result<(), String> {
        let mut tally = self.0.borrow_mut();
        for (kind, names) in told(history, true)?.into_values().flatten() {
            for (reason, ..) in names {
                *tally.entry((reason, kind.clone())).or_default() += 1;
            }
        }
        Ok(())
    }

    /// A property over changes that change nothing would hold of any program.
    fn assert_every_reason_moves(&self) {
        let tally = self.0.borrow();
        for reason in WITH_THRESHOLDS {
            // The only threshold of this one decides the class.
            let kinds: &[&str] = match reason {
                "service_after_death" => &["changed"],
                _ => &["raised", "withdrawn"],
            };
            for kind in kinds {
                let count = tally.get(&(reason.to_owned(), (*kind).to_owned()));
                assert!(count > Some(&2), "{reason} {kind}: {tally:#?}");
            }
        }
    }
}

#[test]
fn changed_thresholds_agree_with_the_oracle_after_every_epoch() {
    let tally = Tally::default();
    holds_of_a_fixed_sample(800, near_thresholds(), rules(), |case| {
        tally.add(&agrees(case, DAY, 1)?.history)
    });
    tally.assert_every_reason_moves();
}

#[test]
fn changed_thresholds_agree_with_the_oracle_on_two_workers() {
    holds_under(150, near_thresholds(), rules(), |case| {
        agrees(case, DAY, 2).map(drop)
    });
}

#[test]
fn changed_thresholds_agree_with_the_oracle_on_four_workers() {
    holds_under(120, near_thresholds(), rules(), |case| {
        agrees(case, DAY, 4).map(drop)
    });
}

/// A change of some thresholds, and their former values again.
fn there_and_back(
    times: impl Strategy<Value = (Timestamp, Timestamp)>,
) -> impl Strategy<Value = Rules> {
    let initial = prop::collection::vec(settings(), 0..2);
    (initial, settings(), times).prop_map(|(more, there, (one, other))| {
        let mut initial = Rules::default().initial;
        let thresholds = |setting: &Setting| !matches!(setting, Setting::Model(_));
        initial.extend(more.concat().into_iter().filter(thresholds));
        let mut rules = Rules {
            initial,
            activations: Vec::new(),
        };
        let former = rules.before();
        let back = there.iter().map(|setting| setting.as_in(&former)).collect();
        let (first, second) = (one.min(other), one.max(other));
        rules.activations = vec![(first, there), (second, back)];
        rules
    })
}

/// The case without its changes of thresholds.
fn without_changes(case: &Case) -> Case {
    let mut without = case.clone();
    without.rules.activations.clear();
    without
}

#[test]
fn a_change_and_its_reversal_leave_no_net_difference() {
    let amid = (instant(), instant()).prop_filter("two times", |(one, other)| one != other);
    holds_under(250, near_thresholds(), there_and_back(amid), |case| {
        let whole = Case {
            as_of: None,
            ..case.clone()
        };
        let changed = agrees(&whole, DAY, 1 + case.seed as usize % 2)?;
        let unchanged = agrees(&without_changes(&whole), DAY, 1)?;
        let (a, b) = (
            without_raised_at(&changed.alerts)?,
            without_raised_at(&unchanged.alerts)?,
        );
        match a == b {
            true => Ok(()),
            false => Err(format!("{a:#?}\n{b:#?}")),
        }
    });
}

#[test]
fn what_a_change_does_is_the_oracles_difference_and_its_reversal_the_same_backwards() {
    let late = |text: &str| -> Timestamp { text.parse().expect("RFC 3339") };
    let times = Just((
        late("2026-06-01T09:00:00+07:00"),
        late("2026-07-01T09:00:00+07:00"),
    ));
    let tally = Tally::default();
    holds_of_a_fixed_sample(400, near_thresholds(), there_and_back(times), |case| {
        let case = Case {
            as_of: None,
            ..case.clone()
        };
        let outcome = agrees(&case, DAY, 1 + case.seed as usize % 4)?;
        tally.add(&outcome.history)?;
        let epochs = timeline(&case.placed(), DAY, None, &case.reasons(), &case.rules);
        let [.., before, there, back] = epochs.as_slice() else {
            // No row is accepted, or the change is none.
            return Ok(());
        };
        let is_change = |epoch: &Epoch| epoch.rules.is_some() || epoch.model.is_some();
        if !(is_change(there) && is_change(back)) {
            return Ok(());
        }
        let told = told(&outcome.history, false)?;
        let events = |epoch: &Epoch| told.get(&epoch.number).cloned().unwrap_or_default();
        if events(there) != between(before, there) || events(back) != between(there, back) {
            return Err(format!("{:#?}\nand\n{:#?}", events(there), events(back)));
        }
        let mut mirrored = Events::new();
        for (kind, names) in events(back) {
            let kind = match kind.as_str() {
                "raised" => "withdrawn",
                "withdrawn" => "raised",
                other => other,
            };
            mirrored.insert(kind.to_owned(), names);
        }
        match mirrored == events(there) {
            true => Ok(()),
            false => Err(format!("{:#?}\nis undone by\n{mirrored:#?}", events(there))),
        }
    });
    tally.assert_every_reason_moves();
}
