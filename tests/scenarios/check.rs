//! Runs one scenario and holds what was written against it.
//!
//! In: a scenario, and a way to replay a directory. Out: what does not hold, each with its place.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use fundwatch::record::Day;
use fundwatch::rule::Reason;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::expectation::{self, HistoryLine};
use crate::language::Scenario;

/// What a replay is asked for.
pub struct Run<'a> {
    /// Where the rows are.
    pub input: &'a Path,
    /// Where the outputs go.
    pub output: &'a Path,
    /// The as-of date.
    pub as_of: Option<Day>,
    /// Dataflow threads.
    pub workers: usize,
    /// The list of benefits that exclude each other, where it is not the program's.
    pub exclusive_benefits: Option<&'a Path>,
    /// The reasons to compute.
    pub reasons: BTreeSet<Reason>,
    /// The thresholds, as a file of rules.
    pub rules: String,
    /// Whether claims are scored by a model of the fund's own claims.
    pub own_model: bool,
}

/// A way to replay a directory, or why it failed.
pub type Replay<'a> = &'a (dyn Fn(&Run<'_>) -> Result<(), String> + Sync);

/// The alert_id of each reason and subject that was seen, in whatever scenario.
pub type Identities = Mutex<BTreeMap<(String, String), String>>;

/// What does not hold of a scenario.
pub fn check(scenario: &Scenario, replay: Replay<'_>, identities: &Identities) -> Vec<String> {
    match try_check(scenario, replay, identities) {
        Ok(errors) => errors,
        Err(message) => vec![format!("{}: {message}", scenario.place())],
    }
}

fn try_check(
    scenario: &Scenario,
    replay: Replay<'_>,
    identities: &Identities,
) -> Result<Vec<String>, String> {
    let directory = tempfile::tempdir().map_err(|e| format!("a temporary directory: {e}"))?;
    let place = |name: &str| directory.path().join(name);
    let run = |name: &str, workers, reasons| {
        let (input, output) = (place(name).join("in"), place(name).join("out"));
        write_input(scenario, &input, name == "shuffled").map_err(|e| format!("input: {e}"))?;
        let list = place(name).join("exclusive_benefits.csv");
        if let Some(text) = &scenario.exclusive_benefits {
            fs::write(&list, text).map_err(|e| format!("list: {e}"))?;
        }
        replay(&Run {
            exclusive_benefits: scenario.exclusive_benefits.as_ref().map(|_| list.as_path()),
            input: &input,
            output: &output,
            as_of: scenario.as_of,
            workers,
            reasons,
            rules: scenario.rules(),
            own_model: scenario.watch.contains(&Reason::CostOutlier),
        })?;
        Ok::<PathBuf, String>(output)
    };

    let every_reason = Reason::ALL.iter().copied().collect();
    let output = run("plain", 1, every_reason)?;
    let mut history: Vec<Value> = lines(&output.join("history.ndjson"))?;
    let watched = |line: &Value| {
        let reason = line["reason"].as_str().and_then(Reason::from_name);
        reason.is_some_and(|r| scenario.watch.contains(&r))
    };
    let mut errors = sums(&output, &history)?;
    history.retain(watched);
    errors.extend(epochs(scenario, &history, identities)?);
    errors.extend(rejects(scenario, &output)?);

    let output = run("shuffled", 2, scenario.watch.clone())?;
    let shuffled: Vec<Value> = lines(&output.join("history.ndjson"))?;
    if shuffled != history {
        errors.push(format!(
            "the rows in another order and other files, on two workers, with the watched reasons \
             alone: {} history lines that differ from the {} of the plain run",
            shuffled.len(),
            history.len()
        ));
    }
    let own = "tests/scenarios/";
    let told = errors.into_iter().map(|error| {
        if error.starts_with(own) {
            error
        } else {
            format!("{}: {error}", scenario.place())
        }
    });
    Ok(told.collect())
}

/// One file a stream in the order of the scenario; or, shuffled, two files and the last row first.
fn write_input(scenario: &Scenario, input: &Path, shuffled: bool) -> std::io::Result<()> {
    let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let rows = scenario.epochs.iter().flat_map(|e| &e.rows);
    for (number, row) in rows.enumerate() {
        let part = match shuffled {
            false => "",
            true if number % 3 == 0 => "-a",
            true => "-b",
        };
        let file = files.entry(format!("{}{part}.ndjson", row.stream));
        let line = Value::Object(row.fields.clone()).to_string();
        file.or_default().push(line + "\n");
    }
    fs::create_dir_all(input)?;
    for (name, mut lines) in files {
        if shuffled {
            lines.reverse();
        }
        fs::write(input.join(name), lines.concat())?;
    }
    Ok(())
}

fn lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, String> {
    let text = fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let read = |line| serde_json::from_str(line);
    let lines = text.lines().map(read).collect::<Result<_, _>>();
    lines.map_err(|e| format!("{}: {e}", path.display()))
}

/// Each epoch against its expectations, and nothing on any other day.
fn epochs(
    scenario: &Scenario,
    history: &[Value],
    identities: &Identities,
) -> Result<Vec<String>, String> {
    let mut identities = identities.lock().map_err(|_| "another scenario panicked")?;
    let mut by_day: BTreeMap<String, Vec<HistoryLine>> = BTreeMap::new();
    let mut errors = Vec::new();
    for value in history {
        let line: HistoryLine =
            serde_json::from_value(value.clone()).map_err(|e| format!("a history line: {e}"))?;
        let key = (line.reason.clone(), line.subject());
        let known = identities.entry(key).or_insert(line.alert_id.clone());
        if *known != line.alert_id {
            errors.push(format!("{} has two alert ids", line.subject()));
        }
        if line.cause.is_empty() {
            let (kind, subject) = (&line.kind, line.subject());
            errors.push(format!("{kind} without a cause: {} {subject}", line.reason));
        }
        let day = line.at.get(..10).unwrap_or_default().to_owned();
        by_day.entry(day).or_default().push(line);
    }
    for epoch in &scenario.epochs {
        let lines = by_day.remove(&epoch.day.to_string()).unwrap_or_default();
        if !lines.is_sorted_by(|a, b| a.alert_id < b.alert_id) {
            errors.push(format!("the history of {} is not by alert_id", epoch.day));
        }
        errors.extend(expectation::compare(&scenario.file, epoch, &lines));
    }
    let strays = by_day
        .keys()
        .map(|day| format!("history on {day}, which is no epoch"));
    errors.extend(strays);
    Ok(errors)
}

/// The alerts at the end are those that the history raised and did not withdraw, as it last told.
fn sums(output: &Path, history: &[Value]) -> Result<Vec<String>, String> {
    let told = |line: &Value| {
        let columns = ["reason", "subject", "class", "grade", "amount_vnd", "score"];
        let told = columns.map(|c| line.get(c).cloned().unwrap_or(Value::Null));
        // An event's `cause` is the rows that changed.
        let of_alert = line.get("cause").filter(|cause| cause.is_string());
        let why = line.get("authentication_cause").or(of_alert).cloned();
        (told, why)
    };
    let id = |line: &Value| line["alert_id"].to_string();
    let mut holding = BTreeMap::new();
    let mut errors = Vec::new();
    for line in history {
        let kind = line["kind"].as_str().unwrap_or_default();
        let held = match kind {
            "withdrawn" => holding.remove(&id(line)),
            _ => holding.insert(id(line), told(line)),
        };
        if held.is_some() == (kind == "raised") {
            errors.push(format!("{kind} out of turn: {}", line["subject"]));
        }
        if kind == "changed" && held == Some(told(line)) {
            errors.push(format!("changed, and is the same: {}", line["subject"]));
        }
    }
    let alerts: Vec<Value> = lines(&output.join("alerts.ndjson"))?;
    let alerts: BTreeMap<_, _> = alerts.iter().map(|a| (id(a), told(a))).collect();
    if alerts != holding {
        errors.push(format!(
            "alerts.ndjson holds {} alerts, the history adds up to other {}",
            alerts.len(),
            holding.len()
        ));
    }
    Ok(errors)
}

/// Every rejected row is expected, by stream and code.
fn rejects(scenario: &Scenario, output: &Path) -> Result<Vec<String>, String> {
    let rejects: Vec<Value> = lines(&output.join("rejects.ndjson"))?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut got: Vec<(String, String)> = rejects
        .iter()
        .map(|r| (text(&r["file"]).replace(".ndjson", ""), text(&r["code"])))
        .collect();
    let expected = scenario.rejected.iter();
    let mut expected: Vec<(String, String)> = expected
        .map(|(s, code)| (s.to_string(), code.clone()))
        .collect();
    got.sort();
    expected.sort();
    if got == expected {
        return Ok(Vec::new());
    }
    Ok(vec![format!("rejected {got:?}, expected {expected:?}")])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language;

    const SCENARIO: &str = "\
scenario a card of no register
epoch 2025-03-01
  claim 01001/A cards=DN4797900000001
  expect raised unknown_card claim 01001/A amount=80000
epoch 2025-03-02
  card DN4797900000001
  claim 01001/B outcome=9
  rejected claims bad_outcome
  expect withdrawn unknown_card claim 01001/A cause=cards/DN4797900000001
";
    const RAISED: &str = r#"{"epoch":1,"at":"2025-03-01T08:00:00+07:00","kind":"raised","alert_id":"a","reason":"unknown_card","class":"eligibility","amount_vnd":80000,"subject":{"kind":"claim","id":"01001/A"},"cause":[{"stream":"claims","key":"01001/A"}]}"#;
    const WITHDRAWN: &str = r#"{"epoch":2,"at":"2025-03-02T08:00:00+07:00","kind":"withdrawn","alert_id":"a","reason":"unknown_card","class":"eligibility","amount_vnd":80000,"subject":{"kind":"claim","id":"01001/A"},"cause":[{"stream":"cards","key":"DN4797900000001"}]}"#;
    const REJECT: &str = r#"{"file":"claims.ndjson","row":2,"raw":"…","code":"bad_outcome"}"#;

    /// A replay that writes what it is told, whatever it reads.
    fn check_written(history: &[&str], alerts: &[&str], rejects: &[&str]) -> Vec<String> {
        let scenarios = language::parse("unknown_card", SCENARIO).expect("a scenario");
        let replay = |run: &Run<'_>| {
            let rows = fs::read_dir(run.input).expect("the input").count();
            assert_eq!(rows, if run.workers == 1 { 2 } else { 3 });
            fs::create_dir_all(run.output).expect("the output");
            for (name, lines) in [
                ("history", history),
                ("alerts", alerts),
                ("rejects", rejects),
            ] {
                let path = run.output.join(format!("{name}.ndjson"));
                fs::write(path, lines.join("\n")).expect("an output");
            }
            Ok(())
        };
        check(&scenarios[0], &replay, &Identities::default())
    }

    #[test]
    fn a_run_that_holds_is_no_error() {
        assert_eq!(check_written(&[RAISED, WITHDRAWN], &[], &[REJECT]), [""; 0]);
    }

    #[test]
    fn a_run_that_does_not_hold_says_what() {
        let told = |history: &[&str], alerts: &[&str], rejects: &[&str], what: &str| {
            let errors = check_written(history, alerts, rejects);
            assert!(
                errors.iter().any(|e| e.contains(what)),
                "{what}: {errors:?}"
            );
            assert!(
                errors
                    .iter()
                    .all(|e| e.starts_with("tests/scenarios/unknown_card.txt:"))
            );
        };
        told(&[RAISED], &[RAISED], &[REJECT], "which was not written");
        told(
            &[RAISED, WITHDRAWN],
            &[RAISED],
            &[REJECT],
            "adds up to other",
        );
        told(&[RAISED, WITHDRAWN], &[], &[], "expected [(\"claims\"");
        told(&[WITHDRAWN], &[], &[REJECT], "withdrawn out of turn");
        let other = WITHDRAWN.replace(r#""alert_id":"a""#, r#""alert_id":"b""#);
        told(&[RAISED, &other], &[], &[REJECT], "two alert ids");
        let silent = RAISED.replace(r#"{"stream":"claims","key":"01001/A"}"#, "");
        told(&[&silent, WITHDRAWN], &[], &[REJECT], "without a cause");
        let stray = WITHDRAWN.replace("2025-03-02", "2025-03-03");
        told(&[RAISED, &stray], &[], &[REJECT], "which is no epoch");
        let changed = RAISED.replace("raised", "changed");
        told(&[RAISED, &changed], &[RAISED], &[REJECT], "and is the same");
    }

    #[test]
    fn a_replay_that_fails_is_told_with_the_scenario() {
        let scenarios = language::parse("unknown_card", SCENARIO).expect("a scenario");
        let fails = |_: &Run<'_>| Err("the disk is full".to_owned());
        let errors = check(&scenarios[0], &fails, &Identities::default());
        assert_eq!(
            errors,
            ["tests/scenarios/unknown_card.txt:1 (a card of no register): the disk is full"]
        );
    }
}
