//! `fundwatch diff`: states as a set difference has them, and every one explained by what truly differs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use fundwatch::rule::{Reason, catalogue};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::running::{Country, Data, Running};
use crate::support::{copy_of, country, fails, lines, replayed, succeeds, told};

/// What a comparison wrote, and its sums.
struct Compared {
    lines: Vec<Value>,
    summary: Value,
}

fn compared(a: &Path, b: &Path) -> Compared {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("diff.ndjson");
    let [a, b] = [a, b].map(|run| run.to_str().unwrap());
    let summary = succeeds(&[
        "diff",
        a,
        b,
        "--format",
        "json",
        "--output",
        file.to_str().unwrap(),
    ]);
    Compared {
        lines: lines(directory.path(), "diff.ndjson"),
        summary: serde_json::from_str(&summary).unwrap(),
    }
}

/// The alerts of a run by id, as they are compared: without where rows stand and since when they are known.
fn decided(run: &Path) -> BTreeMap<String, Value> {
    let alerts = lines(run, "alerts.ndjson").into_iter().map(|mut line| {
        let members = line.as_object_mut().unwrap();
        members.remove("raised_at");
        for row in members["evidence"].as_array_mut().unwrap() {
            let row = row.as_object_mut().unwrap();
            row.remove("file");
            row.remove("row");
        }
        (line["alert_id"].as_str().unwrap().to_owned(), line)
    });
    alerts.collect()
}

