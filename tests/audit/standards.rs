//! `docs/audit-standards.csv`: what standards of auditing ask for, and which tests show it.
//!
//! In: the table. Out: `docs/audit-standards.md`, which `FUNDWATCH_BLESS=1` writes anew. Must hold: no cell is empty, no
//! clause stands twice, and every test and page that is named is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const COLUMNS: [&str; 4] = ["standard", "clause", "asks", "shown_by"];
/// The standards that are to be in it.
const STANDARDS: [&str; 7] = [
    "GUID 5100",
    "ISA 230",
    "ISA 500",
    "ISA 530",
    "ISSAI",
    "GAO-20-283G",
    "FISCAM",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    assert_eq!(reader.headers().unwrap(), COLUMNS.as_slice());
    let rows = reader
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect());
    rows.collect()
}

fn has_function(text: &str, name: &str) -> bool {
    let mark = format!("fn {name}");
    let mut places = text.match_indices(&mark);
    places.any(|(place, _)| text[place + mark.len()..].starts_with(['(', '<']))
}

/// What is wrong with a table.
fn faults(text: &str) -> Vec<String> {
    let (mut faults, mut seen) = (Vec::new(), BTreeSet::new());
    let rows = rows(text);
    for row in &rows {
        let name = format!("{} {}", row[0], row[1]);
        for (column, cell) in COLUMNS.iter().zip(row) {
            if cell.trim().is_empty() {
                faults.push(format!("{name}: no {column}"));
            }
        }
        if !seen.insert(name.clone()) {
            faults.push(format!("{name}: twice"));
        }
        if !STANDARDS.iter().any(|known| row[0].starts_with(known)) {
            faults.push(format!("{name}: not one of the standards"));
        }
        let mut has_test = false;
        for shown in row[3].split("; ").filter(|shown| !shown.is_empty()) {
            let (file, test) = match shown.split_once("::") {
                Some((file, test)) => (file, Some(test)),
                None => (shown, None),
            };
            has_test |= test.is_some();
            match (fs::read_to_string(root().join(file)), test) {
                (Err(_), _) => faults.push(format!("{name}: there is no {file}")),
                (Ok(text), Some(test)) if !has_function(&text, test) => {
                    faults.push(format!("{name}: there is no test {test} in {file}"));
                }
                _ => {}
            }
        }
        if !has_test {
            faults.push(format!("{name}: no test shows it"));
        }
    }
    for standard in STANDARDS {
        if !rows.iter().any(|row| row[0].starts_with(standard)) {
            faults.push(format!("{standard}: nothing of it"));
        }
    }
    faults
}

fn table() -> String {
    fs::read_to_string(root().join("docs/audit-standards.csv")).unwrap()
}

#[test]
fn every_standard_is_shown_by_tests_that_are_there() {
    assert_eq!(faults(&table()), Vec::<String>::new());
}

#[test]
fn what_is_missing_from_the_table_is_found() {
    let header = COLUMNS.join(",");
    let text = format!(
        "{header}\nISA 230,8,,tests/audit/standards.rs::no_such_test\nISA 230,8,a,docs/none.md\nISO 1,1,a,tests/audit/standards.rs::has_function\n"
    );
    let faults = faults(&text);
    for fault in [
        "ISA 230 8: no asks",
        "ISA 230 8: there is no test no_such_test in tests/audit/standards.rs",
        "ISA 230 8: twice",
        "ISA 230 8: there is no docs/none.md",
        "ISA 230 8: no test shows it",
        "ISO 1 1: not one of the standards",
        "FISCAM: nothing of it",
    ] {
        assert!(faults.iter().any(|own| own == fault), "{fault}: {faults:?}");
    }
}

#[test]
fn the_page_is_that_of_the_table() {
    let mut page = "# What audit standards ask for, and what shows it\n\n\
        Made from [`audit-standards.csv`](audit-standards.csv) by `FUNDWATCH_BLESS=1 cargo test --test audit standards`; \
        a test fails when a test that is named here is gone. A row says which behaviour of the program helps an \
        auditor to keep to a clause, and where it is tried; whether an audit keeps to it is the auditor's to judge. \
        What a clause asks for is put in our words.\n"
        .to_owned();
    let rows = rows(&table());
    let mut standard = "";
    for row in &rows {
        if row[0] != standard {
            standard = &row[0];
            page.push_str(&format!(
                "\n## {standard}\n\n| clause | asks for | shown by |\n|---|---|---|\n"
            ));
        }
        let shown: Vec<String> = row[3]
            .split("; ")
            .map(|shown| format!("`{shown}`"))
            .collect();
        page.push_str(&format!(
            "| {} | {} | {} |\n",
            row[1],
            row[2],
            shown.join("<br>")
        ));
    }
    let path = root().join("docs/audit-standards.md");
    if std::env::var_os("FUNDWATCH_BLESS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        written, page,
        "run FUNDWATCH_BLESS=1 cargo test --test audit standards"
    );
}
