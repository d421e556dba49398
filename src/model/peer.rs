//! What claims of a kind usually cost, and how long they last: the peer groups that a claim is compared
//! with.
//!
//! In: counts by kind. Out: quantiles of each group, and how far a value lies from its group. Must hold:
//! groups depend on the counts alone; no more are kept than the limit says.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::peer_counts::PeerCounts;
use super::peer_group::{PeerGroup, PeerKind};

/// The least interquartile range of a group, in thousandths of ln: about a tenth of a cost.
const LEAST_RANGE: i32 = 100;
/// The greatest deviation: 30 robust standard deviations.
const FARTHEST: i64 = 30_000;
/// The percentiles that are kept.
const PERCENTILES: [u64; 5] = [5, 25, 50, 75, 95];
/// The most groups that an artefact may hold.
const MOST_GROUPS: usize = 1 << 16;

/// How values of a group, or of a feature, are spread: five percentiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spread {
    /// The 5th, 25th, 50th, 75th and 95th percentile.
    pub percentiles: [i32; 5],
}

impl Spread {
    /// Of values, each with how often it is met, ascending; a percentile is the least value that at
    /// least that share of the values reach.
    pub(super) fn of(values: &[(i32, u64)]) -> Self {
        let all: u64 = values.iter().map(|(_, count)| count).sum();
        let percentile = |hundredths: u64| {
            let mut left = (u128::from(all) * u128::from(hundredths)).div_ceil(100) as u64;
            let reaches = |(_, count): &&(i32, u64)| {
                left = left.saturating_sub(*count);
                left == 0
            };
            values.iter().find(reaches).map_or(0, |(value, _)| *value)
        };
        Self {
            percentiles: PERCENTILES.map(percentile),
        }
    }

    /// The 5th percentile: what is below it is unusually little.
    pub const fn low(&self) -> i32 {
        self.percentiles[0]
    }

    /// The median.
    pub const fn median(&self) -> i32 {
        self.percentiles[2]
    }

    /// The 95th percentile: what is above it is unusually much.
    pub const fn high(&self) -> i32 {
        self.percentiles[4]
    }

    /// How far a value lies from the median, in thousandths of a robust standard deviation (the
    /// interquartile range, taken as at least 100 thousandths of ln, over 1.349), at most 30,000 in
    /// magnitude.
    pub fn deviation(&self, value: i32) -> i32 {
        let [_, lower, median, upper, _] = self.percentiles;
        let range = upper.saturating_sub(lower).max(LEAST_RANGE);
        let difference = i64::from(value) - i64::from(median);
        let deviation = difference * 1349 / i64::from(range);
        i32::try_from(deviation.clamp(-FARTHEST, FARTHEST)).expect("it was clamped")
    }

    pub(super) fn ascends(&self) -> bool {
        self.percentiles.is_sorted()
    }
}

/// How many claims a group has, what they cost and how long they last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerFigures {
    /// Claims.
    pub claims: u64,
    /// Total costs, in thousandths of ln dong.
    pub cost: Spread,
    /// Lengths, in thousandths of ln minutes.
    pub stay: Spread,
}

/// Figures of the groups that are large enough, and of all claims.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    try_from = "BTreeMap<String, Vec<u64>>",
    into = "BTreeMap<String, Vec<u64>>"
)]
pub struct PeerGroups {
    /// Ascending; among them that of all claims.
    groups: Vec<PeerGroup>,
    /// One a group.
    figures: Vec<PeerFigures>,
    all: PeerFigures,
}

impl PeerGroups {
    /// Groups of at least `minimum` claims, at most `most` of them, the largest; none if nothing was
    /// counted.
    pub(super) fn new(counts: &PeerCounts, minimum: u64, most: usize) -> Option<Self> {
        let mut found = Vec::new();
        for level in 0..PeerGroup::LEVELS {
            counts.each_group(level, |group, costs, stays| {
                let claims = costs.iter().map(|(_, claims)| claims).sum();
                if claims >= minimum || group == PeerGroup::ALL {
                    let figures = PeerFigures {
                        claims,
                        cost: Spread::of(costs),
                        stay: Spread::of(stays),
                    };
                    found.push((group, figures));
                }
            });
        }
        // All claims are as many as any group has, and `ALL` is the greatest number.
        found.sort_unstable_by_key(|(group, figures)| Reverse((figures.claims, *group)));
        found.truncate(most.max(1));
        Self::sorted(found)
    }

