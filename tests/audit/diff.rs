//! What the comparison of two runs does with runs as they are: the same, cut off, out of order.

use std::fs;

use fundwatch::audit::{Manifest, Statement};
use serde_json::json;

use crate::diff_country::{compared, country, plain};
use crate::support::{copy_of, fails, replayed, succeeds, text, told};

#[test]
fn a_run_against_itself_gives_nothing() {
    let same = compared(plain(), plain());
    same.assert_is_by_sets(plain(), plain());
    assert!(same.rows.is_empty());
    let differences = &same.summary["differences"];
    assert_eq!(differences["inputs"]["state"], "same");
    assert_eq!(differences["values"], json!([]));
    let run = plain().to_str().unwrap();
    let printed = succeeds(&["diff", run, run, "--exit-code"]);
    assert!(printed.contains("No alert differs"), "{printed}");
}

#[test]
fn how_knowledge_is_cut_into_epochs_changes_nothing_of_substance() {
    let other = replayed(country(), &["--epoch", "all", "--workers", "2"]);
    let told = compared(plain(), other.path());
    told.assert_is_by_sets(plain(), other.path());
    assert!(told.rows.is_empty(), "{:?}", told.rows.first());
    let values = told.summary["differences"]["values"].as_array().unwrap();
    let parts: Vec<_> = values
        .iter()
        .map(|value| value["part"].as_str().unwrap())
        .collect();
    assert_eq!(parts, ["epoch"]);
    let numbers = [plain(), other.path()].map(|run| fs::read(run.join("numbers.ndjson")).unwrap());
    assert!(numbers[0] == numbers[1] && !numbers[0].is_empty());
}

#[test]
fn another_program_explains_what_nothing_else_does() {
    let other = copy_of(plain());
    let path = other.path().join("alerts.ndjson");
    let alerts = fs::read_to_string(&path).unwrap();
    let changed = alerts.replacen("\"severity\":\"medium\"", "\"severity\":\"low\"", 1);
    assert_ne!(alerts, changed);
    fs::write(&path, changed).unwrap();
    let told = compared(plain(), other.path());
    assert_eq!(told.rows.len(), 1);
    assert_eq!(told.rows[0]["because"], json!([{"kind": "unexplained"}]));
    let mut manifest = Manifest::read(other.path()).unwrap();
    let digest = "0".repeat(64);
    manifest.predicate.code.executable_sha256 = Some(digest.clone());
    let stated = Statement::new(manifest.subject, manifest.predicate);
    fs::write(other.path().join("manifest.json"), stated.to_bytes()).unwrap();
    let told = compared(plain(), other.path());
    assert_eq!(told.rows[0]["because"][0]["kind"], "code");
    assert_eq!(told.rows[0]["because"][0]["b"], digest);
    assert_eq!(told.summary["unexplained"], 0);
}

#[test]
fn one_reason_can_be_compared_alone_and_differing_alerts_end_with_1_where_asked() {
    let other = copy_of(plain());
    let path = other.path().join("alerts.ndjson");
    let alerts = fs::read_to_string(&path).unwrap();
    let kept: Vec<&str> = (alerts.lines())
        .filter(|line| !line.contains("\"unknown_card\""))
        .collect();
    assert!(kept.len() < alerts.lines().count());
    fs::write(&path, kept.join("\n") + "\n").unwrap();
    let [a, b] = [plain(), other.path()].map(|path| path.to_str().unwrap());
    assert_eq!(told(&["diff", a, b, "--exit-code"]).status.code(), Some(1));
    assert_eq!(told(&["diff", a, b]).status.code(), Some(0));
    let reason = ["--reason", "card_withdrawn", "--exit-code"];
    let same = told(&[&["diff", a, b][..], &reason].concat());
    assert_eq!(same.status.code(), Some(0), "{}", text(&same.stdout));
    let printed = text(&told(&["diff", a, b, "--reason", "unknown_card", "--limit", "1"]).stdout);
    assert!(printed.contains("nothing explains it"), "{printed}");
}

#[test]
fn a_bad_line_is_named_by_file_and_line_and_tells_nothing_of_people() {
    let cut = |name: &str, change: &dyn Fn(&mut Vec<String>)| {
        let other = copy_of(plain());
        let path = other.path().join(name);
        let text = fs::read_to_string(&path).unwrap();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        change(&mut lines);
        fs::write(&path, lines.join("\n") + "\n").unwrap();
        let [a, b] = [plain(), other.path()].map(|path| path.to_str().unwrap());
        let output = other.path().join("rows.ndjson");
        let told = fails(1, &["diff", a, b, "--output", output.to_str().unwrap()]);
        assert!(!output.exists(), "nothing is half-written");
        told
    };
    let told = cut("alerts.ndjson", &|lines| lines.swap(2, 3));
    assert!(
        told.contains("alerts.ndjson, line 4: alerts are not sorted"),
        "{told}"
    );
    let told = cut("alerts.ndjson", &|lines| {
        lines[4] = lines[4].replace("\"amount_vnd\":", "\"amount\":");
    });
    assert!(told.contains("alerts.ndjson, line 5"), "{told}");

    let other = copy_of(plain());
    let path = other.path().join("alerts.ndjson");
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 10]).unwrap();
    let [a, b] = [plain(), other.path()].map(|path| path.to_str().unwrap());
    let told = fails(1, &["diff", a, b]);
    assert!(told.contains("its end is missing"), "{told}");
}
