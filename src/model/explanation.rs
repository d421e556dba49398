//! Why a claim has its score: what each feature adds, beside what is usual.
//!
//! In: contributions to a distance. Out: shares that add up, largest first. Must hold: integers
//! only; the same claim always has the same explanation.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::feature::Feature;
use super::peer::PeerFigures;
use super::score::Score;

/// Why a claim has its score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// The score.
    pub score: Score,
    /// The raw score, which orders claims of equal scores: the sum of distances (see
    /// [`NnEnsemble::distance_row`](super::NnEnsemble::distance_row)).
    pub distance: u64,
    /// The group that the cost is compared with, as [`PeerGroup`](super::PeerGroup) is written.
    pub peer_group: String,
    /// What the claims of that group cost, in thousandths of ln dong.
    pub peers: PeerFigures,
    /// Every feature, the one that adds most first.
    pub factors: Vec<Factor>,
}

/// What a feature adds to a raw score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Factor {
    /// The feature.
    pub feature: Feature,
    /// Its share of the raw score in ten-thousandths. The shares of a claim add up to 10,000, or to
    /// 0 if its raw score is 0.
    pub share: u16,
    /// The value of the claim.
    pub observed: i32,
    /// The usual value: for the cost the median of the peer group, else the median of the training
    /// data.
    pub typical: i32,
}

impl Factor {
    /// Whether the observed value is above, at or below the usual one: the sign of the share.
    pub fn direction(&self) -> Ordering {
        self.observed.cmp(&self.typical)
    }
}

/// Shares of a sum in ten-thousandths, rounded by largest remainder, ties in order.
pub(super) fn shares(parts: &[u64; Feature::COUNT]) -> [u16; Feature::COUNT] {
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
        fn shares_add_up_and_are_near(parts: [u64; 9], shift in 0u32..64) {
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