    fn sorted(mut found: Vec<(PeerGroup, PeerFigures)>) -> Option<Self> {
        found.sort_unstable_by_key(|(group, _)| *group);
        let place = found.binary_search_by_key(&PeerGroup::ALL, |(group, _)| *group);
        let all = found[place.ok()?].1;
        let (groups, figures) = found.into_iter().unzip();
        Some(Self {
            groups,
            figures,
            all,
        })
    }

    /// The narrowest group that a claim is in and that is kept.
    pub fn find(&self, kind: PeerKind) -> (PeerGroup, &PeerFigures) {
        let find = |group| {
            let place = self.groups.binary_search(&group).ok()?;
            Some((group, &self.figures[place]))
        };
        let found = PeerGroup::of(kind).find_map(find);
        found.unwrap_or((PeerGroup::ALL, &self.all))
    }

    /// The figures of all claims.
    pub fn all(&self) -> &PeerFigures {
        &self.all
    }

    /// Every group and its figures.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (PeerGroup, &PeerFigures)> {
        self.groups.iter().copied().zip(&self.figures)
    }
}

impl TryFrom<BTreeMap<String, Vec<u64>>> for PeerGroups {
    type Error = String;

    fn try_from(stored: BTreeMap<String, Vec<u64>>) -> Result<Self, String> {
        if stored.len() > MOST_GROUPS {
            return Err(format!("there are more than {MOST_GROUPS} peer groups"));
        }
        let mut groups = Vec::with_capacity(stored.len());
        for (text, numbers) in stored {
            let group = PeerGroup::parse(&text).ok_or_else(|| {
                format!(
                    "`{text}` is no peer group: expected `all`, `03`, `03 J` or `03 J18`, with `t2` \
                     and `40-59` behind them"
                )
            })?;
            let figures = figures(&numbers).ok_or_else(|| {
                format!(
                    "peer group `{text}` has not a number of claims and five ascending percentiles \
                     of cost and of stay"
                )
            })?;
            groups.push((group, figures));
        }
        Self::sorted(groups).ok_or_else(|| "the peer groups lack `all`".to_owned())
    }
}

fn figures(numbers: &[u64]) -> Option<PeerFigures> {
    let [claims, percentiles @ ..] = numbers else {
        return None;
    };
    let spread = |numbers: &[u64]| {
        let mut percentiles = [0; 5];
        for (percentile, number) in percentiles.iter_mut().zip(numbers) {
            *percentile = i32::from(u16::try_from(*number).ok()?);
        }
        let spread = Spread { percentiles };
        (numbers.len() == 5 && spread.ascends()).then_some(spread)
    };
    let (cost, stay) = percentiles.split_at_checked(5)?;
    Some(PeerFigures {
        claims: *claims,
        cost: spread(cost)?,
        stay: spread(stay)?,
    })
}

