//! What a shadow model makes of claims beside the model in force.
//!
//! In: scores of claims by both, or what the dataflow counted of them. Out: by reason, how many claims each
//! puts high, and by how much their scores differ. Must hold: counts and sums are integers, whatever order
//! claims come in; nothing here changes an alert.

use std::collections::BTreeMap;

use crate::dataflow::{Compared, Judged};
use crate::model::Score;
use crate::rule::Reason;

/// The score above which a claim under a reason counts as put high.
const HIGH: u16 = 9_500;

/// Two models compared, by reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    by_reason: BTreeMap<Reason, Counts>,
}

/// The claims of a reason that two models have scored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Claims compared.
    pub claims: i64,
    /// Those that both put high.
    pub both: i64,
    /// Those that the model in force alone puts high.
    pub only_live: i64,
    /// Those that the shadow model alone puts high.
    pub only_shadow: i64,
    /// The sum of what their scores differ by, in ten-thousandths.
    pub differences: i64,
}

impl Comparison {
    /// Takes claims that came or went, of which at least one of the models makes outliers.
    pub(super) fn add(&mut self, compared: Compared, count: i32) {
        let Compared { judged, difference } = compared;
        self.count(Reason::CostOutlier, Some(judged), difference, count.into());
    }

    /// Takes an alert that holds, with the score of its claim by each of the models.
    pub(super) fn add_alert(&mut self, reason: Reason, live: Score, shadow: Score) {
        let [live, shadow] = [live, shadow].map(Score::ten_thousandths);
        let judged = Judged::of(live > HIGH, shadow > HIGH);
        self.count(reason, judged, live.abs_diff(shadow), 1);
    }

    fn count(&mut self, reason: Reason, judged: Option<Judged>, difference: u16, claims: i64) {
        let counts = self.by_reason.entry(reason).or_default();
        counts.claims += claims;
        counts.differences += claims * i64::from(difference);
        match judged {
            Some(Judged::Both) => counts.both += claims,
            Some(Judged::OnlyLive) => counts.only_live += claims,
            Some(Judged::OnlyShadow) => counts.only_shadow += claims,
            None => {}
        }
    }

    /// The counts of each reason that has claims.
    pub fn by_reason(&self) -> impl Iterator<Item = (Reason, Counts)> + '_ {
        let counts = self.by_reason.iter();
        counts
            .filter(|(_, counts)| counts.claims > 0)
            .map(|(reason, counts)| (*reason, *counts))
    }
}

impl Counts {
    /// The mean of what the scores differ by, in ten-thousandths, rounded down.
    pub fn mean_difference(&self) -> i64 {
        self.differences / self.claims.max(1)
    }
}
