//! Claims that are retired, corrected too late, and restored: what is stored, across restarts.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use fundwatch::detector::Detector;
use fundwatch::journal::Delivery;
use fundwatch::record::{Day, Instant, SiNumber, Stream, Value};
use fundwatch::resolve::RetentionWindow;
use fundwatch::service::{self, Clock, Receipt, Refused, Submission, Whose};
use fundwatch::store::{AlertState, RejectState, StorePlace};
use serde_json::Value as Json;

use crate::live::{Live, Setup, detector, export_of, reader};
use crate::of_journal;
use crate::postgres_cluster::Cluster;

/// A clock that is set.
#[derive(Clone)]
pub struct Days(Arc<AtomicI64>);

impl Days {
    pub fn at(day: &str) -> Self {
        let days = Self(Arc::new(AtomicI64::new(0)));
        days.set(day);
        days
    }

    pub fn set(&self, day: &str) {
        self.set_day(Day::from_text(day).expect("a day"));
    }

    pub fn set_day(&self, day: Day) {
        let begin = Instant::end_of(day.plus(-1)).expect("in range").nanos() + 1;
        self.0.store(begin + 3_600_000_000_000, Ordering::SeqCst);
    }

    pub fn clock(&self) -> Clock {
        let own = self.0.clone();
        Clock::of(move || Instant::from_nanos(own.fetch_add(1_000, Ordering::SeqCst)))
    }

    pub fn now(&self) -> Instant {
        Instant::from_nanos(self.0.load(Ordering::SeqCst))
    }
}

pub fn with_window(days: Option<u32>) -> Detector {
    Detector {
        retention: days.map(|days| RetentionWindow { days }),
        ..detector()
    }
}

/// A service with a window, its clock and its store.
struct Tested<'d> {
    data: &'d Path,
    store: StorePlace,
    days: Days,
    window: Option<u32>,
    live: Option<Live>,
}

const SI: &str = "0796000001";
const CARD: &str = "DN4010796000001";

fn rows(stream: Stream, rows: &[Json], at: Instant) -> Delivery {
    let lines: Vec<String> = rows.iter().map(Json::to_string).collect();
    let delivery = service::lines(stream, lines.join("\n").as_bytes(), at);
    assert!(delivery.rejects.is_empty(), "{:?}", delivery.rejects);
    Delivery {
        source: "test".to_owned(),
        ..delivery
    }
}

fn stay(facility: &str, visit: &str, (from, to): (&str, &str), paid: u64) -> Json {
    serde_json::json!({
        "facility": facility, "visit_id": visit, "cards": [CARD], "full_name": "Mẫu A",
        "birth_date": "1980-01-01", "sex": 1, "visit_type": "03", "object_code": "1.1",
        "main_diagnosis": "J18.9", "other_diagnoses": [], "admitted_at": format!("{from}T08:00"),
        "inpatient_at": format!("{from}T08:00"), "discharged_at": format!("{to}T08:00"),
        "outcome": 1, "discharge_type": 1, "cost_drugs": 0, "cost_supplies": 0,
        "cost_total": 1_000_000, "cost_covered": 1_000_000, "paid_by_fund": paid,
        "copay": 1_000_000 - paid, "self_paid": 0, "other_sources": 0,
    })
}

impl<'d> Tested<'d> {
    fn new(data: &'d Path, store: StorePlace, day: &str) -> Self {
        let mut tested = Self {
            data,
            store,
            days: Days::at(day),
            window: Some(30),
            live: None,
        };
        tested.start();
        tested
    }

    fn start(&mut self) {
        let setup = Setup {
            store: self.store.clone(),
            detector: with_window(self.window),
            workers: 1,
            clock: self.days.clock(),
            every_epochs: Some(3),
        };
        self.live = Some(Live::start_with(self.data, setup));
    }

    fn stop(&mut self) {
        self.live.take().expect("it runs").stop();
    }

    /// Stops it, sees that a replay of the journal comes to the same, and starts it again.
    fn restart(&mut self) {
        self.stop();
        let stored = export_of(self.data, &self.store);
        assert_eq!(stored, of_journal(self.data));
        self.start();
        self.see(Delivery::default());
        let again = export_of(self.data, &self.store);
        assert_eq!(stored.0, again.0);
        assert!(again.1.starts_with(&stored.1), "history is only added to");
    }

    fn see(&self, delivery: Delivery) -> Receipt {
        self.live
            .as_ref()
            .expect("it runs")
            .deliver_and_see(delivery)
    }

    fn send(&self, stream: Stream, sent: &[Json]) -> Receipt {
        self.see(rows(stream, sent, self.days.now()))
    }

