//! The self-replay of a service that ran for some days: it finds what was changed in the store, and nothing else.

use std::collections::BTreeSet;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use fundwatch::persons::Slice;
use fundwatch::progress::{Progress, Silent};
use fundwatch::self_replay::{self, Difference, SelfReplayError, Until};
use fundwatch::store::AlertState;
use serde_json::Value;

use crate::in_process::export;
use crate::self_replay_served::{
    DAYS, Stored, asked, change, day, forge, replay, served, stored, task,
};

#[test]
fn what_was_changed_in_the_store_is_found_and_nothing_else() {
    let data = served();
    let data = data.path();
    let whole = || replay(&task(data, Until::Yesterday, Slice::ALL)).unwrap();
    let same = whole();
    assert_eq!(same.mismatched_decisions, 0, "{same:?}");
    assert!(same.differing.is_empty() && same.not_covered.is_empty());
    assert_eq!(same.day, DAYS[3]);
    assert!((same.covered_ratio - 1.0).abs() < f64::EPSILON);
    assert!(same.decisions > 5 && same.from_epoch > 1 && same.from_epoch < same.until_epoch);
    let all = stored(data);
    for state in AlertState::ALL {
        assert!(all.iter().any(|one| one.state == state), "{state:?}");
    }
    assert_eq!(same.alerts, all.len() as u64);
    assert!(!data.join("self-replay").exists(), "nothing is left");

    let found = |expected: &[(&String, Difference)]| {
        let outcome = whole();
        let told: Vec<_> = (outcome.differing.iter())
            .flat_map(|one| one.differences.iter().map(|what| (&one.alert_id, *what)))
            .collect();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(told, expected, "{outcome:?}");
        let ids: BTreeSet<_> = expected.iter().map(|(id, _)| id).collect();
        assert_eq!(outcome.mismatched_decisions, ids.len() as u64);
        for one in &outcome.differing {
            let stored = all.iter().find(|stored| stored.id == one.alert_id);
            assert_eq!(one.reason, stored.unwrap().reason);
        }
    };
    let backup = fs::read(data.join("alerts.db")).unwrap();
    let restore = || fs::write(data.join("alerts.db"), &backup).unwrap();
    let active: Vec<&Stored> = (all.iter())
        .filter(|one| one.state == AlertState::Active)
        .collect();
    let other = |state| &all.iter().find(|one| one.state == state).unwrap().id;
    // Of all kinds at once: each alert is counted once, whatever differs of it.
    let [gone, withdrawn, forged] = [0, 1, 2].map(|place| &active[place].id);
    let back = other(AlertState::Withdrawn);
    let decided: Vec<String> = asked(
        data,
        &format!(
            "SELECT alert_id FROM history WHERE epoch >= {} ORDER BY alert_id",
            same.from_epoch
        ),
    );
    let untouched = |id: &&String| ![gone, withdrawn, forged, back].contains(id);
    let undone = decided.iter().find(untouched).unwrap();
    for statement in [
        format!("DELETE FROM alerts WHERE alert_id = '{gone}'"),
        format!("UPDATE alerts SET state = 'withdrawn' WHERE alert_id = '{withdrawn}'"),
        format!("UPDATE alerts SET sealed = zeroblob(80) WHERE alert_id = '{forged}'"),
        format!("UPDATE alerts SET state = 'active' WHERE alert_id = '{back}'"),
    ] {
        assert_eq!(change(data, &statement), 1);
    }
    let of_day = format!("alert_id = '{undone}' AND epoch >= {}", same.from_epoch);
    assert!(change(data, &format!("DELETE FROM history WHERE {of_day}")) > 0);
    found(&[
        (gone, Difference::AlertMissing),
        (withdrawn, Difference::AlertMissing),
        (forged, Difference::Unreadable),
        (back, Difference::AlertNotReplayed),
        (undone, Difference::DecisionMissing),
    ]);
    restore();
    // A line of another alert, by who has no key, is no line of this one.
    let moved = format!(
        "UPDATE alerts SET sealed = (SELECT sealed FROM alerts WHERE alert_id = '{withdrawn}')
        WHERE alert_id = '{gone}'"
    );
    change(data, &moved);
    found(&[(gone, Difference::Unreadable)]);
    restore();
    // Lines of who has the key: one character of an alert, and of what was decided of one.
    let other = |line: &str| line.replacen("T", "t", 1);
    assert_ne!(other(&active[0].line), active[0].line);
    forge(data, gone, &other(&active[0].line), None);
    let (_, history) = export(data);
    let decided = history.lines().last().unwrap();
    let told: Value = serde_json::from_str(decided).unwrap();
    let (id, epoch) = (told["alert_id"].as_str().unwrap(), told["epoch"].as_u64());
    forge(data, id, &other(decided), epoch);
    let id = id.to_owned();
    assert_ne!(*gone, id);
    found(&[
        (gone, Difference::AlertOther),
        (&id, Difference::DecisionOther),
    ]);
    restore();
    // What was decided on an earlier day is not what was decided yesterday.
    let earlier = format!("DELETE FROM history WHERE epoch < {}", same.from_epoch);
    assert!(change(data, &earlier) > 0);
    found(&[]);
}

