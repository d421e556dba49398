//! Readers: from any epoch, beside a writer, and only what they need.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fundwatch::journal::simulation::{Fault, Faults, SimulatedDisk};
use fundwatch::journal::{
    Directory, Entry, EpochLookup, Journal, JournalError, JournalReader, Keys, Month, Options,
    Storage,
};

use crate::support::{DAY, Epoch, MARCH, World, append, segments};

#[test]
fn epochs_are_read_from_any_number_on() {
    let mut world = World::new();
    for bytes in 0..30 {
        world.persist(bytes * 20, None);
    }
    let reader = world.reader();
    assert!(reader.verify().expect("intact").segments > 8);
    for from in 0..=32u64 {
        let frames = reader.frames(from).expect("a journal");
        let numbers: Vec<u64> = frames.map(|frame| frame.expect("whole").number).collect();
        assert_eq!(numbers, (from.max(1)..=30).collect::<Vec<_>>());
    }
    assert_eq!(reader.upper().expect("read"), {
        let verified = reader.verify().expect("intact");
        (30, verified.chain)
    });
}

#[test]
fn old_segments_are_not_read_for_new_epochs() {
    let mut world = World::new();
    for _ in 0..10 {
        world.persist(300, None);
    }
    let names = segments(&world.disk);
    // Frames of the first segment are gone; its header is all that is needed.
    let first = world.disk.contents(&names[0]).expect("there");
    world.disk.put(&names[0], &first[..112]);
    let reader = world.reader();
    assert!(reader.verify().is_err());
    assert!(
        reader
            .frames(1)
            .expect("a journal")
            .any(|frame| frame.is_err())
    );
    assert_eq!(
        reader
            .frames(9)
            .expect("a journal")
            .filter(Result::is_ok)
            .count(),
        2
    );
    world.kill();
    world.start().expect("a writer needs the newest alone");
}

#[test]
fn a_directory_without_a_journal_is_told_so() {
    let world = World::new();
    let opened = JournalReader::open(Arc::new(world.disk.clone()), world.plain_keys());
    let absent = opened.map(|_| ()).expect_err("none there");
    assert!(matches!(absent, JournalError::Absent { .. }), "{absent}");
}

#[test]
fn a_reader_sees_an_epoch_that_was_superseded() {
    let (disk, key_disk) = (SimulatedDisk::new(), SimulatedDisk::new());
    let keys = || Arc::new(Keys::new(Arc::new(key_disk.clone()), None));
    let writer = |machine| {
        Journal::open(
            Arc::new(disk.on_machine(machine)),
            keys(),
            Options::default(),
        )
        .expect("opened")
        .0
    };
    let epoch = |number, attempt| Epoch {
        number,
        attempt,
        bytes: 50,
    };
    let mut old = writer(1);
    append(&mut old, &epoch(1, 1)).expect("its own");
    let mut new = writer(2);
    append(&mut old, &epoch(2, 1)).expect_err("fenced, and written all the same");
    let reader = JournalReader::open(Arc::new(disk.clone()), keys()).expect("a journal");
    let read: Vec<_> = reader
        .frames(1)
        .expect("a journal")
        .map(|frame| frame.expect("whole"))
        .collect();
    assert_eq!(read.len(), 2, "it cannot know yet");
    append(&mut new, &epoch(2, 2)).expect("its own");
    append(&mut new, &epoch(3, 2)).expect("its own");
    let mut frames = reader.continue_from(&read[1]).expect("a journal");
    let superseded = frames
        .next()
        .expect("an error")
        .expect_err("another epoch 2");
    assert!(
        matches!(superseded, JournalError::Superseded { epoch: 2 }),
        "{superseded}"
    );
    assert!(frames.next().is_none());
    let numbers = reader
        .continue_from(&read[0])
        .expect("a journal")
        .map(|frame| frame.expect("whole").number);
    assert_eq!(numbers.collect::<Vec<_>>(), [2, 3]);
}

#[test]
fn a_reader_beside_a_writer_sees_whole_epochs_in_order_and_no_damage() {
    let directory = tempfile::tempdir().expect("a directory");
    let place = |name: &str| -> Arc<dyn Storage> {
        Arc::new(Directory::create(&directory.path().join(name)).expect("made"))
    };
    let keys = || Arc::new(Keys::new(place("keys"), None));
    let options = Options {
        segment_bytes: 100_000,
        ..Options::default()
    };
    let (mut journal, _) = Journal::open(place("journal"), keys(), options).expect("opened");
    let is_done = AtomicBool::new(false);
    const EPOCHS: u64 = 400;
    std::thread::scope(|scope| {
        let reading = scope.spawn(|| {
            let reader = JournalReader::open(place("journal"), keys()).expect("a journal");
            let mut last: Option<fundwatch::journal::Frame> = None;
            let mut rounds = 0;
            loop {
                let was_done = is_done.load(Ordering::SeqCst);
                let frames = match &last {
                    Some(frame) => reader.continue_from(frame),
                    None => reader.frames(1),
                };
                for frame in frames.expect("a journal") {
                    let frame = frame.expect("whole");
                    let expected = last.as_ref().map_or(1, |last| last.number + 1);
                    assert_eq!(frame.number, expected);
                    assert_eq!(
                        frame.secret.as_ref().map(Vec::len),
                        Some(frame.number as usize * 100)
                    );
                    last = Some(frame);
                }
                reader.upper().expect("readable");
                rounds += 1;
                if was_done {
                    return (last.map(|last| last.number), rounds);
                }
            }
        });
        for number in 1..=EPOCHS {
            let epoch = Epoch {
                number,
                attempt: 1,
                bytes: number as usize * 100,
            };
            let entry = Entry {
                at: MARCH + DAY,
                plain: b"",
                secret: &epoch.secret(),
            };
            journal.append(number, entry).expect("appended");
        }
        is_done.store(true, Ordering::SeqCst);
        let (last, rounds) = reading.join().expect("no damage seen");
        assert_eq!(last, Some(EPOCHS));
        assert!(rounds > 3, "{rounds}");
    });
}