    /// Lets days pass.
    fn day(&self, day: &str) {
        self.days.set(day);
        self.see(Delivery::default());
    }

    /// The alerts of a state: reason and subject.
    fn alerts(&self, state: AlertState) -> Vec<(String, String)> {
        let mut reader = reader(self.data, &self.store);
        let filter = fundwatch::store::AlertFilter {
            state: Some(state),
            ..Default::default()
        };
        let page = reader.alerts(&filter, None, 100).expect("read");
        let alerts = page.alerts.into_iter().map(|one| one.alert);
        let mut alerts: Vec<_> = alerts
            .map(|one| (one.reason.to_string(), one.subject_id))
            .collect();
        alerts.sort_unstable();
        alerts
    }

    /// What the last lines of history say: kind, subject and causes.
    fn history(&self, last: usize) -> Vec<(String, String, Vec<String>)> {
        let (_, history) = export_of(self.data, &self.store);
        let lines: Vec<Json> = (history.lines())
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        let text = |value: &Json| value.as_str().expect("text").to_owned();
        let mut told: Vec<_> = lines[lines.len() - last..]
            .iter()
            .map(|line| {
                let causes = line["cause"].as_array().expect("a list").iter();
                (
                    text(&line["kind"]),
                    text(&line["subject"]["id"]),
                    causes.map(|cause| text(&cause["key"])).collect(),
                )
            })
            .collect();
        told.sort_unstable();
        told
    }

    fn restore(&self, days: Option<u32>) -> usize {
        let archive = self.live.as_ref().expect("it runs").service().archive();
        let si = SiNumber::from_text(SI).expect("a number");
        let found = archive
            .find(Whose::Participant(si), days)
            .expect("looked for");
        let claims = found.claims.len();
        self.see(found.delivery());
        claims
    }
}

fn overlapping(subjects: &[&str]) -> Vec<(String, String)> {
    let alert = |subject: &&str| ("overlapping_stay".to_owned(), (*subject).to_owned());
    subjects.iter().map(alert).collect()
}

fn told(kind: &str, subject: &str, causes: &[&str]) -> (String, String, Vec<String>) {
    let causes = causes.iter().map(|cause| (*cause).to_owned());
    (kind.to_owned(), subject.to_owned(), causes.collect())
}

const BOTH: [&str; 2] = ["01001/A", "01002/B"];

