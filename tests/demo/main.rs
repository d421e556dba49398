//! `fundwatch demo` as a user meets it: every test runs the real binary on a small country.
//!
//! In: arguments and environment. Out: the page, the files, the exit code. Must hold: nothing is left
//! behind outside of temporary directories.

#![expect(
    clippy::unwrap_used,
    reason = "a test says with a panic that it failed"
)]

#[path = "../common/binary.rs"]
mod binary;

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use binary::fundwatch;
use console::measure_text_width;
use serde_json::Value;

/// A demo of a small country.
fn demo(output: &Path) -> Command {
    let mut command = fundwatch();
    command.env("COLUMNS", "80");
    command.args(["demo", "--citizens", "2000", "--output"]);
    command.arg(output);
    command
}

/// What a successful demo printed.
fn page(command: &mut Command) -> String {
    let told = command.output().unwrap();
    assert_eq!(told.status.code(), Some(0), "{}", stderr(&told));
    let stderr = stderr(&told);
    assert!(!stderr.contains("warning"), "{stderr}");
    String::from_utf8(told.stdout).unwrap()
}

fn stderr(told: &Output) -> String {
    String::from_utf8(told.stderr.clone()).unwrap()
}

/// The alerts of a run, worst first.
fn alerts(output: &Path) -> Vec<Value> {
    let text = fs::read_to_string(output.join("run/alerts.ndjson")).unwrap();
    let mut alerts: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    alerts.sort_by(|a, b| {
        let number = |alert: &Value, member| alert[member].as_f64().unwrap_or(-1.0);
        let id = |alert: &Value| alert["alert_id"].as_str().unwrap().to_owned();
        (number(b, "priority").total_cmp(&number(a, "priority")))
            .then(number(b, "score").total_cmp(&number(a, "score")))
            .then(id(a).cmp(&id(b)))
    });
    alerts
}

/// The subjects that the truth is about, as kind and id.
fn subjects_of_truth(output: &Path) -> HashSet<(String, String)> {
    let text = fs::read_to_string(output.join("country/truth.csv")).unwrap();
    let cells = |line: &str| -> Vec<String> { line.split(',').map(str::to_owned).collect() };
    let rows = text.lines().skip(1).map(cells);
    rows.map(|row| (row[1].clone(), row[2].clone())).collect()
}

