//! Random histories with a window, also while months are erased: the alerts that hold are those of a detector that
//! never knew the claims that are retired.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Write;
use std::path::Path;

use fundwatch::journal::{Arrived, Delivery, Month, Restoration, row_text};
use fundwatch::record::{Change, Day, Instant, Key, Operation, Record};
use fundwatch::replay::{self, Silent};
use fundwatch::resolve::RetentionWindow;
use fundwatch::store::StorePlace;

use crate::erasure;
use crate::live::{Country, Live, Setup, detector, export};
use crate::retention::{Days, with_window};
use crate::{by_id, of_journal};

/// A small generator of draws (splitmix64).
struct Draws(u64);

impl Draws {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % bound
    }
}

/// What must be known: the accepted rows, and what is restored.
#[derive(Default)]
struct Model {
    window: Option<u32>,
    accepted: HashMap<Key, Change>,
    /// The month under whose key each of them lies.
    sealed: HashMap<Key, Month>,
    restored: HashMap<Key, Day>,
}

fn last_day(change: &Change) -> Option<Day> {
    match &change.operation {
        Operation::Upsert(Record::Claims(claim)) => Some(claim.discharged_at.day()),
        Operation::Upsert(Record::CheckIns(check_in)) => Some(check_in.admitted_at.day()),
        _ => None,
    }
}

fn is_withdrawal(change: &Change) -> bool {
    match &change.operation {
        Operation::Upsert(Record::Claims(claim)) => claim.is_withdrawal(),
        Operation::Upsert(_) => false,
        Operation::Delete => true,
    }
}

impl Model {
    fn is_beyond(&self, change: &Change, as_of: Day) -> bool {
        let window = self.window.map(|days| RetentionWindow { days });
        let last = last_day(change);
        window.is_some_and(|window| last.is_some_and(|last| window.is_beyond(last, as_of)))
    }

    fn is_restored(&self, key: &Key, as_of: Day) -> bool {
        self.restored.get(key).is_some_and(|until| *until >= as_of)
    }

    /// Whether a row comes too late.
    fn is_late(&self, change: &Change, as_of: Day) -> bool {
        let known = self.accepted.get(&change.key);
        let known = known.filter(|known| !is_withdrawal(known));
        !self.is_restored(&change.key, as_of)
            && (self.is_beyond(change, as_of)
                || known.is_some_and(|known| self.is_beyond(known, as_of)))
    }

    fn take(&mut self, change: &Change, month: Month) {
        let known = self.accepted.get(&change.key);
        if known.is_none_or(|known| known.recorded_at <= change.recorded_at) {
            self.accepted.insert(change.key.clone(), change.clone());
            self.sealed.insert(change.key.clone(), month);
        }
    }

    /// Of what a month sealed, what is retired is removed, and the rest is sealed in another.
    fn erase(&mut self, month: Month, (now, as_of): (Month, Day)) {
        let keys: Vec<Key> = (self.sealed.iter())
            .filter(|(_, sealed)| **sealed == month)
            .map(|(key, _)| key.clone())
            .collect();
        for key in keys {
            let known = &self.accepted[&key];
            let is_retired = self.is_beyond(known, as_of) && !self.is_restored(&key, as_of);
            if let Some(known) = self.accepted.get_mut(&key)
                && is_retired
            {
                known.operation = Operation::Delete;
            }
            self.sealed.insert(key, now);
        }
    }

    /// The rows that are decided on.
    fn kept(&self, as_of: Day) -> Vec<&Change> {
        let holds = |key: &Key| {
            let known = self.accepted.get(key);
            known.is_some_and(|known| !is_withdrawal(known))
        };
        let is_kept = |change: &&Change| {
            let is_claimed = match &change.key {
                Key::CheckIn(facility, visit) => holds(&Key::Claim(*facility, visit.clone())),
                _ => false,
            };
            !is_withdrawal(change)
                && !is_claimed
                && (!self.is_beyond(change, as_of) || self.is_restored(&change.key, as_of))
        };
        self.accepted.values().filter(is_kept).collect()
    }

