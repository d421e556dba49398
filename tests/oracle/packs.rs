//! A thousand alerts, each from its evidence pack alone.
//!
//! In: a made-up country and the alerts of its replay. Out: a pack of each of a thousand that are drawn at random, over all reasons
//! that it has. Must hold: each comes to its alert from its rows alone; without any row that is said to be needed the
//! alert would be another; how many rows are not needed is told.

use std::collections::{BTreeMap, HashSet};

use fundwatch::alert::AlertId;
use fundwatch::audit::{Packer, verify_pack};
use fundwatch::detector::Detector;
use fundwatch::replay::{self, Options, Silent};
use fundwatch::synth;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// Alerts whose packs are made.
const PACKS: usize = 1_000;

#[test]
fn a_thousand_alerts_follow_from_their_packs_alone() {
    let directory = tempfile::tempdir().unwrap();
    let (input, run) = (
        directory.path().join("country"),
        directory.path().join("run"),
    );
    let mut country = synth::Options::new(input.clone());
    (country.citizens, country.days, country.seed) = (13_000, 90, 11);
    country.flagged_per_million = 40_000;
    synth::generate(&country, &mut synth::Silent).unwrap();
    replay::run(&Options::new(&input, &run), &mut Silent).unwrap();
    let text = std::fs::read_to_string(run.join("alerts.ndjson")).unwrap();
    let mut alerts: Vec<(String, AlertId)> = Vec::new();
    for line in text.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let member = |name: &str| line[name].as_str().unwrap().to_owned();
        alerts.push((member("reason"), member("alert_id").parse().unwrap()));
    }
    assert!(alerts.len() >= PACKS, "{} alerts", alerts.len());
    let mut random = ChaCha8Rng::seed_from_u64(8);
    // The first of each reason, then whichever comes.
    for place in 0..alerts.len() {
        let other = place + random.next_u64() as usize % (alerts.len() - place);
        alerts.swap(place, other);
    }
    let mut seen = HashSet::new();
    alerts.sort_by_cached_key(|(reason, _)| !seen.insert(reason.clone()));
    alerts.truncate(PACKS);
    let ids: Vec<AlertId> = alerts.iter().map(|(_, id)| *id).collect();
    let packer = Packer::open(&run, None, (Detector::default(), None)).unwrap();
    let found = packer.find(&ids).unwrap();
    let mut not_needed: BTreeMap<&str, (usize, usize, usize)> = BTreeMap::new();
    for (found, (reason, id)) in found.iter().zip(&alerts) {
        let pack = packer
            .pack(found)
            .unwrap_or_else(|error| panic!("{reason}: {id:?}: {error}"));
        let checked = verify_pack(&pack.to_bytes(), &Detector::default(), None);
        let checked = checked.unwrap_or_else(|fault| panic!("{reason}: {id:?}: {fault}"));
        let of_reason = not_needed.entry(reason).or_default();
        of_reason.0 += 1;
        of_reason.1 += checked.rows;
        of_reason.2 += checked.not_needed;
    }
    println!("reason, packs, rows, rows that are evidence and not needed");
    for (reason, (packs, rows, not_needed)) in &not_needed {
        println!("{reason} {packs} {rows} {not_needed}");
        assert!(not_needed < rows, "{reason}");
    }
    assert!(not_needed.len() >= 20, "{} reasons", not_needed.len());
}
