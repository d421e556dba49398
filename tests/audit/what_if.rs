//! What would be decided if something were otherwise, held to what is decided when it is.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::diff_country::{by_sets, country, plain};
use crate::support::{fails, lines, replayed, succeeds};

const RULES: &str = "
[same_day_facilities]
facilities = 2

[overlapping_stay]
overlap_minutes = 30
";

/// What was found out of the country, and where.
fn supposed(input: &Path, more: &[&str]) -> TempDir {
    let output = tempfile::tempdir().unwrap();
    let [from, to] = [input, output.path()].map(|path| path.to_str().unwrap());
    let arguments = ["what-if", "--input", from, "--output", to];
    succeeds(&[&arguments[..], more].concat());
    output
}

/// Holds what was told to differ to the two runs, by sets; gives how many differ.
fn assert_is_by_sets(output: &Path, base: &Path, other: &Path) -> usize {
    let (expected, unchanged) = by_sets(base, other);
    let told: BTreeMap<String, String> = (lines(output, "differing.ndjson").iter())
        .map(|line| {
            let [id, state] = ["alert_id", "state"].map(|name| line[name].as_str().unwrap());
            (id.to_owned(), state.to_owned())
        })
        .collect();
    let expected: BTreeMap<String, String> = (expected.into_iter())
        .map(|(id, state)| (id, state.to_owned()))
        .collect();
    assert_eq!(told, expected);
    let document = fs::read_to_string(output.join("what-if.json")).unwrap();
    let document: Value = serde_json::from_str(&document).unwrap();
    assert_eq!(document["diff"]["all"]["unchanged"]["alerts"], unchanged);
    assert_eq!(document["diff"]["unexplained"], 0);
    told.len()
}

#[test]
fn other_thresholds_are_tried_over_all_that_is_known() {
    let directory = tempfile::tempdir().unwrap();
    let rules = directory.path().join("rules.toml");
    fs::write(&rules, RULES).unwrap();
    let rules = rules.to_str().unwrap();
    let output = supposed(country(), &["--rules", rules]);
    let accepted = replayed(country(), &["--rules", rules]);
    assert!(assert_is_by_sets(output.path(), plain(), accepted.path()) > 0);
    // From the other side: those are in force, and the program's are supposed.
    let back = supposed(
        country(),
        &["--base-rules", rules, "--without", "health_profiles.csv"],
    );
    let base = lines(&back.path().join("base"), "alerts.ndjson");
    assert_eq!(base, lines(accepted.path(), "alerts.ndjson"));
}

#[test]
fn a_file_that_is_to_come_and_one_that_never_came_are_tried() {
    let without = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(country()).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        if name != "death_reports.csv" {
            fs::copy(entry.path(), without.path().join(name)).unwrap();
        }
    }
    let pending = country().join("death_reports.csv");
    let pending = pending.to_str().unwrap();
    let base = replayed(without.path(), &["--as-of", "2030-01-01"]);
    let loaded = replayed(country(), &["--as-of", "2030-01-01"]);
    let as_of = ["--as-of", "2030-01-01"];
    let to_come = supposed(without.path(), &[&["--load", pending], &as_of[..]].concat());
    let all = assert_is_by_sets(to_come.path(), base.path(), loaded.path());
    assert!(all > 0);
    // It explains itself, and it can be verified and explained like any run.
    let run = to_come.path().join("supposed");
    let run = run.to_str().unwrap();
    succeeds(&["verify", run]);
    let new = lines(to_come.path(), "differing.ndjson");
    let raised = new.iter().find(|line| line["state"] == "new").unwrap();
    assert_eq!(raised["because"][0]["kind"], "rows", "{raised}");
    let id = raised["alert_id"].as_str().unwrap();
    let page = succeeds(&["explain", "--run", run, id]);
    assert!(page.contains("death_reports.csv"), "{page}");

    let never = ["--without", "death_reports.csv"];
    let never = supposed(country(), &[&never[..], &as_of[..]].concat());
    let undone = assert_is_by_sets(never.path(), loaded.path(), base.path());
    assert_eq!(undone, all);
    // The second time as the first.
    let [from, to] = [country(), never.path()].map(|path| path.to_str().unwrap());
    let again = [
        "what-if",
        "--input",
        from,
        "--output",
        to,
        "--without",
        "death_reports.csv",
    ];
    let printed = succeeds(&[&again[..], &as_of[..]].concat());
    assert!(printed.contains("service_after_death"), "{printed}");
    assert_eq!(
        assert_is_by_sets(never.path(), loaded.path(), base.path()),
        all
    );
}

#[test]
fn days_do_not_pass_because_something_is_to_come() {
    let directory = tempfile::tempdir().unwrap();
    let pending = directory.path().join("enterprises-2.ndjson");
    let row = r#"{"recorded_at":"2027-06-01T08:00:00+07:00","tax_code":"0312345678","name":"x","status":"active"}"#;
    fs::write(&pending, format!("{row}\n")).unwrap();
    let output = supposed(country(), &["--load", pending.to_str().unwrap()]);
    assert_eq!(
        lines(output.path(), "differing.ndjson"),
        Vec::<Value>::new()
    );
    let dates = ["base", "supposed"].map(|run| {
        let manifest = output.path().join(run).join("manifest.json");
        let manifest: Value = serde_json::from_str(&fs::read_to_string(manifest).unwrap()).unwrap();
        manifest["predicate"]["result"]["as_of"].clone()
    });
    assert_eq!(dates, ["2027-06-01", "2027-06-01"]);
}

#[test]
fn what_cannot_be_supposed_is_told_with_what_to_do() {
    let [from, nowhere] = [country().to_str().unwrap(), "nowhere"];
    let output = tempfile::tempdir().unwrap();
    let to = output.path().join("out");
    let to = to.to_str().unwrap();
    let asked = |code, more: &[&str]| {
        let call = ["what-if", "--output", to];
        fails(code, &[&call[..], more].concat())
    };
    let nothing = asked(2, &["--input", from]);
    assert!(nothing.contains("nothing is supposed"), "{nothing}");
    asked(2, &["--input", nowhere, "--without", "x.csv"]);
    let absent = asked(1, &["--input", from, "--without", "absent.csv"]);
    assert!(absent.contains("no file absent.csv"), "{absent}");
    let taken = country().join("cards.csv");
    let taken = asked(1, &["--input", from, "--load", taken.to_str().unwrap()]);
    assert!(taken.contains("have a file cards.csv already"), "{taken}");
    let no_stream = output.path().join("notes.txt");
    fs::write(&no_stream, "x").unwrap();
    let no_stream = asked(1, &["--input", from, "--load", no_stream.to_str().unwrap()]);
    assert!(no_stream.contains("name it as an input"), "{no_stream}");
    assert!(!Path::new(to).join("what-if.json").exists());
}
