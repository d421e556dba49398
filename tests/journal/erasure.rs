//! Keys by the month: sealing, destruction, loss.

use std::sync::Arc;

use fundwatch::journal::simulation::{Fault, SimulatedDisk};
use fundwatch::journal::{
    Entry, Journal, JournalError, JournalReader, KeyError, KeyState, Keys, MasterKey, Month,
    Options, Storage,
};

use crate::support::{DAY, MARCH, World};

fn month(text: &str) -> Month {
    text.parse().expect("a month")
}

/// Epochs of March (1, 2, 3), April and May 2026.
fn written() -> World {
    let mut world = World::new();
    for bytes in [100, 200, 50, 60, 70, 80, 90] {
        world.persist(bytes, None);
    }
    world
}

#[test]
fn a_destroyed_month_is_erased_and_the_chain_holds() {
    let mut world = written();
    let before = world.check();
    assert_eq!(before.erased, 0);
    let key = world.key_disk.contents("2026-03.key").expect("a key");
    let keys = world.plain_keys();
    let months = keys.months().expect("listed");
    assert_eq!(
        months.keys().map(Month::to_string).collect::<Vec<_>>(),
        ["2026-03", "2026-04", "2026-05"]
    );
    keys.destroy(month("2026-03"), MARCH + 40 * DAY)
        .expect("destroyed");
    keys.destroy(month("2026-03"), MARCH + 41 * DAY)
        .expect("again is nothing");
    assert_eq!(world.key_disk.contents("2026-03.key"), None);
    let state = keys.months().expect("listed")[&month("2026-03")];
    assert_eq!(
        state,
        KeyState::Destroyed {
            at: MARCH + 40 * DAY
        }
    );
    let after = world.reader().verify().expect("intact");
    let erased = world
        .acknowledged
        .iter()
        .filter(|epoch| Month::of(epoch.at()) == month("2026-03"))
        .count();
    assert!(erased >= 2);
    assert_eq!(
        (after.erased, after.chain, after.upper),
        (erased as u64, before.chain, before.upper)
    );
    for frame in world.reader().frames(1).expect("a journal") {
        let frame = frame.expect("whole");
        assert_eq!(
            frame.plain,
            world.acknowledged[frame.number as usize - 1].plain()
        );
        assert_eq!(
            frame.secret.is_none(),
            Month::of(frame.at) == month("2026-03")
        );
    }
    // The running service has the key in memory, and must not seal with it any more.
    let service = world.service.as_mut().expect("runs");
    let late = Entry {
        at: MARCH,
        plain: b"",
        secret: b"rows",
    };
    let refused = service.append(8, late).expect_err("of a destroyed month");
    assert!(
        matches!(
            refused,
            JournalError::Refused {
                retryable: false,
                ..
            }
        ),
        "{refused}"
    );
    assert!(
        refused
            .to_string()
            .contains("the key of 2026-03 is destroyed"),
        "{refused}"
    );
    world.append(5).expect("goes on");
    // A copy of the key from a backup is not used as long as the note is there, and is destroyed at the next start.
    world.key_disk.put("2026-03.key", &key);
    assert_eq!(
        world.reader().verify().expect("intact").erased,
        erased as u64
    );
    world.kill();
    world.start().expect("starts");
    assert_eq!(world.key_disk.contents("2026-03.key"), None);
}

