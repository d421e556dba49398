use super::*;
use crate::store::{AlertChange, AlertRow};

/// An epoch that raises so many alerts of 1 KiB.
fn raising(epoch: u64, alerts: u32) -> EpochCommit {
    let alert = |one: u32| AlertRow {
        alert_id: format!("{epoch:016x}{one:016x}"),
        reason: "unknown_card".into(),
        class: "eligibility".into(),
        severity: "low".into(),
        subject_kind: "card".into(),
        subject_id: "x".to_owned(),
        amount_thousandths: 0,
        grade: None,
        cause: None,
        score: None,
        misuse_probability: None,
        priority: one,
        raised_at: String::new(),
        raised_epoch: epoch,
        line: "-".repeat(1024),
    };
    EpochCommit {
        epoch,
        previous: (epoch > 1).then(|| epoch - 1),
        alerts: (0..alerts)
            .map(|one| AlertChange::Holds(Box::new(alert(one))))
            .collect(),
        ..EpochCommit::default()
    }
}

fn key() -> StoreKey {
    StoreKey::from_bytes(&[7; 32])
}

fn writer(path: &Path) -> Writer {
    let opening = Opening {
        journal_id: [1; 16],
        generation: 1,
    };
    Writer::open(path, opening, &key()).expect("a store")
}

fn count(reader: &mut Reader) -> i64 {
    let count = "SELECT count(*) FROM alerts";
    let count = reader.connection.query_row(count, [], |row| row.get(0));
    count.expect("a count")
}

#[test]
fn a_full_disk_leaves_what_was_and_goes_on_when_there_is_room() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("alerts.db");
    let mut store = writer(&path);
    store.commit(&[raising(1, 100)]).expect("committed");
    let connection = &store.reads.connection;
    let pages = connection.pragma_query_value(None, "page_count", |row| row.get::<_, i64>(0));
    let limit = pages.expect("a count") + 8;
    let set = |store: &Writer, limit: i64| {
        let connection = &store.reads.connection;
        connection
            .pragma_update_and_check(None, "max_page_count", limit, |_| Ok(()))
            .expect("set");
    };
    set(&store, limit);
    let group = [raising(2, 5), raising(3, 500)];
    let full = store.commit(&group).expect_err("full");
    assert!(
        matches!(full, StoreError::Full { .. }) && full.is_passing(),
        "{full}"
    );
    assert_eq!(count(&mut store.reads), 100);
    assert_eq!(store.reads().committed().expect("read").epoch, Some(1));
    assert_eq!(
        count(&mut Reader::open(&path, Some(&key())).expect("a reader")),
        100
    );
    // What fits goes on even so, and the rest when there is room.
    store.commit(&group[..1]).expect("committed");
    set(&store, limit + 100_000);
    assert_eq!(store.commit(&group).expect("committed").written, 1);
    assert_eq!(count(&mut store.reads), 605);
}

#[test]
fn commits_are_synced_to_a_log() {
    let directory = tempfile::tempdir().expect("a directory");
    let store = writer(&directory.path().join("alerts.db"));
    let pragma = |name: &str| {
        let connection = &store.reads.connection;
        let value =
            connection.pragma_query_value(None, name, |row| Ok(format!("{:?}", row.get_ref(0)?)));
        value.expect("a value")
    };
    assert!(pragma("journal_mode").contains("wal") || pragma("journal_mode").contains("119"));
    // 2 is FULL: the log is synced at every commit, not only when it is moved into the file.
    assert!(
        pragma("synchronous").contains('2'),
        "{}",
        pragma("synchronous")
    );
}

#[test]
fn a_reader_cannot_write() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("alerts.db");
    let mut store = writer(&path);
    store.commit(&[raising(1, 1)]).expect("committed");
    let reader = Reader::open(&path, Some(&key())).expect("a reader");
    let written = reader.connection.execute("DELETE FROM alerts", []);
    assert!(written.is_err());
    assert_eq!(count(&mut store.reads), 1);
}

#[test]
fn another_process_in_the_middle_of_a_commit_is_waited_for() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("alerts.db");
    let mut store = writer(&path);
    let mut other = connect::writer(&path, &store.opening, &key()).expect("a connection");
    let behavior = TransactionBehavior::Immediate;
    let held = other.transaction_with_behavior(behavior).expect("held");
    let soon = std::time::Duration::from_millis(50);
    store.reads.connection.busy_timeout(soon).expect("set");
    let busy = store.commit(&[raising(1, 1)]).expect_err("busy");
    assert!(
        matches!(busy, StoreError::Busy { .. }) && busy.is_passing(),
        "{busy}"
    );
    held.rollback().expect("let go");
    store.commit(&[raising(1, 1)]).expect("committed");
}

#[test]
fn another_process_that_makes_the_file_is_waited_for() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("alerts.db");
    let mut other = Connection::open(&path).expect("a connection");
    let behavior = TransactionBehavior::Immediate;
    let held = other.transaction_with_behavior(behavior).expect("held");
    std::thread::scope(|scope| {
        let made = scope.spawn(|| writer(&path));
        std::thread::sleep(std::time::Duration::from_millis(100));
        held.rollback().expect("let go");
        let mut store = made.join().expect("it waits");
        store.commit(&[raising(1, 1)]).expect("committed");
    });
}
