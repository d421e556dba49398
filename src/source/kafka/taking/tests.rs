//! Members that share a journal, with deliveries that are refused, lost, late or cut off, take every
//! message once and in order. Compaction leaves holes; retention leaves gaps.

use std::collections::BTreeMap;
use std::sync::Mutex;

use proptest::prelude::*;

use super::*;

/// A journal that moves positions only from where they stand.
#[derive(Default)]
struct Journal {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    positions: BTreeMap<String, String>,
    rows: BTreeMap<String, Vec<u64>>,
    gaps: Vec<Gap>,
    refuses: bool,
    takes: Duration,
}

impl Deliver for Journal {
    fn deliver(&self, delivery: Delivery) -> Result<(), NotDurable> {
        let takes = self.kept.lock().expect("no panic").takes;
        std::thread::sleep(takes);
        let mut kept = self.kept.lock().expect("no panic");
        if kept.refuses {
            return Err(NotDurable::Stopped);
        }
        let stands = |a: &crate::source::delivery::Advance| {
            kept.positions.get(&*a.partition) == a.from.as_ref()
        };
        if !delivery.positions.iter().all(stands) {
            return Err(NotDurable::Moved);
        }
        for advance in delivery.positions {
            kept.positions
                .insert(advance.partition.to_string(), advance.next);
        }
        for row in delivery.rows {
            let rows = kept.rows.entry(row.partition.to_string()).or_default();
            rows.push(row.offset);
        }
        kept.gaps.extend(delivery.gaps);
        Ok(())
    }

    fn position(&self, _: &str, partition: &str) -> Option<String> {
        let kept = self.kept.lock().expect("no panic");
        kept.positions.get(partition).cloned()
    }

    fn is_paused(&self, _: &str) -> bool {
        false
    }
}

const PARTITIONS: i32 = 3;
const WAIT: Duration = Duration::from_secs(10);

fn member(journal: &Arc<Journal>) -> Taking {
    let topics = [("claims".to_owned(), Stream::Claims)].into();
    let mut settings = KafkaSettings::new("test", "nowhere:1", topics);
    settings.bounds.rows = 7;
    let deliver: Arc<dyn Deliver> = Arc::clone(journal) as _;
    let (courier, _) = Courier::start(Arc::clone(&deliver)).expect("a thread");
    Taking::new(&settings, deliver, courier)
}

#[derive(Clone, Debug)]
enum Step {
    /// A member reads on by some messages of a partition.
    Read(usize, i32, usize),
    HandOver(usize),
    Settle(usize),
    /// A member takes a partition over, be it another's or not.
    Own(usize, i32),
    Disown(usize, i32),
    /// A member dies with what it has in hand; another takes its place.
    Crash(usize),
    /// The client starts anew from the next offset of each partition.
    ReadAnew(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let member = 0usize..2;
    let number = 0..PARTITIONS;
    prop_oneof![
        6 => (member.clone(), number.clone(), 1usize..9).prop_map(|(m, n, k)| Step::Read(m, n, k)),
        4 => member.clone().prop_map(Step::HandOver),
        4 => member.clone().prop_map(Step::Settle),
        2 => (member.clone(), number.clone()).prop_map(|(m, n)| Step::Own(m, n)),
        2 => (member.clone(), number).prop_map(|(m, n)| Step::Disown(m, n)),
        1 => member.clone().prop_map(Step::Crash),
        1 => member.prop_map(Step::ReadAnew),
    ]
}

/// Two members and the messages of each partition by offset, with holes.
struct World {
    journal: Arc<Journal>,
    members: Vec<Taking>,
    /// Where the client of a member is in a partition.
    cursors: Vec<BTreeMap<i32, usize>>,
    log: Vec<u64>,
}

impl World {
    fn new(log: &[u64]) -> Self {
        let journal = Arc::new(Journal::default());
        Self {
            members: vec![member(&journal), member(&journal)],
            journal,
            cursors: vec![BTreeMap::new(), BTreeMap::new()],
            log: log.to_vec(),
        }
    }

    /// Puts the client of a member where the partitions say.
    fn place(&mut self, m: usize) {
        self.members[m].is_frozen = false;
        let log = &self.log;
        let cursor = |(_, number, partition): (&Arc<str>, i32, &mut Partition)| {
            let next = partition.next.unwrap_or(0);
            (number, log.partition_point(|offset| *offset < next))
        };
        self.cursors[m] = self.members[m].partitions().map(cursor).collect();
    }

    fn read(&mut self, m: usize, number: i32, count: usize) {
        for _ in 0..count {
            let Some(cursor) = self.cursors[m].get_mut(&number) else {
                return;
            };
            let Some(offset) = self.log.get(*cursor) else {
                return;
            };
            if self.members[m].is_full() {
                return;
            }
            *cursor += 1;
            self.members[m].take(&Message {
                topic: "claims",
                partition: number,
                offset: *offset,
                timestamp_ms: None,
                value: Some(b"{}"),
            });
        }
    }

