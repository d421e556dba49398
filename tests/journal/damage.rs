//! Torn tails are cut, and damage is not.

use fundwatch::journal::{JournalError, Options};

use crate::support::{World, segments};

/// Epochs in four segments, in an orderly end.
fn written() -> World {
    let mut world = World::new();
    for bytes in [10, 300, 0, 700, 40, 90] {
        world.persist(bytes, None);
    }
    world.kill();
    let verified = world.check();
    assert_eq!(
        (verified.segments, verified.unfinished, verified.void.len()),
        (4, None, 0)
    );
    world
}

/// Where the last frame begins, in the last segment.
fn last_frame(world: &World, newest: &[u8]) -> usize {
    let last = world.acknowledged.last().expect("epochs");
    let marks = |at: &usize| newest[*at..].starts_with(b"FWe1");
    let start = (0..newest.len()).rfind(marks).expect("a frame");
    let plain = last.plain();
    assert_eq!(&newest[start + 84..start + 84 + plain.len()], &plain[..]);
    start
}

#[test]
fn a_tail_torn_at_any_byte_is_left_out() {
    let original = written();
    let name = segments(&original.disk).pop().expect("segments");
    let bytes = original.disk.contents(&name).expect("there");
    let start = last_frame(&original, &bytes);
    for end in start..bytes.len() {
        // Cut off; or of full length, with zeros or with something else where it was not written.
        let mut zeros = bytes.clone();
        zeros[end..].fill(0);
        let mut noise = bytes.clone();
        noise[end..].iter_mut().for_each(|byte| *byte = !*byte);
        for torn in [bytes[..end].to_vec(), zeros, noise] {
            if torn == bytes {
                continue;
            }
            let mut world = World::new();
            world.disk = original.disk.fork();
            world.key_disk = original.key_disk.fork();
            world.disk.put(&name, &torn);
            world.acknowledged = original.acknowledged.clone();
            world.acknowledged.pop();
            assert_eq!(world.reader().upper().expect("read").0, 5, "{end}");
            world.start().expect("starts");
            world.append(33).expect("goes on");
            world.append(34).expect("goes on");
            let verified = world.check();
            assert_eq!(
                verified.unfinished, None,
                "the next segment says where this one ends"
            );
            world.kill();
            world.start().expect("starts again");
            world.check();
        }
    }
}

#[test]
fn what_is_left_out_is_reported() {
    let mut world = written();
    let name = segments(&world.disk).pop().expect("segments");
    let bytes = world.disk.contents(&name).expect("there");
    let start = last_frame(&world, &bytes);
    world.disk.put(&name, &bytes[..bytes.len() - 1]);
    world.acknowledged.pop();
    let verified = world.reader().verify().expect("intact so far");
    let unfinished = verified.unfinished.expect("reported");
    assert_eq!(unfinished.place, format!("disk/{name}"));
    assert_eq!(unfinished.offset, start as u64);
    assert_eq!(unfinished.bytes, (bytes.len() - 1 - start) as u64);
    let mut frames = world.reader().frames(4).expect("a journal");
    assert_eq!(frames.by_ref().count(), 2);
    assert_eq!(frames.unfinished(), Some(&unfinished));
    let (_, opened) = fundwatch::journal::Journal::open(
        world.faults.over(&world.disk),
        world.keys(),
        Options::default(),
    )
    .expect("starts");
    assert_eq!(opened.unfinished, Some(unfinished));
}

