//! Data directories of earlier versions: their log is taken over once, whatever dies when.

use std::fs;
use std::path::Path;

use fundwatch::access_log::{AccessLog, Wrong, verify};
use sha2::{Digest, Sha256};

use crate::support::{Hands, JANUARY, entry, folder, lines, options};

const OLD: &str = "{\"at\":\"2025-12-01T08:00:00+07:00\",\"principal\":\"x\"}\n";

fn open(data: &Path) -> AccessLog {
    AccessLog::open(data, options(&Hands::at(JANUARY))).expect("opened")
}

fn line(data: &Path, n: usize) -> serde_json::Value {
    let lines = lines(&folder(data));
    serde_json::from_str(&lines[n - 1]).expect("JSON")
}

fn is_named(data: &Path, n: usize, action: &str, file: &str, text: &str) {
    let line = line(data, n);
    let digest = Sha256::digest(text.as_bytes());
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(line["action"], action);
    assert_eq!(line["file"], file);
    assert_eq!(line["digest"], digest);
    assert_eq!(line["bytes"], text.len());
    assert!(!data.join("access-log.ndjson").exists());
    let moved = data.join("access-log").join(file);
    assert_eq!(fs::read_to_string(moved).expect("there"), text);
    assert_eq!(verify(data, &[]).expect("read").damage, None);
}

#[test]
fn an_older_log_is_moved_once_and_cannot_change_unseen() {
    let data = tempfile::tempdir().expect("a directory");
    let data = data.path();
    fs::write(data.join("access-log.ndjson"), OLD).expect("written");
    for n in 0..3 {
        let log = open(data);
        log.keep(&entry(&format!("e{n}"))).expect("kept");
    }
    is_named(data, 1, "log_begun", "before.ndjson", OLD);
    let begun = lines(&folder(data));
    let begun = begun
        .iter()
        .filter(|line| line.contains("log_begun"))
        .count();
    assert_eq!(begun, 1);
    let moved = data.join("access-log/before.ndjson");
    fs::write(&moved, OLD.replace("12-01", "12-02")).expect("written");
    let damage = verify(data, &[]).expect("read").damage.expect("named");
    assert_eq!(damage.what, Wrong::Before);
    assert!(damage.place.ends_with("before.ndjson"));
    fs::remove_file(&moved).expect("removed");
    assert_eq!(
        verify(data, &[]).expect("read").damage.expect("named").what,
        Wrong::Before
    );
}

#[test]
fn a_death_between_the_move_and_its_entry_is_made_up_for() {
    let data = tempfile::tempdir().expect("a directory");
    let data = data.path();
    fs::create_dir(data.join("access-log")).expect("made");
    fs::write(data.join("access-log/before.ndjson"), OLD).expect("written");
    drop(open(data));
    is_named(data, 1, "log_begun", "before.ndjson", OLD);
}

/// The program is replaced by the old one and again by the new.
#[test]
fn what_an_older_program_writes_later_is_taken_over_as_well() {
    let data = tempfile::tempdir().expect("a directory");
    let data = data.path();
    let log = open(data);
    log.keep(&entry("e")).expect("kept");
    drop(log);
    let next = lines(&folder(data)).len() + 1;
    fs::write(data.join("access-log.ndjson"), OLD).expect("written");
    drop(open(data));
    let name = format!("before-{next}.ndjson");
    is_named(data, next, "log_added", &name, OLD);
    // Once more, and the process dies between.
    let next = lines(&folder(data)).len() + 1;
    let (name, text) = (format!("before-{next}.ndjson"), "another\n");
    fs::write(data.join("access-log").join(&name), text).expect("written");
    fs::write(data.join("access-log.ndjson"), OLD).expect("written");
    drop(open(data));
    is_named(data, next, "log_added", &name, text);
    is_named(
        data,
        next + 1,
        "log_added",
        &format!("before-{}.ndjson", next + 1),
        OLD,
    );
    // A file that no entry names is told.
    fs::write(data.join("access-log/before-2.ndjson"), "x").expect("written");
    assert_eq!(
        verify(data, &[]).expect("read").damage.expect("named").what,
        Wrong::Stray
    );
}
