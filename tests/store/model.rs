//! Random histories against a map that is kept beside the store.

use std::collections::BTreeMap;

use fundwatch::store::{
    AlertChange, AlertState, EpochCommit, HistoryKind, Position, Pruning, RejectRow, RejectState,
    RestoredClaim, SettledReject, StoreError, StoredRestoration,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::backend::Backend;
use crate::made::{
    alert, alerts_exported, empty, event, every_alert, history_between, history_exported, holds, id,
};

/// What is done to a store, step by step.
#[derive(Clone, Debug)]
enum Step {
    /// So many new epochs are committed, with so many old ones before them.
    Commit {
        new: Vec<Vec<(u32, u8)>>,
        again: usize,
    },
    /// The same, but the last of them is wrong: nothing is written.
    Fail { new: Vec<Vec<(u32, u8)>> },
    /// The process ends, and another takes over with a newer generation.
    Crash,
    /// The process ends between a commit and its answer: the next makes the same commit again.
    CrashUnknowing { new: Vec<Vec<(u32, u8)>> },
    /// Epochs are forgotten.
    Prune { keep_epochs: u32 },
}

fn step() -> impl Strategy<Value = Step> {
    let epoch = prop::collection::vec((0..12_u32, 0..4_u8), 0..6);
    let epochs = || prop::collection::vec(epoch.clone(), 1..4);
    prop_oneof![
        5 => (epochs(), 0..4_usize).prop_map(|(new, again)| Step::Commit { new, again }),
        2 => epochs().prop_map(|new| Step::Fail { new }),
        1 => Just(Step::Crash),
        2 => epochs().prop_map(|new| Step::CrashUnknowing { new }),
        1 => (1..4_u32).prop_map(|keep_epochs| Step::Prune { keep_epochs }),
    ]
}

/// What the store must hold.
#[derive(Clone, Default)]
struct Model {
    epochs: Vec<EpochCommit>,
    alerts: BTreeMap<String, (AlertState, u64, String)>,
    history: Vec<String>,
    rejects: BTreeMap<(u64, u32), (RejectState, Option<u64>)>,
    position: Option<(String, u64)>,
    restored: Vec<StoredRestoration>,
}

impl Model {
    /// The next epoch: of each alert named, what may become of it, decided by a draw.
    fn next(&mut self, draws: &[(u32, u8)]) {
        let number = self.epochs.len() as u64 + 1;
        let mut epoch = empty(number);
        let draws: BTreeMap<u32, u8> = draws.iter().copied().collect();
        for (one, draw) in draws {
            let alert_id = id(one);
            let is_known = self.alerts.contains_key(&alert_id);
            let (change, kind) = match (is_known, draw) {
                (true, 0) => (AlertChange::Withdrawn { alert_id }, HistoryKind::Withdrawn),
                (true, 1) => (AlertChange::Archived { alert_id }, HistoryKind::Archived),
                (true, _) => {
                    let row = alert(one, number, draw.into());
                    (holds(row), HistoryKind::Changed)
                }
                (false, _) => (holds(alert(one, number, 0)), HistoryKind::Raised),
            };
            epoch.history.push(event(one, number, kind));
            epoch.alerts.push(change);
        }
        let ordinals = 0..epoch.alerts.len() as u32 / 2;
        epoch.rejects = ordinals.map(|ordinal| reject(number, ordinal)).collect();
        let open = self
            .rejects
            .iter()
            .find(|(_, (state, _))| *state == RejectState::Open);
        epoch
            .settled
            .extend(open.map(|((epoch, ordinal), _)| SettledReject {
                epoch: *epoch,
                ordinal: *ordinal,
                is_repaired: *ordinal == 0,
            }));
        epoch.positions = vec![Position {
            source: "feed".to_owned(),
            partition: "0".to_owned(),
            position: format!("at {number}"),
        }];
        // Visits in any text, a NUL among them.
        let visits = ["V1", "", "a\0b", "Nội trú"]
            .iter()
            .take(epoch.alerts.len());
        let mut restored: Vec<RestoredClaim> = visits
            .map(|visit| RestoredClaim {
                stream: if number.is_multiple_of(2) {
                    "claims"
                } else {
                    "check_ins"
                }
                .into(),
                facility: "01001".to_owned(),
                visit_id: (*visit).to_owned(),
                until_day: 20_000 + number as i32,
            })
            .collect();
        restored.reverse();
        epoch.restored = restored;
        self.apply(epoch);
    }

    fn apply(&mut self, epoch: EpochCommit) {
        let number = epoch.epoch;
        for change in &epoch.alerts {
            let alert_id = change.alert_id().to_owned();
            let line = match change {
                AlertChange::Holds(row) => row.line.clone(),
                _ => self.alerts[&alert_id].2.clone(),
            };
            self.alerts.insert(alert_id, (change.state(), number, line));
        }
        let mut history: Vec<_> = epoch.history.iter().collect();
        history.sort_by_key(|row| &row.alert_id);
        self.history
            .extend(history.into_iter().map(|row| row.line.clone()));
        for one in &epoch.rejects {
            self.rejects
                .insert((number, one.ordinal), (RejectState::Open, None));
        }
        for one in &epoch.settled {
            let by = one.is_repaired.then_some(number);
            self.rejects
                .insert((one.epoch, one.ordinal), (one.state(), by));
        }
        let mut restored = epoch.restored.clone();
        restored.sort_unstable();
        let stored = |claim| StoredRestoration {
            epoch: number,
            claim,
        };
        self.restored.extend(restored.into_iter().map(stored));
        self.position = Some((epoch.positions[0].position.clone(), number));
        self.epochs.push(epoch);
    }
}

fn reject(epoch: u64, ordinal: u32) -> RejectRow {
    RejectRow {
        ordinal,
        source: "feed".to_owned(),
        stream: "claims".into(),
        file: None,
        row: epoch,
        code: "bad_date".into(),
        message: String::new(),
        received_at: 0,
    }
}

pub fn random_histories_equal_a_map(backend: &Backend) {
    let cases = std::env::var("FUNDWATCH_CASES").ok();
    let cases: u32 = cases.and_then(|text| text.parse().ok()).unwrap_or(1);
    let config = Config {
        cases: 40 * cases,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = TestRunner::new(config);
    let histories = prop::collection::vec(step(), 1..16);
    let done = runner.run(&histories, |steps| {
        backend.execute(EMPTY_FILE, "DROP SCHEMA IF EXISTS fundwatch CASCADE");
        run(backend, &steps);
        Ok(())
    });
    done.unwrap_or_else(|error| panic!("{error}"));
}

/// Empties the tables of a file, if it has some.
const EMPTY_FILE: &str = "PRAGMA writable_schema = 1; DELETE FROM sqlite_schema;
    PRAGMA writable_schema = 0; PRAGMA application_id = 0; VACUUM";

fn run(backend: &Backend, steps: &[Step]) {
    let mut generation = 1;
    let mut store = backend.try_open(generation).expect("a store");
    let mut model = Model::default();
    for step in steps {
        let before = model.epochs.len();
        match step {
            Step::Commit { new, again } => {
                new.iter().for_each(|draws| model.next(draws));
                let from = before.saturating_sub(*again);
                let done = store.commit(&model.epochs[from..]).expect("committed");
                assert_eq!((done.written, done.repeated), (new.len(), before - from));
            }
            Step::Fail { new } => {
                let mut tried = model.clone();
                new.iter().for_each(|draws| tried.next(draws));
                let mut bad = empty(tried.epochs.len() as u64 + 1);
                bad.alerts
                    .push(AlertChange::Withdrawn { alert_id: id(999) });
                tried.epochs.push(bad);
                let failed = store.commit(&tried.epochs[before..]);
                assert!(matches!(failed, Err(StoreError::Unknown { .. })));
            }
            Step::Crash => {
                generation += 1;
                store = backend.try_open(generation).expect("a store");
            }
            Step::CrashUnknowing { new } => {
                new.iter().for_each(|draws| model.next(draws));
                store.commit(&model.epochs[before..]).expect("committed");
                generation += 1;
                store = backend.try_open(generation).expect("a store");
                let done = store.commit(&model.epochs[before..]).expect("committed");
                assert_eq!((done.written, done.repeated), (0, new.len()));
            }
            Step::Prune { keep_epochs } => {
                let pruning = Pruning {
                    keep_epochs: *keep_epochs,
                    requests_before: 0,
                };
                store.prune(pruning).expect("pruned");
            }
        }
        compare(&mut *store, &model);
    }
}

fn compare(store: &mut dyn fundwatch::store::AlertStore, model: &Model) {
    let reads = store.reads();
    let committed = reads.committed().expect("read");
    assert_eq!(committed.epoch.unwrap_or(0), model.epochs.len() as u64);
    let standing = model
        .alerts
        .values()
        .filter(|(state, ..)| *state == AlertState::Active);
    let lines: Vec<&String> = standing.map(|(.., line)| line).collect();
    assert_eq!(alerts_exported(reads).iter().collect::<Vec<_>>(), lines);
    let every = model.alerts.iter();
    let every: Vec<_> = every
        .map(|(id, (state, epoch, line))| (id.clone(), *state, *epoch, Some(line.clone())))
        .collect();
    assert_eq!(every_alert(reads), every);
    let last = model.epochs.len() as u64;
    for (from, until) in [(0, last / 2), (last / 2, last), (last, u64::MAX), (2, 1)] {
        let between = |epoch: &&EpochCommit| (from..=until).contains(&epoch.epoch);
        let mut rows: Vec<_> = (model.epochs.iter().filter(between))
            .flat_map(|epoch| epoch.history.iter().map(move |row| (epoch.epoch, row)))
            .collect();
        rows.sort_unstable_by_key(|(epoch, row)| (*epoch, &row.alert_id));
        let lines: Vec<_> = rows.into_iter().map(|(_, row)| row.line.clone()).collect();
        assert_eq!(history_between(reads, (from, until)), lines);
    }
    assert_eq!(history_exported(reads, 0), model.history);
    for (alert_id, (state, changed_epoch, line)) in &model.alerts {
        let stored = reads.alert(alert_id).expect("read").expect("kept");
        assert_eq!(
            (stored.state, stored.changed_epoch),
            (*state, *changed_epoch)
        );
        assert_eq!(&stored.alert.line, line);
    }
    let all = reads.rejects(&Default::default(), 1000).expect("read");
    let all = all.into_iter().map(|one| {
        (
            (one.epoch, one.reject.ordinal),
            (one.state, one.repaired_by_epoch),
        )
    });
    assert_eq!(all.collect::<BTreeMap<_, _>>(), model.rejects);
    let positions = reads.positions().expect("read");
    let position = positions
        .into_iter()
        .next()
        .map(|one| (one.position.position, one.epoch));
    assert_eq!(position, model.position);
    let last = model.epochs.len() as u64;
    for up_to in [0, last / 2, last, u64::MAX] {
        let known = model.restored.iter().filter(|one| one.epoch <= up_to);
        let restored = reads.restored(up_to).expect("read");
        assert_eq!(restored, known.cloned().collect::<Vec<_>>());
    }
}
