//! Random histories of findings, turns, answers and crashes, with a clock that the test moves; and a
//! receiver that is down for a minute of it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::authenticate::{Basis, Confidence, Field};
use crate::notice::outbox::{DeliveryState, Filter, Frontier};
use crate::notice::{Clock, Content, Findings, Proposal, Target, Told};
use crate::record::{Day, Instant, Stream};
use crate::rule::{Reason, ReasonSet};

const CONCURRENCY: usize = 2;

fn lane() -> Lane {
    Lane {
        name: "hub".to_owned(),
        database: Database::Population,
        kind: "webhook",
        concurrency: CONCURRENCY,
        policy: Policy {
            refusals: 2,
            failures: 3,
            ..Policy::default()
        },
    }
}

fn frontier() -> Frontier {
    let as_of = Day::from_number(20_000);
    Frontier {
        as_of,
        at: Instant::on(as_of, 0).expect("in range"),
    }
}

fn found_now(found: &BTreeMap<u32, u8>) -> Findings {
    Findings {
        frontier: frontier(),
        computed: ReasonSet::ALL,
        proposals: proposals(found),
    }
}

/// Proposals of records by number, each with a value by number.
fn proposals(found: &BTreeMap<u32, u8>) -> Vec<Proposal> {
    let of = |(record, value): (&u32, &u8)| Proposal {
        target: Target {
            database: Database::Population,
            stream: Stream::Citizens,
            key: Told::of(record),
            field: Field::DeathDate,
        },
        content: Content {
            current: None,
            proposed: Some(Told::of(value)),
            since: None,
            confidence: Confidence::Medium,
            basis: Basis::DefaultDay,
            reasons: vec![Reason::ServiceAfterDeath],
        },
        alert_ids: Vec::new(),
        alert_count: None,
    };
    found.iter().map(of).collect()
}

/// What a receiver does with a notice.
#[derive(Clone, Copy, Debug)]
enum Does {
    /// Takes it, and says so.
    Take,
    /// Takes it, and its answer is lost.
    TakeUnheard,
    /// Is not there.
    Nothing,
    /// Asks for time.
    Wait(u8),
    /// Refuses the notice.
    Refuse,
    /// Refuses everything.
    RefuseAll,
}

/// A receiver, with what it took, in order.
#[derive(Default)]
struct Receiver {
    keys: BTreeSet<String>,
    /// Of each record the version and what it says; nothing of a cancellation.
    records: BTreeMap<u32, (u64, Option<u8>)>,
}

impl Receiver {
    fn answer(&mut self, job: &Job, does: Does) -> Answer {
        let unavailable = |retry_after| Answer::Unavailable {
            error: "down".to_owned(),
            retry_after,
        };
        let refused = |is_of_sink| Answer::Refused {
            error: "no".to_owned(),
            is_of_sink,
        };
        match does {
            Does::Take | Does::TakeUnheard => {
                self.take(job);
                match does {
                    Does::Take => Answer::Taken,
                    _ => unavailable(None),
                }
            }
            Does::Nothing => unavailable(None),
            Does::Wait(seconds) => unavailable(Some(Duration::from_secs(seconds.into()))),
            Does::Refuse => refused(false),
            Does::RefuseAll => refused(true),
        }
    }

    fn take(&mut self, job: &Job) {
        let body: Value = serde_json::from_str(&job.body).expect("JSON");
        assert_eq!(body["id"], job.key.as_str());
        let data = &body["data"];
        let number = |value: &Value| value.as_str().and_then(|text| text.parse::<u32>().ok());
        let record = number(&data["key"]).expect("a record");
        let version = data["version"].as_u64().expect("a version");
        let proposed = number(&data["proposed"]).map(|value| value as u8);
        assert_eq!(proposed.is_none(), body["type"] == "notice.cancelled");
        self.keys.insert(job.key.clone());
        if let Some((known, said)) = self.records.insert(record, (version, proposed)) {
            assert!(known <= version, "an earlier version after a later");
            assert!(
                known < version || said == proposed,
                "a version says one thing"
            );
        }
    }
}