/// Two stays that overlap are retired one after the other, corrected too late, and restored.
fn through_its_life(data: &Path, store: StorePlace) {
    let mut tested = Tested::new(data, store, "2026-01-10");
    let card = serde_json::json!({
        "card_number": CARD, "valid_from": "2020-01-01", "valid_to": null, "status": "valid",
    });
    tested.send(Stream::Cards, &[card]);
    let first = stay("01001", "A", ("2026-01-01", "2026-01-04"), 800_000);
    let second = stay("01002", "B", ("2026-01-03", "2026-01-09"), 800_000);
    let sent = tested.send(Stream::Claims, &[first, second]);
    assert_eq!((sent.accepted, sent.rejected.len()), (2, 0));
    assert_eq!(tested.alerts(AlertState::Active), overlapping(&BOTH));

    // The last day of the first stay in the window, and the day after it.
    tested.day("2026-02-03");
    assert_eq!(tested.alerts(AlertState::Active), overlapping(&BOTH));
    tested.restart();
    tested.day("2026-02-04");
    assert_eq!(tested.alerts(AlertState::Active), []);
    assert_eq!(tested.alerts(AlertState::Archived), overlapping(&BOTH));
    let archived = [
        told("archived", BOTH[0], &[BOTH[0]]),
        told("archived", BOTH[1], &[BOTH[0]]),
    ];
    assert_eq!(tested.history(2), archived);
    assert_eq!(export_of(tested.data, &tested.store).0, "");
    tested.restart();

    // What is sent of the retired claim is late, what is sent of the other is not.
    let corrected = stay("01001", "A", ("2026-01-01", "2026-01-05"), 700_000);
    let moved = stay("01001", "A", ("2026-02-01", "2026-02-02"), 700_000);
    let unknown = stay("01001", "C", ("2026-01-01", "2026-01-04"), 700_000);
    let deleted = serde_json::json!({
        "op": "delete", "facility": "01001", "visit_id": "A",
        "recorded_at": tested.days.now().to_string(),
    });
    let other = stay("01002", "B", ("2026-01-03", "2026-01-09"), 790_000);
    let sent = tested.send(
        Stream::Claims,
        &[corrected.clone(), moved, other, unknown, deleted],
    );
    let late = "beyond_window";
    let rejected = vec![(1, late), (2, late), (4, late), (5, late)];
    assert_eq!((sent.accepted, sent.rejected), (1, rejected));
    let mut store = reader(tested.data, &tested.store);
    let rejects = store.rejects(&Default::default(), 10).expect("read");
    assert_eq!(rejects.len(), 4);
    assert!(rejects.iter().all(|one| one.reject.code == late));
    tested.restart();

    // A repair that is late is refused, and the row stays open.
    let mut repair = rows(
        Stream::Claims,
        std::slice::from_ref(&corrected),
        tested.days.now(),
    );
    repair.settled = vec![fundwatch::journal::Settled {
        epoch: rejects[0].epoch,
        ordinal: rejects[0].reject.ordinal,
        is_repaired: true,
    }];
    assert_eq!(refused(&tested, repair.clone()), Refused::BeyondWindow);

    // Restored, the stays overlap again, and the correction is taken.
    assert_eq!(tested.restore(Some(10)), 1);
    assert_eq!(tested.alerts(AlertState::Active), overlapping(&BOTH));
    assert_eq!(tested.alerts(AlertState::Archived), []);
    let raised = [
        told("raised", BOTH[0], &[BOTH[0]]),
        told("raised", BOTH[1], &[BOTH[0]]),
    ];
    assert_eq!(tested.history(2), raised);
    let stored = reader(tested.data, &tested.store).restored(u64::MAX);
    let stored = stored.expect("read");
    assert_eq!(stored.len(), 1);
    assert_eq!(
        (&*stored[0].claim.facility, &*stored[0].claim.visit_id),
        ("01001", "A")
    );
    tested.restart();
    let sent = tested.see(repair);
    assert_eq!((sent.accepted, sent.rejected.len()), (1, 0));
    let state = reader(tested.data, &tested.store).rejects(&Default::default(), 1);
    assert_eq!(state.expect("read")[0].state, RejectState::Repaired);
    assert_eq!(tested.history(1), [told("changed", BOTH[0], &[BOTH[0]])]);
    tested.restart();

    // The second stay is retired while the first is restored.
    tested.day("2026-02-09");
    assert_eq!(tested.alerts(AlertState::Active), []);
    let archived = [
        told("archived", BOTH[0], &[BOTH[1]]),
        told("archived", BOTH[1], &[BOTH[1]]),
    ];
    assert_eq!(tested.history(2), archived);
    // Both are restored, the first for longer than before; then both are retired.
    assert_eq!(tested.restore(Some(8)), 2);
    assert_eq!(tested.alerts(AlertState::Active), overlapping(&BOTH));
    tested.restart();
    tested.day("2026-02-17");
    assert_eq!(tested.alerts(AlertState::Active), overlapping(&BOTH));
    tested.day("2026-02-18");
    assert_eq!(tested.alerts(AlertState::Active), []);
    assert_eq!(tested.alerts(AlertState::Archived), overlapping(&BOTH));
    assert_eq!(
        tested.history(2),
        [
            told("archived", BOTH[0], &BOTH),
            told("archived", BOTH[1], &[BOTH[1], BOTH[0]]),
        ]
    );
    tested.restart();

    // A longer window brings them back, none keeps them, and a shorter one retires them again.
    for (window, state) in [
        (Some(60), AlertState::Active),
        (None, AlertState::Active),
        (Some(20), AlertState::Archived),
    ] {
        tested.stop();
        tested.window = window;
        tested.start();
        tested.see(Delivery::default());
        assert_eq!(tested.alerts(state), overlapping(&BOTH), "{window:?}");
        tested.restart();
    }
    tested.stop();
}

/// Why a delivery is not taken.
fn refused(tested: &Tested<'_>, delivery: Delivery) -> Refused {
    let (reply, told) = std::sync::mpsc::sync_channel(1);
    let queue = tested.live.as_ref().expect("it runs").service().queue();
    let reply = Box::new(move |outcome| reply.send(outcome).expect("it is waited for"));
    let now = std::time::Instant::now();
    queue.push(Submission::of(delivery, 1000, now, reply));
    told.recv().expect("an answer").expect_err("not taken")
}

#[test]
fn claims_are_retired_and_restored_in_a_file() {
    let data = tempfile::tempdir().expect("a directory");
    through_its_life(data.path(), StorePlace::File(data.path().join("alerts.db")));
}

#[test]
fn claims_are_retired_and_restored_in_a_database() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    let data = tempfile::tempdir().expect("a directory");
    let url = cluster.url(&cluster.database());
    through_its_life(data.path(), url.parse().expect("a URL"));
}