#[test]
fn every_day_has_its_own_decisions() {
    let data = served();
    let data = data.path();
    let all = stored(data);
    let mut decisions = 0;
    for named in DAYS {
        let of_day = replay(&task(data, Until::Day(day(named)), Slice::ALL)).unwrap();
        assert_eq!(of_day.mismatched_decisions, 0, "{of_day:?}");
        let changed = (all.iter()).filter(|one| one.changed_epoch > of_day.until_epoch);
        assert_eq!(of_day.alerts, (all.len() - changed.count()) as u64);
        decisions += of_day.decisions;
        if named != DAYS[2] {
            continue;
        }
        // In the middle of the day as well.
        let middle = (of_day.from_epoch + of_day.until_epoch) / 2;
        let of_epoch = replay(&task(data, Until::Epoch(middle), Slice::ALL)).unwrap();
        assert_eq!(of_epoch.mismatched_decisions, 0, "{of_epoch:?}");
        assert_eq!((&*of_epoch.day, of_epoch.until_epoch), (named, middle));
        assert_eq!(of_epoch.from_epoch, of_day.from_epoch);
    }
    let history: Vec<u64> = asked(data, "SELECT count(*) FROM history");
    assert_eq!(decisions, history[0]);
    // Before there was anything, there is nothing to differ.
    let before = Until::Day(day("2027-02-28"));
    let nothing = replay(&task(data, before, Slice::ALL)).unwrap();
    assert_eq!((nothing.until_epoch, nothing.decisions), (0, 0));
    assert_eq!(nothing.mismatched_decisions, 0);
}

#[test]
fn a_journal_that_lacks_something_is_no_outcome() {
    let data = served();
    let data = data.path();
    let whole = || replay(&task(data, Until::Yesterday, Slice::ALL));
    let committed = whole().unwrap().until_epoch;
    let beyond = replay(&task(data, Until::Epoch(committed + 1), Slice::ALL));
    assert!(matches!(beyond, Err(SelfReplayError::NoEpoch { .. })));
    let listed = fs::read_dir(data.join("journal")).unwrap();
    let mut segments: Vec<_> = listed.map(|entry| entry.unwrap().path()).collect();
    segments.retain(|path| path.extension().is_some_and(|end| end == "segment"));
    segments.sort();
    let last = segments.last().unwrap();
    let bytes = fs::read(last).unwrap();
    let frame = memchr::memmem::rfind(&bytes, b"FWe1").unwrap();
    for end in [bytes.len() - 1, frame] {
        fs::write(last, &bytes[..end]).unwrap();
        let cut = whole();
        let Err(SelfReplayError::Cut { sealed, .. }) = cut else {
            panic!("{cut:?}");
        };
        assert_eq!(sealed, committed - 1);
    }
    fs::write(last, &bytes).unwrap();
    let first = &segments[0];
    let whole_first = fs::read(first).unwrap();
    let mut changed = whole_first.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    fs::write(first, &changed).unwrap();
    assert!(matches!(whole(), Err(SelfReplayError::Journal(_))));
    fs::write(first, &whole_first).unwrap();
    // And a store that does not have everything yet.
    change(
        data,
        &format!("UPDATE meta SET committed_epoch = {}", committed - 1),
    );
    assert!(matches!(whole(), Err(SelfReplayError::StoreBehind { .. })));
    assert!(!data.join("self-replay").exists(), "nothing is left");
}

/// Tells somebody to stop once so many epochs were computed.
struct StopAfter<'a>(u64, &'a AtomicBool);

impl Progress for StopAfter<'_> {
    fn told(&self, _: &'static str, done: u64, _: u64) {
        self.1.store(done >= self.0, Ordering::Release);
    }
}

#[test]
fn one_that_is_stopped_ends_without_an_outcome() {
    let data = served();
    let data = data.path();
    for slice in [Slice::ALL, Slice::new(0, 2).unwrap()] {
        let task = task(data, Until::Yesterday, slice);
        let stop = AtomicBool::new(false);
        let stopped = self_replay::run(&task, &stop, &StopAfter(3, &stop));
        assert!(matches!(stopped, Err(SelfReplayError::Stopped)));
        // Before it has begun as well.
        let stopped = self_replay::run(&task, &stop, &Silent);
        assert!(matches!(stopped, Err(SelfReplayError::Stopped)));
    }
    assert!(!data.join("self-replay").exists(), "nothing is left");
}
