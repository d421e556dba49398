//! The desk follows a store: whatever was stored, told or left out, it comes to what the store has.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};

use fundwatch::record::Stream;
use fundwatch::review::{
    About, Desk, DeskWatch, Group, PersonNumber, Projector, Registers, Unreadable, View, WorkDone,
};
use fundwatch::service::StoredChanges;
use fundwatch::store::{
    AlertChange, AlertRow, AlertState, AlertStore, EpochCommit, HistoryKind, HistoryRow, Opening,
    StoreKey, StorePlace,
};
use proptest::prelude::*;

use crate::made::{DAY, Made, START, day, id, seen, supervisor};
use fundwatch::review::{Act, WorkAction};

struct Cards;

impl Registers for Cards {
    fn about(&self, kind: &str, subject: &str) -> About {
        assert_eq!((kind, &subject[..6]), ("claim", "79001/"));
        About {
            day: Some(day("2026-11-20")),
            card: Some("HT3797900000001".to_owned()),
            person: Some((Stream::Participants, "7900000001".to_owned())),
        }
    }

    fn citizen_of(&self, si_number: &str) -> Option<String> {
        (si_number == "7900000001").then(|| "079051000001".to_owned())
    }
}

fn row(number: u32, raised_epoch: u64, content: u8) -> AlertRow {
    let raised_at = format!("2026-11-27T09:00:00.{raised_epoch:03}+07:00");
    let (amount, priority) = (1000 + u32::from(content), 5000 + number);
    let line = format!(
        r#"{{"alert_id":"{}","reason":"unknown_card","class":"eligibility","severity":"medium","subject":{{"kind":"claim","id":"79001/V{number}"}},"amount_vnd":{amount},"priority":{priority},"raised_at":"{raised_at}","evidence":[{{"stream":"claims","key":"79001/V{number}","recorded_at":"2026-11-2{}T08:00:00+07:00","file":"epochs/1","row":1}}]}}"#,
        id(number),
        content % 7,
    );
    AlertRow {
        alert_id: id(number),
        reason: "unknown_card".into(),
        class: "eligibility".into(),
        severity: "medium".into(),
        subject_kind: "claim".into(),
        subject_id: format!("79001/V{number}"),
        amount_thousandths: i64::from(amount) * 1000,
        grade: None,
        cause: None,
        score: None,
        misuse_probability: None,
        priority,
        raised_at,
        raised_epoch,
        line,
    }
}

/// A store, and what is in it as it was written.
struct Stored {
    store: Box<dyn AlertStore>,
    alerts: BTreeMap<u32, (AlertRow, AlertState, u64)>,
    epoch: u64,
}

impl Stored {
    fn new(path: &Path) -> Self {
        let opening = Opening {
            journal_id: [1; 16],
            generation: 1,
        };
        let place = StorePlace::File(path.to_owned());
        Self {
            store: fundwatch::store::open(&place, opening, &StoreKey::from_bytes(&[7; 32]))
                .expect("a store"),
            alerts: BTreeMap::new(),
            epoch: 0,
        }
    }

    /// Commits an epoch; tells what a follower is told of it.
    fn commit(&mut self, changes: &BTreeMap<u32, Change>) -> StoredChanges {
        self.epoch += 1;
        let epoch = self.epoch;
        let mut commit = EpochCommit {
            epoch,
            previous: epoch.checked_sub(1).filter(|before| *before > 0),
            at: START + epoch as i64,
            ..EpochCommit::default()
        };
        for (number, change) in changes {
            let known = self.alerts.get(number).cloned();
            let known_before = known.clone();
            let is_active = matches!(known, Some((_, AlertState::Active, _)));
            let (kind, change, now) = match change {
                Change::Holds(content) => {
                    let raised = match &known {
                        Some((row, ..)) if is_active => row.raised_epoch,
                        _ => epoch,
                    };
                    let row = row(*number, raised, *content);
                    let kind = if is_active {
                        HistoryKind::Changed
                    } else {
                        HistoryKind::Raised
                    };
                    let now = (row.clone(), AlertState::Active, epoch);
                    (Some(kind), AlertChange::Holds(Box::new(row)), now)
                }
                // Another line, and nothing that the history tells.
                Change::Line(content) if is_active => {
                    let raised = known.as_ref().map_or(epoch, |(row, ..)| row.raised_epoch);
                    let row = row(*number, raised, *content);
                    let now = (row.clone(), AlertState::Active, epoch);
                    (None, AlertChange::Holds(Box::new(row)), now)
                }
                Change::Gone if is_active => {
                    let Some((row, ..)) = known else { continue };
                    let now = (row, AlertState::Withdrawn, epoch);
                    let change = AlertChange::Withdrawn {
                        alert_id: id(*number),
                    };
                    (Some(HistoryKind::Withdrawn), change, now)
                }
                _ => continue,
            };
            commit.alerts.push(change);
            // A row that is written as it was has not changed.
            let is_equal = |(row, state, _): &(AlertRow, AlertState, u64)| {
                (&row.line, *state) == (&now.0.line, now.1)
            };
            if !known_before.as_ref().is_some_and(is_equal) {
                self.alerts.insert(*number, now);
            }
            commit.history.extend(kind.map(|kind| HistoryRow {
                alert_id: id(*number),
                kind,
                at: "2026-11-27T09:00:00+07:00".to_owned(),
                reason: "unknown_card".into(),
                line: format!(
                    r#"{{"epoch":{epoch},"at":"2026-11-27T09:00:00+07:00","kind":"{}","alert_id":"{}","cause":[{{"stream":"cards","key":"x"}}]}}"#,
                    kind.as_str(),
                    id(*number)
                ),
            }));
        }
        // The store is given both by id.
        commit.alerts.sort_by(|a, b| a.alert_id().cmp(b.alert_id()));
        commit.history.sort_by(|a, b| a.alert_id.cmp(&b.alert_id));
        let ids = commit
            .alerts
            .iter()
            .map(|change| change.alert_id().to_owned());
        let told = StoredChanges {
            alert_ids: Some(ids.collect()),
            epoch,
            at: commit.at,
        };
        self.store.commit(&[commit]).expect("committed");
        told
    }
}

