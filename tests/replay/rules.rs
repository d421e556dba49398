//! Thresholds from a file: what they change, and where a run states them.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{contents, replay, replay_command, text};

/// Two stays of one person that overlap for 150 minutes, known a day after each other.
fn input(directory: &TempDir) -> PathBuf {
    let input = directory.path().join("in");
    fs::create_dir(&input).unwrap();
    let claim = |facility: &str, from: &str, to: &str, at: &str| {
        let claim = json!({
            "facility": facility, "visit_id": "V1", "cards": ["GD4797900000001"],
            "full_name": "Nguyễn Mẫu An", "birth_date": "1980", "sex": 1, "visit_type": "03",
            "object_code": "1.1", "main_diagnosis": "J06.9", "admitted_at": from,
            "discharged_at": to, "outcome": 1, "discharge_type": 1, "cost_drugs": 0,
            "cost_supplies": 0, "cost_total": 0, "cost_covered": 0, "paid_by_fund": 0, "copay": 0,
            "self_paid": 0, "other_sources": 0, "recorded_at": at,
        });
        format!("{claim}\n")
    };
    let claims = [
        claim(
            "01001",
            "2025-03-01T08:00",
            "2025-03-03T10:30",
            "2025-03-05T08:00:00+07:00",
        ),
        claim(
            "01002",
            "2025-03-03T08:00",
            "2025-03-04T08:00",
            "2025-03-06T08:00:00+07:00",
        ),
    ];
    fs::write(input.join("claims.ndjson"), claims.concat()).unwrap();
    input
}

fn file(directory: &TempDir, text: &str) -> String {
    let path = directory.path().join("thresholds.toml");
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The events of a reason: time, kind and causes.
fn told(history: &[Value]) -> Vec<Value> {
    let of_reason = history
        .iter()
        .filter(|line| line["reason"] == "overlapping_stay");
    of_reason
        .map(|line| json!([line["at"], line["kind"], line["cause"][0]["stream"]]))
        .collect()
}

const CHANGES: &str = r#"
[[activation]]
at = 2025-03-20T09:00:00+07:00
note = "back to the catalogue"
overlapping_stay.overlap_minutes = 120

[[activation]]
at = "2025-03-05T09:00:00+07:00"
overlapping_stay.overlap_minutes = 150
"#;

#[test]
fn a_change_takes_force_in_the_epoch_that_holds_its_time_also_where_no_row_is() {
    let directory = tempfile::tempdir().unwrap();
    let input = input(&directory);
    let rules = file(&directory, CHANGES);
    let plain = replay(&input, &[]);
    assert_eq!(
        told(&plain.history()),
        [(); 2].map(|()| json!(["2025-03-06T08:00:00+07:00", "raised", "claims"]))
    );
    for arguments in [&["--epoch", "1d"], &["--epoch", "1h"], &["--workers", "2"]] {
        let run = replay(&input, &[&["--rules", &rules][..], arguments].concat());
        let raised = json!(["2025-03-20T09:00:00+07:00", "raised", "rules"]);
        assert_eq!(told(&run.history()), [raised.clone(), raised]);
        let ids = |lines: Vec<Value>| {
            lines
                .iter()
                .map(|line| line["alert_id"].clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(ids(run.alerts()), ids(plain.alerts()), "no net difference");
        // Back at the catalogue's values, there is nothing to state.
        assert_eq!(run.document("summary.json")["rules"], Value::Null);
    }
    // What is not known yet does not change anything.
    let early = replay(&input, &["--rules", &rules, "--as-of", "2025-03-19"]);
    assert_eq!(told(&early.history()), [Value::Null; 0]);
}

#[test]
fn the_manifest_and_the_summary_state_the_thresholds() {
    let directory = tempfile::tempdir().unwrap();
    let input = input(&directory);
    let plain = replay(&input, &[]).stated();
    assert_eq!(plain["thresholds"]["changed"], json!({}));
    assert_eq!(plain["thresholds"]["file"], Value::Null);
    assert_eq!(
        plain["rules_version"],
        fundwatch::rule::catalogue().version()
    );

    let rules = file(
        &directory,
        &format!("[frequent_visits]\nvisits = 9\n{CHANGES}"),
    );
    let run = replay(&input, &["--rules", &rules, "--as-of", "2025-03-19"]);
    let manifest = run.stated();
    let thresholds = &manifest["thresholds"];
    assert_eq!(
        thresholds["changed"],
        json!({"frequent_visits": {"visits": 9}})
    );
    assert_eq!(thresholds["file"]["path"], json!(rules));
    assert_eq!(
        thresholds["file"]["sha256"].as_str().map(str::len),
        Some(64)
    );
    assert_eq!(manifest["rules_sha256"], plain["rules_sha256"]);
    let [only] = thresholds["activations"].as_array().unwrap().as_slice() else {
        panic!("{thresholds}");
    };
    assert_eq!(
        only["changed"],
        json!({"overlapping_stay": {"overlap_minutes": 150}})
    );
    assert_eq!(only["at"], "2025-03-05T09:00:00+07:00");
    let summary = run.document("summary.json");
    assert_eq!(
        summary["rules"],
        json!({"key": only["key"], "changed": {
            "frequent_visits": {"visits": 9}, "overlapping_stay": {"overlap_minutes": 150},
        }})
    );
}

#[test]
fn a_change_before_the_first_row_holds_from_the_start_and_is_no_event() {
    let directory = tempfile::tempdir().unwrap();
    let input = input(&directory);
    let text = "[[activation]]\nat = 2020-01-01T00:00:00+07:00\noverlapping_stay.overlap_minutes = 9\n\
                [[activation]]\nat = 2021-01-01T00:00:00+07:00\noverlapping_stay.overlap_minutes = 150\n";
    let run = replay(&input, &["--rules", &file(&directory, text)]);
    assert_eq!(told(&run.history()), [Value::Null; 0]);
    assert_eq!(run.document("summary.json")["epochs"], 2);
}

#[test]
fn without_rows_changes_do_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let input = directory.path().join("empty");
    fs::create_dir(&input).unwrap();
    let run = replay(&input, &["--rules", &file(&directory, CHANGES)]);
    assert!(run.history().is_empty() && run.alerts().is_empty());
    assert_eq!(run.document("summary.json")["epochs"], 0);
}

#[test]
fn a_wrong_file_is_refused_before_anything_is_written() {
    let directory = tempfile::tempdir().unwrap();
    let input = input(&directory);
    let output = directory.path().join("out");
    let refused = |rules: &str| {
        let told = replay_command(&input, &output, &["--rules", rules])
            .output()
            .unwrap();
        assert_eq!(told.status.code(), Some(2));
        assert!(!Path::new(&output).exists() || contents(&output).is_empty());
        text(&told.stderr)
    };
    let told = refused(&file(
        &directory,
        "[overlapping_stay]\noverlap_minute = 1\n",
    ));
    let expected = "thresholds.toml, line 2: `overlapping_stay` has no threshold `overlap_minute`; it has \
                    `overlap_minutes`";
    assert!(told.contains(expected), "{told}");
    assert!(refused("nowhere.toml").contains("nowhere.toml: "));
}
