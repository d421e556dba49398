//! The command as a user meets it.

use std::fs;
use std::process::{Command, Output};

fn synth(output: &std::path::Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fundwatch"));
    command.args(["synth", "--citizens", "1000", "--days", "30", "--output"]);
    command
        .arg(output)
        .args(more)
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

#[test]
fn a_country_is_not_written_over_another_unless_told_to() {
    let directory = tempfile::tempdir().unwrap();
    let output = directory.path().join("new");
    let made = synth(&output, &["--format", "csv"]);
    let told = String::from_utf8(made.stdout).unwrap();
    assert_eq!(
        made.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    assert!(
        told.contains("claims after a recorded death") && told.contains("rows/s"),
        "{told}"
    );
    let first = fs::read(output.join("claims.csv")).unwrap();

    let refused = synth(&output, &["--seed", "2"]);
    assert_eq!(refused.status.code(), Some(2));
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(
        told.contains("is not empty") && told.contains("--overwrite"),
        "{told}"
    );
    assert_eq!(fs::read(output.join("claims.csv")).unwrap(), first);

    fs::write(output.join("notes.txt"), "kept").unwrap();
    let made = synth(&output, &["--overwrite", "--format", "ndjson"]);
    assert_eq!(made.status.code(), Some(0));
    let mut names: Vec<String> = fs::read_dir(&output)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(
        names.len(),
        12,
        "ten streams, the truth, the notes: {names:?}"
    );
    assert!(
        names
            .iter()
            .all(|name| !name.ends_with(".csv") || name == "truth.csv")
    );
}

#[test]
fn a_wrong_call_says_what_is_possible() {
    let directory = tempfile::tempdir().unwrap();
    for more in [
        ["--flagged-per-million", "50001"],
        ["--format", "xlsx"],
        ["--seed", "x"],
    ] {
        let refused = synth(directory.path(), &more);
        assert_eq!(refused.status.code(), Some(2), "{more:?}");
        assert!(!refused.stderr.is_empty());
    }
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}
