//! Knowledge time: what is known, and must be alerted, after every epoch.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::file::{Op, Placed};
use crate::models::key;
use crate::plain::{Day, Key};
use crate::reason::{Alerts, alerts};
use crate::thresholds::Rules;
use crate::world::World;

/// How knowledge time is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    Hours(u32),
    All,
}

impl Cut {
    /// The number of the epoch of an instant, counted from 1970-01-01T00:00+07:00.
    pub fn epoch_of(self, at: Timestamp) -> i64 {
        match self {
            Cut::All => 0,
            Cut::Hours(hours) => {
                let local = at.as_second() + 7 * 3600;
                local.div_euclid(i64::from(hours) * 3600)
            }
        }
    }
}

/// One epoch with rows, or a change of the thresholds, in it.
#[derive(Clone, Debug)]
pub struct Epoch {
    pub number: i64,
    /// The last recorded_at in it, or the time at which thresholds changed, whichever is later.
    pub at: Timestamp,
    pub world: World,
    /// Keys that hold something else after it than before it.
    pub changed: BTreeSet<Key>,
    /// What must be alerted after it.
    pub alerts: Alerts,
    /// Whether the reasons that need the as-of date are decided in it.
    pub is_last: bool,
    /// Where thresholds changed: what they are called, and the reasons that turn on those that did.
    pub rules: Option<(String, BTreeSet<&'static str>)>,
    /// What the model is called that took force, where another did before.
    pub model: Option<String>,
}

/// The UTC+7 date of an instant.
pub fn date_of(at: Timestamp) -> Day {
    jiff::tz::offset(7).to_datetime(at).date()
}

/// Every epoch of the accepted rows known at `as_of`, under rules.
pub fn timeline(
    rows: &[Placed],
    cut: Cut,
    as_of: Option<Timestamp>,
    reasons: &BTreeSet<&'static str>,
    rules: &Rules,
) -> Vec<Epoch> {
    let known = |r: &&Placed| as_of.is_none_or(|limit| r.row.at <= limit);
    let accepted = |r: &&Placed| !matches!(r.row.op, Op::Bad(..));
    let mut rows: Vec<&Placed> = rows.iter().filter(known).filter(accepted).collect();
    rows.sort_by_key(|r| (r.row.at, &r.path, r.number));
    let Some(last) = rows.last().map(|r| r.row.at) else {
        return Vec::new();
    };
    let as_of_date = date_of(as_of.unwrap_or(last));

    let mut epochs: Vec<Epoch> = Vec::new();
    let mut world = World {
        thresholds: rules.before(),
        ..World::default()
    };
    let activated = rules.activations.iter();
    let activated: Vec<_> = activated
        .filter(|(at, _)| as_of.is_none_or(|limit| *at <= limit))
        .collect();
    let first = cut.epoch_of(rows[0].row.at);
    for (at, settings) in &activated {
        if cut.epoch_of(*at) < first {
            settings.iter().for_each(|s| world.thresholds.set(s));
        }
    }
    let of_rows = rows.iter().map(|r| cut.epoch_of(r.row.at));
    let of_rules = activated.iter().map(|(at, _)| cut.epoch_of(*at));
    let numbers: BTreeSet<i64> = of_rows.chain(of_rules).filter(|n| *n >= first).collect();
    for number in numbers {
        let before = world.clone();
        let group: Vec<_> = rows
            .iter()
            .filter(|r| cut.epoch_of(r.row.at) == number)
            .collect();
        for placed in &group {
            match &placed.row.op {
                Op::Upsert(record) => world.upsert(record.clone()),
                Op::Delete(key) => world.delete(key),
                Op::Bad(..) => unreachable!("only accepted rows are here"),
            }
        }
        let changes: Vec<_> = activated
            .iter()
            .filter(|(at, _)| cut.epoch_of(*at) == number)
            .collect();
        for (_, settings) in &changes {
            settings.iter().for_each(|s| world.thresholds.set(s));
        }
        let changed = world.thresholds.reasons_changed(&before.thresholds);
        let rules = (!changed.is_empty()).then(|| (world.thresholds.key(), changed));
        let (was, is) = (before.thresholds.model, world.thresholds.model);
        let model = (is != was).then(|| key(is));
        let of_rules = changes
            .last()
            .map(|(at, _)| *at)
            .filter(|_| rules.is_some() || model.is_some());
        let of_rows = group.last().map(|r| r.row.at);
        let Some(at) = of_rows.max(of_rules) else {
            continue;
        };
        let is_last = number == cut.epoch_of(last);
        let is_decided = number >= cut.epoch_of(last);
        let touched = group.iter().filter_map(|r| r.row.key());
        epochs.push(Epoch {
            number,
            at,
            changed: touched
                .filter(|key| before.get(key) != world.get(key))
                .collect(),
            alerts: alerts(&world, is_decided.then_some(as_of_date), reasons),
            world: world.clone(),
            is_last,
            rules,
            model,
        });
    }
    epochs
}
