//! What would be decided on a part of the persons: together the parts tell what is told of everybody.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::diff_country::{country, plain};
use crate::support::{fails, lines, succeeds};

/// How many parts there are.
const OF: u32 = 3;

/// What was told of a what-if.
pub fn told(output: &Path) -> Value {
    let document = fs::read_to_string(output.join("what-if.json")).unwrap();
    serde_json::from_str(&document).unwrap()
}

/// The lines of a file that are not of the reason whose alerts compare all persons with each other.
fn of_persons(output: &Path, name: &str) -> BTreeMap<String, Value> {
    let all = lines(output, name).into_iter();
    let kept = all.filter(|line| line["reason"] != "probable_duplicate");
    kept.map(|line| (line.to_string(), line)).collect()
}

/// Asks the same of every part of the persons, and holds it to what was told of everybody.
pub fn assert_parts_tell_the_whole(asked: &[&str], whole: &Path) {
    let of_whole = told(whole);
    assert_eq!(of_whole["persons"], "all");
    assert_eq!(of_whole["covered_ratio"], 1.0);
    assert_eq!(of_whole["not_covered"], Value::Array(Vec::new()));
    let names = [
        "differing.ndjson",
        "base/alerts.ndjson",
        "base/history.ndjson",
        "supposed/alerts.ndjson",
        "supposed/history.ndjson",
    ];
    let expected = names.map(|name| of_persons(whole, name));
    let mut found = names.map(|_| BTreeSet::new());
    let mut share = 0.0;
    for index in 0..OF {
        let output = tempfile::tempdir().unwrap();
        let to = output.path().to_str().unwrap();
        let part = format!("{index}/{OF}");
        let printed = succeeds(&[asked, &["--slice", &part, "--output", to]].concat());
        assert!(
            printed.contains(&format!("part {part} of the persons")),
            "{printed}"
        );
        let of_part = told(output.path());
        assert_eq!(of_part["persons"], part.as_str());
        assert_eq!(of_part["not_covered"][0]["what"], "probable_duplicate");
        assert_eq!(of_part["diff"]["unexplained"], 0);
        share += of_part["covered_ratio"].as_f64().unwrap();
        for ((name, expected), found) in names.iter().zip(&expected).zip(&mut found) {
            let lines = of_persons(output.path(), name);
            for line in lines.keys() {
                assert!(expected.contains_key(line), "{part} {name}: {line}");
            }
            assert!(!lines.is_empty(), "{part} {name}");
            assert!(lines.len() < expected.len(), "{part} {name}");
            found.extend(lines.into_keys());
        }
    }
    assert!((share - 1.0).abs() < 1e-9, "{share}");
    for ((name, expected), found) in names.iter().zip(expected).zip(found) {
        let missing = expected.keys().filter(|line| !found.contains(*line));
        assert_eq!(missing.count(), 0, "{name}");
    }
}

#[test]
fn parts_of_the_persons_tell_together_what_the_whole_does() {
    let directory = tempfile::tempdir().unwrap();
    let rules = directory.path().join("rules.toml");
    fs::write(&rules, "[same_day_facilities]\nfacilities = 2\n").unwrap();
    let [from, rules] = [country(), &rules].map(|path| path.to_str().unwrap());
    let asked = [
        "what-if",
        "--input",
        from,
        "--rules",
        rules,
        "--without",
        "death_reports.csv",
    ];
    let whole = tempfile::tempdir().unwrap();
    let to = whole.path().to_str().unwrap();
    succeeds(&[&asked[..], &["--output", to]].concat());
    assert_parts_tell_the_whole(&asked, whole.path());

    // A part says that it is one, wherever it is taken for a whole.
    let part = tempfile::tempdir().unwrap();
    let to = part.path().to_str().unwrap();
    succeeds(&[&asked[..], &["--slice", "1/3", "--output", to]].concat());
    let run = part.path().join("base");
    let [run, all] = [&run, plain()].map(|path| path.to_str().unwrap());
    succeeds(&["verify", run]);
    let again = fails(1, &["verify", run, "--rerun"]);
    assert!(again.contains("a part of the persons"), "{again}");
    let compared = fails(1, &["diff", run, all]);
    assert!(
        compared.contains("run A is of persons 1/3, run B of persons all"),
        "{compared}"
    );
    let sheet = part.path().join("sample");
    let sheet = sheet.to_str().unwrap();
    let sampled = fails(
        1,
        &["sample", "--run", run, "--output", sheet, "--seed", "1"],
    );
    assert!(sampled.contains("a part of the persons (1/3)"), "{sampled}");
    let alert = lines(&part.path().join("base"), "alerts.ndjson").remove(0);
    succeeds(&["explain", "--run", run, alert["alert_id"].as_str().unwrap()]);

    let wrong = [&asked[..], &["--slice", "3/3", "--output", to]].concat();
    let wrong = fails(2, &wrong);
    assert!(wrong.contains("or `auto`"), "{wrong}");
}
