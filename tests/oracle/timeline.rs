//! Knowledge time: what is known, and must be alerted, after every epoch.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::file::{Op, Placed};
use crate::plain::{Day, Key};
use crate::reason::{Alerts, alerts};
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

/// One epoch with rows in it.
#[derive(Clone, Debug)]
pub struct Epoch {
    pub number: i64,
    /// The last recorded_at in it.
    pub at: Timestamp,
    pub world: World,
    /// Keys that hold something else after it than before it.
    pub changed: BTreeSet<Key>,
    /// What must be alerted after it.
    pub alerts: Alerts,
    /// Whether the reasons that need the as-of date are decided in it.
    pub is_last: bool,
}

/// The UTC+7 date of an instant.
pub fn date_of(at: Timestamp) -> Day {
    jiff::tz::offset(7).to_datetime(at).date()
}

/// Every epoch of the accepted rows known at `as_of`.
pub fn timeline(
    rows: &[Placed],
    cut: Cut,
    as_of: Option<Timestamp>,
    reasons: &BTreeSet<&'static str>,
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
    let mut world = World::default();
    for group in rows.chunk_by(|a, b| cut.epoch_of(a.row.at) == cut.epoch_of(b.row.at)) {
        let before = world.clone();
        for placed in group {
            match &placed.row.op {
                Op::Upsert(record) => world.upsert(record.clone()),
                Op::Delete(key) => world.delete(key),
                Op::Bad(..) => unreachable!("only accepted rows are here"),
            }
        }
        let at = group[group.len() - 1].row.at;
        let number = cut.epoch_of(at);
        let is_last = number == cut.epoch_of(last);
        let touched = group.iter().filter_map(|r| r.row.key());
        epochs.push(Epoch {
            number,
            at,
            changed: touched
                .filter(|key| before.get(key) != world.get(key))
                .collect(),
            alerts: alerts(&world, is_last.then_some(as_of_date), reasons),
            world: world.clone(),
            is_last,
        });
    }
    epochs
}
