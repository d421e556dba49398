//! What another threshold would come to, against a search from scratch under that threshold: of random histories
//! with their corrections, under random thresholds in force, at every value around those that claims stand at.

use std::cell::RefCell;
use std::collections::BTreeMap;

use fundwatch::alert::{Effect, NoTurn, Sum};
use fundwatch::rule::Dial;
use jiff::civil::Date;
use proptest::prelude::*;

use crate::history::frequent;
use crate::models::models;
use crate::near_thresholds::near_thresholds;
use crate::property::{Case, DAY, holds_of_a_fixed_sample, holds_under};
use crate::reason::{Alerts, alerts};
use crate::replay::weighed;
use crate::thresholds::{Rules, rules};
use crate::timeline::{date_of, timeline};
use crate::universe::TINY;
use crate::world::World;

/// Values of each dial at which the histories have claims, and values between them.
fn values(dial: Dial) -> &'static [u32] {
    match dial {
        Dial::OverlapMinutes | Dial::MinutesAfterAdmission | Dial::MinutesBeforeDischarge => &[
            0, 1, 2, 59, 60, 61, 119, 120, 121, 122, 240, 241, 1440, 1441, 20_000,
        ],
        Dial::Facilities => &[2, 3, 4, 5, 6],
        Dial::Visits => &[1, 2, 3, 4, 5, 19, 20, 21, 50],
        Dial::OutlierLevel => &[
            1, 10, 1_000, 5_000, 9_999, 10_000, 50_000, 200_000, 1_000_000,
        ],
    }
}

/// A world under another value of a dial.
fn turned(world: &World, dial: Dial, value: u32) -> World {
    let mut world = world.clone();
    let own = &mut world.thresholds;
    match dial {
        Dial::OverlapMinutes => own.overlap_minutes = value.into(),
        Dial::MinutesAfterAdmission => own.minutes_after_admission = value.into(),
        Dial::MinutesBeforeDischarge => own.minutes_before_discharge = value.into(),
        Dial::Facilities => own.facilities = value as usize,
        Dial::Visits => own.visits = value as usize,
        Dial::OutlierLevel => own.outlier_level = value,
    }
    world
}

/// The value that is in force; none where outliers are not looked for.
fn in_force(world: &World, dial: Dial) -> Option<u32> {
    let own = &world.thresholds;
    Some(match dial {
        Dial::OverlapMinutes => own.overlap_minutes as u32,
        Dial::MinutesAfterAdmission => own.minutes_after_admission as u32,
        Dial::MinutesBeforeDischarge => own.minutes_before_discharge as u32,
        Dial::Facilities => own.facilities as u32,
        Dial::Visits => own.visits as u32,
        Dial::OutlierLevel => {
            let model = &models()[own.model];
            let of_budget = || Some(model.alert_level(own.alert_budget)?.millionths());
            match own.outlier_level {
                _ if !model.is_calibrated_on_fund() => None,
                0 => of_budget().filter(|level| *level > 0),
                level => Some(level),
            }?
        }
    })
}

