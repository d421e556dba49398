//! Months whose key is destroyed: what is in force stays, what is not is gone, and the service goes on as before.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant as Elapsed};

use fundwatch::journal::{
    Arrived, Delivery, Directory, Epoch, Frame, JournalError, JournalReader, KeyState, Keys,
    LoadId, Month, Settled,
};
use fundwatch::record::{Change, Day, Instant, Key, Operation, Record, Stream, Value};
use fundwatch::service::{self, UndoError};
use fundwatch::snapshot::{SnapshotError, Snapshots};
use fundwatch::store::StorePlace;

use crate::by_id;
use crate::live::{Country, Live, Setup, export};
use crate::retention::{Days, with_window};

const MONTHS: [&str; 3] = ["2027-03", "2027-04", "2027-05"];

pub fn keys(data: &Path) -> Arc<Keys> {
    let directory = Directory::create(&data.join("keys")).expect("the keys");
    Arc::new(Keys::new(Arc::new(directory), None))
}

fn reader(data: &Path) -> JournalReader {
    let directory = Directory::create(&data.join("journal")).expect("the journal");
    JournalReader::open(Arc::new(directory), keys(data)).expect("a journal")
}

fn state(data: &Path, month: &str) -> KeyState {
    let month: Month = month.parse().expect("a month");
    keys(data).months().expect("listed")[&month]
}

pub fn ask(data: &Path, month: &str, days: &Days) {
    let month: Month = month.parse().expect("a month");
    let asked = keys(data).request_destruction(month, days.now().nanos());
    asked.expect("asked for");
}

pub fn wait_until_destroyed(data: &Path, month: &str) {
    let until = Elapsed::now() + Duration::from_secs(120);
    while !matches!(state(data, month), KeyState::Destroyed { .. }) {
        assert!(Elapsed::now() < until, "{month}: {:?}", state(data, month));
        std::thread::sleep(Duration::from_millis(20));
    }
}

pub fn without_store(data: &Path) {
    for name in ["alerts.db", "alerts.db-wal", "alerts.db-shm"] {
        let _ = fs::remove_file(data.join(name));
    }
}

fn start(data: &Path, days: &Days, window: Option<u32>) -> Live {
    Live::start_with(
        data,
        Setup {
            store: StorePlace::File(data.join("alerts.db")),
            detector: with_window(window),
            workers: 1,
            clock: days.clock(),
            every_epochs: Some(3),
        },
    )
}

fn first_of(month: &str) -> String {
    format!("{month}-05")
}

/// The keys of all rows that can still be read, in the journal and in its snapshots, and whether a row says more
/// than that its key is removed.
fn readable(data: &Path) -> [HashMap<Key, bool>; 2] {
    let add = |to: &mut HashMap<Key, bool>, change: &Change| {
        let says = to.entry(change.key.clone()).or_default();
        *says |= !matches!(change.operation, Operation::Delete);
    };
    let mut of_journal = HashMap::new();
    for delivery in deliveries(data) {
        for row in &delivery.rows {
            add(&mut of_journal, &row.change);
        }
    }
    let directory = Directory::create(&data.join("snapshots")).expect("the snapshots");
    let snapshots = Snapshots::new(Arc::new(directory), keys(data));
    let mut of_snapshots = HashMap::new();
    for manifest in snapshots.list().expect("listed").manifests {
        let loaded = snapshots.load(&manifest, |row| {
            add(&mut of_snapshots, &row.change);
            Ok::<_, SnapshotError>(())
        });
        loaded.expect("loaded");
    }
    [of_journal, of_snapshots]
}

/// Snapshots that are whole.
fn made_snapshots(data: &Path) -> usize {
    let directory = Directory::create(&data.join("snapshots")).expect("the snapshots");
    let snapshots = Snapshots::new(Arc::new(directory), keys(data));
    snapshots.list().expect("listed").manifests.len()
}

/// What can be read of the journal.
fn deliveries(data: &Path) -> Vec<Delivery> {
    let frames = reader(data).frames(1).expect("a journal");
    let deliveries = |frame: Result<Frame, JournalError>| {
        let frame = frame.expect("a frame");
        let of = (frame.number, Instant::from_nanos(frame.at));
        let epoch = Epoch::decode(of, &frame.plain, frame.secret.as_deref());
        epoch.expect("an epoch").deliveries.unwrap_or_default()
    };
    frames.flat_map(deliveries).collect()
}

/// Restarts from a snapshot, and from the journal alone; each finds what is stored.
fn restarts(data: &Path, days: &Days, window: Option<u32>) {
    for without_snapshots in [false, true] {
        if without_snapshots {
            fs::remove_dir_all(data.join("snapshots")).expect("removed");
        }
        let stored = export(data);
        start(data, days, window).stop();
        assert_eq!(stored, export(data), "{without_snapshots}");
    }
}