#[derive(Clone, Copy, Debug)]
enum Change {
    Holds(u8),
    Line(u8),
    Gone,
}

#[derive(Clone, Debug)]
enum Step {
    Commit(BTreeMap<u32, Change>),
    /// What was told since is followed.
    Follow,
    /// What was told since is lost, and looked for.
    CatchUp,
    /// Too much was told to be told one by one.
    Beyond,
    /// Another store is filled anew, with other alerts.
    Anew(BTreeSet<u32>),
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let change = prop_oneof![
        (0_u8..4).prop_map(Change::Holds),
        (0_u8..4).prop_map(Change::Line),
        Just(Change::Gone)
    ];
    prop_oneof![
        6 => proptest::collection::btree_map(0_u32..12, change, 0..8).prop_map(Step::Commit),
        3 => Just(Step::Follow),
        1 => Just(Step::CatchUp),
        1 => Just(Step::Beyond),
        1 => proptest::collection::btree_set(0_u32..12, 0..8).prop_map(Step::Anew),
        1 => Just(Step::Reopen),
    ]
}

/// What the desk has, as far as the store says it too.
fn desk_has(made: &Made) -> BTreeMap<String, (AlertState, i64, u64, u64)> {
    let one = |number| {
        made.desk
            .item(&supervisor("s1"), &id(number))
            .expect("read")
    };
    let items = (0..12).filter_map(one);
    items
        .map(|item| {
            let finding = item.finding;
            let told = (
                finding.state,
                finding.amount.thousandths(),
                finding.raised_epoch,
                finding.changed_epoch,
            );
            (finding.alert_id, told)
        })
        .collect()
}

