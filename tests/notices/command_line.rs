//! What the command says, and what it refuses.

use std::fs;

use crate::support::{Files, fundwatch, text};

#[test]
fn help_is_the_reference() {
    for command in ["", "reconcile", "deliver", "list"] {
        let mut help = fundwatch();
        help.arg("notices");
        if !command.is_empty() {
            help.arg(command);
        }
        let told = help.arg("--help").output().unwrap();
        assert_eq!(told.status.code(), Some(0));
        let help = text(&told.stdout);
        assert!(
            help.lines().all(|line| line.chars().count() <= 100),
            "{help}"
        );
        insta::assert_snapshot!(format!("notices-{command}-help"), help);
    }
}

#[test]
fn what_waits_is_told_with_nobody_in_it() {
    let files = Files::new();
    files.stale_cards(2);
    files.replay("run", &["--as-of", "2025-03-31"]);
    files.reconcile("run");
    let told = files.run(0, "list", &["--state", "no_sink"]);
    // Times and keys are of this run.
    let plain = |line: &str| {
        let line = match line.split_once("  ") {
            Some((key, rest)) if key.starts_with("ntc_") => format!("KEY  {rest}"),
            _ => line.to_owned(),
        };
        match line.split_once(" since ") {
            Some((before, _)) => format!("{before} since TIME"),
            None => line,
        }
    };
    let told: Vec<String> = told.lines().map(plain).collect();
    insta::assert_snapshot!("notices-list", told.join("\n"));
    let revealed = files.run(0, "list", &["--state", "no_sink", "--reveal"]);
    assert!(
        revealed.contains("cards DN4797900000001 status"),
        "{revealed}"
    );
    assert!(revealed.contains("current   valid") && revealed.contains("proposed  reduced"));
}

#[test]
fn wrong_calls_say_what_to_do() {
    let files = Files::new();
    files.stale_cards(1);
    files.replay("run", &["--as-of", "2025-03-31"]);
    files.write("text.db", &"not an outbox\n".repeat(100));
    let refused = |command: &str, arguments: &[&str]| {
        let mut call = fundwatch();
        call.args(["notices", command])
            .args(arguments)
            .current_dir(files.directory());
        let told = call.output().unwrap();
        (told.status.code(), text(&told.stderr))
    };
    for (code, command, arguments, says) in [
        (
            2,
            "reconcile",
            ["--run", "absent", "--outbox", "a.db"],
            "--run absent is not a directory",
        ),
        (
            2,
            "reconcile",
            ["--run", "run", "--outbox", "no/a.db"],
            "make it first",
        ),
        (
            2,
            "reconcile",
            ["--run", "run", "--outbox", "text.db"],
            "not an outbox",
        ),
        (
            1,
            "reconcile",
            ["--run", "input", "--outbox", "a.db"],
            "name the output directory of a replay",
        ),
        (
            2,
            "list",
            ["--outbox", "absent.db", "--limit", "1"],
            "`fundwatch notices reconcile` makes one",
        ),
        (
            2,
            "list",
            ["--outbox", "text.db", "--limit", "1"],
            "not an outbox",
        ),
        (
            2,
            "list",
            ["--outbox", "a.db", "--state", "lost"],
            "expected one of pending",
        ),
        (
            2,
            "list",
            ["--outbox", "a.db", "--stuck-after", "soon"],
            "such as 500ms, 10s",
        ),
        (
            2,
            "deliver",
            ["--outbox", "a.db", "--sinks", "absent.toml"],
            "name the file of sinks",
        ),
        (
            2,
            "deliver",
            ["--outbox", "a.db", "--give-up-after", "1h"],
            "--until-empty",
        ),
    ] {
        let (found, stderr) = refused(command, &arguments);
        assert_eq!(found, Some(code), "{command} {arguments:?}: {stderr}");
        assert!(stderr.contains(says), "{command} {arguments:?}: {stderr}");
    }
}

#[test]
fn a_run_that_is_not_whole_is_refused() {
    let files = Files::new();
    files.stale_cards(3);
    files.replay("run", &["--as-of", "2025-03-31"]);
    let refused = |says: &str| {
        let told = files.notices_told("reconcile", &["--run", "run"]);
        assert_eq!(told.status.code(), Some(1));
        let stderr = text(&told.stderr);
        assert!(stderr.contains(says), "{stderr}");
        assert!(!files.path("notices.db").exists(), "nothing was made of it");
    };
    let path = files.path("run/notices.ndjson");
    let whole = fs::read_to_string(&path).unwrap();
    let half: String = whole
        .lines()
        .take(2)
        .map(|line| format!("{line}\n"))
        .collect();
    fs::write(&path, half).unwrap();
    refused("run/notices.ndjson: it is not as the replay wrote it");
    fs::write(&path, whole).unwrap();
    let manifest = files.path("run/manifest.json");
    let stated = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, stated.replace("notices.ndjson", "others.ndjson")).unwrap();
    refused("manifest.json: `subject` is not as it was written");
    fs::write(
        &manifest,
        stated.replace("urn:fundwatch:replay:2", "urn:fundwatch:replay:3"),
    )
    .unwrap();
    refused("which this version does not know");
    fs::remove_file(&manifest).unwrap();
    refused("manifest.json: No such file");
    let empty = Files::new();
    empty.replay("run", &[]);
    let told = empty.notices_told("reconcile", &["--run", "run"]);
    assert_eq!(told.status.code(), Some(1));
    assert!(text(&told.stderr).contains("accepted no row"));
}

#[test]
fn a_run_of_some_reasons_keeps_the_notices_of_others() {
    let files = Files::new();
    files.stale_cards(3);
    files.replay("run", &["--as-of", "2025-03-31"]);
    files.reconcile("run");
    files.replay(
        "some",
        &["--as-of", "2025-03-31", "--reasons", "unknown_card"],
    );
    let told = files.reconcile("some");
    assert!(
        told.starts_with("Notices: 0 opened, 0 superseded, 0 cancelled, 0 as they were"),
        "{told}"
    );
    files.replay(
        "none",
        &[
            "--as-of",
            "2025-03-31",
            "--reasons",
            "stale_card,unknown_card",
        ],
    );
    let told = files.reconcile("none");
    assert!(
        told.starts_with("Notices: 0 opened, 0 superseded, 0 cancelled, 3 as they were"),
        "{told}"
    );
}
