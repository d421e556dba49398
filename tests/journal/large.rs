//! Epochs near the limit, and how long an append takes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use fundwatch::journal::simulation::SimulatedDisk;
use fundwatch::journal::{
    Directory, Entry, Journal, JournalError, JournalReader, Keys, MAX_PLAIN_BYTES,
    MAX_SECRET_BYTES, Options,
};

use crate::support::{Epoch, MARCH};

#[test]
fn the_largest_epoch_is_written_and_read_and_a_larger_one_is_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let storage = Arc::new(Directory::create(directory.path()).expect("made"));
    let keys = Arc::new(Keys::new(Arc::new(SimulatedDisk::new()), None));
    let (mut journal, _) =
        Journal::open(storage.clone(), keys.clone(), Options::default()).expect("opened");
    // Bytes that do not compress: the frame is larger than what it holds.
    let secret = Epoch {
        number: 1,
        attempt: 1,
        bytes: MAX_SECRET_BYTES + 1,
    }
    .secret();
    let plain = vec![7; MAX_PLAIN_BYTES + 1];
    for (plain_bytes, secret_bytes) in [(MAX_PLAIN_BYTES + 1, 0), (0, MAX_SECRET_BYTES + 1)] {
        let entry = Entry {
            at: MARCH,
            plain: &plain[..plain_bytes],
            secret: &secret[..secret_bytes],
        };
        let refused = journal.append(1, entry).expect_err("too large");
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
            refused.to_string().contains("make epochs of fewer rows"),
            "{refused}"
        );
    }
    let largest = Entry {
        at: MARCH,
        plain: &plain[..MAX_PLAIN_BYTES],
        secret: &secret[..MAX_SECRET_BYTES],
    };
    journal.append(1, largest).expect("fits");
    journal
        .append(
            2,
            Entry {
                at: MARCH,
                plain: b"",
                secret: b"",
            },
        )
        .expect("goes on");
    let reader = JournalReader::open(storage, keys).expect("a journal");
    let mut frames = reader.frames(1).expect("a journal");
    let first = frames.next().expect("one").expect("whole");
    assert!(first.secret.as_deref() == Some(largest.secret) && first.plain == largest.plain);
    let second = frames.next().expect("another").expect("whole");
    assert_eq!((second.plain.len(), second.secret), (0, Some(Vec::new())));
}

/// 10,000 rows as claims are written, of made-up people.
fn rows() -> Vec<u8> {
    let mut rows = String::new();
    let mut state = 1u64;
    let mut number = |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    while rows.len() < 7_000_000 {
        rows += &format!(
            "{{\"recorded_at\":\"2026-03-05T{:02}:{:02}:{:02}.{:06}+07:00\",\"facility_id\":\"{:05}\",\"visit_id\":\"{:012}\",\
             \"card_number\":\"DN4{:012}\",\"personal_id\":\"{:012}\",\"admitted_at\":\"2026-03-{:02}T08:{:02}:00+07:00\",\
             \"discharged_at\":\"2026-03-{:02}T16:{:02}:00+07:00\",\"main_diagnosis\":\"{}{:02}.{}\",\"treatment_type\":{},\
             \"total_cost\":{},\"paid_by_fund\":{},\"paid_by_patient\":{},\"full_name\":\"Nguyen Van Mau {}\",\
             \"other_diagnoses\":\"I10;E11.9;J{:02}\",\"department\":\"K{:02}\",\"doctor\":\"{:06}/HCM-CCHN\",\
             \"notes\":\"kham va dieu tri ngoai tru theo huong dan chan doan, tai kham sau {} ngay\"}}\n",
            number(24),
            number(60),
            number(60),
            number(1_000_000),
            number(99_999),
            number(1_000_000_000_000),
            number(1_000_000_000_000),
            number(1_000_000_000_000),
            number(28) + 1,
            number(60),
            number(28) + 1,
            number(60),
            ['A', 'B', 'I', 'J', 'K'][number(5) as usize],
            number(99),
            number(9),
            number(3) + 1,
            number(9_000_000),
            number(9_000_000),
            number(900_000),
            number(100_000),
            number(99),
            number(50),
            number(1_000_000),
            number(30)
        );
    }
    rows.into_bytes()
}

#[test]
fn an_append_of_ten_thousand_rows_takes_little_besides_the_sync() {
    let rows = rows();
    let keys = Arc::new(Keys::new(Arc::new(SimulatedDisk::new()), None));
    // In memory where the system has such a directory, so that the disk is not measured.
    let directory = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
    let directory = directory.expect("a directory");
    let storage = Arc::new(Directory::create(directory.path()).expect("made"));
    let (mut journal, _) =
        Journal::open(storage.clone(), keys.clone(), Options::default()).expect("opened");
    let mut times = Vec::new();
    for number in 1..=9 {
        let start = Instant::now();
        journal
            .append(
                number,
                Entry {
                    at: MARCH,
                    plain: b"",
                    secret: &rows,
                },
            )
            .expect("appended");
        times.push(start.elapsed());
    }
    times.sort();
    let reader = JournalReader::open(storage, keys).expect("a journal");
    let start = Instant::now();
    let frames = reader.frames(1).expect("a journal");
    let read: Vec<u64> = frames.map(|frame| frame.expect("whole").number).collect();
    assert_eq!(read.len(), 9);
    println!(
        "append: median {:?}, slowest {:?}; read: {:?} each",
        times[4],
        times[8],
        start.elapsed() / 9
    );
    // Far above what is measured: only a change of kind fails here, not a busy machine.
    assert!(times[4] < Duration::from_millis(250), "{times:?}");
}
