//! What a live service exported, against the replay of its journal.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::diff_country::{compared, time};
use crate::support::{copy_of, fails, succeeds, text, told};

/// A service that is kept with what it exported.
fn golden() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/data-2")
}

#[test]
fn a_service_decided_as_the_replay_of_its_journal_does() {
    let data = copy_of(&golden().join("data"));
    let exports = tempfile::tempdir().unwrap();
    for name in ["alerts.ndjson", "history.ndjson"] {
        fs::copy(golden().join(name), exports.path().join(name)).unwrap();
    }
    let run = tempfile::tempdir().unwrap();
    let [from, to] = [data.path(), run.path()].map(|path| path.to_str().unwrap());
    succeeds(&["replay", "--journal", from, "--output", to]);
    let same = compared(exports.path(), run.path());
    assert!(same.rows.is_empty(), "{:?}", same.rows.first());
    assert!(same.summary["all"]["unchanged"]["alerts"].as_u64() > Some(0));
    assert_eq!(same.summary["differences"]["stated"]["a"], false);

    // A service that had decided otherwise, by what nobody can tell, would be found out.
    let alerts = fs::read_to_string(exports.path().join("alerts.ndjson")).unwrap();
    let (first, rest) = alerts.split_once('\n').unwrap();
    fs::write(exports.path().join("alerts.ndjson"), rest).unwrap();
    let [a, b] = [exports.path(), run.path()].map(|path| path.to_str().unwrap());
    let other = told(&["diff", a, b, "--format", "json", "--exit-code"]);
    assert_eq!(other.status.code(), Some(1));
    let summary: Value = serde_json::from_str(&text(&other.stdout)).unwrap();
    assert_eq!(summary["unexplained"], 1);
    let id = summary["first"][0]["alert_id"].as_str().unwrap();
    assert!(first.contains(id));
    let printed = succeeds(&["diff", a, b]);
    assert!(printed.contains("nothing explains it"), "{printed}");

    // Exports that were taken before the end: what the history tells later explains it.
    let history = fs::read_to_string(golden().join("history.ndjson")).unwrap();
    let events = || {
        let events = history.lines();
        events.map(|line| -> (&str, Value) { (line, serde_json::from_str(line).unwrap()) })
    };
    let is_held = |event: &Value| alerts.contains(event["alert_id"].as_str().unwrap());
    let held = events().filter(|(_, event)| is_held(event));
    let cut = held.map(|(_, event)| event["at"].as_str().unwrap().to_owned());
    let cut = cut.max_by_key(|at| time(at)).unwrap();
    let is_later = |event: &Value| time(event["at"].as_str().unwrap()) >= time(&cut);
    let (later, earlier): (Vec<_>, Vec<_>) = events().partition(|(_, event)| is_later(event));
    let write = |name: &str, lines: &[&str]| {
        fs::write(exports.path().join(name), lines.join("\n") + "\n").unwrap();
    };
    let earlier: Vec<&str> = earlier.iter().map(|(line, _)| *line).collect();
    write("history.ndjson", &earlier);
    let told_later = |line: &str| {
        let mut ids = later
            .iter()
            .map(|(_, event)| event["alert_id"].as_str().unwrap());
        ids.any(|id| line.contains(id))
    };
    let of_then: Vec<&str> = alerts.lines().filter(|line| !told_later(line)).collect();
    write("alerts.ndjson", &of_then);
    let other = compared(exports.path(), run.path());
    assert_eq!(other.rows.len(), alerts.lines().count() - of_then.len());
    assert!(!other.rows.is_empty());
    assert_eq!(other.summary["unexplained"], 0, "{:?}", other.rows);
    for (row, because) in other.because() {
        assert_eq!(
            (&row["state"], &because["kind"]),
            (&"new".into(), &"rows".into())
        );
        assert!(!because["rows"].as_array().unwrap().is_empty(), "{row}");
    }
    let missing = fails(2, &["diff", a, "nowhere"]);
    assert!(missing.contains("nowhere"), "{missing}");
}
