//! A service that ran for some days in this process, and self-replays of it.
//!
//! In: days. Out: its data directory after it has stopped. Must hold: it was restarted in between, claims were retired and
//! restored, and an epoch without rows ended each day.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

use fundwatch::detector::Detector;
use fundwatch::journal::Delivery;
use fundwatch::persons::Slice;
use fundwatch::progress::Silent;
use fundwatch::record::{Change, Day, Instant, Key, Operation, Record, Value};
use fundwatch::replay::JournalInput;
use fundwatch::resolve::RetentionWindow;
use fundwatch::self_replay::{self, Outcome, SelfReplayError, Task, Until};
use fundwatch::service::{Clock, Whose};
use fundwatch::store::{
    AlertChange, AlertRow, AlertState, EpochCommit, HistoryKind, HistoryRow, Opening, StoreKey,
    StorePlace, StoredLine, open_reader,
};
use tempfile::TempDir;

use crate::in_process::{Country, Live, Setup, detector};
use crate::support::copy_of;

/// A clock that a test puts on.
#[derive(Clone)]
pub struct Hands(Arc<AtomicI64>);

impl Hands {
    pub fn at(day: Day) -> Self {
        let hands = Self(Arc::new(AtomicI64::new(0)));
        hands.set(day);
        hands
    }

    /// Puts it on noon of a day.
    pub fn set(&self, day: Day) {
        let noon = Instant::on(day, 43_200).unwrap();
        self.0.store(noon.nanos(), Ordering::SeqCst);
    }

    pub fn clock(&self) -> Clock {
        let own = self.0.clone();
        Clock::of(move || Instant::from_nanos(own.fetch_add(1_000, Ordering::SeqCst)))
    }
}

pub fn day(text: &str) -> Day {
    Day::from_text(text).unwrap()
}

pub const DAYS: [&str; 4] = ["2027-03-01", "2027-03-02", "2027-03-20", "2027-03-21"];

/// A service in this process, with its own clock.
pub fn start(data: &Path, hands: &Hands, detector: &Detector) -> Live {
    Live::start_with(
        data,
        Setup {
            store: store(data),
            detector: detector.clone(),
            workers: 1,
            clock: hands.clock(),
            every_epochs: Some(3),
        },
    )
}

pub fn store(data: &Path) -> StorePlace {
    StorePlace::File(data.join("alerts.db"))
}

/// The country that is delivered.
pub fn country() -> &'static Country {
    static COUNTRY: OnceLock<Country> = OnceLock::new();
    COUNTRY.get_or_init(|| Country::new(1_000, 60, 31))
}

/// Delivers a country to a service, a part a day, so many rows at once. It has stopped.
pub fn serve(data: &Path, days: &[Day], (detector, rows): (&Detector, usize)) {
    let deliveries = country().shuffled(rows, 7);
    let hands = Hands::at(days[0]);
    let mut live = start(data, &hands, detector);
    let parts = deliveries.chunks(deliveries.len().div_ceil(days.len()));
    for (day, part) in days.iter().zip(parts) {
        hands.set(*day);
        for delivery in part {
            live.deliver(delivery.clone());
        }
        live.deliver_and_see(Delivery::default());
        if *day == days[days.len() / 2] {
            live.stop();
            live = start(data, &hands, detector);
        }
    }
    if detector.retention.is_some() {
        let restored = restore(&live);
        assert!(restored > 0, "somebody has retired claims");
    }
    live.stop();
}

/// Restores the retired claims of somebody who has some. Gives how many.
fn restore(live: &Live) -> usize {
    let archive = live.service().archive();
    let rows = country().rows().iter();
    let participants = rows.filter_map(|row| match row.key {
        Key::Participant(si) => Some(si),
        _ => None,
    });
    for si in participants.take(100) {
        let found = archive.find(Whose::Participant(si), Some(20)).unwrap();
        let claims = found.claims.len();
        if claims > 0 {
            live.deliver_and_see(found.delivery());
            return claims;
        }
    }
    0
}

/// What decides on the served country: half of the claims are retired on the last day.
pub fn with_window() -> Detector {
    let last_day = |row: &Change| match &row.operation {
        Operation::Upsert(Record::Claims(claim)) => Some(claim.discharged_at.day()),
        _ => None,
    };
    let mut days: Vec<Day> = country().rows().iter().filter_map(last_day).collect();
    days.sort_unstable();
    let window = day(DAYS[3]).number() - days[days.len() / 2].number();
    Detector {
        retention: Some(RetentionWindow {
            days: u32::try_from(window).unwrap(),
        }),
        ..detector()
    }
}

