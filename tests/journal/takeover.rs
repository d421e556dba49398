//! Two writers: the lock on one machine, and the fence wherever they are.

use std::sync::{Arc, Mutex};

use fundwatch::journal::simulation::{Fault, Faults, SimulatedDisk};
use fundwatch::journal::{Journal, JournalError, JournalReader, Keys, Options, Storage};

use crate::support::{Epoch, append};

struct Shared {
    disk: SimulatedDisk,
    key_disk: SimulatedDisk,
}

impl Shared {
    fn new() -> Self {
        Self {
            disk: SimulatedDisk::new(),
            key_disk: SimulatedDisk::new(),
        }
    }

    fn keys(&self) -> Arc<Keys> {
        Arc::new(Keys::new(Arc::new(self.key_disk.clone()), None))
    }

    /// A writer on another machine, whose lock nobody else sees.
    fn writer(&self, machine: u64) -> Result<Journal, JournalError> {
        let storage = Arc::new(self.disk.on_machine(machine));
        Ok(Journal::open(storage, self.keys(), options())?.0)
    }

    fn fork(&self) -> Self {
        Self {
            disk: self.disk.fork(),
            key_disk: self.key_disk.fork(),
        }
    }

    /// The attempts that are in the journal, in order; it must be intact.
    fn attempts(&self) -> Vec<String> {
        let reader =
            JournalReader::open(Arc::new(self.disk.clone()), self.keys()).expect("a journal");
        reader.verify().expect("intact");
        let frames = reader.frames(1).expect("a journal");
        frames
            .map(|frame| String::from_utf8(frame.expect("whole").plain).expect("text"))
            .collect()
    }
}

fn options() -> Options {
    Options {
        segment_bytes: 600,
        ..Options::default()
    }
}

fn epoch(number: u64, attempt: u64) -> Epoch {
    Epoch {
        number,
        attempt,
        bytes: 150,
    }
}

#[test]
fn a_second_service_on_one_machine_is_told_who_has_the_journal() {
    let shared = Shared::new();
    let first = shared.writer(0).expect("opened");
    let second = shared.writer(0).expect_err("locked");
    let expected = format!("process {} since 2", std::process::id());
    assert!(second.to_string().contains(&expected), "{second}");
    assert!(second.to_string().contains("stop it first"), "{second}");
    drop(first);
    shared.writer(0).expect("free again");
}

#[test]
fn an_old_writer_that_wakes_up_is_fenced() {
    let shared = Shared::new();
    let mut old = shared.writer(1).expect("opened");
    append(&mut old, &epoch(1, 1)).expect("its own");
    let mut new = shared.writer(2).expect("taken over");
    let fenced = append(&mut old, &epoch(2, 1)).expect_err("fenced");
    assert!(
        matches!(fenced, JournalError::Fenced { generation: 1 }),
        "{fenced}"
    );
    let fenced = append(&mut old, &epoch(2, 1)).expect_err("dead");
    assert!(matches!(fenced, JournalError::Fenced { .. }), "{fenced}");
    assert!(old.check().is_err());
    new.check().expect("its own");
    append(&mut new, &epoch(2, 2)).expect("its own");
    assert_eq!(
        shared.attempts(),
        ["epoch 1 attempt 1", "epoch 2 attempt 2"]
    );
    // What the old one wrote behind the takeover stays void, also for a third.
    let mut third = shared.writer(3).expect("taken over");
    append(&mut third, &epoch(3, 3)).expect("its own");
    assert_eq!(shared.attempts().len(), 3);
    assert!(append(&mut new, &epoch(3, 2)).is_err());
}

