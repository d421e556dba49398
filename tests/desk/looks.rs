//! What changed since a look: against the set difference of two reads of a naive history.

use std::collections::{BTreeMap, BTreeSet};

use fundwatch::record::{Money, Stream};
use fundwatch::review::{
    EvidenceDigest, Finding, MachineChange, Opened, Place, SinceLook, View, Viewer, WorkAction,
};
use fundwatch::store::{AlertState, HistoryKind};
use proptest::prelude::*;

use crate::made::{Made, finding, id, reviewer, supervisor};

/// Alerts of a history: those with an odd number are of another province than r1's.
const ALERTS: u32 = 6;
/// Alerts that r1 has.
const OWN: [u32; 2] = [0, 1];

#[derive(Clone, Debug)]
enum Step {
    /// The next epoch: alerts come to say something, or nothing.
    Epoch(Vec<(u32, Option<u8>)>),
    /// The desk comes to the last epoch.
    Follow,
    /// Somebody has seen a place.
    Seen(usize, usize),
    /// Somebody opens an alert.
    Open(usize, u32),
    /// A supervisor writes a note about an alert.
    Note(u32),
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let say = (0..ALERTS, proptest::option::weighted(0.7, 1_u8..4));
    prop_oneof![
        6 => proptest::collection::vec(say, 0..4).prop_map(Step::Epoch),
        4 => Just(Step::Follow),
        2 => (0_usize..3, 0_usize..2).prop_map(|(who, place)| Step::Seen(who, place)),
        4 => (0_usize..3, 0..ALERTS).prop_map(|(who, alert)| Step::Open(who, alert)),
        1 => (0..ALERTS).prop_map(Step::Note),
        1 => Just(Step::Reopen),
    ]
}

fn people() -> [Viewer; 3] {
    let own = |name: &str, provinces: &[&str]| Viewer {
        provinces: provinces.iter().map(|&code| code.to_owned()).collect(),
        ..reviewer(name)
    };
    [own("r1", &[]), own("r2", &["79"]), own("r3", &["01"])]
}

fn places() -> [Place; 2] {
    [Place::Mine, Place::List(View::Open)]
}

fn province(alert: u32) -> &'static str {
    ["79", "01"][alert as usize % 2]
}

/// What holds at an epoch, with what each alert says.
type State = BTreeMap<u32, u8>;
/// Who looked at what, and up to which epoch and event.
type Marks<K> = BTreeMap<(usize, K), (u64, u64)>;

/// The history, whole, and what everybody has seen.
struct Naive {
    /// The state at each epoch; the first is of epoch 0.
    states: Vec<State>,
    raised: BTreeMap<u32, u64>,
    changed: BTreeMap<u32, u64>,
    log: Vec<(u32, u64, HistoryKind)>,
    /// Up to where the desk is.
    frontier: u64,
    told: usize,
    notes: Vec<u32>,
    seen: Marks<usize>,
    from: Marks<u32>,
    shown: Marks<u32>,
}