#[test]
fn an_epoch_that_is_completed_while_it_is_read_is_no_damage() {
    let mut world = World::new();
    for _ in 0..3 {
        world.persist(20, None);
    }
    let name = segments(&world.disk).pop().expect("segments");
    let bytes = world.disk.contents(&name).expect("there");
    let starts: Vec<usize> = (0..bytes.len())
        .filter(|at| bytes[*at..].starts_with(b"FWe1"))
        .collect();
    assert_eq!(starts.len(), 3);
    let (mut early, mut late) = (0, 0);
    for part in [starts[1] + 40, starts[1] + 90, starts[2] - 1] {
        for at in 0.. {
            let disk = world.disk.fork();
            disk.put(&name, &bytes[..part]);
            let faults = Faults::new();
            let (writer, rest, of) = (disk.clone(), bytes[part..].to_vec(), name.clone());
            // The rest of an epoch, and the next one.
            let act = move || writer.append(&of, &rest).expect("appended");
            faults.set(at, Fault::Before(Box::new(act)));
            let reader = JournalReader::open(faults.over(&disk), world.plain_keys());
            let upper = reader
                .and_then(|reader| reader.upper())
                .expect("no damage")
                .0;
            match upper {
                1 => late += 1,
                3 => early += 1,
                other => panic!("{other}: the rest appears at once"),
            }
            if faults.count() <= at {
                break;
            }
        }
    }
    assert!(early > 5 && late > 2, "{early} {late}");
}

/// What a reader of all epochs gives, by number, is what a look-up gives.
fn assert_found(world: &World, lookup: &mut EpochLookup, numbers: impl Iterator<Item = u64>) {
    let frames = world.reader().frames(1).expect("a journal");
    let frames: Vec<_> = frames.map(|frame| frame.expect("whole")).collect();
    for number in numbers {
        let place = number
            .checked_sub(1)
            .and_then(|place| usize::try_from(place).ok());
        let expected = place.and_then(|place| frames.get(place));
        assert_eq!(
            lookup.find(number).expect("read").as_ref(),
            expected,
            "{number}"
        );
    }
}

#[test]
fn single_epochs_are_found_beside_the_writer_and_after_a_takeover() {
    let mut world = World::new();
    for bytes in 0..20 {
        world.persist(bytes * 25, None);
    }
    let lookup = || EpochLookup::new(Arc::new(world.disk.clone()), world.plain_keys());
    let mut lookup = lookup().expect("memory");
    // In no order, each more than once, and some that are not there.
    assert_found(&world, &mut lookup, (0..60).map(|n| (n * 7) % 23));
    // Written since, in the same segment and in others; by another writer after a crash.
    for bytes in 0..10 {
        world.persist(bytes * 40, None);
        assert_found(&world, &mut lookup, (1..40).rev());
    }
    world.crash(3);
    for bytes in 0..5 {
        world.persist(bytes * 40, Some(bytes as u64));
        assert_found(
            &world,
            &mut lookup,
            [1, 20, 30, 31, 32, 33, 34, 35, 36].into_iter(),
        );
    }
    let month = Month::of(MARCH);
    let keys = world.plain_keys();
    keys.destroy(month, MARCH + 40 * DAY).expect("destroyed");
    let mut lookup = EpochLookup::new(Arc::new(world.disk.clone()), keys).expect("memory");
    let erased = lookup.find(1).expect("read").expect("there");
    assert_eq!(erased.secret, None);
    assert_found(&world, &mut lookup, 1..36);
}

#[test]
fn a_look_up_reads_the_headers_and_the_epoch_and_no_other() {
    let mut world = World::new();
    world.options.segment_bytes = 1 << 20;
    for _ in 0..50 {
        world.persist(1000, None);
    }
    let name = &segments(&world.disk)[0];
    let whole = world.disk.contents(name).expect("there");
    // The rows of every other epoch are damaged: what is asked for opens all the same.
    let reader = world.reader();
    let frames: Vec<_> = reader
        .frames(1)
        .expect("a journal")
        .map(|one| one.expect("whole"))
        .collect();
    let (mut damaged, mut at) = (whole.clone(), 112);
    for frame in &frames {
        let length =
            |at: usize| u32::from_le_bytes(whole[at..at + 4].try_into().expect("4 bytes")) as usize;
        let end = at + 84 + length(at + 4) + length(at + 8) + 36;
        if frame.number != 33 {
            damaged[at + 84..end].fill(0);
        }
        at = end;
    }
    assert_eq!(at, whole.len());
    world.disk.put(name, &damaged);
    let lookup = EpochLookup::new(Arc::new(world.disk.clone()), world.plain_keys());
    let mut lookup = lookup.expect("memory");
    assert_eq!(lookup.find(33).expect("read").as_ref(), frames.get(32));
    let other = lookup.find(34).map(|found| found.is_some());
    assert!(
        matches!(other, Err(JournalError::Unsealed { epoch: 34, .. })),
        "{other:?}"
    );
}
