//! Loads are undone in random histories, and every key holds what it would hold had they never come.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::journal::simulation::SimulatedDisk;
use crate::journal::{Entry, Journal, Options};
use crate::record::{Day, Stream};
use crate::source::LineReader;

/// A row of a load: its key, when it was recorded, and what it says; nothing where it deletes.
type Row = (u8, u8, Option<u8>);

/// What a row says of its key, and when that was recorded.
type Says = (Instant, Operation);

#[derive(Clone, Debug)]
enum Step {
    /// A load, and whether the next shares its epoch.
    Load(Vec<Row>, bool),
    /// Loads are undone, by their places among all; meanwhile these come.
    Undo(Vec<prop::sample::Index>, Vec<Row>),
    /// What undid is undone.
    Redo,
}

fn row() -> impl Strategy<Value = Row> {
    (0..5u8, 1..9u8, prop::option::weighted(0.8, 1..4u8))
}

fn step() -> impl Strategy<Value = Step> {
    let rows = || prop::collection::vec(row(), 1..6);
    let places = prop::collection::vec(any::<prop::sample::Index>(), 1..4);
    prop_oneof![
        5 => (rows(), any::<bool>()).prop_map(|(rows, is_shared)| Step::Load(rows, is_shared)),
        3 => (places, prop_oneof![Just(Vec::new()), rows()])
            .prop_map(|(loads, meanwhile)| Step::Undo(loads, meanwhile)),
        1 => Just(Step::Redo),
    ]
}

fn arrived((key, at, says): &Row, place: u64) -> Arrived {
    let day = says.unwrap_or(1);
    let text = format!(
        r#"{{"recorded_at":"2026-03-0{at}T10:00:00+07:00","report_id":"R{key}","death_date":"2026-02-0{day}","source":"court"}}"#
    );
    let mut reader = LineReader::new(Stream::DeathReports);
    let read = reader.read_again(text.as_bytes());
    let mut change = read.expect("a row").expect("accepted");
    if says.is_none() {
        change.operation = Operation::Delete;
    }
    Arrived { row: place, change }
}

fn delivery(rows: &[Row]) -> Delivery {
    Delivery {
        source: "http".to_owned(),
        rows: (1..)
            .zip(rows)
            .map(|(place, row)| arrived(row, place))
            .collect(),
        ..Delivery::default()
    }
}

/// A journal, and what is known of its loads.
struct World {
    journal: Journal,
    disk: SimulatedDisk,
    keys: Arc<Keys>,
    /// The rows of each load that is none that undoes, in order.
    loads: Vec<(LoadId, Vec<Row>)>,
    undone: BTreeSet<LoadId>,
    /// What was undone last, and by which loads, if nothing else undid the same.
    last: Option<(BTreeSet<LoadId>, BTreeSet<LoadId>)>,
}

impl World {
    fn new() -> Self {
        let (disk, key_disk) = (SimulatedDisk::new(), SimulatedDisk::new());
        let keys = Arc::new(Keys::new(Arc::new(key_disk), None));
        let opened = Journal::open(Arc::new(disk.clone()), keys.clone(), Options::default());
        Self {
            journal: opened.expect("a journal").0,
            disk,
            keys,
            loads: Vec::new(),
            undone: BTreeSet::new(),
            last: None,
        }
    }

    fn seal(&mut self, deliveries: Vec<Delivery>) -> u64 {
        let number = self.journal.upper() + 1;
        let epoch = Epoch {
            number,
            at: Instant::from_nanos(i64::try_from(number).expect("small")),
            clock: Day::from_number(20_000),
            rows_before: 0,
            detector: None,
            deliveries: Some(deliveries),
        };
        let (plain, secret) = epoch.encode();
        let entry = Entry {
            at: epoch.at.nanos(),
            plain: &plain,
            secret: &secret,
        };
        self.journal.append(number, entry).expect("appended");
        number
    }

    fn load(&mut self, loads: &[Vec<Row>]) {
        let epoch = self.seal(loads.iter().map(|rows| delivery(rows)).collect());
        for (place, rows) in (0..).zip(loads) {
            let id = LoadId {
                epoch,
                delivery: place,
            };
            self.loads.push((id, rows.clone()));
        }
    }

    /// Undoes; gives the loads that undo.
    fn undo(&mut self, loads: &BTreeSet<LoadId>, meanwhile: &[Row]) -> BTreeSet<LoadId> {
        let undoer = Undoer::new(Arc::new(self.disk.clone()), self.keys.clone());
        let mut undoing = BTreeSet::new();
        let mut meanwhile = (!meanwhile.is_empty()).then_some(meanwhile);
        undoer
            .undo(loads, |delivery| -> Result<Receipt, UndoError> {
                // The first time, others come before; and in the same epoch.
                let mut deliveries = Vec::new();
                if let Some(rows) = meanwhile.take() {
                    self.load(&[rows.to_vec()]);
                    deliveries.push(super::tests::delivery(&[]));
                }
                let accepted = delivery.rows.len() as u64;
                let place = u32::try_from(deliveries.len()).expect("small");
                deliveries.push(delivery);
                let epoch = self.seal(deliveries);
                undoing.insert(LoadId {
                    epoch,
                    delivery: place,
                });
                Ok(Receipt {
                    accepted,
                    rejected: Vec::new(),
                    epoch,
                })
            })
            .expect("undone");
        undoing
    }