/// An alert, what became of it, and what it said before and after.
type Net = BTreeSet<(u32, &'static str, Option<u8>, Option<u8>)>;

impl Naive {
    fn new() -> Self {
        Self {
            states: vec![State::new()],
            raised: BTreeMap::new(),
            changed: BTreeMap::new(),
            log: Vec::new(),
            frontier: 0,
            told: 0,
            notes: Vec::new(),
            seen: Marks::new(),
            from: Marks::new(),
            shown: Marks::new(),
        }
    }

    fn epoch(&mut self, says: &[(u32, Option<u8>)]) {
        let mut state = self.states.last().expect("the first").clone();
        let epoch = self.states.len() as u64;
        let last: BTreeMap<u32, Option<u8>> = says.iter().copied().collect();
        for (alert, says) in last {
            let kind = match (state.get(&alert), says) {
                (None, Some(_)) => HistoryKind::Raised,
                (Some(before), Some(now)) if *before != now => HistoryKind::Changed,
                (Some(_), None) => HistoryKind::Withdrawn,
                _ => continue,
            };
            match says {
                Some(says) => state.insert(alert, says),
                None => state.remove(&alert),
            };
            if kind == HistoryKind::Raised {
                self.raised.insert(alert, epoch);
            }
            self.changed.insert(alert, epoch);
            self.log.push((alert, epoch, kind));
        }
        self.states.push(state);
    }

    /// The difference of two states, of the alerts of which this is asked.
    fn net(&self, since: u64, until: u64, of: impl Fn(u32) -> bool) -> Net {
        let (before, after) = (&self.states[since as usize], &self.states[until as usize]);
        let alerts = (0..ALERTS).filter(|alert| of(*alert));
        alerts
            .filter_map(|alert| match (before.get(&alert), after.get(&alert)) {
                (None, Some(now)) => Some((alert, "raised", None, Some(*now))),
                (Some(was), Some(now)) if was != now => {
                    Some((alert, "changed", Some(*was), Some(*now)))
                }
                (Some(was), None) => Some((alert, "withdrawn", Some(*was), None)),
                _ => None,
            })
            .collect()
    }

    fn sees(who: &Viewer, alert: u32) -> bool {
        who.provinces.is_empty() || who.provinces.iter().any(|own| own == province(alert))
    }
}

/// An alert as it says something, or did last.
fn said(naive: &Naive, alert: u32) -> Finding {
    let says = naive.states.last().and_then(|state| state.get(&alert));
    let last = || {
        naive
            .states
            .iter()
            .rev()
            .find_map(|state| state.get(&alert))
    };
    let content = says.or_else(last).copied().unwrap_or_default();
    Finding {
        facility: Some(format!("{}001", province(alert))),
        amount: Money::dong(i64::from(content)),
        digest: EvidenceDigest([content + u8::from(says.is_none()) * 100; 16]),
        state: match says {
            Some(_) => AlertState::Active,
            None => AlertState::Withdrawn,
        },
        raised_epoch: naive.raised[&alert],
        changed_epoch: naive.changed[&alert],
        ..finding(alert)
    }
}

/// Brings the desk to the last epoch, whatever it passed over.
fn follow(made: &Made, naive: &mut Naive) {
    let news = &naive.log[naive.told..];
    let changes = news.iter().map(|(alert, epoch, kind)| MachineChange {
        alert_id: id(*alert),
        epoch: *epoch,
        at: made.now(),
        kind: *kind,
        causes: vec![Stream::Claims],
    });
    let changes: Vec<MachineChange> = changes.collect();
    made.desk.add_changes(&changes).expect("added");
    let touched: BTreeSet<u32> = news.iter().map(|(alert, _, _)| *alert).collect();
    let findings: Vec<Finding> = touched.iter().map(|alert| said(naive, *alert)).collect();
    naive.told = naive.log.len();
    naive.frontier = naive.states.len() as u64 - 1;
    made.project(&findings, naive.frontier);
}

fn amount(money: Money) -> u8 {
    u8::try_from(money.thousandths() / 1000).expect("small")
}

fn number(alert_id: &str) -> u32 {
    (0..ALERTS)
        .find(|number| id(*number) == alert_id)
        .expect("known")
}

fn net(told: &[fundwatch::review::NetChange]) -> Net {
    let of = |one: &fundwatch::review::NetChange| {
        let from = one.from.as_ref().map(|one| amount(one.amount));
        let to = one.to.as_ref().filter(|one| one.holds());
        let to = to.map(|one| amount(one.amount));
        (number(&one.alert_id), one.kind.as_str(), from, to)
    };
    told.iter().map(of).collect()
}

/// Whether an alert is of a place.
fn is_of(who: usize, place: usize, alert: u32) -> bool {
    let is_own = OWN.contains(&alert);
    match place {
        0 => who == 0 && is_own,
        _ => !is_own,
    }
}

fn check_place(made: &Made, naive: &Naive, who: usize, place: usize) -> Result<(), TestCaseError> {
    let viewer = &people()[who];
    let told = made
        .desk
        .since_look(viewer, &places()[place], None)
        .expect("read");
    let count = made
        .desk
        .changed_count(viewer, &places()[place])
        .expect("read");
    let Some((since, after)) = naive.seen.get(&(who, place)) else {
        prop_assert!(told.is_none() && count.is_none());
        return Ok(());
    };
    let told: SinceLook = told.expect("it was seen");
    let of = |alert: u32| Naive::sees(viewer, alert) && is_of(who, place, alert);
    let expected = naive.net(*since, naive.frontier, of);
    prop_assert_eq!(net(&told.alerts), expected.clone());
    let of_kind = |kind: &str| expected.iter().filter(|one| one.1 == kind).count() as u64;
    let changes = &told.changes;
    prop_assert_eq!(
        (changes.raised, changes.changed, changes.withdrawn),
        (of_kind("raised"), of_kind("changed"), of_kind("withdrawn"))
    );
    prop_assert!(!told.is_cut && told.items.len() == told.alerts.len());
    let notes: Vec<u32> = (1..)
        .zip(&naive.notes)
        .filter(|(event, alert)| event > after && who == 0 && place == 0 && OWN.contains(alert))
        .map(|(_, alert)| *alert)
        .collect();
    let events = told.events.iter().map(|event| number(&event.alert_id));
    prop_assert!(events.eq(notes.iter().copied()));
    let count = count.expect("it was seen");
    prop_assert_eq!(count.count, (expected.len() + notes.len()) as u64);
    Ok(())
}

/// Opens an alert in both; what is told is what happened since it was opened the last time that there was something.
fn open(made: &Made, naive: &mut Naive, who: usize, alert: u32) -> Result<(), TestCaseError> {
    let viewer = &people()[who];
    let opened = made.desk.open_alert(viewer, &id(alert)).expect("read");
    let known = naive.log[..naive.told]
        .iter()
        .any(|(own, _, _)| *own == alert);
    if !known || !Naive::sees(viewer, alert) {
        prop_assert!(opened.is_none());
        return Ok(());
    }
    let opened: Opened = opened.expect("it is theirs");
    let key = (who, alert);
    let now = (naive.frontier, naive.notes.len() as u64);
    let since = |(epoch, event): (u64, u64)| {
        let change = naive.net(epoch, naive.frontier, |own| own == alert);
        let events = naive.notes[event as usize..].iter();
        (change, events.filter(|own| **own == alert).count())
    };
    let told = net(opened.change.as_slice());
    let Some(shown) = naive.shown.get(&key).copied() else {
        prop_assert!(opened.from.is_none() && told.is_empty() && opened.events.is_empty());
        naive.from.insert(key, now);
        naive.shown.insert(key, now);
        return Ok(());
    };
    let mut expected = since(shown);
    let is_new = !expected.0.is_empty() || expected.1 > 0;
    if !is_new {
        expected = since(naive.from[&key]);
    }
    prop_assert_eq!(&told, &expected.0);
    prop_assert_eq!(opened.events.len(), expected.1);
    if is_new {
        naive.from.insert(key, shown);
        naive.shown.insert(key, now);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_changed_since_a_look_is_the_difference_of_two_reads(steps in proptest::collection::vec(step(), 1..60)) {
        let mut made = Made::new();
        let mut naive = Naive::new();
        // r1 has two of the alerts from the first on.
        naive.epoch(&OWN.map(|alert| (alert, Some(1))));
        follow(&made, &mut naive);
        for alert in OWN {
            made.act(&people()[0], &id(alert), WorkAction::Take).expect("taken");
            // The acts of r1 are no news to r1, and for nobody else: nobody else has these.
            naive.notes.push(u32::MAX);
        }
        for step in steps {
            match step {
                Step::Epoch(says) => naive.epoch(&says),
                Step::Follow => follow(&made, &mut naive),
                Step::Seen(who, place) => {
                    let now = (naive.frontier, naive.notes.len() as u64);
                    made.desk.mark_seen(&people()[who], &places()[place], now).expect("noted");
                    naive.seen.insert((who, place), now);
                }
                Step::Open(who, alert) => open(&made, &mut naive, who, alert)?,
                Step::Note(alert) => {
                    let done = naive.log[..naive.told].iter().any(|(own, _, _)| *own == alert);
                    if done {
                        made.act_with(&supervisor("s9"), &id(alert), WorkAction::Note, |act| {
                            act.note = Some("ghi chú".to_owned());
                        }).expect("noted");
                        naive.notes.push(alert);
                    }
                }
                Step::Reopen => made.reopen(),
            }
            for who in 0..3 {
                for place in 0..2 {
                    check_place(&made, &naive, who, place)?;
                }
            }
        }
    }
}

fn content(number: u32, digest: u8, epoch: u64) -> Finding {
    Finding {
        digest: EvidenceDigest([digest; 16]),
        changed_epoch: epoch,
        ..finding(number)
    }
}

#[test]
fn no_look_loses_what_was_not_shown() {
    let made = Made::new();
    let who = reviewer("r1");
    made.project(&[finding(1)], 1);
    let open = || {
        made.desk
            .open_alert(&who, &id(1))
            .expect("read")
            .expect("theirs")
    };
    assert_eq!(open().from, None);
    made.project(&[content(1, 2, 2)], 2);
    for _ in 0..3 {
        // To load the page again tells the same.
        let opened = open();
        assert_eq!(opened.from.map(|look| look.epoch), Some(1));
        let change = opened.change.expect("changed");
        assert_eq!(change.kind, HistoryKind::Changed);
    }
    made.project(&[content(1, 3, 3)], 3);
    assert_eq!(open().from.map(|look| look.epoch), Some(2));
    let place = Place::Alert(id(1));
    made.desk.mark_seen(&who, &place, (3, 0)).expect("noted");
    assert_eq!(open().change, None);
    // What was seen stays seen, and nobody sees the future.
    made.desk.mark_seen(&who, &place, (1, 0)).expect("noted");
    assert_eq!(open().change, None);
    made.desk.mark_seen(&who, &place, (90, 90)).expect("noted");
    made.project(&[content(1, 4, 4)], 4);
    assert!(open().change.is_some());
}

#[test]
fn a_list_is_not_seen_by_a_look_at_it() {
    let made = Made::new();
    let who = reviewer("r1");
    let place = Place::List(View::Deceased);
    made.project(&[finding(1)], 1);
    assert_eq!(
        made.desk.since_look(&who, &place, None).expect("read"),
        None
    );
    made.desk.mark_seen(&who, &place, (1, 0)).expect("noted");
    made.project(
        &[finding(2)].map(|one| Finding {
            changed_epoch: 2,
            raised_epoch: 2,
            ..one
        }),
        2,
    );
    for _ in 0..2 {
        let told = made.desk.since_look(&who, &place, None).expect("read");
        assert_eq!(told.expect("seen before").changes.raised, 1);
    }
    // Of another epoch than theirs as well: a link that is passed on.
    let told = made.desk.since_look(&who, &place, Some(0)).expect("read");
    assert_eq!(told.expect("asked for").changes.raised, 2);
    let marks = |name: &str| {
        let items = [made.item(&id(1)), made.item(&id(2))];
        made.desk
            .changed_of(&reviewer(name), &place, &items)
            .expect("read")
    };
    assert_eq!(marks("r1"), [None, Some(HistoryKind::Raised)]);
    assert_eq!(marks("r2"), [None, None]);
    let logged = made.log.entries.lock().expect("nobody panicked").len();
    made.desk.changed_count(&who, &place).expect("read");
    let told = made.desk.since_look(&who, &place, None).expect("read");
    assert!(told.is_some());
    let entries = made.log.entries.lock().expect("nobody panicked");
    assert_eq!(
        entries.len(),
        logged + 1,
        "a list of alerts is a look at them, a count is none"
    );
    drop(entries);
    made.log
        .is_full
        .store(true, std::sync::atomic::Ordering::SeqCst);
    assert!(made.desk.since_look(&who, &place, None).is_err());
    assert!(made.desk.open_alert(&who, &id(1)).is_err());
}