/// The ten worst alerts are told in order, each with its evidence, and with the truth where it is
/// known; and no identifier is told.
fn assert_tells_the_worst(page: &str, output: &Path, truth: &str) {
    let alerts = alerts(output);
    assert!(!alerts.is_empty());
    let truths = subjects_of_truth(output);
    let mut rest = page;
    let mut after = |what: &str| {
        let place = rest.find(what);
        rest = &rest[place.unwrap_or_else(|| panic!("{what} is not told in its place:\n{rest}"))..];
    };
    let mut known = 0;
    for (alert, rank) in alerts.iter().take(10).zip(1..) {
        after(&format!("\n{rank:>2}. "));
        after(&alert["alert_id"].as_str().unwrap()[..8]);
        for row in alert["evidence"].as_array().unwrap() {
            after(&format!("{}:{}", row["file"].as_str().unwrap(), row["row"]));
        }
        let of = |member: &str| alert["subject"][member].as_str().unwrap().to_owned();
        if truths.contains(&(of("kind"), of("id"))) {
            after(truth);
            known += 1;
        }
    }
    assert_eq!(page.matches(truth).count(), known);
    assert!(
        known > 0,
        "the worst alerts of a country are among those made on purpose"
    );
    assert!(!page.contains("\n11. "));

    let runs = page.split(|c: char| !c.is_ascii_digit()).map(str::len);
    assert!(runs.max() < Some(9), "an identifier is told:\n{page}");
    assert!(page.contains("•••"));
    for line in page
        .lines()
        .filter(|line| !line.contains(" replay --input "))
    {
        assert!(
            measure_text_width(line) <= 80 || line.contains(path(output)),
            "{line}"
        );
    }
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_demo_in_english() {
    let parent = tempfile::tempdir().unwrap();
    let output = parent.path().join("demo");
    let page = page(demo(&output).args(["--language", "en"]));
    assert_tells_the_worst(&page, &output, "Truth file: ");
    for text in ["Alerts by reason", "VND ", "What next", "truth.csv"] {
        assert!(page.contains(text), "{text}:\n{page}");
    }
    // The command told finds the same alerts.
    let again = parent.path().join("again");
    let told = fundwatch()
        .args(["replay", "--input"])
        .arg(output.join("country"))
        .arg("--output")
        .arg(&again)
        .output()
        .unwrap();
    assert_eq!(told.status.code(), Some(0));
    let alerts = |run: &Path| fs::read(run.join("alerts.ndjson")).unwrap();
    assert!(alerts(&again) == alerts(&output.join("run")));
}

#[test]
fn a_demo_in_vietnamese() {
    let parent = tempfile::tempdir().unwrap();
    let output = parent.path().join("demo");
    let page = page(demo(&output).args(["--language", "vi"]));
    assert_tells_the_worst(&page, &output, "Đáp án: ");
    for text in ["Cảnh báo theo lý do", " đ", "Dữ liệu căn cứ", "Xem tiếp"] {
        assert!(page.contains(text), "{text}:\n{page}");
    }
    for english in [
        "VND",
        "Evidence",
        "citizen ",
        "priority",
        "facility",
        "known",
        "examination",
        " stay",
    ] {
        assert!(!page.contains(english), "{english}:\n{page}");
    }
}

#[test]
fn without_a_language_the_locale_decides() {
    let output = tempfile::tempdir().unwrap();
    let heading = "Cảnh báo theo lý do";
    assert!(!page(&mut demo(output.path())).contains(heading));
    assert!(page(demo(output.path()).env("LANG", "vi_VN.UTF-8")).contains(heading));
    let mut posix = demo(output.path());
    posix.env("LANG", "vi_VN.UTF-8").env("LC_ALL", "C");
    assert!(!page(&mut posix).contains(heading));
}

#[test]
fn a_second_demo_takes_the_place_of_the_first() {
    let parent = tempfile::tempdir().unwrap();
    let output = parent.path().join("demo");
    let first = page(demo(&output).args(["--workers", "2"]));
    fs::write(output.join("country/claims-left-over.csv"), "x").unwrap();
    fs::write(output.join("notes.txt"), "mine").unwrap();
    let second = page(&mut demo(&output));
    // The headline tells the time it took.
    let tables = |page: &str| page.split_once("\n\n").unwrap().1.to_owned();
    assert_eq!(tables(&first), tables(&second));
    assert!(!output.join("country/claims-left-over.csv").exists());
    assert!(output.join("notes.txt").exists());
}

#[test]
fn what_no_demo_wrote_is_refused_and_left_as_it_is() {
    let foreign = tempfile::tempdir().unwrap();
    fs::create_dir(foreign.path().join("country")).unwrap();
    fs::write(foreign.path().join("country/claims.csv"), "mine").unwrap();
    let file = foreign.path().join("country/claims.csv");
    for output in [foreign.path(), &file] {
        let told = demo(output).output().unwrap();
        assert_eq!(told.status.code(), Some(2));
        assert!(stderr(&told).contains("--output"), "{}", stderr(&told));
        assert!(told.stdout.is_empty());
        assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
        assert_eq!(fs::read_dir(foreign.path()).unwrap().count(), 1);
    }
}

#[test]
fn wrong_calls_have_exit_code_2_and_write_nothing() {
    for (arguments, remedy) in [
        (["--language", "fr"], "`vi` or `en`"),
        (["--citizens", "0"], "1000"),
        (["--days", "0"], "3650"),
        (["--workers", "0"], "1..=1024"),
    ] {
        let parent = tempfile::tempdir().unwrap();
        let output = parent.path().join("demo");
        let mut command = fundwatch();
        command.env("COLUMNS", "80");
        command
            .arg("demo")
            .arg("--output")
            .arg(&output)
            .args(arguments);
        let told = command.output().unwrap();
        assert_eq!(told.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&told).contains(remedy), "{}", stderr(&told));
        assert!(!output.exists());
    }
}