/// What happens.
#[derive(Clone, Debug)]
enum Step {
    /// The findings are these.
    Reconcile(BTreeMap<u32, u8>),
    /// Time passes, and jobs are taken.
    Turn(u32),
    /// A job is answered, if any is under way.
    Answer(prop::sample::Index, Does),
    /// The process is killed; what was under way is done or not, unheard.
    Crash(Vec<bool>),
}

fn does() -> impl Strategy<Value = Does> {
    prop_oneof![
        4 => Just(Does::Take),
        2 => Just(Does::TakeUnheard),
        2 => Just(Does::Nothing),
        1 => any::<u8>().prop_map(Does::Wait),
        1 => Just(Does::Refuse),
        1 => Just(Does::RefuseAll),
    ]
}

fn a_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => prop::collection::btree_map(0u32..4, 0u8..3, 0..4).prop_map(Step::Reconcile),
        4 => (0u32..5000).prop_map(Step::Turn),
        6 => (any::<prop::sample::Index>(), does()).prop_map(|(which, does)| Step::Answer(which, does)),
        1 => prop::collection::vec(any::<bool>(), CONCURRENCY).prop_map(Step::Crash),
    ]
}

/// One process at work.
struct World {
    now: Moment,
    receiver: Receiver,
    under_way: Vec<Job>,
}

impl World {
    fn turn(&mut self, courier: &mut Courier<'_>, answers: Vec<((usize, i64), Answer)>) {
        let jobs = courier.turn(answers, self.now, true).expect("a turn");
        self.under_way.extend(jobs);
        assert!(self.under_way.len() <= CONCURRENCY);
        let record = |job: &Job| {
            let body: Value = serde_json::from_str(&job.body).expect("JSON");
            body["data"]["key"].clone()
        };
        if let [one, other] = self.under_way.as_slice() {
            assert_ne!(record(one), record(other), "two about one value");
        }
    }

    fn answer(&mut self, courier: &mut Courier<'_>, place: usize, does: Does) {
        let job = self.under_way.remove(place);
        let answer = self.receiver.answer(&job, does);
        self.turn(courier, vec![((job.sink, job.number), answer)]);
    }

    /// Goes on, with a receiver that takes everything, until nothing is pending.
    fn drain(&mut self, courier: &mut Courier<'_>) {
        for _ in 0..10_000 {
            self.turn(courier, Vec::new());
            while !self.under_way.is_empty() {
                self.answer(courier, 0, Does::Take);
            }
            match courier.next_due().expect("read") {
                Some(due) => self.now = self.now.max(due),
                None => return,
            }
        }
        panic!("it never ends");
    }
}

fn counts(outbox: &mut Outbox) -> [u64; 5] {
    let filter = Filter {
        state: None,
        sink: None,
        limit: 0,
        stuck_before: Moment(0),
    };
    outbox.list(&filter).expect("listed").sinks[0].counts
}