/// Runs a takeover, and what the new writer writes, before each operation of an old writer that starts and writes.
#[test]
fn a_takeover_before_any_operation_of_the_old_writer_loses_nothing_acknowledged() {
    let base = Shared::new();
    let mut first = base.writer(9).expect("opened");
    append(&mut first, &epoch(1, 0)).expect("its own");
    append(&mut first, &epoch(2, 0)).expect("its own");
    drop(first);
    let operations = {
        let shared = base.fork();
        let faults = Faults::new();
        old_writer(&shared, &faults);
        faults.count()
    };
    assert!(operations > 30, "{operations}");
    let (mut fenced, mut contended) = (0, 0);
    // Two in a row: a claim that the old writer has yet to make may be one that was made and removed meanwhile.
    for (takeovers, new_appends) in [
        (1, 0),
        (1, 1),
        (1, 2),
        (1, 3),
        (2, 0),
        (2, 1),
        (2, 2),
        (3, 1),
    ] {
        for at in 0..operations + 1 {
            let shared = base.fork();
            let faults = Faults::new();
            let taken = Arc::new(Mutex::new(Vec::new()));
            let (disk, key_disk, sink) =
                (shared.disk.clone(), shared.key_disk.clone(), taken.clone());
            let takeover = move || {
                let shared = Shared { disk, key_disk };
                let mut appended = Vec::new();
                for machine in 0..takeovers {
                    let mut new = shared.writer(2 + machine).expect("taken over");
                    for attempt in 0..new_appends {
                        let epoch = epoch(new.upper() + 1, 200 + 10 * machine + attempt);
                        append(&mut new, &epoch).expect("its own");
                        appended.push(String::from_utf8(epoch.plain()).expect("text"));
                    }
                    // It sleeps from now on, and does not die.
                    std::mem::forget(new);
                }
                *sink.lock().expect("no panic") = appended;
            };
            faults.set(at, Fault::Before(Box::new(takeover)));
            let (acknowledged, end) = old_writer(&shared, &faults);
            match end {
                Some(JournalError::Fenced { .. }) => fenced += 1,
                Some(JournalError::Contended { .. }) => contended += 1,
                // Before its first look, it is the one that takes over.
                None => assert!(at < 2 || at >= operations, "operation {at}"),
                Some(other) => panic!("operation {at}: {other}"),
            }
            let found = shared.attempts();
            let new = taken.lock().expect("no panic").clone();
            for epoch in acknowledged.iter().chain(&new) {
                let times = found.iter().filter(|other| *other == epoch).count();
                assert_eq!(times, 1, "operation {at}: {epoch} of {found:?}");
            }
            for (at, epoch) in found.iter().enumerate() {
                assert!(
                    epoch.starts_with(&format!("epoch {} ", at + 1)),
                    "{found:?}"
                );
            }
            // A third finds the same, and goes on.
            let mut third = shared.writer(8).expect("taken over");
            let upper = third.upper();
            assert!(upper >= 2 + (acknowledged.len() + new.len()) as u64);
            append(&mut third, &epoch(upper + 1, 300)).expect("its own");
            assert_eq!(shared.attempts()[..found.len()], found[..]);
        }
    }
    assert!(fenced > 20 && contended > 5, "{fenced} {contended}");
}

/// A writer that starts and appends three epochs: what was acknowledged to it, and how it ended.
fn old_writer(shared: &Shared, faults: &Faults) -> (Vec<String>, Option<JournalError>) {
    let storage = faults.over(&shared.disk.on_machine(1));
    let mut acknowledged = Vec::new();
    let mut old = match Journal::open(storage, shared.keys(), options()) {
        Ok((old, _)) => old,
        Err(error) => return (acknowledged, Some(error)),
    };
    for attempt in 100..103 {
        let epoch = epoch(old.upper() + 1, attempt);
        match append(&mut old, &epoch) {
            Ok(()) => acknowledged.push(String::from_utf8(epoch.plain()).expect("text")),
            Err(error) => return (acknowledged, Some(error)),
        }
    }
    (acknowledged, None)
}

