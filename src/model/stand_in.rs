//! What the next outlier model provides, made of today's: its p-values are the complements of scores, and
//! a level keeps to a budget that is as large. It goes when that model comes.

use super::artefact::OutlierModel;
use super::feature::Observation;
use super::score::Score;

/// A conformal p-value in millionths: how many of a million ordinary claims are at least as unlike others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PValue(u32);

impl PValue {
    /// The greatest p-value, 1.
    pub const ONE: Self = Self(1_000_000);

    /// The p-value of so many millionths, if it is at most 1.
    pub const fn new(millionths: u32) -> Option<Self> {
        match millionths <= Self::ONE.0 {
            true => Some(Self(millionths)),
            false => None,
        }
    }

    /// The p-value in millionths.
    pub const fn millionths(self) -> u32 {
        self.0
    }
}

impl OutlierModel {
    /// The p-value of a claim.
    pub fn p_value(&self, observation: &Observation) -> PValue {
        let score = self.score(observation).ten_thousandths();
        PValue(u32::from(Score::ONE.ten_thousandths() - score) * 100)
    }

    /// Whether it was calibrated on a fund's own claims.
    pub fn is_calibrated_on_fund(&self) -> bool {
        self.calibrated_on_fund
    }

    /// The level below which a share of ordinary claims, in millionths, has its p-value.
    pub fn alert_level(&self, budget_millionths: u32) -> Option<PValue> {
        PValue::new(budget_millionths)
    }
}
