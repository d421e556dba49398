//! A file whose process was killed, whose log was cut off, or whose bytes were changed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use fundwatch::store::{self, AlertStore, EpochCommit, Opening, StoreError};

use crate::backend::{JOURNAL, key};
use crate::made::{dump, raising, withdrawing};

const OPENING: Opening = Opening {
    journal_id: JOURNAL,
    generation: 1,
};

fn open(path: &Path) -> Box<dyn AlertStore> {
    store::open(&path.to_owned().into(), OPENING, &key()).expect("a store")
}

/// Epochs of which each withdraws half of what the one before raised.
fn epoch(number: u64) -> EpochCommit {
    let from = number as u32 * 100;
    let mut made = raising(number, from..from + 40);
    if number > 1 {
        let gone = withdrawing(number, from - 100..from - 80);
        made.alerts.extend(gone.alerts);
        made.history.extend(gone.history);
    }
    made
}

/// What a store holds that committed epochs up to this one.
fn expected(last: u64) -> String {
    let directory = tempfile::tempdir().expect("a directory");
    let mut store = open(&directory.path().join("alerts.db"));
    let epochs: Vec<_> = (1..=last).map(epoch).collect();
    store.commit(&epochs).expect("committed");
    dump(store.reads())
}

#[test]
fn its_owner_alone_can_read_it() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut store = open(&directory.path().join("alerts.db"));
    store.commit(&[epoch(1)]).expect("committed");
    let entries: Vec<_> = fs::read_dir(directory.path()).expect("read").collect();
    assert_eq!(entries.len(), 3, "the file, its log and the log's index");
    for entry in entries {
        let entry = entry.expect("an entry");
        let mode = entry.metadata().expect("metadata").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?}", entry.file_name());
    }
}

#[test]
fn a_log_that_was_cut_off_leaves_whole_commits() {
    const LAST: u64 = 12;
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("alerts.db");
    let mut store = open(&path);
    for number in 1..=LAST {
        store.commit(&[epoch(number)]).expect("committed");
    }
    // As a power failure leaves it: the store is open, and its log not yet moved into the file.
    let file = fs::read(&path).expect("read");
    let log = fs::read(directory.path().join("alerts.db-wal")).expect("read");
    let states: Vec<String> = (0..=LAST).map(expected).collect();
    let mut seen = std::collections::BTreeSet::new();
    for cut in (0..=40).map(|part| log.len() * part / 40 + part % 3) {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("alerts.db");
        fs::write(&path, &file).expect("written");
        let kept = &log[..cut.min(log.len())];
        fs::write(directory.path().join("alerts.db-wal"), kept).expect("written");
        let mut store = open(&path);
        let last = store.reads().committed().expect("read").epoch.unwrap_or(0);
        assert_eq!(dump(store.reads()), states[last as usize], "cut at {cut}");
        seen.insert(last);
        let all: Vec<_> = (1..=LAST).map(epoch).collect();
        let done = store.commit(&all).expect("committed");
        assert_eq!(done.repeated as u64, last);
        assert_eq!(dump(store.reads()), states[LAST as usize], "cut at {cut}");
    }
    assert!(seen.len() > 5 && seen.contains(&LAST), "{seen:?}");
}

#[test]
fn a_file_that_was_changed_is_told_from_a_store() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("alerts.db");
    let mut store = open(&path);
    store
        .commit(&(1..50).map(epoch).collect::<Vec<_>>())
        .expect("committed");
    drop(store);
    let whole = fs::read(&path).expect("read");
    // The pages after the first are overwritten.
    let mut damaged = whole.clone();
    damaged[4096..].fill(0x5a);
    fs::write(&path, damaged).expect("written");
    let refused = store::open(&path.clone().into(), OPENING, &key())
        .err()
        .expect("refused");
    assert!(matches!(refused, StoreError::Damaged { .. }), "{refused}");
    for text in ["recorded_at,key\n".repeat(100), "short".to_owned()] {
        fs::write(&path, &text).expect("written");
        let refused = store::open(&path.clone().into(), OPENING, &key())
            .err()
            .expect("refused");
        assert!(matches!(refused, StoreError::NotAStore { .. }), "{refused}");
        assert_eq!(fs::read_to_string(&path).expect("read"), text);
    }
    let nowhere = directory.path().join("no/such/alerts.db");
    let refused = store::open(&nowhere.into(), OPENING, &key())
        .err()
        .expect("refused");
    assert!(matches!(refused, StoreError::File { .. }), "{refused}");
}

/// Names the file to a process that is to be killed.
const VICTIM: &str = "FUNDWATCH_TEST_VICTIM";

/// Commits until it is killed, where it is told to; by itself it does nothing.
#[test]
fn victim() {
    let Some(path) = std::env::var_os(VICTIM) else {
        return;
    };
    let mut store = open(&PathBuf::from(path));
    let first = store.reads().committed().expect("read").epoch.unwrap_or(0) + 1;
    for number in first.. {
        store.commit(&[epoch(number)]).expect("committed");
    }
}

#[test]
fn a_process_that_is_killed_leaves_whole_commits() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("alerts.db");
    let mut last = 0;
    for round in 0..12 {
        let this = std::env::current_exe().expect("this program");
        let mut victim = Command::new(this)
            .args(["--exact", "cuts::victim"])
            .env(VICTIM, &path)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a process");
        thread::sleep(Duration::from_millis(60 + 37 * round % 110));
        victim.kill().expect("killed");
        victim.wait().expect("gone");
        let mut store = open(&path);
        let committed = store.reads().committed().expect("read").epoch.unwrap_or(0);
        assert!(committed >= last);
        assert_eq!(dump(store.reads()), expected(committed));
        // The process that comes after commits again what it does not know of.
        let from = committed.saturating_sub(2).max(1);
        let again: Vec<_> = (from..=committed + 1).map(epoch).collect();
        let done = store.commit(&again).expect("committed");
        assert_eq!(done.written, 1);
        last = committed + 1;
        assert_eq!(dump(store.reads()), expected(last));
    }
    assert!(
        last > 24,
        "{last}: it was killed between commits too, not only before the first"
    );
}
