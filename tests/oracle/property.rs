//! What must hold of a replay for all histories.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use proptest::prelude::*;
use proptest::test_runner::{
    Config, FileFailurePersistence, RngAlgorithm, TestError, TestRng, TestRunner,
};

use crate::check;
use crate::file::{Placed, Row, place, without_ties};
use crate::history::{frequent, rows};
use crate::measures;
use crate::notices;
use crate::outcome::{Outcome, without_places, without_raised_at};
use crate::reason::{REASONS, decidable};
use crate::replay::{Run, replay, replay_shared};
use crate::thresholds::{Rules, rules};
use crate::timeline::{Cut, timeline};
use crate::universe::{CHAINS, TINY, instant};

/// Epochs of a day.
pub const DAY: Cut = Cut::Hours(24);

/// A history and how it is asked about; it prints as the files' lines.
#[derive(Clone)]
pub struct Case {
    pub rows: Vec<Row>,
    pub as_of: Option<Timestamp>,
    /// One bit a reason that is left out.
    pub without: u32,
    /// A seed for shuffles and other choices.
    pub seed: u64,
    /// The thresholds, and when they change.
    pub rules: Rules,
}

impl Case {
    /// The rows in their files.
    pub fn placed(&self) -> Vec<Placed> {
        place(&self.rows)
    }

    /// The reasons that are asked for.
    pub fn reasons(&self) -> BTreeSet<&'static str> {
        let wanted = |n: usize| self.without & (1 << n) == 0;
        let all = decidable();
        let named = REASONS
            .iter()
            .enumerate()
            .filter(|(n, _)| wanted(*n))
            .map(|(_, (name, _))| *name);
        named.filter(|name| all.contains(name)).collect()
    }

    pub fn run(&self, cut: Cut, workers: usize) -> Run {
        Run {
            cut,
            workers,
            as_of: self.as_of,
            reasons: self.reasons(),
            rules: self.rules.clone(),
        }
    }

    /// The rows in another order and in other files, the same for the same seed.
    fn shuffled(&self) -> Vec<Row> {
        let mut state = self.seed | 1;
        let mut next = move || {
            // An xorshift: the order only has to vary with the seed.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        let mut keyed: Vec<(u64, Row)> =
            self.rows.iter().cloned().map(|row| (next(), row)).collect();
        keyed.sort_by_key(|(key, _)| *key);
        keyed
            .into_iter()
            .map(|(key, row)| Row {
                file: (key >> 20) as u8 % 3,
                ..row
            })
            .collect()
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "as_of {:?}, reasons {:?}, seed {}, rules:\n{}",
            self.as_of,
            self.reasons(),
            self.seed,
            self.rules.toml()
        )?;
        for placed in self.placed() {
            writeln!(f, "{}:{}: {:?}", placed.path, placed.number, placed.row)?;
        }
        Ok(())
    }
}

fn case(
    rows: impl Strategy<Value = Vec<Row>>,
    rules: impl Strategy<Value = Rules>,
) -> impl Strategy<Value = Case> {
    // An as-of time is mostly absent, at times amid the rows, at times after them all.
    let late: Timestamp = "2026-06-01T00:00:00+07:00".parse().expect("RFC 3339");
    let as_of = prop_oneof![
        6 => Just(None),
        2 => instant().prop_map(Some),
        1 => Just(Some(late)),
    ];
    let without = prop_oneof![6 => Just(0u32), 1 => any::<u32>()];
    (rows, as_of, without, any::<u64>(), rules).prop_map(|(rows, as_of, without, seed, rules)| {
        Case {
            rows,
            as_of,
            without,
            seed,
            rules,
        }
    })
}

/// How many cases, for a share of the time that the whole binary may take.
fn cases(count: u32) -> u32 {
    let times = std::env::var("FUNDWATCH_CASES")
        .ok()
        .and_then(|text| text.parse().ok());
    count * times.unwrap_or(1)
}

/// Runs a property, mostly under the contract's thresholds; a failure prints the smallest history that
/// shows it.
pub fn holds(
    count: u32,
    rows: impl Strategy<Value = Vec<Row>>,
    property: impl Fn(&Case) -> Result<(), String>,
) {
    let mostly_none = prop_oneof![3 => Just(Rules::default()), 1 => rules()];
    holds_under(count, rows, mostly_none, property);
}