#[test]
fn each_bit_that_flips_is_found_and_never_cuts_an_older_epoch() {
    let original = written();
    let clean = original.reader().verify().expect("intact");
    let names = segments(&original.disk);
    for (at, name) in names.iter().enumerate() {
        let bytes = original.disk.contents(name).expect("there");
        let is_newest = at + 1 == names.len();
        let last = if is_newest {
            last_frame(&original, &bytes)
        } else {
            bytes.len()
        };
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let mut world = World::new();
            world.disk = original.disk.fork();
            world.key_disk = original.key_disk.fork();
            world.disk.put(name, &flipped);
            let context = format!("bit {bit} of {name}");
            let verified = fundwatch::journal::JournalReader::open(
                std::sync::Arc::new(world.disk.clone()),
                world.plain_keys(),
            )
            .and_then(|reader| reader.verify());
            let is_last = bit / 8 >= last;
            match verified {
                Err(JournalError::Damaged { place, offset, .. }) => {
                    assert_eq!(place, format!("disk/{name}"), "{context}");
                    assert!(offset <= bit as u64 / 8, "{context}");
                    assert!(!is_last, "{context}");
                }
                Ok(verified) => {
                    assert!(verified.unfinished.is_some(), "{context}");
                    assert_ne!(verified.upper, clean.upper, "{context}");
                    assert!(is_last, "{context}");
                }
                Err(other) => panic!("{context}: {other}"),
            }
            // A writer reads all headers and the newest segment, and starts on no damage there, if it knows
            // what it committed.
            world.acknowledged = original.acknowledged.clone();
            match world.start() {
                Ok(()) => assert!(!is_newest && bit / 8 >= 112, "{context}"),
                Err(JournalError::Behind {
                    upper: 5,
                    at_least: 6,
                    ..
                }) => assert!(is_last, "{context}"),
                Err(JournalError::Damaged { .. }) => assert!(!is_last, "{context}"),
                Err(other) => panic!("{context}: {other}"),
            }
        }
    }
}

#[test]
fn a_segment_that_is_missing_or_of_another_journal_is_named() {
    let original = written();
    let other = written();
    let names = segments(&original.disk);
    for name in &names[..names.len() - 1] {
        let disk = original.disk.fork();
        fundwatch::journal::Storage::remove(&disk, name).expect("there");
        let mut world = World::new();
        world.disk = disk;
        let missing = world.start().expect_err("incomplete");
        assert!(matches!(missing, JournalError::Missing { .. }), "{missing}");
        assert!(missing.to_string().contains(name), "{missing}");
        world
            .disk
            .put(name, &other.disk.contents(name).expect("there"));
        let mixed = world.start().expect_err("mixed");
        assert!(matches!(mixed, JournalError::Mixed { .. }), "{mixed}");
    }
    // The newest: nothing in the journal tells, but the service that knows what it committed does.
    let mut world = World::new();
    world.disk = original.disk.fork();
    world.acknowledged = original.acknowledged.clone();
    fundwatch::journal::Storage::remove(&world.disk, &names[names.len() - 1]).expect("there");
    let behind = world.start().expect_err("incomplete");
    assert!(
        matches!(behind, JournalError::Behind { at_least: 6, .. }),
        "{behind}"
    );
}

/// A service that died before its first epoch leaves a header, which says where the segment begins.
#[test]
fn a_segment_without_an_epoch_begins_where_the_one_before_ends() {
    let original = written();
    let names = segments(&original.disk);
    let newest = names.last().expect("segments");
    let header = original.disk.contents(newest).expect("there")[..112].to_vec();
    let mut world = World::new();
    world.disk = original.disk.fork();
    world.disk.put(newest, &header);
    let fits = world.reader().upper().expect("a journal").0;
    let found = usize::try_from(fits).expect("a few");
    world.acknowledged = original.acknowledged[..found].to_vec();
    world.start().expect("the header is as it was written");
    world.kill();
    for first in [fits, fits + 2, u64::MAX - 1] {
        let mut said = header.clone();
        said[48..56].copy_from_slice(&first.to_le_bytes());
        let checksum = crc32fast::hash(&said[..108]);
        said[108..].copy_from_slice(&checksum.to_le_bytes());
        let mut world = World::new();
        world.disk = original.disk.fork();
        world.disk.put(newest, &said);
        let damaged = world.start().expect_err("it begins elsewhere");
        assert!(matches!(damaged, JournalError::Damaged { .. }), "{damaged}");
    }
}

#[test]
fn frames_of_another_place_do_not_fit() {
    let original = written();
    let names = segments(&original.disk);
    let name = &names[0];
    let bytes = original.disk.contents(name).expect("there");
    let starts: Vec<usize> = (0..bytes.len())
        .filter(|at| bytes[*at..].starts_with(b"FWe1"))
        .collect();
    assert!(starts.len() >= 2, "{starts:?}");
    // The second frame in the place of the first: whole in itself.
    let swapped = [&bytes[..starts[0]], &bytes[starts[1]..]].concat();
    original.disk.put(name, &swapped);
    let damaged = original.reader().verify().expect_err("out of order");
    assert!(
        matches!(
            damaged,
            JournalError::Damaged {
                offset: 112,
                epoch: 1,
                ..
            }
        ),
        "{damaged}"
    );
}
