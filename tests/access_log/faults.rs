//! A scripted life of a log, in which each operation of the disk fails once, in each way.

use std::io::ErrorKind;
use std::sync::Arc;

use fundwatch::access_log::{AccessLog, LogError, verify_on};
use fundwatch::journal::simulation::{Fault, Faults, SimulatedDisk};
use proptest::prelude::*;

use crate::support::{DAY, Hands, JANUARY, entries, entry, keys, open};

/// Disks, faults over them, a log, and a memory of what was acknowledged.
struct World {
    log_disk: SimulatedDisk,
    key_disk: SimulatedDisk,
    faults: Faults,
    hands: Hands,
    log: Option<AccessLog>,
    acknowledged: Vec<(u64, String)>,
    refused: Vec<String>,
    /// What was refused before the process died: nobody knows whether it was written.
    unknown: Vec<String>,
    attempts: usize,
}

impl World {
    fn new() -> Self {
        Self {
            log_disk: SimulatedDisk::new(),
            key_disk: SimulatedDisk::new(),
            faults: Faults::new(),
            hands: Hands::at(JANUARY),
            log: None,
            acknowledged: Vec::new(),
            refused: Vec::new(),
            unknown: Vec::new(),
            attempts: 0,
        }
    }

    fn start(&mut self) -> Result<&AccessLog, LogError> {
        if self.log.is_none() {
            let log = self.faults.over(&self.log_disk);
            let keys = self.faults.over(&self.key_disk);
            self.log = Some(open(log, keys, &self.hands)?);
        }
        Ok(self.log.as_ref().expect("just opened"))
    }

    /// The process dies between two operations; with a seed, the power goes too.
    fn die(&mut self, crash: Option<u64>) {
        self.faults.set(self.faults.count(), Fault::PowerOff);
        self.log = None;
        self.faults.clear();
        self.unknown.append(&mut self.refused);
        for (disk, salt) in [(&self.log_disk, 0), (&self.key_disk, 1)] {
            match crash {
                Some(seed) => disk.crash(seed ^ salt),
                None => disk.kill(),
            }
        }
    }

    /// Keeps an entry, whatever it takes.
    fn keep(&mut self, crash: Option<u64>, may_go_on: bool) {
        for round in 0..40 {
            self.attempts += 1;
            // Of many lengths, so that lines are torn at many places.
            let object = format!("e{}-{}", self.attempts, "x".repeat(self.attempts * 13 % 90));
            let kept = match self.start() {
                Ok(log) => log.keep(&entry(&object)).map_err(|_| ()),
                Err(_) => Err(()),
            };
            match kept {
                Ok(n) => {
                    self.acknowledged.push((n, object));
                    return;
                }
                Err(()) => self.refused.push(object),
            }
            if self.log.is_none() || !may_go_on || round > 20 {
                self.die(crash.map(|seed| seed + round));
            }
        }
        panic!("the log does not come back");
    }

    fn check(&mut self) {
        self.faults.clear();
        self.log = None;
        let log = self.start().expect("opened");
        log.checkpoint().expect("signed");
        self.log = None;
        let report = verify_on(&self.log_disk, &keys(&self.key_disk)).expect("read");
        assert_eq!(report.damage, None);
        assert_eq!((report.signed, report.unsigned), (report.lines, 0));
        let found = entries(&self.log_disk);
        let mut acknowledged = self.acknowledged.iter();
        let mut next = acknowledged.next();
        for (at, entry) in found.iter().enumerate() {
            assert_eq!(entry.n, at as u64 + 1, "no number is left out");
            let Some(object) = &entry.object else {
                continue;
            };
            match next {
                Some((n, expected)) if expected == object => {
                    assert_eq!(*n, entry.n);
                    next = acknowledged.next();
                }
                _ => assert!(self.unknown.contains(object), "{object} was refused"),
            }
        }
        assert_eq!(next, None, "what was acknowledged is there");
    }
}

/// Entries over three months, checkpoints, a stop and a death.
fn live(world: &mut World, crash: Option<u64>, may_go_on: bool) {
    for step in 0..9 {
        world.keep(crash, may_go_on);
        match step {
            2 | 5 => world.hands.go(20 * DAY),
            3 => world.log = None,
            6 => world.die(crash),
            _ => {}
        }
        if step % 4 == 1
            && let Some(log) = &world.log
        {
            // One that fails is made up for.
            let _ = log.checkpoint();
        }
    }
    world.check();
}

fn fails(make: impl Fn() -> Fault, crash: Option<u64>, may_go_on: bool, name: &str) {
    let mut world = World::new();
    live(&mut world, None, may_go_on);
    let operations = world.faults.count();
    assert!(operations > 60, "{operations}");
    for at in 0..operations {
        let mut world = World::new();
        world.faults.set(at, make());
        let lived = std::panic::AssertUnwindSafe(|| live(&mut world, crash, may_go_on));
        let lived = std::panic::catch_unwind(lived);
        assert!(lived.is_ok(), "{name} at operation {at}, power {crash:?}");
    }
}

#[test]
fn each_operation_reports_an_error_once() {
    for kind in [
        ErrorKind::Other,
        ErrorKind::NotFound,
        ErrorKind::StorageFull,
    ] {
        fails(|| Fault::Error(kind), None, true, "an error");
        fails(
            || Fault::Error(kind),
            Some(1000),
            false,
            "an error and no power",
        );
    }
}

