//! Scenarios: what each reason means, written so that a person who knows the contract and no Rust
//! can read and add one. Every `tests/scenarios/*.txt` is run; a file is named after the reason that
//! it is about, or after a theme, and then every scenario in it says what it watches.
//!
//! ```text
//! # A comment is a line of its own.
//! scenario the day of death itself is no service after death
//! watch service_after_death            the reasons looked at; by default the file's
//! as-of 2025-03-31                     the run's as-of date; by default there is none
//! set card_not_valid.stay_grace_days=3 a threshold; here from the start, in an epoch from its noon on
//! epoch 2025-03-01                     a day on which the fund learns rows
//!   citizen 001080000001 life_status=dead death_date=2025-02-10
//!   claim 01001/A cards=DN4797900000001 admitted_at=2025-02-10T08:00
//!   repeat 3 claim 01001/V# admitted_at=2025-01-01T08:00 every=1d
//!   delete citizen 001080000001
//!   rejected claims bad_time           a row of the scenario that must be rejected, with its code
//!   expect none
//!   expect raised service_after_death claim 01001/A class=eligibility grade=1
//!   expect withdrawn service_after_death claim 01001/A cause=citizens/001080000001
//! ```
//!
//! - A row is the singular of its stream, its key (parts joined by `/`), then `column=value` under the
//!   contract's names. Columns that a scenario does not name take the defaults of `rows.rs`;
//!   `column=` makes one null. A value with spaces is quoted. `recorded_at` is the epoch's day, a
//!   second later for each row, unless it is given.
//! - `repeat N` or `repeat A..B` writes the rest of the line once for each number, which takes the
//!   place of `#` with the zeros that its longest has; `every=1d` (`2h`, `5m`) moves `admitted_at`
//!   on from one to the next.
//! - Every epoch says what it expects, and of the watched reasons *nothing else* may have been
//!   written to the history of that day. `class`, `grade` and `amount` are compared where they are
//!   given, and the class of a reason that has but one always is; `cause=` names every row of the
//!   cause, separated by `;`, and is `rules` for thresholds that changed.
//! - A scenario that watches `cost_outlier` is scored by the model of `outlier_model.rs`, others by the
//!   program's, under which that reason is off.
//!
//! What every scenario is held to besides: one subject of one reason has one alert_id in all
//! scenarios; every event has a cause; `alerts.ndjson` is what the history adds up to; every rejected row is expected; and the
//! same rows in another order, in other files, on two workers and with the watched reasons alone
//! write the same history.

mod check;
mod engine;
mod expectation;
mod language;
mod outlier_model;
mod rows;

#[path = "../common/json_row.rs"]
mod json_row;
#[path = "../support/outlier_model.rs"]
mod support;

use std::collections::BTreeSet;
use std::path::PathBuf;

use fundwatch::record::Instant;
use fundwatch::record::Value as _;
use fundwatch::rule::Reason;

use json_row::JsonRow;
use language::Scenario;

/// Every scenario of every file, or what cannot be read, with its place.
fn read_all() -> Result<Vec<Scenario>, String> {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&directory)
        .and_then(|entries| entries.map(|e| Ok(e?.path())).collect())
        .map_err(|error| format!("{}: {error}", directory.display()))?;
    paths.retain(|path| path.extension().is_some_and(|e| e == "txt"));
    paths.sort();
    let mut scenarios = Vec::new();
    for path in paths {
        let text =
            std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        scenarios.extend(language::parse(&stem, &text)?);
    }
    Ok(scenarios)
}

#[test]
fn every_reason_has_scenarios_that_raise_it() {
    let scenarios = read_all().unwrap_or_else(|error| panic!("{error}"));
    let raised: BTreeSet<Reason> = scenarios
        .iter()
        .flat_map(|s| s.epochs.iter().flat_map(|e| &e.expected))
        .map(|e| e.reason)
        .collect();
    for reason in Reason::ALL {
        assert!(raised.contains(reason), "no scenario expects {reason}");
    }
}

#[test]
fn every_row_is_accepted_unless_a_reject_is_expected() {
    let mut errors = Vec::new();
    for scenario in read_all().unwrap_or_else(|error| panic!("{error}")) {
        let mut rejected = Vec::new();
        for row in scenario.epochs.iter().flat_map(|e| &e.rows) {
            let cells = JsonRow::new(row.stream, &row.fields);
            let parsed = row
                .stream
                .recorded_at(&cells)
                .and_then(|at: Instant| row.stream.parse(&cells, at));
            if let Err(error) = parsed {
                rejected.push((row.stream, error.code.as_str().to_owned()));
            }
        }
        rejected.sort();
        let mut expected = scenario.rejected.clone();
        expected.sort();
        if rejected != expected {
            errors.push(format!(
                "{}: rows rejected {rejected:?}, expected {expected:?}",
                scenario.place()
            ));
        }
    }
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

#[test]
fn names_of_scenarios_are_their_own() {
    let mut seen = BTreeSet::new();
    for scenario in read_all().unwrap_or_else(|error| panic!("{error}")) {
        assert!(
            seen.insert((scenario.file.clone(), scenario.name.clone())),
            "{}: the name is taken",
            scenario.place()
        );
        assert!(Instant::from_text(&scenario.last_recorded_at()).is_some());
    }
}
