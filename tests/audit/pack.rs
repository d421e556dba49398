//! `fundwatch explain` and evidence packs: what is packed is enough, and nothing of it too much.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use fundwatch::audit::{Pack, Packer, verify_pack};
use fundwatch::detector::Detector;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{copy_of, country, fails, lines, replayed, succeeds};

/// Packs of all alerts of a run that are wanted.
fn packs(run: &Path, is_wanted: impl Fn(&Value) -> bool) -> Vec<(Value, Pack)> {
    let wanted: Vec<Value> = lines(run, "alerts.ndjson")
        .into_iter()
        .filter(is_wanted)
        .collect();
    let ids: Vec<_> = wanted
        .iter()
        .map(|line| line["alert_id"].as_str().unwrap().parse().unwrap())
        .collect();
    let packer = Packer::open(run, None, (Detector::default(), None)).unwrap();
    let found = packer.find(&ids).unwrap();
    let packs = found.iter().map(|found| packer.pack(found).unwrap());
    wanted.into_iter().zip(packs).collect()
}

/// Writes the rows of a pack as a directory of streams, but for those left out.
fn written(pack: &Pack, left_out: Option<usize>) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let mut files: BTreeMap<&str, String> = BTreeMap::new();
    for (place, row) in pack.predicate.rows.iter().enumerate() {
        if Some(place) != left_out {
            let file = files.entry(&row.stream).or_default();
            file.push_str(&format!("{}\n", row.columns));
        }
    }
    for (stream, text) in files {
        fs::write(directory.path().join(format!("{stream}.ndjson")), text).unwrap();
    }
    directory
}

/// What a line says of an alert, but for its rows and since when it is known.
fn substance(line: &Value) -> Value {
    let mut line = line.clone();
    for member in ["raised_at", "evidence", "evidence_count", "evidence_sha256"] {
        line.as_object_mut().unwrap().remove(member);
    }
    line
}

/// The alert that a replay of a few rows comes to, as of a day.
fn alert(rows: &Path, id: &str, as_of: &str) -> Option<Value> {
    let run = replayed(rows, &["--as-of", as_of]);
    let alerts = lines(run.path(), "alerts.ndjson").into_iter();
    alerts
        .filter(|line| line["alert_id"] == id)
        .map(|line| substance(&line))
        .next()
}

#[test]
fn an_alert_of_every_reason_follows_from_its_pack_alone() {
    let run = replayed(country(), &[]);
    let seen = RefCell::new(BTreeSet::new());
    let packs = packs(run.path(), |line| {
        seen.borrow_mut()
            .insert(line["reason"].as_str().unwrap().to_owned())
    });
    assert!(packs.len() >= 20, "{} reasons", packs.len());
    for (line, pack) in &packs {
        let checked = verify_pack(&pack.to_bytes(), &Detector::default(), None)
            .unwrap_or_else(|fault| panic!("{}: {fault}", line["reason"]));
        assert!(
            checked.not_needed < checked.rows,
            "{}: its subject is needed",
            line["reason"]
        );
    }
}

/// A second opinion: not by the packs' own verification, but by replays of their rows as files.
#[test]
fn a_replay_of_a_packs_rows_comes_to_the_alert_and_without_any_to_another() {
    let run = replayed(country(), &[]);
    // One of each of some reasons.
    let reasons = [
        "service_after_death",
        "unknown_card",
        "duplicate_identity",
        "visit_during_stay",
        "stale_card",
    ];
    let seen = RefCell::new(BTreeSet::new());
    let packs = packs(run.path(), |line| {
        let reason = line["reason"].as_str().unwrap();
        reasons.contains(&reason) && seen.borrow_mut().insert(reason.to_owned())
    });
    assert_eq!(packs.len(), reasons.len());
    for (line, pack) in packs {
        let id = line["alert_id"].as_str().unwrap();
        let as_of = &pack.predicate.as_of;
        let all = written(&pack, None);
        assert_eq!(
            alert(all.path(), id, as_of),
            Some(substance(&line)),
            "{}",
            line["reason"]
        );
        for (place, row) in pack.predicate.rows.iter().enumerate().take(3) {
            let without = written(&pack, Some(place));
            let is_same = alert(without.path(), id, as_of) == Some(substance(&line));
            assert_eq!(
                is_same,
                !row.is_needed,
                "{}: row {} of the pack",
                line["reason"],
                place + 1
            );
        }
    }
}

#[test]
fn every_changed_byte_of_a_pack_is_found_and_every_cut() {
    let run = replayed(country(), &["--reasons", "service_after_death"]);
    let (_, pack) = packs(run.path(), |_| true).remove(0);
    let bytes = pack.to_bytes();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("pack.json");
    for place in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        assert!(Pack::from_bytes(&changed).is_err(), "byte {place}");
        assert!(Pack::from_bytes(&bytes[..place]).is_err(), "cut at {place}");
    }
    // The command names the row.
    let text = String::from_utf8(bytes).unwrap();
    let row = pack
        .predicate
        .rows
        .iter()
        .position(|row| row.stream == "claims")
        .unwrap();
    let admitted = pack.predicate.rows[row].columns["admitted_at"]
        .as_str()
        .unwrap();
    let later = admitted.replace("2025", "2026");
    fs::write(&file, text.replacen(admitted, &later, 1)).unwrap();
    let told = fails(1, &["verify", file.to_str().unwrap()]);
    assert!(
        told.contains(&format!("row {} of `rows` (claims, ", row + 1)),
        "{told}"
    );
}

