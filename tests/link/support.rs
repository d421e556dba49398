//! Running `fundwatch link` and reading what it wrote.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::binary::fundwatch;
use crate::said;

/// `fundwatch link`.
pub fn link() -> Command {
    let mut command = fundwatch();
    command.arg("link");
    command
}

/// Files of a test.
pub struct Files(TempDir);

impl Files {
    pub fn new(files: &[(&str, &[u8])]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        for (name, content) in files {
            fs::write(directory.path().join(name), content).unwrap();
        }
        Self(directory)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Links a file, successfully.
    pub fn linked(&self, input: &str, more: &[&str]) -> Output {
        let told = self.link(input, more);
        assert_eq!(told.status.code(), Some(0), "{}", text(&told.stderr));
        told
    }

    /// Links a file into `pairs.csv`.
    pub fn link(&self, input: &str, more: &[&str]) -> Output {
        let mut command = link();
        command.current_dir(self.0.path());
        command.args(["--input", input, "--output", "pairs.csv"]);
        let output = command.args(more).output().unwrap();
        said::told(&output);
        output
    }

    /// The probability of each pair that was written.
    pub fn pairs(&self) -> BTreeMap<(String, String), f64> {
        pairs(&self.path("pairs.csv"))
    }
}

/// The probability of each pair of a file.
pub fn pairs(file: &Path) -> BTreeMap<(String, String), f64> {
    let written = fs::read_to_string(file).unwrap();
    let mut lines = written.lines();
    assert_eq!(lines.next(), Some("left_id,right_id,probability"));
    let pair = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let [left, right, probability] = cells[..] else {
            panic!("three cells")
        };
        let probability: f64 = probability.parse().unwrap();
        assert!((0.0..=1.0).contains(&probability));
        ((left.to_owned(), right.to_owned()), probability)
    };
    lines.map(pair).collect()
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}