#[test]
fn what_is_in_force_outlives_the_key_of_the_month_in_which_it_came() {
    let country = Country::new(2_000, 90, 21);
    let data = tempfile::tempdir().expect("a directory");
    let data = data.path();
    let days = Days::at(&first_of(MONTHS[0]));
    // In any order, so that some rows come after one that was recorded later.
    let deliveries = country.shuffled(200, 5);
    let parts: Vec<&[Delivery]> = deliveries.chunks(deliveries.len().div_ceil(3)).collect();
    let live = start(data, &days, None);
    let rejected = live.deliver_and_see(Delivery {
        source: "test".to_owned(),
        ..service::lines(Stream::Claims, b"{}", days.now())
    });
    assert_eq!(rejected.rejected.len(), 1);
    for (month, part) in MONTHS.iter().zip(&parts[..2]) {
        days.set(&first_of(month));
        part.iter()
            .for_each(|delivery| drop(live.deliver_and_see(delivery.clone())));
    }
    live.deliver_and_see(Delivery {
        source: "repair".to_owned(),
        settled: vec![Settled {
            epoch: rejected.epoch,
            ordinal: 0,
            is_repaired: false,
        }],
        ..Delivery::default()
    });
    let (before, history) = export(data);
    assert!(before.lines().count() > 20, "{}", before.lines().count());
    days.set(&first_of(MONTHS[2]));
    live.deliver_and_see(Delivery::default());
    // A day that passes changes what holds; what is carried forward does not.
    let (before_alerts, before_history) = export(data);
    assert!(before_history.starts_with(&history));
    ask(data, MONTHS[0], &days);
    wait_until_destroyed(data, MONTHS[0]);
    let (after_alerts, after_history) = export(data);
    assert_eq!(by_id(&before_alerts), by_id(&after_alerts));
    assert_eq!(
        before_history, after_history,
        "nothing happened to an alert"
    );
    let verified = reader(data).verify().expect("the chain holds");
    let frames = reader(data).frames(1).expect("a journal");
    let of_march = frames.filter(|frame| {
        let frame = frame.as_ref().expect("a frame");
        Month::of(frame.at).to_string() == MONTHS[0]
    });
    assert_eq!(verified.erased, of_march.count() as u64);
    assert!(verified.erased >= parts[0].len() as u64);
    assert!(!data.join("keys/2027-03.key").exists() && !data.join("keys/2027-03.destroy").exists());
    live.stop();
    restarts(data, &days, None);

    // Rows come while the next month is erased, and replace some that are on their way.
    let live = start(data, &days, None);
    ask(data, MONTHS[1], &days);
    for delivery in parts[2] {
        live.deliver(delivery.clone());
    }
    wait_until_destroyed(data, MONTHS[1]);
    live.stop();
    restarts(data, &days, None);
    let expected = by_id(&country.replayed_as_of(&first_of(MONTHS[2])));
    assert_eq!(by_id(&export(data).0), expected);

    // A new store is filled with what is left.
    without_store(data);
    start(data, &days, None).stop();
    assert_eq!(by_id(&export(data).0), expected);
}

/// A load that removes many of the rows of a country.
fn removing(country: &Country, days: &Days) -> Delivery {
    let keys: BTreeSet<Key> = country.rows().iter().map(|row| row.key.clone()).collect();
    let removed = keys.into_iter().step_by(3).map(|key| Change {
        recorded_at: days.now(),
        key,
        operation: Operation::Delete,
    });
    Delivery {
        source: "broken".to_owned(),
        rows: (1..)
            .zip(removed)
            .map(|(row, change)| Arrived { row, change })
            .collect(),
        ..Delivery::default()
    }
}

#[test]
fn what_was_undone_stays_so_without_the_month_of_what_it_undid() {
    let country = Country::new(2_000, 90, 23);
    let data = tempfile::tempdir().expect("a directory");
    let data = data.path();
    let days = Days::at(&first_of(MONTHS[0]));
    let live = start(data, &days, None);
    for delivery in country.shuffled(300, 5) {
        live.deliver(delivery);
    }
    let broken = live.deliver_and_see(removing(&country, &days));
    let broken = BTreeSet::from([LoadId {
        epoch: broken.epoch,
        delivery: 0,
    }]);
    days.set(&first_of(MONTHS[1]));
    live.deliver_and_see(Delivery::default());
    let expected = by_id(&country.replayed_as_of(&first_of(MONTHS[1])));
    assert_ne!(by_id(&export(data).0), expected);
    let undo = |loads: &BTreeSet<LoadId>| {
        let undoer = live.service().undoer();
        undoer.undo(loads, |delivery| {
            Ok::<_, UndoError>(live.deliver_and_see(delivery))
        })
    };
    let undone = undo(&broken).expect("undone");
    assert!(undone.rows > 500, "{undone:?}");
    assert_eq!(by_id(&export(data).0), expected);
    ask(data, MONTHS[0], &days);
    wait_until_destroyed(data, MONTHS[0]);
    // It is not known any more what they replaced.
    let again = undo(&broken).expect_err("its rows are erased");
    assert!(again.to_string().contains("are erased"), "{again}");
    live.stop();
    restarts(data, &days, None);
    assert_eq!(by_id(&export(data).0), expected);
}

