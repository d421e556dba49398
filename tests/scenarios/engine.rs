//! The engine under test: the replay of the library, in process.

use fundwatch::record::Instant;
use fundwatch::replay::{self, EpochLength, Options, Silent};

use crate::check::{self, Identities, Run};

/// Replays a directory in epochs of a day.
fn replay(run: &Run<'_>) -> Result<(), String> {
    let options = Options {
        input: run.input.to_owned(),
        output: run.output.to_owned(),
        as_of: run.as_of.and_then(Instant::end_of),
        epoch: EpochLength::Hours(24),
        workers: run.workers,
        reasons: run.reasons.iter().copied().collect(),
        strict: false,
    };
    let summary = replay::run(&options, &mut Silent);
    summary.map(drop).map_err(|error| error.to_string())
}

#[test]
fn every_scenario_holds() {
    let scenarios = crate::read_all().unwrap_or_else(|error| panic!("{error}"));
    let mut identities = Identities::new();
    let errors: Vec<String> = scenarios
        .iter()
        .flat_map(|scenario| check::check(scenario, &replay, &mut identities))
        .collect();
    assert!(
        errors.is_empty(),
        "{} of {} scenarios' statements do not hold:\n{}",
        errors.len(),
        scenarios.len(),
        errors.join("\n")
    );
}
