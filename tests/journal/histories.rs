//! Random histories of appends, failures, deaths and power cuts against the memory of what was acknowledged.

use std::io::ErrorKind;

use fundwatch::journal::simulation::Fault;
use proptest::prelude::*;

use crate::support::World;

#[derive(Clone, Debug)]
enum Step {
    Append(usize),
    Fault(u64, Failure),
    Limit(u64),
    Kill,
    Crash(u64),
}

#[derive(Clone, Debug)]
enum Failure {
    Error,
    After,
    Torn(usize),
    Full(u64),
    Sync(u64),
    Power,
}

fn step() -> impl Strategy<Value = Step> {
    let failure = prop_oneof![
        Just(Failure::Error),
        Just(Failure::After),
        (0usize..400).prop_map(Failure::Torn),
        (1u64..8).prop_map(Failure::Full),
        any::<u64>().prop_map(Failure::Sync),
        Just(Failure::Power),
    ];
    prop_oneof![
        6 => (0usize..600).prop_map(Step::Append),
        3 => (0u64..16, failure).prop_map(|(after, failure)| Step::Fault(after, failure)),
        1 => (0u64..900).prop_map(Step::Limit),
        1 => Just(Step::Kill),
        1 => any::<u64>().prop_map(Step::Crash),
    ]
}

/// Cases, times what the environment asks for.
fn cases(cases: u32) -> ProptestConfig {
    let times = std::env::var("FUNDWATCH_CASES")
        .ok()
        .and_then(|times| times.parse().ok());
    ProptestConfig {
        cases: cases * times.unwrap_or(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(cases(3000))]

    #[test]
    fn no_history_loses_or_doubles_an_epoch(
        steps in prop::collection::vec(step(), 1..40),
        end in any::<u64>(),
    ) {
        let mut world = World::new();
        for step in steps {
            match step {
                Step::Append(bytes) => {
                    // Whatever it answers, the world notes it; what it must not do is checked below.
                    let done = world.start().and_then(|()| world.append(bytes));
                    if done.is_err_and(|error| !matches!(
                        error, fundwatch::journal::JournalError::Refused { retryable: true, .. }
                    )) {
                        world.kill();
                    }
                }
                Step::Fault(after, failure) => {
                    let fault = match failure {
                        Failure::Error => Fault::Error(ErrorKind::Other),
                        Failure::After => Fault::ErrorAfter(ErrorKind::Other),
                        Failure::Torn(bytes) => Fault::Torn(bytes),
                        Failure::Full(operations) => Fault::Full(operations),
                        Failure::Sync(seed) => Fault::SyncFails(seed),
                        Failure::Power => Fault::PowerOff,
                    };
                    world.faults.set(world.faults.count() + after, fault);
                }
                Step::Limit(more) => {
                    use fundwatch::journal::Storage;
                    let used: u64 = world.disk.list().expect("listed").iter()
                        .map(|name| world.disk.length(name).expect("there")).sum();
                    world.disk.limit(Some(used + more));
                }
                Step::Kill => {
                    world.disk.limit(None);
                    world.kill();
                }
                Step::Crash(seed) => {
                    world.faults.clear();
                    world.disk.limit(None);
                    world.crash(seed);
                }
            }
        }
        world.faults.clear();
        world.disk.limit(None);
        world.crash(end);
        world.start().expect("recovered");
        world.check();
        world.append(10).expect("goes on");
        world.check();
    }
}
