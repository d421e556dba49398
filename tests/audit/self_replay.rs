//! The self-replay of a service that ran for some days: it finds what was changed in the store, and nothing else.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use fundwatch::progress::Silent;
use fundwatch::record::{Day, Instant, Value};
use fundwatch::replay::JournalInput;
use fundwatch::self_replay::{self, Difference, Outcome, SelfReplayError, Slice, Task, Until};
use fundwatch::service::Clock;
use fundwatch::store::{AlertState, StoreKey, StorePlace, StoredLine, open_reader};

use crate::in_process::{Country, Live, Setup, detector};

/// A clock that a test puts on.
#[derive(Clone)]
pub struct Hands(Arc<AtomicI64>);

impl Hands {
    pub fn at(day: &str) -> Self {
        let hands = Self(Arc::new(AtomicI64::new(0)));
        hands.set(day);
        hands
    }

    /// Noon of a day.
    pub fn set(&self, day: &str) {
        let day = Day::from_text(day).unwrap();
        let noon = Instant::on(day, 43_200).unwrap();
        self.0.store(noon.nanos(), Ordering::SeqCst);
    }

    pub fn clock(&self) -> Clock {
        let own = self.0.clone();
        Clock::of(move || Instant::from_nanos(own.fetch_add(1_000, Ordering::SeqCst)))
    }
}

pub const DAYS: [&str; 4] = ["2027-03-01", "2027-03-02", "2027-03-03", "2027-03-04"];

/// A service in this process, with its own clock.
pub fn start(data: &Path, hands: &Hands) -> Live {
    Live::start_with(
        data,
        Setup {
            store: store(data),
            detector: detector(),
            workers: 1,
            clock: hands.clock(),
            every_epochs: Some(3),
        },
    )
}

pub fn store(data: &Path) -> StorePlace {
    StorePlace::File(data.join("alerts.db"))
}

/// A country delivered to a service over four days, with a restart on the third. It has stopped.
pub fn served(data: &Path, citizens: u32) -> Hands {
    let country = Country::new(citizens, 60, 31);
    let deliveries = country.shuffled(60, 7);
    let hands = Hands::at(DAYS[0]);
    let mut live = start(data, &hands);
    let parts = deliveries.chunks(deliveries.len().div_ceil(DAYS.len()));
    for (day, part) in DAYS.iter().zip(parts) {
        hands.set(day);
        for delivery in part {
            live.deliver_and_see(delivery.clone());
        }
        if *day == DAYS[2] {
            live.stop();
            live = start(data, &hands);
        }
    }
    live.stop();
    hands
}

/// What a self-replay is asked to do on the day after a service ended.
pub fn task(data: &Path, until: Until, slice: Slice) -> Task {
    Task {
        data: data.to_owned(),
        store: store(data),
        detector: detector(),
        journal: JournalInput::default(),
        workers: 1,
        until,
        slice,
        clock: Hands::at("2027-03-05").clock(),
    }
}

pub fn replay(task: &Task) -> Result<Outcome, SelfReplayError> {
    self_replay::run(task, &AtomicBool::new(false), &Silent)
}

fn whole(data: &Path) -> Outcome {
    replay(&task(data, Until::Yesterday, Slice::ALL)).unwrap()
}

/// An alert of a store.
#[derive(Clone, Debug)]
struct Stored {
    id: String,
    state: AlertState,
    changed_epoch: u64,
    line: String,
}

fn stored(data: &Path) -> Vec<Stored> {
    let key = StoreKey::open(data, None).unwrap();
    let mut all = Vec::new();
    let mut reader = open_reader(&store(data), &key).unwrap();
    let take = &mut |one: StoredLine<'_>| {
        all.push(Stored {
            id: one.alert_id.to_owned(),
            state: one.state,
            changed_epoch: one.changed_epoch,
            line: one.line.unwrap().to_owned(),
        });
        Ok(())
    };
    reader.every_alert(take).unwrap();
    all
}

/// Changes the tables of a store, past the program.
fn change(data: &Path, statement: &str) -> usize {
    let connection = rusqlite::Connection::open(data.join("alerts.db")).unwrap();
    connection.execute(statement, []).unwrap()
}