    /// The alerts of a detector that knows what is decided on alone.
    fn alerts(&self, as_of: Day, scratch: &Path) -> BTreeMap<String, serde_json::Value> {
        let input = scratch.join("input");
        std::fs::create_dir_all(&input).expect("a directory");
        let mut files = BTreeMap::new();
        for change in self.kept(as_of) {
            let name = change.key.stream().name();
            let file = files.entry(name).or_insert_with(|| {
                std::fs::File::create(input.join(format!("{name}.ndjson"))).expect("a file")
            });
            let mut line = row_text(change);
            line.push(b'\n');
            file.write_all(&line).expect("written");
        }
        let options = replay::Options {
            detector: detector(),
            as_of: Instant::end_of(as_of),
            ..replay::Options::new(&input, scratch.join("run"))
        };
        replay::run(&options, &mut Silent).expect("replayed");
        let alerts = std::fs::read_to_string(scratch.join("run/alerts.ndjson"));
        by_id(&alerts.expect("alerts"))
    }
}

fn day_of(change: &Change) -> Day {
    change.recorded_at.day()
}

/// Lives through a country, day by day, with rows that come late, corrections, deletions, restorations and
/// restarts, and, where asked, months that are erased; at each check, and at the end, alerts are those of the model.
fn lives(seed: u64, workers: usize, is_erased: bool) {
    let country = Country::new(1_000, 70, seed);
    let mut draws = Draws(seed);
    let first = country.rows().iter().filter_map(last_day).min();
    let first = first.expect("claims");
    let data = tempfile::tempdir().expect("a directory");
    let days = Days::at("2000-01-01");
    let mut model = Model {
        window: Some(20),
        ..Model::default()
    };
    let mut today = first.plus(1);
    days.set_day(today);
    let start = |window| {
        let setup = Setup {
            store: StorePlace::File(data.path().join("alerts.db")),
            detector: with_window(window),
            workers,
            clock: days.clock(),
            every_epochs: Some(3),
        };
        Live::start_with(data.path(), setup)
    };
    // Registers are known at first; claims arrive on some day after they are recorded.
    let arrival = |change: &Change, draws: &mut Draws| match last_day(change) {
        Some(_) => day_of(change).plus(match draws.below(10) {
            0 => draws.below(40) as i32,
            _ => draws.below(3) as i32,
        }),
        None => day_of(change),
    };
    let mut by_day: BTreeMap<Day, Vec<Change>> = BTreeMap::new();
    for change in country.rows() {
        let day = arrival(change, &mut draws).max(today);
        by_day.entry(day).or_default().push(change.clone());
    }
    // Some claims are sent again much later, or deleted.
    let claims: Vec<Change> = (country.rows().iter())
        .filter(|change| last_day(change).is_some())
        .cloned()
        .collect();
    for claim in &claims {
        if draws.below(12) > 0 {
            continue;
        }
        let mut again = claim.clone();
        let at = day_of(claim).plus(1 + draws.below(50) as i32).max(today);
        again.recorded_at = Instant::end_of(at).expect("in range");
        match (&mut again.operation, draws.below(3)) {
            (operation, 0) => *operation = Operation::Delete,
            (Operation::Upsert(Record::Claims(claim)), 1) => claim.cards.clear(),
            (Operation::Upsert(Record::Claims(claim)), _) => {
                claim.admitted_at = claim.discharged_at
            }
            _ => {}
        }
        by_day.entry(at).or_default().push(again);
    }
    let last = *by_day.keys().next_back().expect("days");
    let mut live = start(model.window);
    let (mut late, mut restored, mut checks) = (0, 0, 0);
    let mut erased = BTreeSet::new();
    while today <= last.plus(25) {
        days.set_day(today);
        // The day passes though nothing may come on it.
        live.deliver_and_see(Delivery::default());
        let due = by_day.remove(&today).unwrap_or_default();
        for part in due.chunks(200) {
            let rows = (1..).zip(part).map(|(row, change)| Arrived {
                row,
                change: change.clone(),
            });
            let receipt = live.deliver(Delivery {
                source: "test".to_owned(),
                rows: rows.collect(),
                ..Delivery::default()
            });
            // All of a delivery is judged by what was known before it, and later rows may still be under way.
            let mut expected = Vec::new();
            let judged: Vec<bool> = part
                .iter()
                .map(|change| model.is_late(change, today))
                .collect();
            for ((row, change), is_late) in (1..).zip(part).zip(judged) {
                match is_late {
                    true => expected.push((row, "beyond_window")),
                    false => model.take(change, Month::of(days.now().nanos())),
                }
            }
            late += expected.len();
            assert_eq!(receipt.rejected, expected);
            // So that what is known is known.
            live.deliver_and_see(Delivery::default());
        }
        if draws.below(6) == 0 {
            let beyond = model
                .accepted
                .iter()
                .filter(|(_, change)| !is_withdrawal(change) && model.is_beyond(change, today));
            let mut keys: Vec<Key> = beyond.map(|(key, _)| key.clone()).collect();
            keys.sort_unstable();
            keys.retain(|_| draws.below(15) == 0);
            let until = today.plus(1 + draws.below(12) as i32);
            for key in &keys {
                let known = model.restored.entry(key.clone()).or_insert(until);
                *known = until.max(*known);
            }
            restored += keys.len();
            live.deliver(Delivery {
                source: "restore".to_owned(),
                restores: Some(Restoration {
                    claims: keys,
                    until,
                }),
                ..Delivery::default()
            });
        }
        if is_erased && draws.below(12) == 0 {
            live.deliver_and_see(Delivery::default());
            let now = Month::of(days.now().nanos());
            let months = erasure::keys(data.path()).months().expect("listed");
            let passed = months.into_keys().filter(|month| *month < now);
            let passed: Vec<Month> = passed.filter(|month| !erased.contains(month)).collect();
            if !passed.is_empty() {
                let month = passed[draws.below(passed.len() as u64) as usize];
                erasure::ask(data.path(), &month.to_string(), &days);
                erasure::wait_until_destroyed(data.path(), &month.to_string());
                model.erase(month, (now, today));
                erased.insert(month);
            }
        }
        let is_last = today == last.plus(25);
        if draws.below(25) == 0 || is_last {
            live.stop();
            let stored = export(data.path());
            let scratch = tempfile::tempdir().expect("a directory");
            let mut expected = model.alerts(today, scratch.path());
            let mut alerts = by_id(&stored.0);
            // What an input row is called is not the same in both.
            for alert in alerts.values_mut().chain(expected.values_mut()) {
                alert
                    .as_object_mut()
                    .expect("an object")
                    .remove("evidence_digest");
            }
            // What differs is told alone.
            let differs = |id: &&String| alerts.get(*id) != expected.get(*id);
            let all: BTreeSet<&String> = alerts.keys().chain(expected.keys()).collect();
            let different = all.into_iter().filter(differs);
            let different: Vec<_> = different
                .map(|id| (alerts.get(id), expected.get(id)))
                .collect();
            assert!(different.is_empty(), "{today}: {different:#?}");
            if !is_erased {
                assert_eq!(stored, of_journal(data.path()), "{today}");
            }
            checks += 1;
            if draws.below(2) == 0 {
                model.window = [Some(12), Some(20), Some(35), None][draws.below(4) as usize];
            }
            live = start(model.window);
            live.deliver_and_see(Delivery::default());
        }
        today = today.plus(1);
    }
    live.stop();
    let (alerts, history) = export(data.path());
    if is_erased {
        // A new store is filled with what is left.
        erasure::without_store(data.path());
        start(model.window).stop();
        assert_eq!(by_id(&alerts), by_id(&export(data.path()).0));
    }
    assert!(
        late > 20 && restored > 20 && checks > 1,
        "{late} {restored} {checks}"
    );
    assert!(history.contains("\"archived\""));
    assert_eq!(is_erased, erased.len() > 2, "{erased:?}");
}

#[test]
fn alerts_are_those_of_what_is_decided_on() {
    for (seed, workers) in [(21, 1), (22, 2), (23, 4)] {
        lives(seed, workers, false);
    }
}

#[test]
fn alerts_are_those_of_what_is_decided_on_while_months_are_erased() {
    for (seed, workers) in [(31, 1), (32, 2)] {
        lives(seed, workers, true);
    }
}