/// Runs a property under rules.
pub fn holds_under(
    count: u32,
    rows: impl Strategy<Value = Vec<Row>>,
    rules: impl Strategy<Value = Rules>,
    property: impl Fn(&Case) -> Result<(), String>,
) {
    holds_in(TestRunner::new(config(count)), rows, rules, property);
}

/// As [`holds_under`], of the same histories in every run, so that what happens in them can be counted.
pub fn holds_of_a_fixed_sample(
    count: u32,
    rows: impl Strategy<Value = Vec<Row>>,
    rules: impl Strategy<Value = Rules>,
    property: impl Fn(&Case) -> Result<(), String>,
) {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let runner = TestRunner::new_with_rng(config(count), rng);
    holds_in(runner, rows, rules, property);
}

fn config(count: u32) -> Config {
    let regressions = "tests/oracle/proptest-regressions/property.txt";
    Config {
        cases: cases(count),
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(regressions))),
        max_shrink_time: 60_000,
        max_shrink_iters: 20_000,
        ..Config::default()
    }
}

fn holds_in(
    mut runner: TestRunner,
    rows: impl Strategy<Value = Vec<Row>>,
    rules: impl Strategy<Value = Rules>,
    property: impl Fn(&Case) -> Result<(), String>,
) {
    match runner.run(&case(rows, rules), |case| {
        property(&case).map_err(TestCaseError::fail)
    }) {
        Ok(()) => {}
        Err(TestError::Fail(why, case)) => panic!("{why}\n\nthe smallest history:\n{case:?}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}

/// The replay agrees with the oracle after every epoch and at the end.
pub fn agrees(case: &Case, cut: Cut, workers: usize) -> Result<Outcome, String> {
    agrees_as(case, cut, workers, replay)
}

/// [`agrees`], with another way to replay.
fn agrees_as(
    case: &Case,
    cut: Cut,
    workers: usize,
    replay: impl Fn(&[Placed], &Run) -> Result<Outcome, String>,
) -> Result<Outcome, String> {
    let rows = case.placed();
    let run = case.run(cut, workers);
    let outcome = replay(&rows, &run)?;
    let epochs = timeline(&rows, cut, case.as_of, &run.reasons, &case.rules);
    check::outcome(&rows, case.as_of, &epochs, cut, &outcome)
        .and_then(|()| measures::check(&rows, &run, &outcome))
        .and_then(|()| notices::check(&rows, &run, &epochs, &outcome))
        .map_err(|why| format!("{cut:?}, {workers} workers: {why}"))?;
    Ok(outcome)
}

fn same<T: PartialEq + fmt::Debug>(what: &str, name: &str, a: T, b: T) -> Result<(), String> {
    if a == b {
        Ok(())
    } else {
        Err(format!("{what} changes {name}:\n{a:?}\n{b:?}"))
    }
}

#[test]
fn one_worker_agrees_with_the_oracle_after_every_epoch() {
    holds(1000, rows(TINY, 50), |case| agrees(case, DAY, 1).map(drop));
}

#[test]
fn two_workers_agree_with_the_oracle_after_every_epoch() {
    holds(250, rows(TINY, 50), |case| agrees(case, DAY, 2).map(drop));
}

#[test]
fn four_workers_agree_with_the_oracle_after_every_epoch() {
    holds(200, rows(TINY, 50), |case| agrees(case, DAY, 4).map(drop));
}

/// Histories, processes and threads of each.
#[test]
fn several_processes_agree_with_the_oracle_after_every_epoch() {
    for (cases, processes, workers) in [(60, 2, 1), (40, 3, 1), (20, 2, 2)] {
        holds(cases, rows(TINY, 50), |case| {
            let shared = |rows: &[Placed], how: &Run| replay_shared(rows, how, processes);
            let shared = agrees_as(case, DAY, workers, shared);
            let shared = shared.map_err(|why| format!("{processes} processes: {why}"))?;
            let one = agrees(case, DAY, 1)?;
            let files = |of: Outcome| (of.alerts, of.history, of.notices, of.measures);
            same(
                "several processes",
                "what is written",
                files(one),
                files(shared),
            )
        });
    }
}

#[test]
fn long_chains_of_identities_agree_with_the_oracle() {
    holds(300, rows(CHAINS, 90), |case| {
        agrees(case, DAY, 1 + case.seed as usize % 2).map(drop)
    });
}

#[test]
fn frequent_visits_agree_with_the_oracle() {
    holds(60, frequent(TINY), |case| {
        agrees(case, DAY, 1 + case.seed as usize % 2).map(drop)
    });
}

#[test]
fn other_epochs_agree_with_the_oracle_and_leave_the_alerts_as_they_are() {
    holds(120, rows(TINY, 50), |case| {
        let days = agrees(case, DAY, 1)?;
        for cut in [Cut::All, Cut::Hours(1), Cut::Hours(30 * 24)] {
            let other = agrees(case, cut, 1)?;
            let (a, b) = (
                without_raised_at(&days.alerts)?,
                without_raised_at(&other.alerts)?,
            );
            same(&format!("{cut:?}"), "alerts.ndjson", a, b)?;
            let texts = |Outcome {
                             rejects,
                             measures,
                             notices,
                             ..
                         }: &Outcome| {
                [rejects.clone(), measures.clone(), notices.clone()]
            };
            same(
                &format!("{cut:?}"),
                "rejects.ndjson, measures.ndjson or notices.ndjson",
                texts(&days),
                texts(&other),
            )?;
        }
        Ok(())
    });
}

#[test]
fn outputs_do_not_depend_on_the_number_of_workers() {
    let scores = Cell::new(0);
    holds(
        120,
        prop_oneof![3 => rows(TINY, 50).boxed(), 1 => rows(CHAINS, 90).boxed()],
        |case| {
            let rows = case.placed();
            let one = replay(&rows, &case.run(DAY, 1))?;
            scores.set(scores.get() + one.history.matches("\"score\":").count());
            for workers in [2, 3, 4] {
                let many = replay(&rows, &case.run(DAY, workers))?;
                for ((name, a), (_, b)) in one.files().into_iter().zip(many.files()) {
                    same(&format!("{workers} workers"), name, a, b)?;
                }
            }
            Ok(())
        },
    );
    assert!(scores.get() > 100, "scores are among what is compared");
}

#[test]
fn rows_after_the_as_of_time_do_not_matter() {
    holds(150, rows(TINY, 50), |case| {
        let some_row = case.rows.get(case.seed as usize % case.rows.len().max(1));
        let Some(as_of) = case.as_of.or(some_row.map(|row| row.at)) else {
            return Ok(());
        };
        let whole = Case {
            as_of: Some(as_of),
            ..case.clone()
        };
        let known = case
            .rows
            .iter()
            .filter(|row| row.at <= as_of)
            .cloned()
            .collect();
        let part = Case {
            rows: known,
            ..whole.clone()
        };
        compare_but_for_places("an as-of time", &whole, &part)
    });
}

#[test]
fn the_order_of_rows_does_not_matter() {
    holds(150, rows(TINY, 50), |case| {
        let plain = Case {
            rows: without_ties(&case.rows),
            ..case.clone()
        };
        let shuffled = Case {
            rows: plain.shuffled(),
            ..plain.clone()
        };
        compare_but_for_places("another order", &plain, &shuffled)
    });
}

#[test]
fn a_reason_does_not_depend_on_the_others() {
    holds(100, rows(TINY, 50), |case| {
        let all = Case {
            without: 0,
            ..case.clone()
        };
        let some = Case {
            without: case.seed as u32,
            ..case.clone()
        };
        let wanted = some.reasons();
        let keep = |text: &str| -> Result<Vec<serde_json::Value>, String> {
            let mut lines = crate::outcome::lines(text)?;
            lines.retain(|line| {
                line["reason"]
                    .as_str()
                    .is_some_and(|name| wanted.contains(name))
            });
            Ok(lines)
        };
        let every = replay(&all.placed(), &all.run(DAY, 1))?;
        let named = replay(&some.placed(), &some.run(DAY, 1))?;
        let lines = crate::outcome::lines;
        same(
            "--reasons",
            "alerts.ndjson",
            keep(&every.alerts)?,
            lines(&named.alerts)?,
        )?;
        same(
            "--reasons",
            "history.ndjson",
            keep(&every.history)?,
            lines(&named.history)?,
        )
    });
}

fn compare_but_for_places(what: &str, a: &Case, b: &Case) -> Result<(), String> {
    let left = replay(&a.placed(), &a.run(DAY, 1))?;
    let right = replay(&b.placed(), &b.run(DAY, 1))?;
    for ((name, x), (_, y)) in left.files().into_iter().zip(right.files()) {
        same(what, name, without_places(x)?, without_places(y)?)?;
    }
    Ok(())
}