/// The other way round: an old writer appends before each operation of the takeover.
#[test]
fn an_append_of_the_old_writer_before_any_operation_of_a_takeover_is_kept_if_acknowledged() {
    let mut counts = [0, 0];
    for at in 0.. {
        let shared = Shared::new();
        let mut old = shared.writer(1).expect("opened");
        append(&mut old, &epoch(1, 1)).expect("its own");
        let acknowledged = Arc::new(Mutex::new(None));
        let faults = Faults::new();
        let sink = acknowledged.clone();
        let act = move || {
            let done = append(&mut old, &epoch(2, 1)).is_ok();
            *sink.lock().expect("no panic") = Some(done);
            std::mem::forget(old);
        };
        faults.set(at, Fault::Before(Box::new(act)));
        let storage: Arc<dyn Storage> = faults.over(&shared.disk.on_machine(2));
        let (mut new, opened) =
            Journal::open(storage, shared.keys(), options()).expect("taken over");
        let was_acknowledged = *acknowledged.lock().expect("no panic");
        let Some(was_acknowledged) = was_acknowledged else {
            break;
        };
        counts[usize::from(was_acknowledged)] += 1;
        if was_acknowledged {
            assert_eq!(opened.upper, 2, "operation {at}");
        }
        append(&mut new, &epoch(opened.upper + 1, 2)).expect("its own");
        let found = shared.attempts();
        assert_eq!(found.len() as u64, opened.upper + 1, "operation {at}");
        assert_eq!(
            found.last().map(|last| last.ends_with("attempt 2")),
            Some(true)
        );
    }
    assert!(counts[0] > 3 && counts[1] > 3, "{counts:?}");
}

#[test]
fn a_lock_that_was_removed_by_hand_does_not_let_two_write() {
    let directory = tempfile::tempdir().expect("a directory");
    let open = || {
        let storage = fundwatch::journal::Directory::create(&directory.path().join("journal"))?;
        let keys = fundwatch::journal::Directory::create(&directory.path().join("keys"))?;
        let keys = Arc::new(Keys::new(Arc::new(keys), None));
        Ok::<_, std::io::Error>(Journal::open(Arc::new(storage), keys, Options::default()))
    };
    let (mut first, _) = open().expect("made").expect("opened");
    append(&mut first, &epoch(1, 1)).expect("its own");
    let locked = open().expect("made").expect_err("locked");
    assert!(matches!(locked, JournalError::Locked { .. }), "{locked}");
    append(&mut first, &epoch(2, 1)).expect("not disturbed by one that was locked out");
    std::fs::remove_file(directory.path().join("journal/lock")).expect("there");
    let (mut second, opened) = open().expect("made").expect("opened");
    assert_eq!(opened.upper, 2);
    assert!(matches!(
        append(&mut first, &epoch(3, 1)),
        Err(JournalError::Fenced { .. })
    ));
    append(&mut second, &epoch(3, 2)).expect("its own");
}

/// An old writer is stopped in the middle of an append, at any operation of a takeover; then the power fails.
#[test]
fn what_a_takeover_found_or_continued_outlives_a_crash() {
    let mut found_more = 0;
    for (at, stopped) in (0..40).flat_map(|at| (0..7).map(move |stopped| (at, stopped))) {
        for seed in 0..8 {
            let shared = Shared::new();
            let old_faults = Faults::new();
            let storage = old_faults.over(&shared.disk.on_machine(1));
            // Its segment is full, and it begins another; or it is not.
            let segment_bytes = if seed < 4 { 600 } else { 10_000 };
            let options = Options {
                segment_bytes,
                ..options()
            };
            let (mut old, _) = Journal::open(storage, shared.keys(), options).expect("opened");
            append(&mut old, &epoch(1, 1)).expect("its own");
            let act = move || {
                old_faults.set(old_faults.count() + stopped, Fault::PowerOff);
                let _ = append(&mut old, &epoch(2, 1));
                std::mem::forget(old);
            };
            let faults = Faults::new();
            faults.set(at, Fault::Before(Box::new(act)));
            let storage = faults.over(&shared.disk.on_machine(2));
            let (mut new, opened) =
                Journal::open(storage, shared.keys(), options).expect("taken over");
            found_more += u64::from(opened.upper == 2);
            let goes_on = seed % 2 == 0;
            if goes_on {
                append(&mut new, &epoch(opened.upper + 1, 2)).expect("its own");
            }
            drop(new);
            shared.disk.crash(seed);
            let third = shared.writer(3).expect("nothing is missing");
            let known = opened.upper + u64::from(goes_on);
            assert!(
                third.upper() >= known,
                "operation {at}, stopped at {stopped}, seed {seed}"
            );
        }
    }
    assert!(found_more > 50, "{found_more}");
}