impl From<PeerGroups> for BTreeMap<String, Vec<u64>> {
    fn from(peers: PeerGroups) -> Self {
        let text = |(group, figures): (PeerGroup, &PeerFigures)| {
            let percentiles = [figures.cost, figures.stay].map(|spread| spread.percentiles);
            // They are of counted values, which are not negative.
            let percentiles = percentiles.as_flattened().iter();
            let numbers = percentiles.map(|value| u64::from(value.unsigned_abs()));
            let numbers = std::iter::once(figures.claims).chain(numbers);
            (group.to_string(), numbers.collect())
        };
        peers.iter().map(text).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::age_band::AgeBand;
    use crate::model::diagnosis::NO_CATEGORY;
    use crate::model::tier::Tier;
    use proptest::prelude::*;

    fn kind(visit_type: u8, diagnosis: u16, tier: u8, age: AgeBand) -> PeerKind {
        PeerKind {
            visit_type,
            diagnosis,
            tier: Tier::new(tier),
            age,
        }
    }

    #[test]
    fn the_narrowest_group_that_is_large_enough_is_found() {
        let mut counts = PeerCounts::default();
        for _ in 0..10 {
            counts.add(kind(3, 918, 1, AgeBand::To5), 11_000, 8000);
        }
        counts.add(kind(3, 918, 2, AgeBand::To5), 12_000, 8000);
        counts.add(kind(3, 944, 2, AgeBand::To5), 9000, 8000);
        counts.add(kind(1, 0, 0, AgeBand::Unknown), 5000, 3000);
        counts.add(kind(1, NO_CATEGORY, 0, AgeBand::Unknown), 5000, 3000);
        let peers = PeerGroups::new(&counts, 2, 100).unwrap();
        let group = |kind| peers.find(kind).0.to_string();
        assert_eq!(group(kind(3, 918, 1, AgeBand::To5)), "03 J18 t1 0-5");
        assert_eq!(group(kind(3, 918, 1, AgeBand::To39)), "03 J18 t1");
        assert_eq!(group(kind(3, 918, 2, AgeBand::To5)), "03 J18 0-5");
        assert_eq!(group(kind(3, 944, 2, AgeBand::To5)), "03 J t2");
        assert_eq!(group(kind(3, 1000, 4, AgeBand::To5)), "03");
        assert_eq!(group(kind(1, NO_CATEGORY, 0, AgeBand::To5)), "01");
        assert_eq!(group(kind(9, 918, 1, AgeBand::To5)), "all");
        assert_eq!(group(kind(200, 60_000, 0, AgeBand::To5)), "all");
        assert_eq!(peers.find(kind(3, 918, 2, AgeBand::To5)).1.claims, 11);
        assert_eq!(peers.all().claims, 14);
        assert_eq!(PeerGroups::new(&PeerCounts::default(), 1, 100), None);
        let few = PeerGroups::new(&counts, 2, 3).unwrap();
        let kept: Vec<String> = few.iter().map(|(group, _)| group.to_string()).collect();
        assert_eq!(kept, ["03 J", "03", "all"]);
    }

    #[test]
    fn a_deviation_is_robust_and_bounded() {
        let spread = |percentiles| Spread { percentiles };
        let costs = spread([9000, 10_000, 11_000, 12_000, 13_000]);
        assert_eq!(costs.deviation(11_000), 0);
        assert_eq!(costs.deviation(13_000), 1349);
        assert_eq!(costs.deviation(9_000), -1349);
        let fixed_price = spread([11_000; 5]);
        assert_eq!(fixed_price.deviation(11_100), 1349);
        assert_eq!(fixed_price.deviation(i32::MAX), 30_000);
        assert_eq!(fixed_price.deviation(i32::MIN), -30_000);
    }

    proptest! {
        #[test]
        fn percentiles_are_those_of_the_sorted_values(
            mut costs in proptest::collection::vec(0i32..20_000, 1..200),
        ) {
            let mut counts = PeerCounts::default();
            let kind = kind(1, 918, 3, AgeBand::From60);
            costs.iter().for_each(|cost| counts.add(kind, *cost, 20_000 - cost));
            let peers = PeerGroups::new(&counts, 1, 100).unwrap();
            let json = serde_json::to_string(&peers).unwrap();
            prop_assert_eq!(&serde_json::from_str::<PeerGroups>(&json).unwrap(), &peers);
            costs.sort_unstable();
            let percentile = |hundredths: usize| costs[(costs.len() * hundredths).div_ceil(100) - 1];
            let figures = peers.find(kind).1;
            prop_assert_eq!(figures.cost.percentiles, [5, 25, 50, 75, 95].map(percentile));
            prop_assert!(figures.stay.ascends());
        }
    }
}