    /// What each key holds, by going through the journal as a service does.
    fn held(&self) -> BTreeMap<Key, Says> {
        let reader = JournalReader::open(Arc::new(self.disk.clone()), self.keys.clone());
        let reader = reader.expect("a journal");
        let mut held: BTreeMap<Key, ((u64, u64), Says)> = BTreeMap::new();
        for frame in reader.frames(1).expect("frames") {
            let frame = frame.expect("a frame");
            let of = (frame.number, Instant::from_nanos(frame.at));
            let epoch = Epoch::decode(of, &frame.plain, frame.secret.as_deref());
            let epoch = epoch.expect("an epoch");
            let mut row = 0;
            for delivery in epoch.deliveries.iter().flatten() {
                for arrived in &delivery.rows {
                    row += 1;
                    let change = &arrived.change;
                    let key = change.key.clone();
                    let known = held.get(&key);
                    let is_taken = match &delivery.undoes {
                        None => known.is_none_or(|(_, (at, _))| *at <= change.recorded_at),
                        Some(undoes) => {
                            let place = usize::try_from(arrived.row - 1).expect("small");
                            let place = undoes.replaced[place];
                            let now = (change.recorded_at, change.operation.clone());
                            known.is_none_or(|(at, held)| {
                                *at == (place.epoch, place.row) || *held == now
                            })
                        }
                    };
                    if is_taken {
                        let now = (change.recorded_at, change.operation.clone());
                        held.insert(key, ((epoch.number, row), now));
                    }
                }
            }
        }
        let told = held.into_iter().map(|(key, (_, held))| (key, held));
        told.filter(|(_, (_, operation))| *operation != Operation::Delete)
            .collect()
    }

    /// What each key would hold: of the rows of the loads that are not undone, the one that was recorded last, and of
    /// those the one that came last.
    fn expected(&self) -> BTreeMap<Key, Says> {
        let mut last: BTreeMap<Key, Says> = BTreeMap::new();
        let loads = self.loads.iter();
        for (_, rows) in loads.filter(|(id, _)| !self.undone.contains(id)) {
            for row in rows {
                let change = arrived(row, 1).change;
                let now = (change.recorded_at, change.operation);
                let known = last.entry(change.key).or_insert(now.clone());
                if known.0 <= now.0 {
                    *known = now;
                }
            }
        }
        last.retain(|_, (_, operation)| *operation != Operation::Delete);
        last
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_key_holds_what_it_would_hold_had_undone_loads_never_come(
        steps in prop::collection::vec(step(), 1..14),
    ) {
        let mut world = World::new();
        let mut shared: Vec<Vec<Row>> = Vec::new();
        for step in &steps {
            if let Step::Load(rows, is_shared) = step {
                shared.push(rows.clone());
                if *is_shared {
                    continue;
                }
            }
            if !shared.is_empty() {
                world.load(&std::mem::take(&mut shared));
            }
            match step {
                Step::Load(..) => {}
                Step::Undo(places, meanwhile) if !world.loads.is_empty() => {
                    let ids = places.iter().map(|place| place.get(&world.loads).0);
                    let ids: BTreeSet<LoadId> = ids.collect();
                    let undoing = world.undo(&ids, meanwhile);
                    let is_first = ids.is_disjoint(&world.undone);
                    world.last = is_first.then(|| (ids.clone(), undoing));
                    world.undone.extend(ids);
                }
                Step::Redo => {
                    if let Some((ids, undoing)) = world.last.take()
                        && !undoing.is_empty()
                    {
                        world.undo(&undoing, &[]);
                        world.undone.retain(|id| !ids.contains(id));
                    }
                }
                Step::Undo(..) => {}
            }
            prop_assert_eq!(world.held(), world.expected(), "after {:?}", step);
        }
    }
}

#[test]
fn loads_that_cannot_be_undone_are_told_apart() {
    let mut world = World::new();
    world.load(&[vec![(1, 1, Some(1))]]);
    world.load(&[vec![(1, 2, Some(2))]]);
    let mut carried = delivery(&[(2, 1, Some(1))]);
    carried.source = carried_forward::SOURCE.to_owned();
    world.seal(vec![carried]);
    world.load(&[vec![(2, 3, None)]]);
    let undo = |loads: &[(u64, u32)]| {
        let loads = loads.iter().map(|(epoch, delivery)| LoadId {
            epoch: *epoch,
            delivery: *delivery,
        });
        let undoer = Undoer::new(Arc::new(world.disk.clone()), world.keys.clone());
        let never = |_| -> Result<Receipt, UndoError> { panic!("nothing is delivered") };
        undoer
            .undo(&loads.collect(), never)
            .map_err(|error| error.to_string())
    };
    let forgotten = undo(&[(2, 0)]).expect_err("rows were carried forward after it");
    assert!(
        forgotten.contains("before load 2.0 were erased"),
        "{forgotten}"
    );
    let absent = undo(&[(4, 0), (4, 1)]).expect_err("there is one load");
    assert!(absent.contains("no load 4.1"), "{absent}");
    assert!(undo(&[(9, 0)]).is_err());
    assert_eq!(undo(&[]), Ok(Undone::default()));
}