#[test]
fn claims_that_are_retired_are_gone_with_the_key_of_their_month() {
    let country = Country::new(2_000, 90, 22);
    let data = tempfile::tempdir().expect("a directory");
    let data = data.path();
    let as_of: Day = Value::from_text(&first_of(MONTHS[2])).expect("a day");
    let last_day = |row: &Change| match &row.operation {
        Operation::Upsert(Record::Claims(claim)) => Some(claim.discharged_at.day()),
        Operation::Upsert(Record::CheckIns(check_in)) => Some(check_in.admitted_at.day()),
        _ => None,
    };
    let mut last_days: Vec<_> = country.rows().iter().filter_map(last_day).collect();
    last_days.sort_unstable();
    // Half of the claims are beyond it in the last month.
    let median = last_days[last_days.len() / 2];
    let window = u32::try_from(as_of.number() - median.number()).expect("earlier");
    let days = Days::at(&first_of(MONTHS[0]));
    let live = start(data, &days, Some(window));
    for delivery in country.deliveries(300) {
        live.deliver(delivery);
    }
    live.deliver_and_see(Delivery::default());
    days.set(&first_of(MONTHS[2]));
    live.deliver_and_see(Delivery::default());
    let (before, history) = export(data);
    assert!(history.contains("\"archived\""), "some alerts are archived");
    ask(data, MONTHS[0], &days);
    wait_until_destroyed(data, MONTHS[0]);
    live.stop();
    assert_eq!(by_id(&before), by_id(&export(data).0));
    assert_eq!(history, export(data).1);
    restarts(data, &days, Some(window));

    let live = start(data, &days, Some(window));
    // So that there are snapshots again.
    for _ in 0..4 {
        live.deliver_and_see(Delivery::default());
    }
    let until = Elapsed::now() + Duration::from_secs(60);
    while made_snapshots(data) == 0 {
        assert!(Elapsed::now() < until, "a snapshot");
        std::thread::sleep(Duration::from_millis(20));
    }
    live.stop();
    let mut latest = HashMap::new();
    for row in country.rows() {
        latest.insert(&row.key, row);
    }
    for (place, readable) in ["the journal", "the snapshots"].iter().zip(readable(data)) {
        let (mut kept, mut gone) = (0, 0);
        for (key, row) in &latest {
            let is_retired = last_day(row).is_some_and(|last| last < median);
            match is_retired {
                true => gone += 1,
                false => kept += 1,
            }
            let is_deleted = matches!(row.operation, Operation::Delete);
            let is_read = readable.get(*key).copied();
            let expected = !is_retired && !is_deleted;
            assert_eq!(
                is_read,
                Some(expected),
                "in {place}, {} keys: {row:?}",
                readable.len()
            );
        }
        assert!(kept > 100 && gone > 100, "{kept} {gone}");
    }
}

#[test]
fn a_request_that_a_stop_interrupts_is_taken_up_again() {
    let country = Country::new(1_000, 60, 23);
    let data = tempfile::tempdir().expect("a directory");
    let data = data.path();
    let days = Days::at(&first_of(MONTHS[0]));
    let live = start(data, &days, None);
    for delivery in country.deliveries(100) {
        live.deliver(delivery);
    }
    live.stop();
    days.set(&first_of(MONTHS[1]));
    // Nobody runs: it waits.
    ask(data, MONTHS[0], &days);
    assert!(matches!(state(data, MONTHS[0]), KeyState::ToDestroy { .. }));
    let mut rounds = 0;
    while !matches!(state(data, MONTHS[0]), KeyState::Destroyed { .. }) {
        rounds += 1;
        assert!(rounds < 200);
        let live = start(data, &days, None);
        std::thread::sleep(Duration::from_millis(230 + rounds * 40));
        live.stop();
    }
    // Each row is sealed anew once, however often it was begun.
    let carried: Vec<Arrived> = deliveries(data)
        .into_iter()
        .filter(|one| one.source == "carried-forward")
        .flat_map(|one| one.rows)
        .collect();
    let keys: BTreeSet<_> = carried.iter().map(|row| row.change.key.clone()).collect();
    let all: BTreeSet<_> = country.rows().iter().map(|row| row.key.clone()).collect();
    assert_eq!(keys.len(), carried.len());
    assert_eq!(keys, all);
    restarts(data, &days, None);
    let expected = country.replayed_as_of(&first_of(MONTHS[1]));
    assert_eq!(by_id(&export(data).0), by_id(&expected));
}
