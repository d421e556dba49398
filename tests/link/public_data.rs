//! Public data sets whose truth is known, where they are there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::support::{link, pairs};

/// The F1 of pairs at the default threshold.
fn f1(file: &Path, person: impl Fn(&csv::StringRecord) -> String) -> f64 {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_path(file)
        .unwrap();
    let mut people: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in reader.records() {
        let row = row.unwrap();
        people
            .entry(person(&row))
            .or_default()
            .push(row[0].to_owned());
    }
    let mut truth = BTreeSet::new();
    for ids in people.values() {
        for (place, a) in ids.iter().enumerate() {
            truth.extend(ids[place + 1..].iter().map(|b| (a.clone(), b.clone())));
        }
    }
    let output = tempfile::tempdir().unwrap();
    let written = output.path().join("pairs.csv");
    let told = link()
        .arg("--input")
        .arg(file)
        .arg("--output")
        .arg(&written)
        .output()
        .unwrap();
    assert_eq!(told.status.code(), Some(0));
    let found = pairs(&written);
    let right = truth.iter().filter(|pair| found.contains_key(pair)).count();
    2.0 * right as f64 / (found.len() + truth.len()) as f64
}

fn data(name: &str) -> Option<PathBuf> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/data")
        .join(name);
    if !file.exists() {
        eprintln!("{} is absent: nothing was tested", file.display());
        return None;
    }
    Some(file)
}

#[test]
fn febrl_people_are_found() {
    for (number, least) in [(1, 0.999), (2, 0.998), (3, 0.998)] {
        if let Some(file) = data(&format!("febrl/dataset{number}.csv")) {
            let number = |row: &csv::StringRecord| row[0].split('-').nth(1).unwrap().to_owned();
            let f1 = f1(&file, number);
            assert!(f1 >= least, "{}: {f1}", file.display());
        }
    }
}

#[test]
fn people_with_many_missing_cells_are_found() {
    if let Some(file) = data("splink/fake_1000.csv") {
        let f1 = f1(&file, |row| row[row.len() - 1].to_owned());
        assert!(f1 >= 0.985, "{f1}");
    }
}
