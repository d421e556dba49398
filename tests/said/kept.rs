//! What a run of the tests kept, read again.
//!
//! In: the directory that `tests/support/said.rs` writes. Out: every line in which somebody is told, with its file.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

pub use super::kinds::Kind;
use super::kinds::TYPED;

use super::digits::numbers;
use super::names::Names;

/// What was kept.
pub struct Kept {
    /// Files, with what they are of.
    files: Vec<(Kind, PathBuf)>,
    /// Addresses that tests typed, as no page of the program leads to them.
    typed: HashSet<String>,
    /// Who is in the data.
    pub names: Names,
}

impl Kept {
    /// Reads which files there are, and the names.
    pub fn read(place: &Path) -> Self {
        let (mut files, mut names) = (Vec::new(), Names::default());
        for kind in Kind::ALL {
            let Ok(entries) = fs::read_dir(place.join(kind.folder())) else {
                continue;
            };
            let mut paths: Vec<PathBuf> = entries
                .map(|entry| entry.expect("an entry").path())
                .collect();
            paths.sort();
            for path in paths {
                if kind == Kind::Person {
                    let text = text(&path);
                    text.lines().for_each(|name| names.add(name));
                } else {
                    files.push((kind, path));
                }
            }
        }
        let mut typed = HashSet::new();
        for entry in fs::read_dir(place.join(TYPED)).into_iter().flatten() {
            let text = text(&entry.expect("an entry").path());
            typed.extend(text.lines().map(str::to_owned));
        }
        Self {
            files,
            typed,
            names,
        }
    }

    /// How many bytes were said in a kind of place.
    pub fn bytes(&self, kind: Kind) -> u64 {
        let files = self.files.iter().filter(|(own, _)| *own == kind);
        let sizes = files.map(|(_, path)| fs::metadata(path).expect("a file").len());
        sizes.sum()
    }

    /// Every line that tells of somebody: its file, its number, and what it tells.
    pub fn told(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (kind, path) in &self.files {
            for (line, number) in text(path).lines().zip(1..) {
                if *kind == Kind::Address && self.typed.contains(line) {
                    continue;
                }
                for told in told_in(*kind, line, &self.names) {
                    found.push(format!("{}:{number}: {told}: {line}", path.display()));
                }
            }
        }
        found
    }
}

/// What a line tells of somebody.
pub fn told_in(kind: Kind, line: &str, names: &Names) -> Vec<String> {
    let decoded = percent_encoding::percent_decode_str(line).decode_utf8_lossy();
    let mut told: Vec<String> = numbers(kind, line).into_iter().map(str::to_owned).collect();
    told.extend(numbers(kind, &decoded).into_iter().map(str::to_owned));
    told.extend(names.found(&decoded));
    told.sort();
    told.dedup();
    told
}

/// A file; bytes that are no UTF-8 hide nothing that stands before or after them.
fn text(path: &Path) -> String {
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    String::from_utf8_lossy(&bytes).into_owned()
}