#[test]
fn each_operation_is_done_and_reports_an_error() {
    let fault = || Fault::ErrorAfter(ErrorKind::Other);
    fails(fault, None, true, "an error after");
    for seed in 0..4 {
        fails(fault, Some(seed * 1000), false, "an error after, no power");
    }
}

#[test]
fn each_write_is_torn() {
    for bytes in [0, 1, 40, 120, 200, 300] {
        fails(|| Fault::Torn(bytes), None, true, "torn");
        fails(
            || Fault::Torn(bytes),
            Some(bytes as u64),
            false,
            "torn, and no power",
        );
    }
}

#[test]
fn the_disk_is_full_for_a_while_from_each_operation_on() {
    for operations in [1, 3, 10, 20] {
        fails(|| Fault::Full(operations), None, true, "full");
    }
}

#[test]
fn each_sync_fails() {
    for seed in 0..4 {
        fails(|| Fault::SyncFails(seed), None, true, "a failed sync");
        fails(
            || Fault::SyncFails(seed),
            None,
            false,
            "a failed sync and a death",
        );
        fails(
            || Fault::SyncFails(seed),
            Some(seed * 1000),
            false,
            "and no power",
        );
        fails(
            || Fault::SyncFails(seed),
            Some(seed * 1000),
            true,
            "and no power later",
        );
    }
}

#[test]
fn the_power_fails_before_each_operation() {
    for seed in 0..6 {
        fails(|| Fault::PowerOff, Some(seed * 1000), false, "no power");
    }
    fails(|| Fault::PowerOff, None, false, "a death");
}

/// A disk that is really full: everybody is told, and once there is room, the log goes on without a gap.
#[test]
fn a_full_disk_refuses_and_goes_on_when_there_is_room() {
    let disk = SimulatedDisk::new();
    let keys_disk = SimulatedDisk::new();
    let hands = Hands::at(JANUARY);
    let log = open(Arc::new(disk.clone()), Arc::new(keys_disk.clone()), &hands).expect("opened");
    let log = Arc::new(log);
    assert_eq!(log.keep(&entry("first")), Ok(3));
    log.checkpoint().expect("signed");
    disk.limit(Some(0));
    let waiting: Vec<_> = (0..8)
        .map(|n| {
            let log = log.clone();
            std::thread::spawn(move || log.keep(&entry(&format!("t{n}"))))
        })
        .collect();
    for thread in waiting {
        assert!(thread.join().expect("no panic").is_err());
    }
    assert!(!log.checkpoint().expect("nothing is there to sign"));
    disk.limit(None);
    assert_eq!(log.keep(&entry("second")), Ok(5));
    drop(log);
    let report = verify_on(&disk, &keys(&keys_disk)).expect("read");
    assert_eq!((report.damage, report.lines), (None, 6));
}

/// What a failed sync gave up is still seen by the next process: it must not build on it.
#[test]
fn a_death_right_after_a_failed_sync_and_a_crash_later() {
    for seed in 0..40 {
        let (disk, keys_disk) = (SimulatedDisk::new(), SimulatedDisk::new());
        let hands = Hands::at(JANUARY);
        let (sync, power) = (Faults::new(), Faults::new());
        let storage = power.over_any(sync.over(&disk));
        let opened = |storage| open(storage, Arc::new(keys_disk.clone()), &hands).expect("opened");
        let log = opened(storage);
        log.checkpoint().expect("signed");
        assert_eq!(log.keep(&entry("first")), Ok(3));
        // It writes, and syncs.
        sync.set(sync.count() + 1, Fault::SyncFails(seed));
        power.set(power.count() + 2, Fault::PowerOff);
        assert!(log.keep(&entry("given-up")).is_err());
        drop(log);
        disk.kill();
        let log = opened(Arc::new(disk.clone()));
        let second = log.keep(&entry("second")).expect("kept");
        // Nothing more is written: the process dies, and the power goes.
        let left = disk.fork();
        left.crash(seed);
        drop(log);
        let log = opened(Arc::new(left.clone()));
        drop(log);
        let found = entries(&left);
        let is_second = |entry: &&fundwatch::access_log::Entry| entry.n == second;
        let object = found
            .iter()
            .find(is_second)
            .and_then(|entry| entry.object.as_deref());
        assert_eq!(object, Some("second"), "seed {seed}");
        let report = verify_on(&left, &keys(&keys_disk)).expect("read");
        assert_eq!(report.damage, None, "seed {seed}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// Faults one after another, at any distance, with deaths and crashes.
    #[test]
    fn a_life_with_many_faults(steps in proptest::collection::vec((0..40u64, 0..7u8, any::<u16>()), 1..12)) {
        let mut world = World::new();
        for (distance, kind, seed) in steps {
            let seed = u64::from(seed);
            let fault = match kind {
                0 => Fault::Error(ErrorKind::Other),
                1 => Fault::ErrorAfter(ErrorKind::Other),
                2 => Fault::Torn(seed as usize % 600),
                3 => Fault::Full(1 + seed % 20),
                4 => Fault::SyncFails(seed),
                _ => Fault::PowerOff,
            };
            world.faults.set(world.faults.count() + distance, fault);
            let crash = (seed % 2 == 0).then_some(seed);
            for _ in 0..3 {
                world.keep(crash, kind < 5 && seed % 3 == 0);
            }
            world.hands.go(seed as i64 % 5 * DAY);
            if kind == 6 {
                world.die(crash);
            }
        }
        world.check();
    }
}
