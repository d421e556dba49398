//! The command as a user meets it.

use std::fs;
use std::path::Path;
use std::process::Output;

use tempfile::TempDir;

use crate::binary::fundwatch;
use crate::said;

const CITIZENS: &str = "\
recorded_at,personal_id,full_name,birth_date,sex,life_status
2025-01-01T08:00:00+07:00,001080000011,Nguyễn Văn An,1980-05-17,1,alive
2025-01-01T08:00:00+07:00,001185000022,Trần Thị Lan,1985-03-09,2,alive
";
const PARTICIPANTS: &str = "\
recorded_at,si_number,personal_id,full_name,birth_date,sex
2025-01-01T08:00:00+07:00,7900000001,001080000011,Nguyen Van An,1980-05-17,1
2025-01-01T08:00:00+07:00,7900000002,001185000022,Trần Thị Lan,1985-03-09,2
2025-01-01T08:00:00+07:00,x,001185000022,Trần Thị Lan,1985-03-09,2
";

fn registers() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("citizens.csv"), CITIZENS).unwrap();
    fs::write(directory.path().join("participants.csv"), PARTICIPANTS).unwrap();
    directory
}

fn authenticate(input: &Path, more: &[&str]) -> Output {
    let mut command = fundwatch();
    command.args(["authenticate", "--input"]).arg(input);
    let command = command.args(more).env("NO_COLOR", "1").env("LC_ALL", "C");
    let output = command.output().unwrap();
    said::told(&output);
    said::people_in(input);
    output
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn help_is_the_reference() {
    let mut command = fundwatch();
    let told = command.args(["authenticate", "--help"]).output().unwrap();
    let help = text(&told.stdout);
    assert!(help.lines().all(|line| line.chars().count() <= 100));
    insta::assert_snapshot!("help", help);
}

#[test]
fn one_person_is_told_in_the_language_asked_for() {
    let input = registers();
    let told = authenticate(input.path(), &["--si", "7900000001"]);
    assert_eq!(told.status.code(), Some(0), "{}", text(&told.stderr));
    assert_eq!(
        text(&told.stdout),
        "Not authenticated (name_spelling).\n\
         The name is spelt otherwise than in the population database.\n\
         Proposed, confidence high: National Insurance Database, full name: Nguyen Van An -> \
         Nguyễn Văn An (the population database is the authority).\n"
    );
    assert_eq!(
        text(&told.stderr),
        "warning: participants.csv: rows that were not accepted: 1; `fundwatch replay` says why\n"
    );
    let told = authenticate(
        input.path(),
        &["--card", "GD4797900000002", "--language", "vi"],
    );
    let expected = "Xác thực khớp: họ tên, ngày sinh, giới tính đúng với dữ liệu dân cư.\n";
    assert_eq!(text(&told.stdout), expected);

    let output = input.path().join("one.ndjson");
    let desk = [
        "--personal-id",
        "001185000022",
        "--name",
        "TRẦN THỊ LAN",
        "--birth-date",
        "1985-09-03",
        "--sex",
        "3",
        "--output",
        output.to_str().unwrap(),
    ];
    let told = authenticate(input.path(), &desk);
    assert_eq!(told.status.code(), Some(0), "{}", text(&told.stderr));
    let line = fs::read_to_string(output).unwrap();
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(line["cause"], "birth_date_swapped");
    assert_eq!(line["corrections"][0]["proposed"], "1985-03-09");
}

#[test]
fn many_people_are_lines_of_a_file_and_numbers_on_the_terminal() {
    let input = registers();
    let output = tempfile::tempdir().unwrap();
    let results = output.path().join("results.csv");
    let told = authenticate(input.path(), &["--output", results.to_str().unwrap()]);
    assert_eq!(told.status.code(), Some(0), "{}", text(&told.stderr));
    assert_eq!(
        text(&told.stdout),
        "People: 2; authenticated: 1; with a proposed correction: 1.\n  name_spelling                  1\n"
    );
    let lines = fs::read_to_string(&results).unwrap();
    assert_eq!(lines.lines().count(), 3);
    assert!(lines.contains("1,7900000001,001080000011,false,name_spelling,insurance,full_name,"));
    assert_eq!(fs::read_dir(output.path()).unwrap().count(), 1);

    let people = input.path().join("people.ndjson");
    fs::write(
        &people,
        "{\"si_number\":\"7900000002\"}\n{\"si_number\":\"79\"}\n",
    )
    .unwrap();
    let lines = output.path().join("lines.ndjson");
    let (people, lines) = (people.to_str().unwrap(), lines.to_str().unwrap());
    let told = authenticate(input.path(), &["--people", people, "--output", lines]);
    assert!(
        text(&told.stdout).ends_with("Not asked, since the row is faulty (column error): 1.\n")
    );
    assert_eq!(fs::read_to_string(lines).unwrap().lines().count(), 2);
}

#[test]
fn wrong_calls_name_the_remedy_and_no_person() {
    let input = registers();
    let path = input.path().to_str().unwrap();
    let outside = input.path().join("absent/results.csv");
    let cases: [(&[&str], &str); 10] = [
        (&[], "--output is missing"),
        (
            &["--si", "123454321"],
            "--si: expected a social-insurance number of 10 digits",
        ),
        (
            &["--personal-id", "123454321000000"],
            "--personal-id: expected a personal id of 12 digits",
        ),
        (&["--personal-id", "123454321000"], "--name is missing"),
        (
            &["--name", "X", "--birth-date", "1980-13", "--sex", "1"],
            "--birth-date: expected a date",
        ),
        (&["--si", "7900000001", "--sex", "m"], "--sex: expected 1"),
        (
            &["--output", "results.txt"],
            "end the name with .csv or .ndjson",
        ),
        (&["--output", outside.to_str().unwrap()], "make it first"),
        (
            &["--people", path, "--output", "x.csv"],
            "end the name with .csv or .ndjson",
        ),
        (
            &["--people", "x.csv", "--si", "7900000001"],
            "cannot be used with",
        ),
    ];
    for (arguments, remedy) in cases {
        let told = authenticate(input.path(), arguments);
        let stderr = text(&told.stderr);
        assert_eq!(told.status.code(), Some(2), "{arguments:?}: {stderr}");
        assert!(stderr.contains(remedy), "{arguments:?}: {stderr}");
        assert!(!stderr.contains("12345432"), "{stderr}");
    }
    let told = authenticate(&input.path().join("absent"), &["--si", "7900000001"]);
    assert_eq!(told.status.code(), Some(2));
}

#[test]
fn a_directory_without_citizens_is_a_run_that_fails() {
    let input = tempfile::tempdir().unwrap();
    let told = authenticate(input.path(), &["--si", "7900000001"]);
    assert_eq!(told.status.code(), Some(1));
    assert!(text(&told.stderr).contains("no file holds `citizens`"));
}