#[test]
fn a_note_of_a_later_version_is_not_taken_for_damage() {
    let world = written();
    let keys = world.plain_keys();
    keys.destroy(month("2026-03"), MARCH + 40 * DAY)
        .expect("destroyed");
    let name = "2026-03.destroyed";
    let note = world.key_disk.contents(name).expect("a note");
    for (place, is_later) in [(8, true), (30, false)] {
        let mut changed = note.clone();
        changed[place] += 1;
        world.key_disk.put(name, &changed);
        let refused = world.plain_keys().months().expect_err("refused");
        match refused {
            KeyError::Later { found: 2, .. } => assert!(is_later),
            KeyError::Damaged { .. } => assert!(!is_later),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn the_current_month_and_months_without_a_key_are_not_destroyed() {
    let world = written();
    let keys = world.plain_keys();
    let now = MARCH + 40 * DAY;
    for text in ["2026-04", "2026-05"] {
        let refused = keys.destroy(month(text), now);
        assert!(
            matches!(refused, Err(KeyError::NotPassed { .. })),
            "{refused:?}"
        );
        let refused = keys.write_off(month(text), now);
        assert!(
            matches!(refused, Err(KeyError::NotPassed { .. })),
            "{refused:?}"
        );
    }
    let refused = keys.destroy(month("2026-01"), now);
    assert!(
        matches!(refused, Err(KeyError::Missing { .. })),
        "{refused:?}"
    );
    assert_eq!(world.check().erased, 0);
}

#[test]
fn a_lost_key_is_an_error_until_it_is_restored_or_written_off() {
    let world = written();
    let file = world.key_disk.contents("2026-04.key").expect("a key");
    world.key_disk.remove("2026-04.key").expect("there");
    let lost = world.reader().verify().expect_err("lost");
    assert!(
        matches!(lost, JournalError::Key(KeyError::Missing { .. })),
        "{lost}"
    );
    assert!(
        lost.to_string()
            .contains("restore the directory of keys from its backup"),
        "{lost}"
    );
    assert!(lost.to_string().contains("disk/2026-04.key"), "{lost}");
    world.key_disk.put("2026-04.key", &file);
    world.check();
    let mut damaged = file.clone();
    damaged[50] ^= 1;
    world.key_disk.put("2026-04.key", &damaged);
    let error = world.reader().verify().expect_err("damaged");
    assert!(
        matches!(error, JournalError::Key(KeyError::Damaged { .. })),
        "{error}"
    );
    world
        .plain_keys()
        .write_off(month("2026-04"), MARCH + 90 * DAY)
        .expect("written off");
    let verified = world.reader().verify().expect("intact");
    assert!(verified.erased >= 2, "{verified:?}");
    assert_eq!(world.key_disk.contents("2026-04.key"), None);
}

#[test]
fn a_month_in_use_never_gets_a_second_key() {
    let mut world = written();
    let entry = Entry {
        at: MARCH + 75 * DAY,
        plain: b"",
        secret: b"rows",
    };
    let file = world.key_disk.contents("2026-05.key").expect("a key");
    world.key_disk.remove("2026-05.key").expect("there");
    world.kill();
    world.start().expect("starts");
    let service = world.service.as_mut().expect("runs");
    // The directory of keys is not mounted, say.
    let refused = service.append(8, entry).expect_err("without its key");
    assert!(
        matches!(
            refused,
            JournalError::Refused {
                retryable: true,
                ..
            }
        ),
        "{refused}"
    );
    assert!(
        refused
            .to_string()
            .contains("restore the directory of keys"),
        "{refused}"
    );
    world.key_disk.put("2026-05.key", &file);
    world.append(5).expect("goes on");
    world.check();
}

#[test]
fn the_key_of_another_journal_is_told_apart() {
    let (world, other) = (written(), written());
    let file = other.key_disk.contents("2026-03.key").expect("a key");
    world.key_disk.put("2026-03.key", &file);
    let error = world.reader().verify().expect_err("another key");
    assert!(
        matches!(error, JournalError::Key(KeyError::Another { .. })),
        "{error}"
    );
}

#[test]
fn wrapped_keys_need_their_master_key() {
    let (disk, key_disk) = (SimulatedDisk::new(), SimulatedDisk::new());
    let keys = |master: Option<u8>| {
        let master = master.map(|byte| MasterKey::from_bytes(&[byte; 32]).expect("32 bytes"));
        Arc::new(Keys::new(Arc::new(key_disk.clone()), master))
    };
    let open = |master| {
        Journal::open(Arc::new(disk.clone()), keys(master), Options::default())
            .expect("opened")
            .0
    };
    let entry = Entry {
        at: MARCH,
        plain: b"",
        secret: b"rows",
    };
    open(Some(1)).append(1, entry).expect("appended");
    let read = |master| {
        let reader = JournalReader::open(Arc::new(disk.clone()), keys(master)).expect("a journal");
        let mut frames = reader.frames(1).expect("a journal");
        let first = frames.next().expect("one epoch");
        assert!(frames.next().is_none(), "nothing after an error");
        first
    };
    assert_eq!(
        read(Some(1)).expect("readable").secret.as_deref(),
        Some(&b"rows"[..])
    );
    let wrong = read(Some(2)).expect_err("another master key");
    assert!(
        matches!(wrong, JournalError::Key(KeyError::WrongMaster { .. })),
        "{wrong}"
    );
    let none = read(None).expect_err("no master key");
    assert!(
        matches!(none, JournalError::Key(KeyError::MasterNeeded { .. })),
        "{none}"
    );
    let refused = open(Some(2))
        .append(2, entry)
        .expect_err("another master key");
    assert!(
        matches!(
            refused,
            JournalError::Refused {
                retryable: false,
                ..
            }
        ),
        "{refused}"
    );
    open(Some(1)).append(2, entry).expect("appended");
    assert_eq!(
        format!("{:?}", MasterKey::from_bytes(&[1; 32])),
        "Ok(MasterKey(masked))"
    );
}

#[test]
fn nothing_readable_is_stored_or_shown() {
    let (disk, key_disk) = (SimulatedDisk::new(), SimulatedDisk::new());
    let keys = Arc::new(Keys::new(Arc::new(key_disk.clone()), None));
    let opened = Journal::open(Arc::new(disk.clone()), keys.clone(), Options::default());
    let (mut journal, _) = opened.expect("opened");
    let secret = b"NGUYEN VAN MAU 012345678901 ".repeat(20);
    journal
        .append(
            1,
            Entry {
                at: MARCH,
                plain: b"1 row",
                secret: &secret,
            },
        )
        .expect("appended");
    for name in disk.list().expect("listed") {
        let bytes = disk.contents(&name).expect("there");
        assert!(
            !bytes
                .windows(10)
                .any(|part| secret[..100].windows(10).any(|of| of == part)),
            "{name}"
        );
    }
    let reader = JournalReader::open(Arc::new(disk.clone()), keys.clone()).expect("a journal");
    let frame = reader
        .frames(1)
        .expect("a journal")
        .next()
        .expect("one")
        .expect("whole");
    let shown = format!("{frame:?} {keys:?} {journal:?}");
    assert!(
        shown.contains("masked") && !shown.contains("78, 71") && !shown.contains("NGUYEN"),
        "{shown}"
    );
}

#[test]
fn a_destruction_that_fails_anywhere_is_completed_later_and_never_looks_like_a_loss() {
    for at in 0..12 {
        for (power, fault) in [
            (None, Fault::Error(std::io::ErrorKind::Other)),
            (None, Fault::ErrorAfter(std::io::ErrorKind::Other)),
            (Some(at), Fault::PowerOff),
            (Some(at + 100), Fault::PowerOff),
        ] {
            let mut world = written();
            let asked = world.plain_keys();
            let asked = asked.request_destruction(month("2026-03"), MARCH + 40 * DAY);
            asked.expect("asked for");
            let keys = world.keys();
            world.faults.set(world.faults.count() + at, fault);
            let destroyed = keys.destroy(month("2026-03"), MARCH + 40 * DAY).is_ok();
            world.faults.clear();
            world.kill();
            if let Some(seed) = power {
                world.crash(seed);
            }
            world.start().expect("starts");
            let erased = world
                .reader()
                .verify()
                .expect("no key counts as lost")
                .erased;
            assert!(erased == 0 || erased >= 2, "{erased}");
            if destroyed {
                assert!(erased >= 2);
            }
            let is_noted = world.key_disk.contents("2026-03.destroyed").is_some();
            assert_eq!(is_noted, erased > 0);
            assert_eq!(is_noted, world.key_disk.contents("2026-03.key").is_none());
            // It stays asked for until it is done.
            let is_asked = world.key_disk.contents("2026-03.destroy").is_some();
            assert_eq!(is_asked, !is_noted);
        }
    }
}

#[test]
fn a_key_that_was_copied_there_is_durable_before_it_seals() {
    for seed in 0..50 {
        let mut world = written();
        world.kill();
        let name = "2026-05.key";
        let file = world.key_disk.contents(name).expect("a key");
        world.key_disk.remove(name).expect("there");
        world.key_disk.sync_directory().expect("synced");
        // As a copy does it: nothing is synced.
        world.key_disk.create(name).expect("made");
        world.key_disk.append(name, &file).expect("written");
        world.start().expect("starts");
        world.append(5).expect("appended");
        world.crash(seed);
        world.start().expect("starts");
        world.check();
    }
}