/// Counts an alert that is raised now, or would be.
fn add(effect: &mut Effect, sides: (bool, bool), thousandths: i128) {
    let sum = match sides {
        (true, true) => &mut effect.kept,
        (false, true) => &mut effect.added,
        (true, false) => &mut effect.removed,
        (false, false) => return,
    };
    *sum = Sum {
        claims: sum.claims + 1,
        thousandths: sum.thousandths + thousandths,
    };
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Expected {
    all: Effect,
    by_month: BTreeMap<String, Effect>,
    by_province: BTreeMap<String, Effect>,
}

fn expected(world: &World, dial: Dial, now: &Alerts, then: &Alerts) -> Expected {
    let reason = dial.reason().as_str();
    let mut expected = Expected::default();
    let of_reason = |alerts: &Alerts| -> BTreeMap<String, i128> {
        let found = alerts.iter().filter(|((of, _), _)| *of == reason);
        found
            .map(|((_, subject), finding)| (subject.id.clone(), finding.amount.into()))
            .collect()
    };
    let (now, then) = (of_reason(now), of_reason(then));
    for (claim, amount) in now
        .iter()
        .chain(then.iter().filter(|(id, _)| !now.contains_key(*id)))
    {
        let sides = (now.contains_key(claim), then.contains_key(claim));
        let claimed = &world.claims[claim];
        let admitted: Date = claimed.admission_date();
        let month = admitted.first_of_month().to_string();
        add(&mut expected.all, sides, *amount);
        add(expected.by_month.entry(month).or_default(), sides, *amount);
        let province = claimed.facility[..2].to_owned();
        add(
            expected.by_province.entry(province).or_default(),
            sides,
            *amount,
        );
    }
    expected
}

/// How often a value would add and remove claims, by dial.
type Moved = RefCell<BTreeMap<(Dial, &'static str), u32>>;

fn agrees(case: &Case, workers: usize, moved: &Moved) -> Result<(), String> {
    let rows = case.placed();
    let how = case.run(DAY, workers);
    let told = weighed(&rows, &how)?;
    let epochs = timeline(&rows, DAY, how.as_of, &how.reasons, &how.rules);
    let Some(last) = epochs.last() else {
        return Ok(());
    };
    let as_of = Some(date_of(how.as_of.unwrap_or(last.at)));
    for dial in Dial::ALL {
        let reason = dial.reason().as_str();
        if !how.reasons.contains(reason) {
            continue;
        }
        let force = in_force(&last.world, dial);
        let only = [reason].into();
        let now = alerts(&last.world, as_of, &only);
        for value in values(dial) {
            let turn = told.turn((dial, Some(*value)), &[], |_| vec![*value]);
            let Some(force) = force else {
                if turn != Err(NoTurn::Off) {
                    return Err(format!("{dial:?} is off: {turn:?}"));
                }
                continue;
            };
            let reach = dial.reach(force);
            let is_looser = match dial {
                Dial::OutlierLevel => *value > reach,
                _ => *value < reach,
            };
            if is_looser {
                if turn != Err(NoTurn::TooLoose(reach)) {
                    return Err(format!("{dial:?} reaches {reach}, not {value}: {turn:?}"));
                }
                continue;
            }
            let turn = turn.map_err(|why| format!("{dial:?} {value}: {why:?}"))?;
            let then = alerts(&turned(&last.world, dial, *value), as_of, &only);
            let naive = expected(&last.world, dial, &now, &then);
            let found = Expected {
                all: turn.all,
                by_month: (turn.by_month.iter())
                    .map(|(month, effect)| (month.to_string(), *effect))
                    .collect(),
                by_province: (turn.by_province.iter())
                    .map(|(code, effect)| (String::from_utf8_lossy(code).into_owned(), *effect))
                    .collect(),
            };
            if found != naive || turn.steps != [(*value, naive.all)] || turn.in_force != force {
                return Err(format!(
                    "{dial:?} at {value}, {force} in force: {found:#?} {:?}, and from scratch {naive:#?}",
                    turn.steps
                ));
            }
            let mut moved = moved.borrow_mut();
            for (kind, sum) in [
                ("added", naive.all.added),
                ("removed", naive.all.removed),
                ("kept", naive.all.kept),
            ] {
                *moved.entry((dial, kind)).or_default() += u32::from(sum.claims > 0);
            }
        }
    }
    Ok(())
}

/// A property over values that change nothing would hold of any program.
fn assert_moves(moved: &Moved, dial: Dial, kinds: &[&'static str]) {
    let moved = moved.borrow();
    for kind in kinds {
        let times = moved.get(&(dial, kind)).copied();
        assert!(times > Some(2), "{dial:?} {kind}: {moved:#?}");
    }
}

#[test]
fn another_threshold_comes_to_what_a_search_from_scratch_finds() {
    let moved = Moved::default();
    holds_of_a_fixed_sample(150, near_thresholds(), rules(), |case| {
        agrees(case, 1, &moved)
    });
    for dial in Dial::ALL {
        // Nobody here has so many visits that a looser threshold would find more.
        let kinds: &[_] = match dial {
            Dial::Visits => &["removed", "kept"],
            _ => &["added", "removed", "kept"],
        };
        assert_moves(&moved, dial, kinds);
    }
}

#[test]
fn another_threshold_of_frequent_visits_comes_to_what_a_search_from_scratch_finds() {
    let moved = Moved::default();
    holds_of_a_fixed_sample(12, frequent(TINY), Just(Rules::default()), |case| {
        agrees(case, 1, &moved)
    });
    assert_moves(&moved, Dial::Visits, &["added", "kept"]);
}

#[test]
fn another_threshold_comes_to_the_same_on_two_and_four_workers() {
    for workers in [2, 4] {
        holds_under(30, near_thresholds(), rules(), |case| {
            agrees(case, workers, &Moved::default())
        });
    }
}
