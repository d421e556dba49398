//! Running the binary and reading what it wrote.
//!
//! In: an input directory and arguments. Out: the outputs as bytes and as JSON. Must hold: a replay
//! that was to succeed has exit code 0, and its output directory holds the outputs only.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

pub use crate::binary::fundwatch;
use crate::said;

/// The outputs of a replay, the manifest last.
pub const OUTPUTS: [&str; 7] = [
    "alerts.ndjson",
    "history.ndjson",
    "rejects.ndjson",
    "measures.ndjson",
    "notices.ndjson",
    "summary.json",
    "manifest.json",
];

/// `fundwatch replay` on directories.
pub fn replay_command(input: &Path, output: &Path, more: &[impl AsRef<OsStr>]) -> Command {
    let mut command = fundwatch();
    command.arg("replay").arg("--input").arg(input);
    command.arg("--output").arg(output).args(more);
    command
}

/// What a successful replay left.
pub struct Replayed {
    pub output: TempDir,
    pub stdout: String,
    pub stderr: String,
}

/// Replays into a new directory.
pub fn replay(input: &Path, more: &[&str]) -> Replayed {
    let output = tempfile::tempdir().unwrap();
    let told = replay_into(input, output.path(), more);
    Replayed {
        output,
        stdout: text(&told.stdout),
        stderr: text(&told.stderr),
    }
}

/// Replays into a directory, successfully.
pub fn replay_into(input: &Path, output: &Path, more: &[&str]) -> Output {
    let told = replay_command(input, output, more).output().unwrap();
    said::told(&told);
    said::people_in(input);
    let stderr = text(&told.stderr);
    assert_eq!(told.status.code(), Some(0), "{more:?}: {stderr}");
    let mut expected = OUTPUTS.map(str::to_owned);
    expected.sort();
    let held: Vec<String> = contents(output).into_keys().collect();
    assert_eq!(held, expected, "{more:?}");
    told
}

impl Replayed {
    /// The bytes of an output.
    pub fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.output.path().join(name)).unwrap()
    }

    /// The lines of an output.
    pub fn lines(&self, name: &str) -> Vec<Value> {
        lines(&self.bytes(name))
    }

    /// An output that is one document.
    pub fn document(&self, name: &str) -> Value {
        serde_json::from_slice(&self.bytes(name)).unwrap()
    }

    /// What the manifest states.
    pub fn stated(&self) -> Value {
        self.document("manifest.json")["predicate"].take()
    }

    /// `alerts.ndjson`.
    pub fn alerts(&self) -> Vec<Value> {
        self.lines("alerts.ndjson")
    }

    /// `history.ndjson`.
    pub fn history(&self) -> Vec<Value> {
        self.lines("history.ndjson")
    }

    /// `rejects.ndjson`.
    pub fn rejects(&self) -> Vec<Value> {
        self.lines("rejects.ndjson")
    }

    /// Holds another replay to the same bytes in all streams of lines.
    pub fn assert_same_bytes(&self, other: &Replayed, which: &str) {
        for name in &OUTPUTS[..5] {
            assert!(
                self.bytes(name) == other.bytes(name),
                "{which}: {name} differs"
            );
        }
    }

    /// Holds another replay to the same lines but for where rows stand.
    pub fn assert_same_but_for_places(&self, other: &Replayed, which: &str) {
        for name in &OUTPUTS[..5] {
            let (one, another) = (self.lines(name), other.lines(name));
            assert_same(&without_places(one), &without_places(another), which);
        }
    }
}

/// Holds lines to be equal, and tells the first pair that is not.
pub fn assert_same(one: &[Value], other: &[Value], which: &str) {
    for (place, (a, b)) in one.iter().zip(other).enumerate() {
        assert_eq!(a, b, "{which}: line {}", place + 1);
    }
    assert_eq!(one.len(), other.len(), "{which}: the number of lines");
}

/// The lines without `file` and `row`, of themselves and of their evidence.
pub fn without_places(lines: Vec<Value>) -> Vec<Value> {
    lines.into_iter().map(without_place).collect()
}

fn without_place(mut line: Value) -> Value {
    let object = line.as_object_mut().unwrap();
    object.remove("file");
    object.remove("row");
    for row in object
        .get_mut("evidence")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        let row = row.as_object_mut().unwrap();
        row.remove("file").expect("evidence names its file");
        row.remove("row").expect("evidence names its row");
    }
    line
}

/// The lines of an NDJSON text.
pub fn lines(bytes: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(bytes).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// How many lines have each value of a member.
pub fn counts(lines: &[Value], member: &str) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for line in lines {
        let value = line[member].as_str().unwrap().to_owned();
        *counts.entry(value).or_default() += 1;
    }
    counts
}

/// Every file below a directory, by relative name, with its bytes; directories end with `/`.
pub fn contents(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![PathBuf::new()];
    while let Some(below) = open.pop() {
        for entry in fs::read_dir(directory.join(&below)).unwrap() {
            let entry = entry.unwrap();
            let name = below.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                found.insert(format!("{}/", name.display()), Vec::new());
                open.push(name);
            } else {
                found.insert(name.display().to_string(), fs::read(entry.path()).unwrap());
            }
        }
    }
    found
}

/// Text that a program printed.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("the program prints UTF-8")
}

/// Numbers that look random and are the same in every run (SplitMix64).
pub struct Random(pub u64);

impl Random {
    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below a bound.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    /// Puts items into another order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for place in (1..items.len()).rev() {
            items.swap(place, self.below(place + 1));
        }
    }
}
