//! What a manifest states: the same for the same replay, and which thing changed where one did.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use fundwatch::audit::{Manifest, Statement};
use serde_json::Value;

use crate::support::{copy_of, replayed, sample};

/// What a manifest states, by part, but for where the input was and for what tells times.
fn parts(run: &Path) -> BTreeMap<String, String> {
    let manifest: Value =
        serde_json::from_slice(&fs::read(run.join("manifest.json")).unwrap()).unwrap();
    let mut parts: BTreeMap<String, String> = BTreeMap::new();
    for (name, part) in manifest["predicate"].as_object().unwrap() {
        let mut part = part.clone();
        if name == "inputs" {
            part["directory"].take();
        }
        parts.insert(name.clone(), part.to_string());
    }
    parts.remove("byproducts");
    parts.remove("seal");
    parts.insert("subject".to_owned(), manifest["subject"].to_string());
    parts
}

/// The parts in which two runs differ.
fn differing(one: &Path, other: &Path) -> Vec<String> {
    let (one, other) = (parts(one), parts(other));
    assert_eq!(
        one.keys().collect::<Vec<_>>(),
        other.keys().collect::<Vec<_>>()
    );
    let differing = one.iter().filter(|(name, part)| other[*name] != **part);
    differing.map(|(name, _)| name.clone()).collect()
}

#[test]
fn the_same_replay_elsewhere_states_the_same_with_any_number_of_workers() {
    let first = replayed(&sample(), &[]);
    let elsewhere = copy_of(&sample());
    for workers in ["1", "2", "4"] {
        let again = replayed(elsewhere.path(), &["--workers", workers]);
        assert_eq!(differing(first.path(), again.path()), [""; 0], "{workers}");
    }
}

#[test]
fn the_manifest_says_which_thing_changed() {
    let first = replayed(&sample(), &[]);
    // One byte of the input, which changes nothing that comes out.
    let changed = copy_of(&sample());
    let name = "enterprises.csv";
    let path = changed.path().join(name);
    let mut bytes = fs::read(&path).unwrap();
    bytes.push(b'\n');
    fs::write(&path, bytes).unwrap();
    let other = replayed(changed.path(), &[]);
    assert_eq!(differing(first.path(), other.path()), ["inputs"]);
    let digests = |run: &Path| -> BTreeMap<String, String> {
        let manifest = Manifest::read(run).unwrap();
        let files = manifest.predicate.inputs.files.into_iter();
        files
            .map(|file| (file.name.clone(), file.sha256().to_owned()))
            .collect()
    };
    let (before, after) = (digests(first.path()), digests(other.path()));
    let others: Vec<&String> = before
        .iter()
        .filter(|(name, digest)| after[*name] != **digest)
        .map(|(name, _)| name)
        .collect();
    assert_eq!(others, [name]);

    let rules = changed.path().join("rules.toml");
    fs::write(&rules, "[frequent_visits]\nvisits = 49\n").unwrap();
    let other = replayed(&sample(), &["--rules", rules.to_str().unwrap()]);
    let names = differing(first.path(), other.path());
    assert!(names.contains(&"thresholds".to_owned()), "{names:?}");
    assert!(!names.contains(&"inputs".to_owned()), "{names:?}");

    let other = replayed(&sample(), &["--as-of", "2025-01-31"]);
    let names = differing(first.path(), other.path());
    assert!(names.contains(&"settings".to_owned()), "{names:?}");

    // Another program would state another digest of itself.
    let mut manifest = Manifest::read(first.path()).unwrap();
    manifest.predicate.code.executable_sha256 = Some("0".repeat(64));
    let stated = Statement::new(manifest.subject, manifest.predicate);
    fs::write(other.path().join("manifest.json"), stated.to_bytes()).unwrap();
    assert_eq!(differing(first.path(), other.path()), ["code"]);
}

#[test]
fn every_changed_byte_of_a_manifest_is_found_and_every_cut() {
    let run = replayed(&sample(), &["--reasons", "unknown_card,stale_card"]);
    let path = run.path().join("manifest.json");
    let bytes = fs::read(&path).unwrap();
    assert!(Manifest::from_bytes(&bytes).is_ok());
    for place in 0..bytes.len() {
        for bit in [1, 0x20] {
            let mut changed = bytes.clone();
            changed[place] ^= bit;
            let error = Manifest::from_bytes(&changed).expect_err("a byte is changed");
            assert!(!error.to_string().is_empty(), "byte {place}");
        }
        assert!(
            Manifest::from_bytes(&bytes[..place]).is_err(),
            "cut at {place}"
        );
    }
}
