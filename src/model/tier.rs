//! How dear facilities are: a tier of each, learnt from what its claims cost beside their peers.
//!
//! In: deviations of costs by facility. Out: a tier from 1 to 4 a facility. Must hold: tiers depend on the
//! set of deviations alone; a facility with few claims has none.
//!
//! Streams do not say what kind of hospital a facility is, and a central hospital's prices are no outlier
//! among central hospitals. Four tiers tell little more than that: whoever inflates bills moves up by one
//! at most, since the median of all of a facility's claims decides.

use std::fmt;

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use crate::record::{Facility, Value};

/// A quarter of the facilities, from the cheapest, 1, to the dearest, 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tier(u8);

impl Tier {
    const COUNT: u8 = 4;

    /// The tier of a number from 1 to 4.
    pub const fn new(number: u8) -> Option<Self> {
        if 1 <= number && number <= Self::COUNT {
            Some(Self(number))
        } else {
            None
        }
    }

    /// Its number, 1 to 4.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// The tier that is written so.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Self::new(text.strip_prefix('t')?.parse().ok()?)
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "t{}", self.0)
    }
}

/// Classes of deviations, 125 thousandths of a robust standard deviation wide, up to 8 on either side.
const CLASSES: i32 = 128;
const CLASS_WIDTH: i32 = 125;

/// How the costs of each facility deviate from those of their peers.
#[derive(Clone, Debug, Default)]
pub(super) struct TierCounts(HashMap<Facility, Box<[u32; CLASSES as usize]>>);

impl TierCounts {
    /// Counts a claim, by how far its cost lies from its peers' (see
    /// [`Spread::deviation`](super::Spread::deviation)).
    pub(super) fn add(&mut self, facility: Facility, deviation: i32) {
        let class = deviation.div_euclid(CLASS_WIDTH) + CLASSES / 2;
        let class = class.clamp(0, CLASSES - 1) as usize;
        let empty = || Box::new([0; CLASSES as usize]);
        let counts = self.0.entry(facility).or_insert_with(empty);
        counts[class] = counts[class].saturating_add(1);
    }
}

/// The tier of each facility that has one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Vec<String>>", into = "Vec<Vec<String>>")]
pub struct Tiers {
    tiers: HashMap<Facility, Tier>,
}

/// The most facilities of an artefact.
pub(super) const MOST_FACILITIES: usize = 1 << 16;

impl Tiers {
    /// Tiers of the facilities with at least `minimum` claims, at most `most` of them, those with the
    /// most: quarters by the median deviation of their costs, ties by code.
    pub(super) fn new(counts: &TierCounts, minimum: u64, most: usize) -> Self {
        let figures = counts.0.iter().map(|(facility, classes)| {
            let claims: u64 = classes.iter().copied().map(u64::from).sum();
            let mut left = claims.div_ceil(2);
            let reaches = |count: &u32| {
                left = left.saturating_sub(u64::from(*count));
                left == 0
            };
            let median = classes.iter().position(reaches);
            (claims, *facility, median)
        });
        let mut known: Vec<_> = figures.filter(|figures| figures.0 >= minimum).collect();
        known.sort_unstable_by_key(|(claims, facility, _)| (std::cmp::Reverse(*claims), *facility));
        known.truncate(most);
        known.sort_unstable_by_key(|(_, facility, median)| (*median, *facility));
        let all = known.len();
        let tier = |(place, (_, facility, _)): (usize, (u64, Facility, Option<usize>))| {
            let quarter = place * usize::from(Tier::COUNT) / all;
            (facility, Tier(quarter as u8 + 1))
        };
        Self {
            tiers: known.into_iter().enumerate().map(tier).collect(),
        }
    }

    /// The tier of a facility.
    pub fn of(&self, facility: Facility) -> Option<Tier> {
        self.tiers.get(&facility).copied()
    }

    /// How many facilities have one.
    pub fn len(&self) -> usize {
        self.tiers.len()
    }

    /// Whether no facility has one.
    pub fn is_empty(&self) -> bool {
        self.tiers.is_empty()
    }
}

impl TryFrom<Vec<Vec<String>>> for Tiers {
    type Error = String;

    fn try_from(stored: Vec<Vec<String>>) -> Result<Self, String> {
        if stored.len() != usize::from(Tier::COUNT) {
            return Err("there are four tiers of facilities".to_owned());
        }
        let mut tiers = HashMap::new();
        for (codes, number) in stored.iter().zip(1..) {
            for code in codes {
                let facility = Facility::from_text(code)
                    .ok_or_else(|| format!("`{code}` in a tier is no facility"))?;
                if tiers.insert(facility, Tier(number)).is_some() {
                    return Err(format!("facility `{code}` has two tiers"));
                }
            }
        }
        if tiers.len() > MOST_FACILITIES {
            return Err(format!("more than {MOST_FACILITIES} facilities have tiers"));
        }
        Ok(Self { tiers })
    }
}

impl From<Tiers> for Vec<Vec<String>> {
    fn from(tiers: Tiers) -> Self {
        let mut stored = vec![Vec::new(); usize::from(Tier::COUNT)];
        let mut facilities: Vec<_> = tiers.tiers.into_iter().collect();
        facilities.sort_unstable();
        for (facility, tier) in facilities {
            stored[usize::from(tier.0) - 1].push(facility.to_string());
        }
        stored
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facility(number: i64) -> Facility {
        Facility::from_int(number).unwrap()
    }

    #[test]
    fn facilities_are_quartered_by_their_medians() {
        let mut counts = TierCounts::default();
        for number in 0..8 {
            for claim in 0..20 {
                // Every other claim is far off, which moves no median.
                let deviation = if claim % 3 == 0 {
                    30_000
                } else {
                    500 * number as i32 - 2000
                };
                counts.add(facility(number), deviation);
            }
        }
        counts.add(facility(99), 0);
        let tiers = Tiers::new(&counts, 20, 100);
        let numbers = (0..8).map(|number| tiers.of(facility(number)).map(Tier::number));
        let expected = [1, 1, 2, 2, 3, 3, 4, 4].map(Some);
        assert!(numbers.eq(expected));
        assert_eq!(tiers.of(facility(99)), None);
        assert_eq!(Tiers::new(&counts, 20, 4).len(), 4);
        let json = serde_json::to_string(&tiers).unwrap();
        assert_eq!(serde_json::from_str::<Tiers>(&json).unwrap(), tiers);
        for bad in [
            "[]",
            r#"[["01001"],["01001"],[],[]]"#,
            r#"[["0 001"],[],[],[]]"#,
            r#"[["01001"],[],[],[],[]]"#,
        ] {
            assert!(serde_json::from_str::<Tiers>(bad).is_err(), "{bad}");
        }
    }
}
