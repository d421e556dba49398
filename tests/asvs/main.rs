//! `asvs.csv`: every requirement of OWASP ASVS 5.0.0 that is held here, with what shows it or why it does not hold.
//!
//! In: the table, and the list of requirements (`requirements.txt`, from the published one). Out: nothing. Must hold:
//! no requirement is missing or made up, no cell is empty, and what a row names is there: files, and tests in them.
//! `docs/asvs.md` tells how many there are of each status; `FUNDWATCH_BLESS=1` writes them anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

const COLUMNS: [&str; 6] = [
    "requirement",
    "level",
    "topic",
    "status",
    "evidence",
    "reason",
];
const STATUSES: [&str; 3] = ["met", "not_applicable", "not_met"];
/// The list as it was taken from the published one.
const LIST: &str = include_str!("requirements.txt");
const DIGEST: &str = "4ce539e7b87d7a57f1f1bfc45df167e7eca22ef2408e156f714bed2d72fdfdf7";
/// Where the numbers are in `docs/asvs.md`.
const BEGIN: &str = "<!-- numbers, made by tests/asvs -->\n";
const END: &str = "<!-- end of numbers -->\n";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn table() -> String {
    fs::read_to_string(root().join("asvs.csv")).expect("asvs.csv")
}

/// The rows of a table, and what is wrong with their form.
fn rows(text: &str) -> (Vec<BTreeMap<&'static str, String>>, Vec<String>) {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let (mut rows, mut wrong) = (Vec::new(), Vec::new());
    if reader.headers().expect("a header") != COLUMNS.as_slice() {
        wrong.push(format!("the columns are not {COLUMNS:?}"));
    }
    for (record, line) in reader.records().zip(2..) {
        match record {
            Ok(record) => {
                let cells = record.iter().map(str::to_owned);
                rows.push(COLUMNS.into_iter().zip(cells).collect());
            }
            Err(error) => wrong.push(format!("line {line}: {error}")),
        }
    }
    (rows, wrong)
}

/// Requirement and level of each line of the list.
fn required() -> BTreeMap<&'static str, &'static str> {
    let lines = LIST.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| line.split_once(' ').expect("an id and a level"))
        .collect()
}

/// Whether a file has a function of this name.
fn has_function(text: &str, name: &str) -> bool {
    let mark = format!("fn {name}");
    let mut places = text.match_indices(&mark);
    places.any(|(place, _)| text[place + mark.len()..].starts_with(['(', '<']))
}

/// What is wrong with a table.
fn faults(text: &str) -> Vec<String> {
    let (rows, mut wrong) = rows(text);
    let required = required();
    let mut seen = BTreeSet::new();
    for row in &rows {
        let id = row["requirement"].as_str();
        for (column, cell) in row {
            if cell.trim().is_empty() {
                wrong.push(format!("{id}: no {column}"));
            }
        }
        if !seen.insert(id) {
            wrong.push(format!("{id}: twice"));
        }
        if required.get(id).copied() != Some(row["level"].as_str()) {
            wrong.push(format!("{id}: not on the list with this level"));
        }
        if !STATUSES.contains(&row["status"].as_str()) {
            wrong.push(format!("{id}: `{}` is no status", row["status"]));
        }
        for evidence in row["evidence"].split("; ") {
            let (path, name) = match evidence.split_once("::") {
                Some((path, name)) => (path, Some(name)),
                None => (evidence, None),
            };
            match (fs::read_to_string(root().join(path)), name) {
                (Err(_), _) => wrong.push(format!("{id}: there is no file {path}")),
                (Ok(text), Some(name)) if !has_function(&text, name) => {
                    wrong.push(format!("{id}: {path} has no test {name}"));
                }
                _ => {}
            }
        }
    }
    for id in required.keys().filter(|id| !seen.contains(*id)) {
        wrong.push(format!("{id}: missing"));
    }
    wrong
}

#[test]
fn every_requirement_has_a_row_and_what_it_names_is_there() {
    assert_eq!(faults(&table()), Vec::<String>::new());
}

#[test]
fn the_list_is_the_published_one() {
    let digest = Sha256::digest(LIST);
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(digest, DIGEST, "the list was changed");
    let levels: Vec<&str> = required().into_values().collect();
    let of = |level: &str| levels.iter().filter(|own| **own == level).count();
    assert_eq!((of("1"), of("2"), of("3")), (70, 183, 3));
}

#[test]
fn what_is_wrong_with_a_table_is_found() {
    let table = table();
    let changed = |from: &str, to: &str| {
        assert!(table.contains(from), "{from}");
        faults(&table.replacen(from, to, 1)).join("\n")
    };
    for (from, to, fault) in [
        ("v5.0.0-1.1.1,2", "v5.0.0-1.1.0,2", "v5.0.0-1.1.1: missing"),
        ("v5.0.0-1.1.2,2", "v5.0.0-1.1.1,2", "v5.0.0-1.1.1: twice"),
        (
            "v5.0.0-1.1.1,2",
            "v5.0.0-1.1.1,1",
            "not on the list with this level",
        ),
        ("HSTS,met", "HSTS,done", "`done` is no status"),
        ("HSTS,met", ",met", "v5.0.0-3.4.1: no topic"),
        (
            "tests/web/tls.rs::",
            "tests/web/tl.rs::",
            "there is no file tests/web/tl.rs",
        ),
        (
            "::browsers_stay_with_tls_",
            "::browsers_stay_with_",
            "has no test browsers_stay_with_once",
        ),
        ("HSTS,met,", "HSTS,", "line "),
    ] {
        let found = changed(from, to);
        assert!(found.contains(fault), "{to}: {found}");
    }
    let without = table.lines().filter(|line| !line.contains("v5.0.0-3.4.1,"));
    let without: String = without.map(|line| format!("{line}\n")).collect();
    assert_eq!(faults(&without), ["v5.0.0-3.4.1: missing"]);
}

#[test]
fn the_page_tells_the_numbers() {
    let (rows, _) = rows(&table());
    let count = |level: &str, status: &str| {
        let of = |row: &&BTreeMap<&str, String>| row["level"] == level && row["status"] == status;
        rows.iter().filter(of).count()
    };
    let mut numbers =
        String::from("\n| level | met | not applicable | not met |\n|---|---|---|---|\n");
    for level in ["1", "2", "3"] {
        let counts = STATUSES.map(|status| count(level, status).to_string());
        numbers.push_str(&format!("| {level} | {} |\n", counts.join(" | ")));
    }
    numbers.push_str("\n*Not met*: ");
    let open: Vec<String> = rows
        .iter()
        .filter(|row| row["status"] == "not_met")
        .map(|row| format!("{} ({})", row["topic"], row["requirement"]))
        .collect();
    numbers.push_str(&open.join("; "));
    numbers.push_str(".\n\n");
    let path = root().join("docs/asvs.md");
    let page = fs::read_to_string(&path).expect("docs/asvs.md");
    let (before, rest) = page.split_once(BEGIN).expect("a place for the numbers");
    let (_, after) = rest.split_once(END).expect("an end of the numbers");
    let expected = format!("{before}{BEGIN}{numbers}{END}{after}");
    if std::env::var_os("FUNDWATCH_BLESS").is_some() {
        fs::write(&path, &expected).expect("written");
    }
    let page = fs::read_to_string(&path).expect("docs/asvs.md");
    assert_eq!(
        page, expected,
        "FUNDWATCH_BLESS=1 cargo test --test asvs writes it anew"
    );
}
