//! Searches: what the index finds is what a look at every line finds.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use fundwatch::access_log::{AccessLog, Entry, Found, Query, SearchError};
use fundwatch::web::{AccessAction, AccessEntry, Stage, Subject};
use proptest::prelude::*;

use crate::support::{Hands, JANUARY, entries, folder, options};

const ACTORS: [&str; 3] = ["lan", "minh", "hoa"];
const ACTIONS: [AccessAction; 3] = [
    AccessAction::OpenAlert,
    AccessAction::Reveal,
    AccessAction::Take,
];
const OBJECTS: [&str; 3] = ["a1", "a2", "a3"];

/// A log with many entries.
fn filled(data: &Path) -> (AccessLog, Hands) {
    let hands = Hands::at(JANUARY);
    let log = AccessLog::open(data, options(&hands)).expect("opened");
    fill(&log, &hands, 120);
    (log, hands)
}

fn fill(log: &AccessLog, hands: &Hands, count: u64) {
    let mut state = count;
    let mut pick = |bound: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) % bound
    };
    for _ in 0..count {
        let actor = ACTORS[pick(3) as usize];
        let action = ACTIONS[pick(3) as usize];
        let mut entry = AccessEntry::new(actor, "reviewer", action, Stage::done(1));
        if pick(2) == 0 {
            entry = entry.object(OBJECTS[pick(3) as usize]);
        }
        if pick(2) == 0 {
            entry = entry.subject(Subject([pick(3) as u8; 8]));
        }
        log.keep(&entry).expect("kept");
        // Back at times, as clocks are put.
        hands.go(pick(60_000) as i64 * 60 - 300_000);
    }
}

fn millis(at: fundwatch::record::Instant) -> i64 {
    at.nanos() / 1_000_000
}

/// A look at every line.
fn naive(all: &[(i64, Entry)], query: &Query) -> Found {
    let is = |asked: &Option<String>, is: Option<&String>| asked.is_none() || asked.as_ref() == is;
    let mut found: Vec<Entry> = all
        .iter()
        .filter(|(at, entry)| {
            is(&query.actor, Some(&entry.actor))
                && is(&query.action, Some(&entry.action))
                && is(&query.object, entry.object.as_ref())
                && is(&query.subject, entry.subject.as_ref())
                && query.from.is_none_or(|from| *at >= millis(from))
                && query.until.is_none_or(|until| *at < millis(until))
                && query.before.is_none_or(|before| entry.n < before)
        })
        .map(|(_, entry)| entry.clone())
        .collect();
    found.reverse();
    let has_more = found.len() > query.limit;
    found.truncate(query.limit);
    let next = found.last().map(|entry| entry.n).filter(|_| has_more);
    Found {
        entries: found,
        next,
    }
}

/// Entries with their times, read by another library.
fn all(data: &Path) -> Vec<(i64, Entry)> {
    let at = |entry: &Entry| {
        let at: jiff::Timestamp = entry.at.parse().expect("RFC 3339");
        at.as_millisecond()
    };
    let entries = entries(&folder(data));
    entries
        .into_iter()
        .map(|entry| (at(&entry), entry))
        .collect()
}

fn query() -> impl Strategy<Value = Query> {
    let one_of = |names: Vec<String>| proptest::option::of(proptest::sample::select(names));
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let time = || proptest::option::of(-100_000_000..400_000_000i64);
    (
        one_of(owned(&[&ACTORS[..], &["nobody"]].concat())),
        one_of(owned(&["open_alert", "reveal", "take", "checkpoint"])),
        one_of(owned(&OBJECTS)),
        one_of(owned(&["0000000000000000", "0101010101010101"])),
        (time(), time()),
        (proptest::option::of(0..200u64), 1..40usize),
    )
        .prop_map(
            |(actor, action, object, subject, (from, until), (before, limit))| {
                let time = |after: i64| {
                    fundwatch::record::Instant::from_millis(JANUARY + after).expect("a time")
                };
                Query {
                    actor,
                    action,
                    object,
                    subject,
                    from: from.map(time),
                    until: until.map(time),
                    before,
                    limit,
                }
            },
        )
}

#[test]
fn what_is_found_is_what_a_look_at_every_line_finds() {
    let data = tempfile::tempdir().expect("a directory");
    let (log, _) = filled(data.path());
    log.checkpoint().expect("signed");
    let all = all(data.path());
    proptest!(ProptestConfig::with_cases(400), |(query in query())| {
        let found = log.search(&query).expect("searched");
        prop_assert_eq!(found, naive(&all, &query));
    });
    // Page by page, everything once.
    let mut query = Query {
        limit: 7,
        ..Query::default()
    };
    let mut numbers = Vec::new();
    loop {
        let found = log.search(&query).expect("searched");
        numbers.extend(found.entries.iter().map(|entry| entry.n));
        query.before = found.next;
        if found.next.is_none() {
            break;
        }
    }
    let expected: Vec<u64> = all.iter().rev().map(|(_, entry)| entry.n).collect();
    assert_eq!(numbers, expected);
}

/// Everything, in the order of the log, once the index can be asked.
fn everything(log: &AccessLog) -> Vec<Entry> {
    let query = Query {
        limit: 1000,
        ..Query::default()
    };
    let begun = Instant::now();
    loop {
        match log.search(&query) {
            Ok(found) => return found.entries.into_iter().rev().collect(),
            Err(SearchError::Busy | SearchError::Index(_)) => {}
            Err(error) => panic!("{error}"),
        }
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "it is not made again"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn an_index_that_is_missing_damaged_behind_or_of_another_log_is_made_again() {
    let data = tempfile::tempdir().expect("a directory");
    let data = data.path();
    let (log, hands) = filled(data);
    drop(log);
    let index = data.join("access-log/index.db");
    let old = fs::read(&index).expect("there");
    let open = || AccessLog::open(data, options(&hands)).expect("opened");
    let log = open();
    fill(&log, &hands, 30);
    drop(log);
    let kept: Vec<Entry> = everything(&open());
    assert_eq!(kept, entries(&folder(data)));
    let good = fs::read(&index).expect("there");
    let elsewhere = tempfile::tempdir().expect("a directory");
    drop(filled(elsewhere.path()));
    let other = fs::read(elsewhere.path().join("access-log/index.db")).expect("there");
    let mut damaged = good.clone();
    for byte in damaged.iter_mut().skip(4096).step_by(100) {
        *byte ^= 0x5a;
    }
    let cases: [(&str, Option<&[u8]>); 6] = [
        ("missing", None),
        ("behind", Some(&old)),
        ("of another log", Some(&other)),
        ("damaged", Some(&damaged)),
        (
            "no database",
            Some(b"this is no database, and never was one, as anybody can see"),
        ),
        ("cut", Some(&good[..good.len() / 2])),
    ];
    for (name, bytes) in cases {
        for suffix in ["-wal", "-shm"] {
            let _ = fs::remove_file(data.join(format!("access-log/index.db{suffix}")));
        }
        match bytes {
            Some(bytes) => fs::write(&index, bytes).expect("written"),
            None => fs::remove_file(&index).expect("removed"),
        }
        assert_eq!(everything(&open()), kept, "{name}");
    }
    assert_eq!(entries(&folder(data)), kept, "the log is as it was");
}