#[test]
fn what_was_changed_in_the_store_is_found_and_nothing_else() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    served(data, 1_500);
    let same = whole(data);
    assert_eq!(same.mismatched_decisions, 0, "{same:?}");
    assert!(same.differing.is_empty() && same.not_covered.is_empty());
    assert_eq!(same.day, DAYS[3]);
    let all = stored(data);
    let active = all.iter().filter(|one| one.state == AlertState::Active);
    assert!(active.clone().count() > 20, "{}", all.len());
    assert_eq!(same.alerts, all.len() as u64);
    assert_eq!(same.alerts_changed_since, 0);
    assert!((same.covered_ratio - 1.0).abs() < f64::EPSILON);
    assert!(same.decisions > 5 && same.from_epoch > 1 && same.from_epoch < same.until_epoch);
    assert!(!data.join("self-replay").exists());
    // Every day has its own decisions, and alerts that later days changed are left out.
    let mut decisions = 0;
    for day in DAYS {
        let until = Until::Day(Day::from_text(day).unwrap());
        let of_day = replay(&task(data, until, Slice::ALL)).unwrap();
        assert_eq!(of_day.mismatched_decisions, 0, "{of_day:?}");
        let changed = all
            .iter()
            .filter(|one| one.changed_epoch > of_day.until_epoch);
        assert_eq!(of_day.alerts, (all.len() - changed.count()) as u64);
        decisions += of_day.decisions;
    }
    let history: u64 = rusqlite::Connection::open(data.join("alerts.db"))
        .unwrap()
        .query_row("SELECT count(*) FROM history", [], |row| row.get(0))
        .unwrap();
    assert_eq!(decisions, history);
    // Before there was anything, there is nothing to differ.
    let before = Until::Day(Day::from_text("2027-02-28").unwrap());
    let nothing = replay(&task(data, before, Slice::ALL)).unwrap();
    assert_eq!((nothing.until_epoch, nothing.decisions), (0, 0));
    assert_eq!(nothing.mismatched_decisions, 0);

    let found =
        |expected: &[(&str, Difference)]| {
            let outcome = whole(data);
            let told: Vec<_> = outcome
                .differing
                .iter()
                .flat_map(|one| one.differences.iter().map(|what| (&*one.alert_id, *what)))
                .collect();
            let mut expected = expected.to_vec();
            expected.sort_unstable();
            assert_eq!(told, expected, "{outcome:?}");
            let ids: BTreeSet<_> = expected.iter().map(|(id, _)| id).collect();
            assert_eq!(outcome.mismatched_decisions, ids.len() as u64);
            assert!(
                outcome.differing.iter().all(|one| !one.reason.is_empty()
                    || one.differences.contains(&Difference::Unreadable))
            );
        };
    let backup = fs::read(data.join("alerts.db")).unwrap();
    let restore = || fs::write(data.join("alerts.db"), &backup).unwrap();
    let active: Vec<&Stored> = active.collect();
    let (first, second) = (&active[0].id, &active[1].id);
    // Alerts that are gone from the store, or from what holds.
    change(
        data,
        &format!("DELETE FROM alerts WHERE alert_id = '{first}'"),
    );
    change(
        data,
        &format!("UPDATE alerts SET state = 'withdrawn' WHERE alert_id = '{second}'"),
    );
    found(&[
        (first, Difference::AlertMissing),
        (second, Difference::AlertMissing),
    ]);
    restore();
    // One that came into it: what was withdrawn holds again.
    let withdrawn = all.iter().find(|one| one.state == AlertState::Withdrawn);
    let withdrawn = &withdrawn.unwrap().id;
    change(
        data,
        &format!("UPDATE alerts SET state = 'active' WHERE alert_id = '{withdrawn}'"),
    );
    found(&[(withdrawn, Difference::AlertNotReplayed)]);
    restore();
    // A line that somebody changed who has no key.
    change(
        data,
        &format!("UPDATE alerts SET sealed = zeroblob(80) WHERE alert_id = '{first}'"),
    );
    found(&[(first, Difference::Unreadable)]);
    restore();
    // Decisions of the day.
    let of_day = format!("epoch >= {} ORDER BY epoch DESC, alert_id", same.from_epoch);
    let one = "SELECT alert_id FROM history WHERE ";
    let decided: Vec<String> = {
        let connection = rusqlite::Connection::open(data.join("alerts.db")).unwrap();
        let mut query = connection.prepare(&format!("{one}{of_day}")).unwrap();
        let found = query.query_map([], |row| row.get(0)).unwrap();
        found.map(Result::unwrap).collect()
    };
    let gone = &decided[0];
    let deleted = change(
        data,
        &format!(
            "DELETE FROM history WHERE alert_id = '{gone}' AND epoch >= {}",
            same.from_epoch
        ),
    );
    assert!(deleted > 0);
    found(&[(gone, Difference::DecisionMissing)]);
    restore();
    assert_eq!(whole(data).mismatched_decisions, 0);
}

/// What two replays say of alerts and decisions, each as a digest of its line.
#[test]
fn slices_of_the_persons_come_to_what_the_whole_comes_to() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    served(data, 1_000);
    let all = stored(data);
    let of = 4;
    let (mut seen, mut decisions) = (BTreeSet::new(), 0);
    let mut share = 0.0;
    for index in 0..of {
        let slice = Slice::new(index, of).unwrap();
        let outcome = replay(&task(data, Until::Yesterday, slice)).unwrap();
        assert_eq!(outcome.mismatched_decisions, 0, "{outcome:?}");
        assert_eq!(outcome.not_covered[0].what, "probable_duplicate");
        share += outcome.covered_ratio;
        decisions += outcome.decisions;
        seen.insert(outcome.alerts);
    }
    assert!((share - 1.0).abs() < 1e-9, "{share}");
    println!("{seen:?} {} {decisions}", all.len());
}
