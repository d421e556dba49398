//! A scripted life of a journal, in which each operation fails once, in each way.

use std::io::ErrorKind;

use fundwatch::journal::simulation::Fault;

use crate::support::World;

/// What the script appends: two segments are filled, and three months written.
const SIZES: [usize; 7] = [10, 300, 0, 700, 40, 40, 200];

/// A service that starts, writes, dies, starts again and goes on.
fn live(world: &mut World, crash: Option<u64>) {
    for (at, bytes) in SIZES.into_iter().enumerate() {
        if at == 4 {
            world.kill();
        }
        world.persist(bytes, crash);
    }
    world.faults.clear();
    world.kill();
    world.start().expect("starts");
    assert!(world.acknowledged.len() >= SIZES.len());
    world.check();
}

fn fails(make: impl Fn() -> Fault, crash: Option<u64>, name: &str) {
    let mut world = World::new();
    live(&mut world, None);
    let operations = world.faults.count();
    assert!(operations > 100, "{operations}");
    for at in 0..operations {
        let mut world = World::new();
        world.faults.set(at, make());
        let context = format!("{name} at operation {at}, power {crash:?}");
        let lived =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| live(&mut world, crash)));
        assert!(lived.is_ok(), "{context}");
    }
}

#[test]
fn each_operation_reports_an_error_once() {
    for kind in [
        ErrorKind::Other,
        ErrorKind::StorageFull,
        ErrorKind::NotFound,
        ErrorKind::Interrupted,
    ] {
        fails(|| Fault::Error(kind), None, "an error");
        for seed in 0..4 {
            fails(
                || Fault::Error(kind),
                Some(seed * 1000),
                "an error and no power",
            );
        }
    }
}

#[test]
fn each_operation_is_done_and_reports_an_error() {
    fails(
        || Fault::ErrorAfter(ErrorKind::Other),
        None,
        "an error after",
    );
    for seed in 0..8 {
        fails(
            || Fault::ErrorAfter(ErrorKind::Other),
            Some(seed * 1000),
            "an error after, no power",
        );
    }
}

#[test]
fn each_write_is_torn() {
    for bytes in [0, 1, 16, 40, 84, 100, 112, 150, 250, 400] {
        fails(|| Fault::Torn(bytes), None, "torn");
        fails(
            || Fault::Torn(bytes),
            Some(bytes as u64),
            "torn, and no power",
        );
    }
}

#[test]
fn the_disk_is_full_for_a_while_from_each_operation_on() {
    for operations in [1, 2, 5, 10, 20] {
        fails(|| Fault::Full(operations), None, "full");
    }
}

#[test]
fn each_sync_fails() {
    for seed in 0..16 {
        fails(|| Fault::SyncFails(seed), None, "a failed sync");
        fails(
            || Fault::SyncFails(seed),
            Some(seed * 1000),
            "a failed sync, and no power",
        );
    }
}

#[test]
fn the_power_fails_before_each_operation() {
    for seed in 0..64 {
        fails(|| Fault::PowerOff, Some(seed * 1000), "no power");
    }
}

#[test]
fn what_was_taken_back_is_no_damage_when_a_shorter_try_is_torn() {
    for seed in 0..400 {
        let mut world = World::new();
        world.options.segment_bytes = 10_000;
        world.persist(10, None);
        let next = world.faults.count();
        // Reads the note of the key, and writes the frame.
        world.faults.set(next + 1, Fault::Torn(400 + seed as usize));
        world.append(600 + seed as usize).expect_err("torn");
        world.faults.clear();
        let next = world.faults.count();
        world.faults.set(next + 2, Fault::PowerOff);
        world.append(20).expect_err("no power");
        world.faults.clear();
        world.crash(seed);
        world.start().expect("what is unfinished is no damage");
        world.check();
    }
}