/// Holds a comparison to the set difference of the two files. Gives how many alerts differ.
fn assert_set_difference(a: &Path, b: &Path, compared: &Compared) -> usize {
    let (a, b) = (decided(a), decided(b));
    let mut expected = BTreeMap::new();
    for id in a.keys().chain(b.keys()).collect::<BTreeSet<_>>() {
        let state = match (a.get(id), b.get(id)) {
            (None, _) => "new",
            (_, None) => "absent",
            (Some(one), Some(other)) if one == other => continue,
            _ => "updated",
        };
        expected.insert(id.clone(), state);
    }
    let told: BTreeMap<String, &str> = (compared.lines.iter())
        .map(|line| {
            (
                line["alert_id"].as_str().unwrap().to_owned(),
                line["state"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(told, expected);
    assert_eq!(told.len(), compared.lines.len());
    // The sums are of the same alerts.
    let all = &compared.summary["sums"]["all"];
    let total = |state: &str| all[state]["alerts"].as_u64().unwrap();
    for state in ["new", "absent", "updated"] {
        let of_state = expected.values().filter(|one| **one == state).count() as u64;
        assert_eq!(total(state), of_state, "{state}");
    }
    assert_eq!(
        total("unchanged") + total("updated") + total("new"),
        b.len() as u64
    );
    let amounts = |ids: &mut dyn Iterator<Item = &Value>| -> i64 {
        ids.map(|line| (line["amount_vnd"].as_f64().unwrap() * 1000.0).round() as i64)
            .sum()
    };
    let new = amounts(
        &mut expected
            .iter()
            .filter(|(_, state)| **state == "new")
            .map(|(id, _)| &b[id]),
    );
    let stated: f64 = all["new"]["amount_vnd"].as_str().unwrap().parse().unwrap();
    assert_eq!((stated * 1000.0).round() as i64, new);
    expected.len()
}

/// The kinds of what explains an alert.
fn kinds(line: &Value) -> Vec<&str> {
    let because = line["because"].as_array().unwrap().iter();
    because.map(|one| one["kind"].as_str().unwrap()).collect()
}

#[test]
fn a_run_differs_from_itself_in_nothing_and_from_a_shuffled_one_neither() {
    let run = replayed(country(), &[]);
    let same = compared(run.path(), run.path());
    assert_eq!(same.lines, [json!(null); 0]);
    assert_eq!(same.summary["stated"], json!([]));
    let place = run.path().to_str().unwrap();
    assert!(succeeds(&["diff", place, place, "--exit-code"]).contains("No alert differs."));
    // In other epochs alerts are known since other times, which is no difference.
    let other = replayed(country(), &["--epoch", "30d", "--workers", "2"]);
    assert_eq!(compared(run.path(), other.path()).lines.len(), 0);
}

#[test]
fn two_sets_of_thresholds_differ_as_the_set_difference_says_and_only_where_they_are_used() {
    let directory = tempfile::tempdir().unwrap();
    let rules = directory.path().join("rules.toml");
    let text = "[frequent_visits]\nvisits = 25\n\n[visit_during_stay]\nminutes_after_admission = 1200\n\n\
                [[activation]]\nat = 2025-02-01T00:00:00+07:00\nsame_day_facilities = { facilities = 2 }\n";
    fs::write(&rules, text).unwrap();
    let (a, b) = (
        replayed(country(), &[]),
        replayed(country(), &["--rules", rules.to_str().unwrap()]),
    );
    let compared = compared(a.path(), b.path());
    let differing = assert_set_difference(a.path(), b.path(), &compared);
    assert!(differing > 5, "{differing} alerts differ");
    assert_eq!(compared.summary["sums"]["unexplained"], 0);
    let changed = [
        "frequent_visits",
        "visit_during_stay",
        "same_day_facilities",
    ];
    for line in &compared.lines {
        assert_eq!(kinds(line), ["threshold"], "{line}");
        // The threshold is one that the reason uses, by the catalogue.
        let reason = line["reason"].as_str().unwrap();
        let name = line["because"][0]["name"].as_str().unwrap();
        let group = name.split('.').next().unwrap();
        let of_group = catalogue().reasons_of(group);
        assert!(
            of_group.contains(&Reason::from_name(reason).unwrap()),
            "{reason}: {name}"
        );
        assert!(changed.contains(&group), "{name}");
        if reason == "frequent_visits" {
            // More than 50 visits are more than 25: none is lost, and the new ones have 26 to 50.
            assert_eq!(line["state"], "new");
            assert_eq!(
                [&line["because"][0]["a"], &line["because"][0]["b"]],
                [&json!(50), &json!(25)]
            );
            let of_b = decided(b.path());
            let count = of_b[line["alert_id"].as_str().unwrap()]["evidence_count"]
                .as_u64()
                .unwrap();
            assert!(count > 25, "{count}");
        }
    }
}

#[test]
fn reasons_that_were_not_computed_explain_what_is_missing() {
    let a = replayed(country(), &[]);
    let b = replayed(country(), &["--reasons", "unknown_card,stale_card"]);
    let compared = compared(a.path(), b.path());
    assert!(assert_set_difference(a.path(), b.path(), &compared) > 100);
    for line in &compared.lines {
        assert_eq!(line["state"], "absent");
        assert_eq!(
            line["because"],
            json!([{"kind": "reason_not_computed", "run": "B"}])
        );
    }
}

#[test]
fn hindsight_is_told_by_what_became_known_later() {
    let then = replayed(country(), &["--as-of", "2025-02-15"]);
    let now = replayed(country(), &[]);
    let compared = compared(then.path(), now.path());
    assert!(assert_set_difference(then.path(), now.path(), &compared) > 20);
    assert_eq!(compared.summary["hindsight"], true);
    assert_eq!(compared.summary["sums"]["unexplained"], 0);
    // Each is explained by the last thing that the history has of it, after that day; or by the day itself.
    let mut last: BTreeMap<String, Value> = BTreeMap::new();
    for event in lines(now.path(), "history.ndjson") {
        last.insert(event["alert_id"].as_str().unwrap().to_owned(), event);
    }
    let mut later = 0;
    for line in &compared.lines {
        let told = line["because"].as_array().unwrap().iter();
        for because in told.filter(|one| one["kind"] == "known_later") {
            let event = &last[line["alert_id"].as_str().unwrap()];
            assert_eq!(because["inputs"], event["cause"]);
            assert_eq!(
                [&because["event"], &because["at"]],
                [&event["kind"], &event["at"]]
            );
            assert!(event["at"].as_str().unwrap() > "2025-02-16");
            assert_eq!(line["state"] == "absent", event["kind"] == "withdrawn");
            later += 1;
        }
    }
    assert!(
        later * 2 > compared.lines.len(),
        "{later} of {}",
        compared.lines.len()
    );
    let [a, b] = [&then, &now].map(|run: &TempDir| run.path().to_str().unwrap());
    let page = succeeds(&["diff", a, b, "--limit", "3"]);
    assert!(
        page.contains("Hindsight: what was known at 2025-02-15T23:59:59"),
        "{page}"
    );
    assert!(page.contains("known later: raised by claims"), "{page}");
    assert_eq!(told(&["diff", a, b, "--exit-code"]).status.code(), Some(1));
}

#[test]
fn rows_that_differ_explain_what_rests_on_them() {
    let a = replayed(country(), &[]);
    let changed = copy_of(country());
    // A death report more, of somebody who has none: his visits behind it are alerts now.
    let claims = lines_of_claims(a.path());
    let claim = &claims[0];
    let si_number = &claim["si"];
    let row = format!(
        "{{\"recorded_at\":\"2025-03-30T08:00:00+07:00\",\"report_id\":\"DIFF-1\",\"si_number\":{si_number},\
         \"death_date\":\"2024-12-01\",\"source\":\"court\"}}\n"
    );
    fs::write(changed.path().join("death_reports-more.ndjson"), row).unwrap();
    let b = replayed(changed.path(), &[]);
    let compared = compared(a.path(), b.path());
    assert!(assert_set_difference(a.path(), b.path(), &compared) > 0);
    assert_eq!(compared.summary["sums"]["unexplained"], 0);
    let stated = compared.summary["stated"].as_array().unwrap();
    let names: Vec<&Value> = stated.iter().map(|one| &one["name"]).collect();
    assert_eq!(names, [&json!("death_reports-more.ndjson")]);
    for line in &compared.lines {
        assert_eq!(kinds(line), ["rows"], "{line}");
        let inputs = line["because"][0]["inputs"].as_array().unwrap();
        let report = json!({"stream": "death_reports", "key": "DIFF-1"});
        assert!(inputs.contains(&report), "{line}");
    }
}

/// Claims under alerts, with the social-insurance number of their first card.
fn lines_of_claims(run: &Path) -> Vec<Value> {
    let alerts = lines(run, "alerts.ndjson");
    let alerts = alerts
        .iter()
        .filter(|line| line["reason"] == "same_day_facilities");
    let card = |line: &Value| {
        let rows = line["evidence"].as_array().unwrap();
        let card = rows.iter().find(|row| row["stream"] == "cards")?;
        let number = card["key"].as_str().unwrap();
        Some(json!({ "si": &number[number.len() - 10..] }))
    };
    alerts.filter_map(card).collect()
}

#[test]
fn what_a_service_decided_is_held_against_the_replay_of_its_journal() {
    let (data, country) = (Data::new(), Country::new(1_000));
    let token = data.token("auditor");
    let mut running = Running::start(&data, "").ready();
    running.push_all(&country);
    // What was pushed is stored as well.
    crate::running::until("all is stored", std::time::Duration::from_secs(60), || {
        let ready = running.ops("/readyz")?.json();
        let details = &ready["details"];
        let is_stored = details["sealed_epoch"].as_u64()? == details["committed_epoch"].as_u64()?;
        is_stored.then_some(())
    });
    let exports = tempfile::tempdir().unwrap();
    for name in ["alerts.ndjson", "history.ndjson"] {
        let export = crate::running::get_as(&token, &format!("http://{}/v1/{name}", running.api));
        fs::write(exports.path().join(name), export).unwrap();
    }
    running.process.terminate();
    assert!(
        running
            .process
            .ended(std::time::Duration::from_secs(60))
            .success()
    );
    let replayed = tempfile::tempdir().unwrap();
    let [data_place, run] =
        [data.path(), replayed.path().to_owned()].map(|path| path.to_str().unwrap().to_owned());
    succeeds(&["replay", "--journal", &data_place, "--output", &run]);
    succeeds(&["verify", &format!("{run}/manifest.json"), "--rerun"]);
    let live = compared(exports.path(), replayed.path());
    assert_eq!(live.lines.len(), 0, "{:?}", live.lines.first());
    assert!(!lines(exports.path(), "alerts.ndjson").is_empty());
    // And an alert of it is explained from the journal.
    let alerts = lines(replayed.path(), "alerts.ndjson");
    let id = alerts[0]["alert_id"].as_str().unwrap();
    let pack = exports.path().join("pack.json");
    let pack = pack.to_str().unwrap();
    let page = succeeds(&["explain", "--run", &run, id, "--pack", pack]);
    assert!(page.contains("epochs/"), "{page}");
    succeeds(&["verify", pack, "--input", &data_place]);
}

#[test]
fn what_cannot_be_compared_is_told_with_file_and_line() {
    let run = replayed(country(), &["--reasons", "unknown_card"]);
    let broken = copy_of(run.path());
    let place = |run: &TempDir| run.path().to_str().unwrap().to_owned();
    fails(2, &["diff", &place(&run), "/nowhere"]);
    let empty = tempfile::tempdir().unwrap();
    assert!(
        fails(1, &["diff", &place(&run), &place(&empty)]).contains("alerts.ndjson: No such file")
    );
    let path = broken.path().join("alerts.ndjson");
    let whole = fs::read_to_string(&path).unwrap();
    let swapped: Vec<&str> = whole.lines().rev().collect();
    fs::write(&path, swapped.join("\n")).unwrap();
    let told = fails(1, &["diff", &place(&run), &place(&broken)]);
    assert!(
        told.contains("alerts.ndjson, line 2: its alert_id is not greater"),
        "{told}"
    );
    fs::write(&path, "{}\n").unwrap();
    assert!(
        fails(1, &["diff", &place(&run), &place(&broken)])
            .contains("alerts.ndjson, line 1: not an alert")
    );
}