fn store_has(stored: &Stored) -> BTreeMap<String, (AlertState, i64, u64, u64)> {
    let alerts = stored.alerts.values();
    alerts
        .map(|(row, state, changed)| {
            let told = (*state, row.amount_thousandths, row.raised_epoch, *changed);
            (row.alert_id.clone(), told)
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_desk_comes_to_what_the_store_has(steps in proptest::collection::vec(step(), 1..24)) {
        let stores = tempfile::tempdir().expect("a directory");
        let mut made = Made::new();
        let mut stored = Stored::new(&stores.path().join("0.db"));
        let mut told: Vec<StoredChanges> = Vec::new();
        let mut is_anew = false;
        for (step, number) in steps.into_iter().chain([Step::Follow]).zip(1..) {
            match step {
                Step::Commit(changes) => {
                    told.push(stored.commit(&changes));
                    continue;
                }
                Step::Reopen => {
                    made.reopen();
                    continue;
                }
                Step::Anew(numbers) => {
                    // It has at least as many epochs: what it lacks is found all the same.
                    let epochs = stored.epoch.max(1);
                    stored = Stored::new(&stores.path().join(format!("{number}.db")));
                    let all = numbers.into_iter().map(|number| (number, Change::Holds(3))).collect();
                    for epoch in 1..=epochs {
                        let none = BTreeMap::new();
                        stored.commit(if epoch == epochs { &all } else { &none });
                    }
                    told.clear();
                    is_anew = true;
                    with(&mut made, |projector| {
                        projector.catch_up(stored.store.reads(), None).expect("caught up");
                        while projector.compare(stored.store.reads()).expect("compared") {}
                    });
                }
                Step::CatchUp => {
                    told.clear();
                    with(&mut made, |projector| projector.catch_up(stored.store.reads(), Some(START)).expect("caught up"));
                }
                Step::Beyond => {
                    let Some(last) = told.last() else { continue };
                    let beyond = StoredChanges { alert_ids: None, ..last.clone() };
                    told.clear();
                    with(&mut made, |projector| projector.follow(stored.store.reads(), &beyond).expect("followed"));
                }
                Step::Follow => {
                    let ids: BTreeSet<String> = told.iter().filter_map(|one| one.alert_ids.clone()).flatten().collect();
                    let Some(last) = told.last() else { continue };
                    let all = StoredChanges { alert_ids: Some(ids.into_iter().collect()), ..last.clone() };
                    told.clear();
                    with(&mut made, |projector| projector.follow(stored.store.reads(), &all).expect("followed"));
                    prop_assert_eq!(made.desk.frontier().expect("read").epoch, Some(stored.epoch));
                }
            }
            let (desk, store) = (desk_has(&made), store_has(&stored));
            for (alert_id, has) in &store {
                prop_assert_eq!(desk.get(alert_id), Some(has));
            }
            for (alert_id, (state, ..)) in &desk {
                prop_assert!(store.contains_key(alert_id) || *state == AlertState::Withdrawn);
                prop_assert!(is_anew || store.contains_key(alert_id));
            }
        }
    }
}

/// Lends the desk to a projector.
fn with(made: &mut Made, work: impl FnOnce(&mut Projector<Cards>)) {
    with_watch(made, Arc::new(Counted::default()), work);
}

/// Counts what could not be read.
#[derive(Default)]
struct Counted(Mutex<BTreeMap<Unreadable, u64>>);

impl DeskWatch for Counted {
    fn done(&self, _: &WorkDone) {}

    fn unreadable(&self, kind: Unreadable, lines: u64) {
        let mut counts = self.0.lock().expect("nobody panicked");
        *counts.entry(kind).or_default() += lines;
    }
}

/// The same, with somebody who counts.
fn with_watch(
    made: &mut Made,
    watch: Arc<dyn DeskWatch>,
    work: impl FnOnce(&mut Projector<Cards>),
) {
    let other = tempfile::tempdir().expect("a directory");
    let spare = Desk::open_or_create(
        other.path(),
        None,
        Arc::new(|| fundwatch::record::Instant::from_nanos(0)),
        made.log.clone(),
    );
    let desk = std::mem::replace(&mut made.desk, spare.expect("a desk"));
    let desk = Arc::new(desk.with_watch(watch));
    work(&mut Projector::new(desk.clone(), Cards));
    made.desk = Arc::into_inner(desk).expect("the projector is gone");
}

#[test]
fn what_changed_since_a_look_is_net() {
    let stores = tempfile::tempdir().expect("a directory");
    let mut made = Made::new();
    let mut stored = Stored::new(&stores.path().join("0.db"));
    let holds = |numbers: &[u32]| numbers.iter().map(|n| (*n, Change::Holds(1))).collect();
    let gone = |numbers: &[u32]| numbers.iter().map(|n| (*n, Change::Gone)).collect();
    stored.commit(&holds(&[1, 2, 3]));
    stored.commit(&holds(&[4]));
    // 4 is withdrawn, raised again and changed; 5 comes and goes; 2 goes; 6 comes; 3 changes.
    stored.commit(&gone(&[4, 2]));
    stored.commit(&holds(&[4, 5]));
    stored.commit(&gone(&[5]));
    stored.commit(&BTreeMap::from([
        (6, Change::Holds(1)),
        (3, Change::Holds(2)),
    ]));
    with(&mut made, |projector| {
        projector
            .catch_up(stored.store.reads(), Some(START + DAY))
            .expect("caught up");
    });
    let changes = made.desk.changes_since(&supervisor("s1"), 2).expect("read");
    assert_eq!((changes.since, changes.until), (2, 6));
    assert_eq!(
        (changes.raised, changes.changed, changes.withdrawn),
        (1, 2, 1)
    );
    let mut alerts = changes.alerts;
    alerts.sort_by_key(|(alert_id, _)| alert_id.clone());
    let mut expected = vec![
        (id(2), HistoryKind::Withdrawn),
        (id(3), HistoryKind::Changed),
        (id(4), HistoryKind::Changed),
        (id(6), HistoryKind::Raised),
    ];
    expected.sort_by_key(|(alert_id, _)| alert_id.clone());
    assert_eq!(alerts, expected);
    let told = made.desk.machine_changes(&id(4)).expect("read");
    let told: Vec<_> = told
        .iter()
        .map(|one| (one.epoch, one.kind, one.causes.clone()))
        .collect();
    assert_eq!(
        told,
        [
            (2, HistoryKind::Raised, vec![Stream::Cards]),
            (3, HistoryKind::Withdrawn, vec![Stream::Cards]),
            (4, HistoryKind::Raised, vec![Stream::Cards])
        ]
    );
}

#[test]
fn what_somebody_works_on_stays_when_it_is_withdrawn_and_what_nobody_saw_leaves() {
    let stores = tempfile::tempdir().expect("a directory");
    let mut made = Made::new();
    let mut stored = Stored::new(&stores.path().join("0.db"));
    stored.commit(&BTreeMap::from([
        (1, Change::Holds(1)),
        (2, Change::Holds(1)),
    ]));
    with(&mut made, |projector| {
        projector
            .catch_up(stored.store.reads(), None)
            .expect("caught up")
    });
    let act = Act::new(WorkAction::Take, seen(&made.item(&id(1))));
    made.desk
        .act(&supervisor("s1"), &id(1), &act)
        .expect("taken");
    let told = stored.commit(&BTreeMap::from([(1, Change::Gone), (2, Change::Gone)]));
    with(&mut made, |projector| {
        projector
            .follow(stored.store.reads(), &told)
            .expect("followed")
    });
    assert!(!made.item(&id(1)).has_left() && made.item(&id(2)).has_left());
    let counts = made.desk.counts(&supervisor("s1")).expect("read");
    let count = |view| {
        counts
            .iter()
            .find(|(one, _)| *one == view)
            .map(|(_, count)| *count)
    };
    assert_eq!(
        (count(View::Open), count(View::UnderWay)),
        (Some(0), Some(1))
    );
    let mine = made.desk.mine(&supervisor("s1")).expect("read");
    assert_eq!(mine.moved.len(), 1);
}

#[test]
fn a_citizen_is_found_under_the_insurance_number_of_their_alerts() {
    let stores = tempfile::tempdir().expect("a directory");
    let mut made = Made::new();
    let mut stored = Stored::new(&stores.path().join("0.db"));
    stored.commit(&BTreeMap::from([(1, Change::Holds(1))]));
    with(&mut made, |projector| {
        let caught_up = projector.catch_up(stored.store.reads(), Some(START + DAY));
        caught_up.expect("caught up");
    });
    let search = |number: &str| {
        let number = PersonNumber::read(number).expect("a number");
        made.desk.search(&supervisor("s1"), number).expect("read")
    };
    let found = search("079051000001");
    assert!(matches!(found, Some(Group::Person(_))), "{found:?}");
    assert_eq!(found, search("7900000001"));
    assert_eq!(search("079051000002"), None);
}

#[test]
fn what_cannot_be_read_is_counted_and_keeps_nothing_else_out() {
    let stores = tempfile::tempdir().expect("a directory");
    let path = stores.path().join("0.db");
    let mut made = Made::new();
    let mut stored = Stored::new(&path);
    let numbers = [1, 2, 3, 4];
    let told = stored.commit(&numbers.map(|n| (n, Change::Holds(1))).into());
    // A reason of a later version, and lines that were changed past the program: cut, of another alert, and plain.
    let tamper = rusqlite::Connection::open(&path).expect("the store");
    let changed = [
        (
            "UPDATE alerts SET reason = 'of_a_later_version' WHERE alert_id = ?",
            id(1),
        ),
        (
            "UPDATE alerts SET sealed = substr(sealed, 1, 60) WHERE alert_id = ?",
            id(2),
        ),
        (
            "UPDATE history SET sealed = (SELECT sealed FROM history ORDER BY id LIMIT 1) WHERE alert_id = ?",
            id(3),
        ),
        (
            "UPDATE history SET sealed = CAST('{}' AS BLOB) WHERE alert_id = ?",
            id(4),
        ),
    ];
    for (update, alert_id) in changed {
        assert_eq!(tamper.execute(update, [alert_id]).expect("changed"), 1);
    }
    drop(tamper);
    let watch = Arc::new(Counted::default());
    with_watch(&mut made, watch.clone(), |projector| {
        projector
            .follow(stored.store.reads(), &told)
            .expect("followed");
    });
    let counts = watch.0.lock().expect("nobody panicked").clone();
    let expected = [(Unreadable::Alert, 2), (Unreadable::Change, 2)];
    assert_eq!(counts, expected.into());
    let is_there = |number| {
        let item = made.desk.item(&supervisor("s1"), &id(number));
        item.expect("read").is_some()
    };
    assert_eq!(numbers.map(is_there), [false, false, true, true]);
    let changes = |number| made.desk.machine_changes(&id(number)).expect("read").len();
    assert_eq!(numbers.map(changes), [1, 1, 0, 0]);
    assert_eq!(made.desk.frontier().expect("read").epoch, Some(1));
}