/// How many times more cases are to be tried.
fn factor() -> u32 {
    let factor = std::env::var("FUNDWATCH_CASES").ok();
    factor.and_then(|factor| factor.parse().ok()).unwrap_or(1)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48 * factor()))]
    #[test]
    fn whatever_happens_sinks_end_with_what_holds(steps in prop::collection::vec(a_step(), 1..50)) {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("notices.db");
        let mut world = World {
            now: Moment(1_764_000_000_000),
            receiver: Receiver::default(),
            under_way: Vec::new(),
        };
        let mut found = BTreeMap::new();
        let mut steps = steps.into_iter().peekable();
        while steps.peek().is_some() {
            // A process, until it is killed.
            let mut outbox = Outbox::open_or_create(&path).expect("an outbox");
            let mut courier = Courier::new(&mut outbox, vec![lane()], world.now).expect("a courier");
            for step in steps.by_ref() {
                match step {
                    Step::Reconcile(findings) => {
                        // By another process, as it is.
                        let mut other = Outbox::open(&path).expect("an outbox");
                        other
                            .reconcile(found_now(&findings), world.now, false)
                            .expect("reconciled");
                        found = findings;
                    }
                    Step::Turn(millis) => {
                        world.now = world.now.plus(Duration::from_millis(millis.into()));
                        world.turn(&mut courier, Vec::new());
                    }
                    Step::Answer(which, does) if !world.under_way.is_empty() => {
                        let place = which.index(world.under_way.len());
                        world.answer(&mut courier, place, does);
                    }
                    Step::Answer(..) => {}
                    Step::Crash(arrived) => {
                        let killed = std::mem::take(&mut world.under_way);
                        for (job, arrived) in killed.iter().zip(arrived) {
                            if arrived {
                                world.receiver.take(job);
                            }
                        }
                        break;
                    }
                }
            }
        }
        let mut outbox = Outbox::open_or_create(&path).expect("an outbox");
        // What was refused for good is sent again once the receiver is mended.
        outbox.retry_failed("hub", world.now).expect("retried");
        let mut courier = Courier::new(&mut outbox, vec![lane()], world.now).expect("a courier");
        world.under_way.clear();
        world.drain(&mut courier);
        let [pending, _, failed, ..] = counts(&mut outbox);
        prop_assert_eq!((pending, failed), (0, 0));
        for record in 0..4 {
            let holds = found.get(&record).copied();
            let said = world.receiver.records.get(&record);
            prop_assert_eq!(said.and_then(|(_, said)| *said), holds, "record {}", record);
        }
        let filter = Filter {
            state: Some(crate::notice::outbox::ListedState::Of(DeliveryState::Delivered)),
            sink: None,
            limit: 1000,
            stuck_before: Moment(0),
        };
        for notice in outbox.list(&filter).expect("listed").notices {
            prop_assert!(world.receiver.keys.contains(&notice.key), "delivered and not seen");
        }
    }
}

#[test]
fn a_receiver_that_is_down_for_a_minute_is_not_hammered_and_loses_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut outbox =
        Outbox::open_or_create(&directory.path().join("notices.db")).expect("an outbox");
    let start = Moment(1_764_000_000_000);
    let found: BTreeMap<u32, u8> = (0..1000).map(|record| (record, 1)).collect();
    outbox
        .reconcile(found_now(&found), start, false)
        .expect("reconciled");
    let mut world = World {
        now: start,
        receiver: Receiver::default(),
        under_way: Vec::new(),
    };
    let lane = Lane {
        policy: Policy::default(),
        ..lane()
    };
    let mut courier = Courier::new(&mut outbox, vec![lane], start).expect("a courier");
    let (down, up) = (start, start.plus(Duration::from_secs(60)));
    let mut in_vain = 0;
    while world.now < up {
        world.turn(&mut courier, Vec::new());
        while !world.under_way.is_empty() {
            in_vain += 1;
            world.answer(&mut courier, 0, Does::Nothing);
        }
        let due = courier.next_due().expect("read").expect("all are pending");
        world.now = world.now.max(due);
    }
    assert!(in_vain <= 16, "{in_vain} attempts in a minute");
    assert!(
        world.now.since(down) <= Duration::from_secs(120),
        "it is noticed when the receiver is back"
    );
    world.drain(&mut courier);
    assert_eq!(world.receiver.keys.len(), 1000);
    assert_eq!(counts(&mut outbox), [0, 1000, 0, 0, 0]);
}

#[test]
fn a_sender_that_panics_stops_the_delivery_and_never_hangs_it() {
    use crate::notice::SystemClock;
    use crate::notice::delivery::{Outgoing, Transport, Until, deliver};

    struct Panics;

    impl Transport for Panics {
        fn send(&self, _outgoing: Outgoing<'_>) -> Answer {
            panic!("as a test of it");
        }
    }

    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("notices.db");
    let mut outbox = Outbox::open_or_create(&path).expect("an outbox");
    let found: BTreeMap<u32, u8> = (0..9).map(|record| (record, 1)).collect();
    let now = SystemClock.now();
    outbox
        .reconcile(found_now(&found), now, false)
        .expect("reconciled");
    let delivered = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let mut courier = Courier::new(&mut outbox, vec![lane()], now).expect("a courier");
        let _ = deliver(&mut courier, &[&Panics], &SystemClock, Until::Empty(None));
    }));
    assert!(delivered.is_err(), "the panic is passed on");
    // Nothing is lost: the attempts that were begun count as ones that may have arrived.
    let [pending, ..] = counts(&mut Outbox::open(&path).expect("an outbox"));
    assert_eq!(pending, 9);
}
