//! Why a claim has its score: what each feature adds, beside what is usual among its peers.
//!
//! In: a claim. Out: contributions that add up exactly, shares of them, largest first. Must hold: integers
//! only; the same claim always has the same explanation.

use std::cmp::Ordering;

use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};

use super::artefact::OutlierModel;
use super::feature::{Feature, Observation};
use super::p_value::PValue;
use super::peer::{PeerFigures, Spread};
use super::score::Score;

/// Why a claim has its score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// The score.
    pub score: Score,
    /// The p-value.
    pub p_value: PValue,
    /// The raw score, which orders claims of equal scores: the sum of distances (see
    /// [`NnEnsemble::distance_row`](super::NnEnsemble::distance_row)).
    pub distance: u64,
    /// The group that cost and stay are compared with, as [`PeerGroup`](super::PeerGroup) is written.
    pub peer_group: String,
    /// What the claims of that group cost and how long they last.
    pub peers: PeerFigures,
    /// Every feature, the one that adds most first.
    pub factors: Vec<Factor>,
}

/// What a feature adds to a raw score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Factor {
    /// The feature.
    pub feature: Feature,
    /// What it adds to the raw score: the magnitudes of a claim's contributions add up to it exactly.
    /// Below 0 where the observed value is below the usual one.
    pub contribution: i64,
    /// Its share of the raw score in ten-thousandths. The shares of a claim add up to 10,000, or to
    /// 0 if its raw score is 0.
    pub share: u16,
    /// The value of the claim.
    pub observed: i32,
    /// The usual value: for cost and stay the median of the peer group, else that of the fitted claims.
    pub typical: i32,
    /// The 5th and the 95th percentile of the same claims: nine in ten lie between them.
    pub range: [i32; 2],
}

impl Factor {
    /// Whether the observed value is above, at or below the usual one.
    pub fn direction(&self) -> Ordering {
        self.observed.cmp(&self.typical)
    }
}

impl OutlierModel {
    /// Why a claim has its score.
    pub fn explain(&self, observation: &Observation) -> Explanation {
        let encoded = self.encode(observation);
        let mut parts = [0; Feature::COUNT];
        let row = encoded.row();
        let distance = (self.ensemble).contributions_row(ArrayView1::from(&row), &mut parts);
        let distance = distance.expect("finite numbers, and as many columns as features");
        let shares = shares(&parts);
        let mut order = Feature::ALL;
        order.sort_by_key(|feature| std::cmp::Reverse(parts[feature.index()]));
        let factor = |feature: Feature| {
            let usual = self.usual_among(feature, encoded.peers);
            let observed = encoded.values[feature.index()];
            let part = i64::try_from(parts[feature.index()]).unwrap_or(i64::MAX);
            Factor {
                feature,
                contribution: if observed < usual.median() {
                    -part
                } else {
                    part
                },
                share: shares[feature.index()],
                observed,
                typical: usual.median(),
                range: [usual.low(), usual.high()],
            }
        };
        Explanation {
            score: self.calibration.score(distance),
            p_value: self.calibration.p_value(distance),
            distance,
            peer_group: encoded.group.to_string(),
            peers: *encoded.peers,
            factors: order.into_iter().map(factor).collect(),
        }
    }

    /// How the values of a feature are spread among the claims that it is compared with.
    fn usual_among<'a>(&'a self, feature: Feature, peers: &'a PeerFigures) -> &'a Spread {
        match feature {
            Feature::Cost => &peers.cost,
            Feature::Stay => &peers.stay,
            _ => self.usual(feature),
        }
    }
}

/// Shares of a sum in ten-thousandths, rounded by largest remainder, ties in order.
fn shares(parts: &[u64; Feature::COUNT]) -> [u16; Feature::COUNT] {
    let sum: u128 = parts.iter().copied().map(u128::from).sum();
    let mut shares = [0; Feature::COUNT];
    if sum == 0 {
        return shares;
    }
    let mut remainders = [(0, 0); Feature::COUNT];
    for (place, part) in parts.iter().enumerate() {
        let scaled = u128::from(*part) * 10_000;
        shares[place] = u16::try_from(scaled / sum).expect("a part is at most the sum");
        remainders[place] = (sum - scaled % sum, place);
    }
    remainders.sort_unstable();
    let given: u16 = shares.iter().sum();
    // Fewer are left than there are parts, since each was rounded down by less than one.
    for (_, place) in remainders.iter().take(usize::from(10_000 - given)) {
        shares[*place] += 1;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn shares_add_up_and_are_near(parts: [u64; Feature::COUNT], shift in 0u32..64) {
            let parts = parts.map(|part| part >> shift);
            let shares = shares(&parts);
            let sum: u128 = parts.iter().copied().map(u128::from).sum();
            let total: u32 = shares.iter().copied().map(u32::from).sum();
            prop_assert_eq!(total, if sum == 0 { 0 } else { 10_000 });
            for (part, share) in parts.iter().zip(shares) {
                if sum > 0 {
                    let exact = u128::from(*part) * 10_000;
                    prop_assert!(exact.abs_diff(u128::from(share) * sum) < sum);
                }
            }
        }
    }
}
