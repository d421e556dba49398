//! The histories reach what they are made for: a property over histories in which nothing happens
//! would hold of any program.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::file::{Row, place};
use crate::history::{frequent, rows};
use crate::reason::{decidable, probable_duplicate};
use crate::score::SCORED;
use crate::thresholds::Rules;
use crate::timeline::{Cut, Epoch, timeline};
use crate::universe::{CHAINS, TINY};

/// How often each thing happens in a fixed sample of histories.
fn tally(strategy: impl Strategy<Value = Vec<Row>>, histories: usize) -> BTreeMap<String, usize> {
    let mut runner = TestRunner::deterministic();
    let reasons = decidable();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..histories {
        let rows = strategy.new_tree(&mut runner).expect("a history").current();
        let epochs = timeline(
            &place(&rows),
            Cut::Hours(24),
            None,
            &reasons,
            &Rules::default(),
        );
        let mut happened = Vec::new();
        for (n, epoch) in epochs.iter().enumerate() {
            let before = n.checked_sub(1).map(|n| &epochs[n]);
            happened.extend(events(before, epoch));
        }
        happened.sort();
        happened.dedup();
        for event in happened {
            *counts.entry(event).or_default() += 1;
        }
    }
    counts
}

fn events(before: Option<&Epoch>, epoch: &Epoch) -> Vec<String> {
    let mut events = Vec::new();
    if probable_duplicate::leaves_out(&epoch.world) {
        events.push("probable_duplicate left out".to_owned());
    }
    for (name @ (reason, _), finding) in &epoch.alerts {
        let grade = finding.grade.map(|g| format!(" {g}")).unwrap_or_default();
        let cause = finding.cause.map(|c| format!(" {c}")).unwrap_or_default();
        events.push(format!("{reason} {}{grade}{cause}", finding.class));
        match before.and_then(|b| b.alerts.get(name)) {
            None => events.push(format!("{reason} raised")),
            Some(old)
                if (old.class, old.grade, old.cause, old.amount)
                    != (finding.class, finding.grade, finding.cause, finding.amount) =>
            {
                events.push(format!("{reason} changed"));
            }
            Some(old) if old.score != finding.score => {
                events.push(format!("{reason} changed by its score alone"));
            }
            Some(_) => {}
        }
    }
    let gone = before.into_iter().flat_map(|b| b.alerts.keys());
    let gone = gone.filter(|name| !epoch.alerts.contains_key(*name));
    events.extend(gone.map(|(reason, _)| format!("{reason} withdrawn")));
    events
}

/// Each must happen in at least `least` histories of the sample.
fn reaches(counts: &BTreeMap<String, usize>, least: usize, events: &[&str]) {
    for event in events {
        let seen = counts.get(*event).copied().unwrap_or(0);
        assert!(
            seen >= least,
            "`{event}` in {seen} histories only: {counts:#?}"
        );
    }
}

#[test]
fn the_tiny_universe_reaches_every_reason_and_class() {
    let counts = tally(rows(TINY, 50), 1000);
    let mut expected = vec![
        "service_after_death data_quality 1".to_owned(),
        "service_after_death eligibility 1".to_owned(),
        "service_after_death misuse_suspected 2".to_owned(),
        "service_after_death changed".to_owned(),
        "death_on_living_card misuse_suspected".to_owned(),
        "death_on_living_card data_quality".to_owned(),
        "unauthenticated_identity changed".to_owned(),
        "probable_duplicate left out".to_owned(),
    ];
    for cause in [
        "no_personal_id",
        "unknown_personal_id",
        "superseded_id",
        "cancelled_id",
        "name_spelling",
        "name_differs",
        "birth_date_partial",
        "birth_date_swapped",
        "birth_date_differs",
        "sex_differs",
        "several_causes",
    ] {
        expected.push(format!("unauthenticated_identity data_quality {cause}"));
    }
    for reason in decidable() {
        if reason != "frequent_visits" {
            expected.push(format!("{reason} raised"));
            if SCORED.contains(&reason) {
                expected.push(format!("{reason} changed by its score alone"));
            }
            // The as-of date is decided once, so its alerts are not withdrawn.
            if !["stale_card", "benefit_after_death"].contains(&reason) {
                expected.push(format!("{reason} withdrawn"));
            }
        }
    }
    reaches(
        &counts,
        3,
        &expected.iter().map(String::as_str).collect::<Vec<_>>(),
    );
}

#[test]
fn chains_reach_identities_that_part_again() {
    let counts = tally(rows(CHAINS, 90), 100);
    let events = ["duplicate_identity", "identity_mismatch"];
    for event in events {
        reaches(
            &counts,
            5,
            &[&format!("{event} raised"), &format!("{event} withdrawn")],
        );
    }
}

#[test]
fn frequent_visits_are_reached_from_both_sides() {
    let counts = tally(frequent(TINY), 60);
    reaches(&counts, 5, &["frequent_visits raised"]);
    reaches(&counts, 1, &["frequent_visits withdrawn"]);
    let seen = counts.get("frequent_visits raised").copied().unwrap_or(0);
    assert!(seen < 55, "too few visits must happen too: {seen} of 60");
}
