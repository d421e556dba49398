//! Starts that read a snapshot come to what starts that read the journal come to.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fundwatch::journal::Delivery;

use crate::live::{Country, Live, export};
use crate::of_journal;

/// The files of a service's snapshots with an ending, in order.
pub fn files(data: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(data.join("snapshots")).expect("the directory of snapshots");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .collect();
    files.sort();
    files
}

/// Delivers, and waits for a snapshot of what was delivered.
fn deliver(data: &Path, deliveries: &[Delivery]) {
    let newest = || match data.join("snapshots").exists() {
        true => files(data, ".snapshot").pop(),
        false => None,
    };
    let before = newest();
    let live = Live::with_snapshots(data, Some(3));
    deliveries
        .iter()
        .for_each(|delivery| drop(live.deliver(delivery.clone())));
    let until = Instant::now() + Duration::from_secs(60);
    while newest() <= before {
        assert!(Instant::now() < until, "a snapshot");
        std::thread::sleep(Duration::from_millis(20));
    }
    live.stop();
}

pub fn change_a_byte(path: &Path, from_end: bool) {
    let mut bytes = fs::read(path).expect("readable");
    let place = match from_end {
        true => bytes.len() - 100,
        false => bytes.len() / 2,
    };
    bytes[place] ^= 1;
    fs::write(path, bytes).expect("writable");
}

pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("made");
    for entry in fs::read_dir(from).expect("readable") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        match entry.file_type().expect("a type").is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).expect("copied")),
        }
    }
}

/// Starts a service anew, delivers more, and compares what is stored with a replay of the journal.
fn goes_on_as_a_replay_would(data: &Path, more: &[Delivery]) {
    let live = Live::start(data);
    more.iter()
        .for_each(|delivery| drop(live.deliver(delivery.clone())));
    live.stop();
    assert_eq!(export(data), of_journal(data));
}

#[test]
fn a_service_whose_store_is_not_what_its_snapshot_comes_to_ends_and_says_so() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path();
    country_with_snapshots(data);
    let store = rusqlite::Connection::open(data.join("alerts.db")).expect("a store");
    let lost = store.execute(
        "DELETE FROM alerts WHERE alert_id = (SELECT min(alert_id) FROM alerts WHERE state = 'active')",
        (),
    );
    assert_eq!(lost.expect("deleted"), 1);
    drop(store);
    // Nothing comes any more, and it does not wait for that.
    let ended = Live::try_with_snapshots(data, None).and_then(|live| {
        let until = Instant::now() + Duration::from_secs(60);
        while !live.service().is_finished() {
            assert!(Instant::now() < until, "it waits");
            std::thread::sleep(Duration::from_millis(20));
        }
        live.into_service().join()
    });
    let error = ended.expect_err("it cannot go on").to_string();
    assert!(
        error.contains("1 alerts hold that the store does not have"),
        "{error}"
    );
}

/// A service that has made snapshots, and what is left to deliver to it.
fn country_with_snapshots(data: &Path) -> Vec<Delivery> {
    let country = Country::new(2_000, 90, 21);
    // In another order than they were recorded in, so that rows come that are late.
    let mut deliveries = country.shuffled(300, 5);
    let mut rest = deliveries.split_off(deliveries.len() / 3);
    let more = rest.split_off(rest.len() / 2);
    deliver(data, &deliveries);
    deliver(data, &rest);
    more
}

#[test]
fn a_start_from_a_snapshot_goes_on_as_one_from_the_journal() {
    let data = tempfile::tempdir().expect("a directory");
    let more = country_with_snapshots(data.path());
    let (first, second) = more.split_at(more.len() / 2);
    goes_on_as_a_replay_would(data.path(), first);
    // Once more, with a snapshot that goes on from the one before.
    deliver(data.path(), second);
    goes_on_as_a_replay_would(data.path(), &[]);
    let (alerts, history) = export(data.path());
    assert!(alerts.lines().count() > 50, "{}", alerts.lines().count());
    assert!(history.contains("\"withdrawn\"") && history.contains("\"changed\""));
}

#[test]
fn what_a_snapshot_holds_is_not_read_from_the_journal() {
    let data = tempfile::tempdir().expect("a directory");
    let more = country_with_snapshots(data.path());
    let whole = tempfile::tempdir().expect("a directory");
    copy(data.path(), whole.path());
    let mut segments: Vec<PathBuf> = fs::read_dir(data.path().join("journal"))
        .expect("the journal")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| fs::metadata(path).expect("a file").len() > 30_000)
        .collect();
    segments.sort();
    assert!(segments.len() > 1, "{segments:?}");
    change_a_byte(&segments[0], false);
    for directory in [data.path(), whole.path()] {
        let live = Live::start(directory);
        more.iter()
            .for_each(|delivery| drop(live.deliver(delivery.clone())));
        live.stop();
    }
    let ids = |data: &Path| export(data).0.lines().count();
    assert_eq!(ids(data.path()), ids(whole.path()));
}

#[test]
fn a_damaged_snapshot_gives_way_to_the_one_before_and_then_to_the_journal() {
    let data = tempfile::tempdir().expect("a directory");
    let more = country_with_snapshots(data.path());
    assert!(files(data.path(), ".snapshot").len() > 1);
    // A manifest, then a file of rows, then all of them.
    let newest = files(data.path(), ".snapshot").pop().expect("a snapshot");
    change_a_byte(&newest, true);
    goes_on_as_a_replay_would(data.path(), &more[..1]);
    let of_rows = files(data.path(), ".parquet").pop().expect("rows");
    change_a_byte(&of_rows, false);
    goes_on_as_a_replay_would(data.path(), &more[1..2]);
    for part in files(data.path(), ".parquet") {
        fs::remove_file(part).expect("removed");
    }
    goes_on_as_a_replay_would(data.path(), &more[2..3]);
    // The next one is made anew, and used.
    deliver(data.path(), &more[3..]);
    goes_on_as_a_replay_would(data.path(), &[]);
}

#[test]
fn a_store_that_is_behind_the_snapshots_is_filled_from_the_journal() {
    let data = tempfile::tempdir().expect("a directory");
    let more = country_with_snapshots(data.path());
    let stores = || {
        let entries = fs::read_dir(data.path()).expect("readable");
        entries
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.to_string_lossy().contains("alerts.db"))
    };
    stores().for_each(|file| fs::remove_file(file).expect("removed"));
    goes_on_as_a_replay_would(data.path(), &more);
}