/// A copy of the data directory of a service that ran for four days.
pub fn served() -> TempDir {
    static SERVED: OnceLock<TempDir> = OnceLock::new();
    let served = SERVED.get_or_init(|| {
        let data = tempfile::tempdir().unwrap();
        serve(data.path(), &DAYS.map(day), (&with_window(), 80));
        data
    });
    copy_of(served.path())
}

/// What a self-replay is asked to do on the day after a service ended.
pub fn task(data: &Path, until: Until, slice: Slice) -> Task {
    Task {
        data: data.to_owned(),
        store: store(data),
        detector: with_window(),
        journal: JournalInput::default(),
        workers: 1,
        until,
        slice,
        clock: Hands::at(day(DAYS[3]).plus(1)).clock(),
    }
}

pub fn replay(task: &Task) -> Result<Outcome, SelfReplayError> {
    self_replay::run(task, &AtomicBool::new(false), &Silent)
}

/// An alert of a store.
#[derive(Clone, Debug)]
pub struct Stored {
    pub id: String,
    pub reason: String,
    pub state: AlertState,
    pub changed_epoch: u64,
    pub line: String,
}

/// The alerts of a store in every state, by id.
pub fn stored(data: &Path) -> Vec<Stored> {
    let key = StoreKey::open(data, None).unwrap();
    let mut all = Vec::new();
    let mut reader = open_reader(&store(data), &key).unwrap();
    let take = &mut |one: StoredLine<'_>| {
        all.push(Stored {
            id: one.alert_id.to_owned(),
            reason: one.reason.to_owned(),
            state: one.state,
            changed_epoch: one.changed_epoch,
            line: one.line.unwrap().to_owned(),
        });
        Ok(())
    };
    reader.every_alert(take).unwrap();
    all
}

/// Changes the tables of a store, past the program. Gives how many rows it was.
pub fn change(data: &Path, statement: &str) -> usize {
    let connection = rusqlite::Connection::open(data.join("alerts.db")).unwrap();
    connection.execute(statement, []).unwrap()
}

/// A column of a table of a store.
pub fn asked<T: rusqlite::types::FromSql>(data: &Path, query: &str) -> Vec<T> {
    let connection = rusqlite::Connection::open(data.join("alerts.db")).unwrap();
    let mut query = connection.prepare(query).unwrap();
    let found = query.query_map([], |row| row.get(0)).unwrap();
    found.map(Result::unwrap).collect()
}

/// Seals another line in the place of one, as somebody with the key would: of the alert, or of what was decided of it in
/// an epoch. The store of the data directory is of SQLite.
pub fn forge(data: &Path, alert_id: &str, line: &str, epoch: Option<u64>) {
    let key = StoreKey::open(data, None).unwrap();
    let known = open_reader(&store(data), &key)
        .unwrap()
        .committed()
        .unwrap();
    let opening = Opening {
        journal_id: known.journal_id,
        generation: known.generation,
    };
    let place = data.join("forged.db");
    let mut forged =
        fundwatch::store::open(&StorePlace::File(place.clone()), opening, &key).unwrap();
    let stored = open_reader(&store(data), &key).unwrap().alert(alert_id);
    let row = AlertRow {
        line: line.to_owned(),
        ..stored.unwrap().unwrap().alert
    };
    let of_alert = EpochCommit {
        epoch: epoch.unwrap_or(1),
        history: vec![HistoryRow {
            alert_id: alert_id.to_owned(),
            kind: HistoryKind::Changed,
            at: row.raised_at.clone(),
            reason: row.reason.clone(),
            line: line.to_owned(),
        }],
        alerts: vec![AlertChange::Holds(Box::new(row))],
        ..EpochCommit::default()
    };
    forged.commit(&[of_alert]).unwrap();
    drop(forged);
    let connection = rusqlite::Connection::open(data.join("alerts.db")).unwrap();
    let attach = format!("ATTACH '{}' AS forged", place.display());
    connection.execute(&attach, []).unwrap();
    let (table, of) = match epoch {
        None => ("alerts", format!("alert_id = '{alert_id}'")),
        Some(epoch) => (
            "history",
            format!("alert_id = '{alert_id}' AND epoch = {epoch}"),
        ),
    };
    let update =
        format!("UPDATE main.{table} SET sealed = (SELECT sealed FROM forged.{table}) WHERE {of}");
    assert_eq!(connection.execute(&update, []).unwrap(), 1);
    drop(connection);
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(data.join(format!("forged.db{end}")));
    }
}
