//! Running the binary on runs, and made-up countries to replay.
//!
//! In: arguments. Out: what was written and told. Must hold: a replay that was to succeed has.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

use crate::binary::fundwatch;
use crate::said;

/// What the program tells when it is called so.
pub fn told(arguments: &[impl AsRef<OsStr>]) -> Output {
    let told = fundwatch().args(arguments).output().unwrap();
    said::told(&told);
    told
}

/// What it printed, where it is to succeed.
pub fn succeeds(arguments: &[impl AsRef<OsStr> + std::fmt::Debug]) -> String {
    let told = told(arguments);
    let stderr = text(&told.stderr);
    assert_eq!(told.status.code(), Some(0), "{arguments:?}: {stderr}");
    text(&told.stdout)
}

/// What it said on standard error, where it is to end with this code.
pub fn fails(code: i32, arguments: &[impl AsRef<OsStr> + std::fmt::Debug]) -> String {
    let told = told(arguments);
    let stderr = text(&told.stderr);
    assert_eq!(told.status.code(), Some(code), "{arguments:?}: {stderr}");
    stderr
}

/// The sample country that comes with the project.
pub fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("streams/sample")
}

/// A made-up country with alerts of nearly every reason; made once.
pub fn country() -> &'static Path {
    static COUNTRY: OnceLock<TempDir> = OnceLock::new();
    let made = COUNTRY.get_or_init(|| {
        let directory = tempfile::tempdir().unwrap();
        let place = directory.path().to_str().unwrap();
        let size = ["--citizens", "2000", "--days", "90", "--seed", "5"];
        succeeds(&[&["synth", "--output", place], &size[..]].concat());
        directory
    });
    made.path()
}

/// A copy of a directory of files, which a test may change.
pub fn copy_of(directory: &Path) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    copy_into(directory, copy.path());
    copy
}

fn copy_into(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let place = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir(&place).unwrap();
            copy_into(&entry.path(), &place);
        } else {
            fs::copy(entry.path(), place).unwrap();
        }
    }
}

/// A run: the outputs of a replay of a directory.
pub fn replayed(input: &Path, more: &[&str]) -> TempDir {
    let output = tempfile::tempdir().unwrap();
    said::people_in(input);
    let (from, to) = (input.to_str().unwrap(), output.path().to_str().unwrap());
    let mut arguments = vec!["replay", "--input", from, "--output", to];
    arguments.extend_from_slice(more);
    succeeds(&arguments);
    output
}

/// The lines of an output.
pub fn lines(run: &Path, name: &str) -> Vec<Value> {
    let text = fs::read_to_string(run.join(name)).unwrap();
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Text that a program printed.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("the program prints UTF-8")
}
