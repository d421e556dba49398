//! Self-replays of a part of the persons: together they compare what the whole compares.

use std::collections::{BTreeSet, HashMap};

use fundwatch::persons::Slice;
use fundwatch::record::{Key, Operation, Record};
use fundwatch::self_replay::{Difference, Until};
use fundwatch::store::AlertState;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::self_replay_served::{Stored, change, country, replay, served, stored, task};

/// How many parts there are.
const OF: u32 = 3;

/// The parts of somebody's number, worked out as the documentation says.
fn part(number: &str) -> u32 {
    let digest = Sha256::digest(number);
    let first: u128 = digest[..8]
        .iter()
        .fold(0, |sum, byte| sum * 256 + u128::from(*byte));
    u32::try_from(first % u128::from(OF)).unwrap()
}

/// The parts that a visit is in: those of everybody whose card any of its rows lists, else of the citizen it names.
fn visits() -> HashMap<String, BTreeSet<u32>> {
    let mut visits: HashMap<String, BTreeSet<u32>> = HashMap::new();
    for row in country().rows() {
        let (cards, citizen) = match &row.operation {
            Operation::Upsert(Record::Claims(claim)) => (&claim.cards, &claim.personal_id),
            Operation::Upsert(Record::CheckIns(claim)) => (&claim.cards, &claim.personal_id),
            _ => continue,
        };
        let (Key::Claim(facility, visit) | Key::CheckIn(facility, visit)) = &row.key else {
            panic!("a visit has a visit's key");
        };
        let visit = format!("{facility}/{visit}");
        let mut parts: BTreeSet<u32> = (cards.iter())
            .map(|card| part(&card.to_string()[5..]))
            .collect();
        if cards.is_empty() {
            let citizen = citizen.as_ref().map(ToString::to_string);
            let is_number = |text: &String| text.len() == 12 && text.parse::<u64>().is_ok();
            parts.insert(part(&citizen.filter(is_number).unwrap_or(visit.clone())));
        }
        visits.entry(visit).or_default().extend(parts);
    }
    visits
}

/// The parts that an alert is compared in.
fn parts(alert: &Stored, visits: &HashMap<String, BTreeSet<u32>>) -> BTreeSet<u32> {
    let line: Value = serde_json::from_str(&alert.line).unwrap();
    let subject = &line["subject"];
    let id = subject["id"].as_str().unwrap();
    match subject["kind"].as_str().unwrap() {
        "claim" | "check_in" => visits[id].clone(),
        "card" => [part(&id[5..])].into(),
        "beneficiary" => [part(id.split('/').next().unwrap())].into(),
        "participant" => [part(id)].into(),
        other => panic!("a new kind of subject: {other}"),
    }
}

#[test]
fn parts_of_the_persons_come_to_what_the_whole_comes_to() {
    let data = served();
    let data = data.path();
    let visits = visits();
    let mut expected = vec![Vec::new(); OF as usize];
    for alert in stored(data) {
        let parts = parts(&alert, &visits);
        assert!(!parts.is_empty(), "each alert is compared in some part");
        if alert.reason != "probable_duplicate" {
            for part in parts {
                expected[part as usize].push(alert.clone());
            }
        }
    }
    let mut share = 0.0;
    for (index, expected) in (0..).zip(&expected) {
        let slice = Slice::new(index, OF).unwrap();
        let outcome = replay(&task(data, Until::Yesterday, slice)).unwrap();
        assert_eq!(outcome.mismatched_decisions, 0, "{outcome:?}");
        assert_eq!(outcome.not_covered.len(), 1);
        assert_eq!(outcome.not_covered[0].what, "probable_duplicate");
        assert!(expected.len() > 20);
        assert_eq!(outcome.alerts, expected.len() as u64, "{slice}");
        assert!(outcome.decisions > 0);
        share += outcome.covered_ratio;
    }
    assert!((share - 1.0).abs() < 1e-9, "{share}");
    // What was changed is found in the parts that compare it, and in no other.
    let is_alone = |one: &&Stored| {
        let elsewhere = expected[1].iter().any(|other| other.id == one.id);
        one.state == AlertState::Active && !elsewhere
    };
    let gone = &expected[0].iter().find(is_alone).unwrap().id;
    change(
        data,
        &format!("DELETE FROM alerts WHERE alert_id = '{gone}'"),
    );
    for (index, expected) in [
        (0, vec![(gone, vec![Difference::AlertMissing])]),
        (1, vec![]),
    ] {
        let slice = Slice::new(index, OF).unwrap();
        let outcome = replay(&task(data, Until::Yesterday, slice)).unwrap();
        let differing = outcome.differing.iter();
        let told: Vec<_> = differing
            .map(|one| (&one.alert_id, one.differences.clone()))
            .collect();
        assert_eq!(told, expected);
    }
}