    fn settle(&mut self, m: usize) {
        if self.members[m].settle(WAIT) == Settled::Moved {
            self.place(m);
        }
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Read(m, number, count) => self.read(m, number, count),
            Step::HandOver(m) => self.members[m].hand_over(),
            Step::Settle(m) => self.settle(m),
            Step::Own(m, number) => {
                self.members[m].disown("claims", number);
                self.members[m].own("claims", number);
                self.place(m);
            }
            Step::Disown(m, number) => {
                self.members[m].disown("claims", number);
                self.cursors[m].remove(&number);
            }
            Step::Crash(m) => {
                self.members[m] = member(&self.journal);
                self.cursors[m].clear();
            }
            Step::ReadAnew(m) => self.place(m),
        }
    }

    /// The first member reads everything that is left.
    fn finish(&mut self) {
        self.members.truncate(1);
        for number in 0..PARTITIONS {
            self.step(&Step::Own(0, number));
        }
        for _ in 0..1000 {
            if !self.members[0].is_in_flight() && self.is_done() {
                return;
            }
            for number in 0..PARTITIONS {
                self.read(0, number, 5);
            }
            self.members[0].hand_over();
            self.settle(0);
        }
        panic!("it does not come to the end");
    }

    fn is_done(&self) -> bool {
        let end = self.log.last().map(|last| (last + 1).to_string());
        let label = |n| label("claims", n);
        (0..PARTITIONS).all(|n| self.journal.position("test", &label(n)) == end)
    }
}

proptest! {
    #[test]
    fn every_message_is_taken_once_and_in_order(
        holes in prop::collection::vec(0u64..3, 0..40),
        steps in prop::collection::vec(step(), 0..80),
    ) {
        let log: Vec<_> = holes.iter().scan(0, |at, hole| {
            let offset = *at + hole;
            *at = offset + 1;
            Some(offset)
        }).collect();
        let mut world = World::new(&log);
        steps.iter().for_each(|step| world.step(step));
        world.finish();
        let kept = world.journal.kept.lock().expect("no panic");
        for number in 0..PARTITIONS {
            let rows = kept.rows.get(&label("claims", number)).cloned().unwrap_or_default();
            prop_assert_eq!(&rows, &log, "partition {}", number);
        }
    }
}

fn one(offset: u64) -> Message<'static> {
    Message {
        topic: "claims",
        partition: 0,
        offset,
        timestamp_ms: Some(5),
        value: None,
    }
}

#[test]
fn a_gap_is_part_of_the_next_delivery_and_is_durable_without_rows() {
    let journal = Arc::new(Journal::default());
    let mut taking = member(&journal);
    taking.own("claims", 0);
    taking.take(&one(4));
    assert_eq!(taking.skip("claims", 0, 5), None);
    assert!(taking.skip("claims", 0, 9).is_some());
    taking.hand_over();
    assert_eq!(taking.settle(WAIT), Settled::Durable);
    let kept = journal.kept.lock().expect("no panic");
    let (from, to) = (5, 9);
    let partition = "claims/0".into();
    assert_eq!(
        kept.gaps,
        [Gap {
            partition,
            from,
            to
        }]
    );
    assert_eq!(kept.positions["claims/0"], "9");
    assert_eq!((taking.totals.gaps, taking.totals.lost), (1, 4));
}

#[test]
fn what_is_unknown_is_not_taken() {
    let journal = Arc::new(Journal::default());
    let mut taking = member(&journal);
    taking.take(&one(0));
    taking.own("others", 0);
    taking.own("claims", 0);
    taking.is_frozen = true;
    taking.take(&one(0));
    taking.hand_over();
    assert!(!taking.is_in_flight());
    assert_eq!(taking.totals, Totals::default());
}

#[test]
fn a_value_is_cut_where_it_is_too_large_anyway() {
    let journal = Arc::new(Journal::default());
    let mut taking = member(&journal);
    taking.own("claims", 0);
    let value = vec![b'x'; ROW_LIMIT * 2];
    taking.take(&Message {
        value: Some(&value),
        ..one(0)
    });
    let (rows, bytes) = taking.waiting();
    assert!(rows == 1 && bytes > ROW_LIMIT && bytes < ROW_LIMIT + 1000);
}

#[test]
fn a_service_that_stops_ends_it() {
    let journal = Arc::new(Journal::default());
    journal.kept.lock().expect("no panic").refuses = true;
    let mut taking = member(&journal);
    taking.own("claims", 0);
    taking.take(&one(0));
    taking.hand_over();
    assert_eq!(taking.settle(WAIT), Settled::Stopped);
}

#[test]
fn a_partition_that_comes_back_is_read_on_behind_what_is_in_flight() {
    let journal = Arc::new(Journal::default());
    journal.kept.lock().expect("no panic").takes = Duration::from_millis(300);
    let mut taking = member(&journal);
    taking.own("claims", 0);
    taking.take(&one(7));
    taking.hand_over();
    taking.disown("claims", 0);
    taking.own("claims", 0);
    assert!(taking.is_in_flight());
    let partition = taking.partition("claims", 0).expect("it is owned");
    assert_eq!(partition.next, Some(8));
    taking.take(&one(7));
    taking.take(&one(8));
    assert_eq!(taking.settle(WAIT), Settled::Durable);
    taking.hand_over();
    assert_eq!(taking.settle(WAIT), Settled::Durable);
    let kept = journal.kept.lock().expect("no panic");
    assert_eq!(kept.rows["claims/0"], [7, 8]);
}
