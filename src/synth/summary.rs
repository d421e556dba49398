//! What a country has in it, in numbers.

use std::collections::BTreeMap;
use std::time::Duration;

use super::kind::Label;

/// A country that was made.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Rows by stream.
    pub rows: BTreeMap<&'static str, u64>,
    /// Labelled alerts by the kind of story.
    pub labels: BTreeMap<&'static str, LabelCount>,
    /// How much is to be found among the claims, against what is real.
    pub base_rate: BaseRate,
    /// Wall time.
    pub elapsed: Duration,
}

/// The labelled alerts of one kind of story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LabelCount {
    /// What they really are.
    pub label: Label,
    /// Alerts that hold at the end.
    pub stands: u64,
    /// Alerts that were raised and withdrawn.
    pub withdrawn: u64,
    /// Subjects that must not be an alert.
    pub none: u64,
}

/// Claims under `service_after_death`, against the real share.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BaseRate {
    /// Visits that are claimed.
    pub visits: u64,
    /// Claims that ever were under `service_after_death`.
    pub flagged: u64,
    /// Of these, misuse.
    pub misuse: u64,
    /// Of these, errors.
    pub errors: u64,
    /// Claims of `service_after_death` in a million that were asked for.
    pub asked_per_million: u32,
}

impl BaseRate {
    /// The published share: 1,847 visits in 22 months of some 180 million visits a year.
    pub const REAL_PER_MILLION: f64 = 5.6;

    /// Claims under `service_after_death` in a million visits.
    pub fn per_million(&self) -> f64 {
        self.flagged as f64 * 1e6 / self.visits.max(1) as f64
    }

    /// How often the real share this is.
    pub fn raised_by(&self) -> f64 {
        self.per_million() / Self::REAL_PER_MILLION
    }
}

impl Summary {
    /// Rows of all streams.
    pub fn all_rows(&self) -> u64 {
        self.rows.values().sum()
    }

    /// Rows of all streams a second.
    pub fn rows_per_second(&self) -> f64 {
        self.all_rows() as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }
}
