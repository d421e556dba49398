//! The files of a journal and of its keys, damaged in every way.

use std::sync::{Arc, LazyLock};

use fundwatch::journal::simulation::SimulatedDisk;
use fundwatch::journal::{Entry, Frame, Journal, JournalReader, Keys, Options, Storage};

use super::{Target, behaviour};

pub const TARGET: Target = Target {
    name: "journal",
    seeds,
    tokens: &[
        "\u{0}\u{0}\u{0}\u{0}",
        "\u{1}\u{0}\u{0}",
        "FWe1",
        "fwjournl",
        "fwmonkey",
        "\u{3}\u{7f}",
    ],
    run,
};

const MARCH: i64 = 1_772_298_000_000_000_000;
const DAY: i64 = 86_400_000_000_000;

/// Bytes of an edit: what, of which file, where (3), how many, by what.
const EDIT: usize = 7;

/// A journal of three services, several segments and three months, one of them destroyed.
struct Whole {
    disk: SimulatedDisk,
    keys: SimulatedDisk,
    frames: Vec<Frame>,
    upper: u64,
}

static WHOLE: LazyLock<Whole> = LazyLock::new(|| {
    let (disk, key_disk) = (SimulatedDisk::new(), SimulatedDisk::new());
    let keys = || Arc::new(Keys::new(Arc::new(key_disk.clone()), None));
    let mut upper = 0;
    for service in 0..3_i64 {
        let opened = Journal::open(Arc::new(disk.clone()), keys(), options());
        let (mut journal, _) = opened.expect("a journal");
        for epoch in 0..3_i64 {
            let entry = Entry {
                at: MARCH + (service * 30 + epoch) * DAY,
                plain: b"counts",
                secret: b"rows rows rows rows rows rows rows",
            };
            upper += 1;
            journal.append(upper, entry).expect("appended");
        }
    }
    let month = "2026-03".parse().expect("a month");
    keys().destroy(month, MARCH + 200 * DAY).expect("destroyed");
    let frames = JournalReader::open(Arc::new(disk.clone()), keys())
        .expect("a journal")
        .frames(1);
    let frames = frames
        .expect("a journal")
        .collect::<Result<_, _>>()
        .expect("whole");
    Whole {
        disk,
        keys: key_disk,
        frames,
        upper,
    }
});

/// Edits with which a service started once on a newest segment, without an epoch, that was said to begin elsewhere.
const BEGINS_ELSEWHERE: &[u8] =
    b"\xf6\x06\x70\x00\x00\x66\x77\x00\x00\x5b\x5b\x7f\x01\xc0\x80\x06\x59\x5b\x7f\x01\
    \xc0\x80\x06\x59\x5b\x7f\x01\xc0\x80\x06\x59\x5b\x7f\x01\xc0\x80\x06\x59\xdf\x80\
    \x06\xff\x5a\xe1\x80\x22\x22\x61\x00\x00\x06\x80\x03\xed\xa0\x80\x80\x06\x80\x00\
    \x01\x00\xc8\x72\x03\x7f\x0e\x6c\x03";