#[test]
fn explain_shows_the_rows_masked_and_packs_them_and_the_inputs_tell_whether_others_were_left_out() {
    let input = copy_of(country());
    let run = replayed(input.path(), &[]);
    let directory = tempfile::tempdir().unwrap();
    let place = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let run_place = run.path().to_str().unwrap();
    let alerts = lines(run.path(), "alerts.ndjson");
    let one = alerts
        .iter()
        .find(|line| line["reason"] == "service_after_death")
        .unwrap();
    let id = one["alert_id"].as_str().unwrap();
    let told = succeeds(&[
        "explain",
        "--run",
        run_place,
        id,
        "--pack",
        &place("pack.json"),
    ]);
    assert!(told.contains("It follows from these"), "{told}");
    for row in one["evidence"].as_array().unwrap() {
        let key = row["key"].as_str().unwrap();
        assert!(told.contains(row["file"].as_str().unwrap()), "{told}");
        assert!(
            !told.contains(key) || key.contains('/'),
            "a key is shown whole: {told}"
        );
    }
    let vietnamese = succeeds(&["explain", "--run", run_place, id, "--lang", "vi"]);
    assert!(
        vietnamese.contains("Cảnh báo suy ra chỉ từ"),
        "{vietnamese}"
    );
    let revealed = succeeds(&["explain", "--run", run_place, id, "--reveal"]);
    assert_ne!(revealed, told);

    let verified = succeeds(&["verify", &place("pack.json")]);
    assert!(verified.contains("follows from the"), "{verified}");
    let input_place = input.path().to_str().unwrap();
    let verified = succeeds(&["verify", &place("pack.json"), "--input", input_place]);
    assert!(
        verified.contains("are those that the pack tells of"),
        "{verified}"
    );
    // Who takes a row out of what is told of the slice, and seals that anew, is found by the inputs.
    let pack: Pack = Pack::from_bytes(&fs::read(place("pack.json")).unwrap()).unwrap();
    assert!(
        !pack.predicate.slice.without_effect.is_empty(),
        "the person has other rows"
    );
    let mut forged = pack.predicate.clone();
    let hidden = forged.slice.without_effect.remove(0);
    let forged = fundwatch::audit::Statement::new(pack.subject, forged);
    fs::write(place("pack.json"), forged.to_bytes()).unwrap();
    succeeds(&["verify", &place("pack.json")]);
    let told = fails(1, &["verify", &place("pack.json"), "--input", input_place]);
    let named = format!(
        "{}, row {} ({}): it names the person",
        hidden.file, hidden.row, hidden.stream
    );
    assert!(told.contains(&named), "{told}");

    // What does not hold, what was changed, and what decided otherwise.
    let none = "0".repeat(32);
    assert!(fails(1, &["explain", "--run", run_place, &none]).contains("no alert"));
    fails(2, &["explain", "--run", run_place, "x"]);
    fs::write(place("rules.toml"), "[frequent_visits]\nvisits = 9\n").unwrap();
    let told = fails(
        2,
        &[
            "explain",
            "--run",
            run_place,
            id,
            "--rules",
            &place("rules.toml"),
        ],
    );
    assert!(
        told.contains("name the file of thresholds with --rules"),
        "{told}"
    );
    let citizens = input.path().join("citizens.parquet");
    let mut text = fs::read(&citizens).unwrap();
    text.push(b'\n');
    fs::write(&citizens, text).unwrap();
    let told = fails(1, &["explain", "--run", run_place, id]);
    assert!(
        told.contains("citizens.parquet: it has another digest"),
        "{told}"
    );
}

#[test]
fn a_pack_holds_under_the_thresholds_of_its_run() {
    let directory = tempfile::tempdir().unwrap();
    let rules = directory.path().join("rules.toml");
    let text = "[frequent_visits]\nvisits = 30\n\n[[activation]]\nat = 2025-03-01T00:00:00+07:00\n\
                frequent_visits = { visits = 20 }\n";
    fs::write(&rules, text).unwrap();
    let rules = rules.to_str().unwrap();
    let run = replayed(
        country(),
        &["--reasons", "frequent_visits", "--rules", rules],
    );
    let alerts = lines(run.path(), "alerts.ndjson");
    let place = run.path().to_str().unwrap();
    let pack = directory.path().join("pack.json");
    let pack = pack.to_str().unwrap();
    let id = alerts[0]["alert_id"].as_str().unwrap();
    succeeds(&[
        "explain", "--run", place, id, "--rules", rules, "--pack", pack,
    ]);
    // Without the file: the thresholds are in the pack.
    succeeds(&["verify", pack]);
    let document: Value = serde_json::from_slice(&fs::read(pack).unwrap()).unwrap();
    assert_eq!(
        document["predicate"]["thresholds"],
        json!({"frequent_visits": {"visits": 20}})
    );
}
