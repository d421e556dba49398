//! What is offered to those who watch the log: a sample to check, how the log stands, when somebody last came.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use fundwatch::access_log::AccessLog;
use fundwatch::record::{Day, Instant};
use fundwatch::web::{AccessAction, AccessEntry, Stage};

use crate::support::{DAY, Hands, JANUARY, options};

fn keep(log: &AccessLog, actor: &str, action: AccessAction) -> u64 {
    let entry = AccessEntry::new(actor, "reviewer", action, Stage::done(1));
    log.keep(&entry).expect("kept")
}

/// The day of the clock, where the fund is.
fn day(millis: i64) -> Day {
    Instant::from_millis(millis).expect("a time").day()
}

#[test]
fn a_sample_is_one_in_twenty_of_each_kind_and_always_the_same() {
    let data = tempfile::tempdir().expect("a directory");
    let hands = Hands::at(JANUARY);
    let open = || AccessLog::open(data.path(), options(&hands)).expect("opened");
    let log = open();
    let first = day(JANUARY);
    let mut numbers = [BTreeSet::new(), BTreeSet::new()];
    for count in 0..1_130 {
        // More than one page of the search.
        let (kind, action) = match count % 10 {
            0 => (0, AccessAction::Reveal),
            _ => (1, AccessAction::OpenAlert),
        };
        numbers[kind].insert(keep(&log, "lan", action));
        if count % 5 == 0 {
            keep(&log, "lan", AccessAction::OpenQueue);
        }
    }
    hands.go(DAY);
    let second = keep(&log, "minh", AccessAction::Reveal);
    let sample = log.sample(first).expect("a sample");
    assert_eq!((sample.reveals, sample.openings), (113, 1_017));
    // 113 / 20 and 1017 / 20, rounded up.
    let of = |numbers: &BTreeSet<u64>| {
        let chosen = sample.entries.iter().map(|entry| entry.n);
        chosen.filter(|n| numbers.contains(n)).collect::<Vec<_>>()
    };
    let (reveals, openings) = (of(&numbers[0]), of(&numbers[1]));
    assert_eq!((reveals.len(), openings.len()), (6, 51));
    assert_eq!(sample.entries.len(), 57);
    // From all over the day, and not every twentieth.
    let steps: BTreeSet<u64> = openings.windows(2).map(|pair| pair[0] - pair[1]).collect();
    assert!(steps.len() > 10, "{steps:?}");
    assert!(openings[0] > 1_000 && openings[50] < 350, "{openings:?}");
    // Of a small day at least one; of none nothing.
    let small = log.sample(first.plus(1)).expect("a sample");
    let chosen: Vec<u64> = small.entries.iter().map(|entry| entry.n).collect();
    assert_eq!(
        (chosen, small.reveals, small.openings),
        (vec![second], 1, 0)
    );
    let none = log.sample(first.plus(-1)).expect("a sample");
    assert!(none.entries.is_empty() && none.reveals == 0);
    assert_eq!(log.sample(first).expect("again"), sample);
    drop(log);
    assert_eq!(open().sample(first).expect("after a start"), sample);
}

#[test]
fn it_is_known_when_somebody_last_came() {
    let data = tempfile::tempdir().expect("a directory");
    let hands = Hands::at(JANUARY);
    let log = AccessLog::open(data.path(), options(&hands)).expect("opened");
    for (actor, action) in [
        ("lan", AccessAction::SignIn),
        ("minh", AccessAction::SignIn),
        ("lan", AccessAction::SignIn),
        ("lan", AccessAction::SignOut),
    ] {
        hands.go(1_000);
        keep(&log, actor, action);
    }
    let latest = log.latest("sign_in").expect("searched");
    let latest: Vec<(&str, i64)> = { latest.iter() }
        .map(|(actor, at)| (actor.as_str(), at.nanos() / 1_000_000 - JANUARY))
        .collect();
    assert_eq!(latest, [("lan", 3_000), ("minh", 2_000)]);
    assert!(log.latest("reveal").expect("searched").is_empty());
}

#[test]
fn it_is_told_how_the_log_stands() {
    let data = tempfile::tempdir().expect("a directory");
    let hands = Hands::at(JANUARY);
    let mut of_log = options(&hands);
    let log = AccessLog::open(data.path(), of_log.clone()).expect("opened");
    let new = log.standing();
    assert_eq!(
        (new.signed_at, new.verified_at, new.is_damaged),
        (None, None, false)
    );
    let n = keep(&log, "lan", AccessAction::OpenAlert);
    hands.go(5_000);
    assert!(log.checkpoint().expect("signed"));
    let signed = log.standing();
    assert_eq!(signed.signed_at, Instant::from_millis(JANUARY + 5_000));
    // The mark of the checkpoint is a line as well.
    assert_eq!(signed.lines, n + 1);
    drop(log);
    hands.go(5_000);
    of_log.verify_every = Some(Duration::from_secs(3_600));
    let verified = |log: &AccessLog| {
        for _ in 0..500 {
            let standing = log.standing();
            if standing.verified_at.is_some() || standing.is_damaged {
                return standing;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it is not verified");
    };
    let log = AccessLog::open(data.path(), of_log.clone()).expect("opened");
    let whole = verified(&log);
    assert_eq!(whole.verified_at, Instant::from_millis(JANUARY + 10_000));
    assert!(!whole.is_damaged);
    drop(log);
    // Somebody takes a name out.
    let file = data.path().join("access-log/2026-01.ndjson");
    let text = fs::read_to_string(&file).expect("read");
    fs::write(&file, text.replace("\"lan\"", "\"xxx\"")).expect("written");
    let log = AccessLog::open(data.path(), of_log).expect("opened");
    assert!(verified(&log).is_damaged);
}