fn options() -> Options {
    Options {
        segment_bytes: 500,
        ..Options::default()
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = vec![Vec::new(), BEGINS_ELSEWHERE.to_vec()];
    for file in 0..8 {
        for what in 0..6 {
            for at in [0, 9, 60, 112, 120, 200] {
                seeds.push(vec![what, file, at, 0, 0, 1, 0xff]);
                // With checksums made right again.
                seeds.push(vec![what | 0x80, file, at, 0, 0, 4, 0]);
            }
        }
    }
    seeds
}

fn run(input: &[u8]) -> u64 {
    let whole = &*WHOLE;
    let (disk, key_disk) = (whole.disk.fork(), whole.keys.fork());
    for edit in input.chunks_exact(EDIT).take(16) {
        damage(&disk, &key_disk, edit.try_into().expect("so many bytes"));
    }
    let keys = || Arc::new(Keys::new(Arc::new(key_disk.clone()), None));
    let storage = || Arc::new(disk.clone());
    let mut read = 0;
    let opened = JournalReader::open(storage(), keys());
    let mut told = Vec::new();
    match &opened {
        Ok(reader) => {
            for frame in reader.frames(1).into_iter().flatten() {
                match frame {
                    Ok(frame) => {
                        // Whatever is done to the files, what is read is what was written.
                        assert!(whole.frames.get(read) == Some(&frame), "epoch {}", read + 1);
                        read += 1;
                    }
                    Err(error) => told.push(error.to_string()),
                }
            }
            told.extend(reader.verify().err().map(|error| error.to_string()));
            told.extend(reader.upper().err().map(|error| error.to_string()));
        }
        Err(error) => told.push(error.to_string()),
    }
    match Journal::open(
        storage(),
        keys(),
        Options {
            at_least: whole.upper,
            ..options()
        },
    ) {
        Ok((mut journal, opened)) => {
            assert_eq!(
                opened.upper, whole.upper,
                "a service that lost an epoch does not start"
            );
            let entry = Entry {
                at: MARCH + 100 * DAY,
                plain: b"",
                secret: b"more",
            };
            told.extend(
                journal
                    .append(opened.upper + 1, entry)
                    .err()
                    .map(|error| error.to_string()),
            );
        }
        Err(error) => told.push(error.to_string()),
    }
    let words = told
        .iter()
        .flat_map(|told| told.chars())
        .filter(|c| c.is_alphabetic());
    behaviour((read, words.collect::<String>()))
}

/// Does an edit to one of the files.
fn damage(disk: &SimulatedDisk, key_disk: &SimulatedDisk, edit: [u8; EDIT]) {
    let [what, file, low, middle, high, count, value] = edit;
    let disks = if file & 0x40 == 0 {
        [disk, key_disk]
    } else {
        [key_disk, disk]
    };
    let [disk, _] = disks;
    let mut names = disk.list().expect("in memory");
    names.sort();
    let Some(name) = names.get(usize::from(file & 0x3f) % names.len().max(1)) else {
        return;
    };
    let Some(mut bytes) = disk.contents(name) else {
        return;
    };
    let at = usize::from(low) | usize::from(middle) << 8 | usize::from(high) << 16;
    let at = at % (bytes.len() + 1);
    let end = (at + usize::from(count)).min(bytes.len());
    match what & 0x7f {
        0 => bytes[at..end].iter_mut().for_each(|byte| *byte ^= value),
        1 => bytes[at..end].fill(value),
        2 => bytes.truncate(at),
        3 => drop(bytes.drain(at..end)),
        4 => drop(bytes.splice(at..at, std::iter::repeat_n(value, usize::from(count)))),
        5 => {
            let other = &names[usize::from(value) % names.len()];
            bytes = disk.contents(other).unwrap_or_default();
        }
        6 => {
            disk.remove(name).expect("it is listed");
            return;
        }
        _ => bytes.extend_from_within(at..end),
    }
    if what & 0x80 != 0 {
        mend(&mut bytes);
    }
    disk.put(name, &bytes);
}

/// Makes the checksums of headers right, so that what stands behind them is reached.
fn mend(bytes: &mut [u8]) {
    let covered: &[(usize, usize)] = match bytes.get(..8) {
        Some(b"fwjournl") => &[(0, 108), (112, 192)],
        Some(b"fwmonkey") => &[(0, 96)],
        Some(b"fwkeygon") => &[(0, 32)],
        _ => &[],
    };
    for (from, to) in covered.iter().copied() {
        if to + 4 <= bytes.len() {
            let checksum = crc32fast::hash(&bytes[from..to]);
            bytes[to..to + 4].copy_from_slice(&checksum.to_le_bytes());
        }
    }
}
