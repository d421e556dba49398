//! Whether claims still are what a model was trained on: the population stability index.
//!
//! In: counts of values by bin, of the training data and of now. Out: an index for each feature. Must
//! hold: counts are exact and of integers; nothing is said of too few claims.

use serde::{Deserialize, Serialize};

use super::artefact::OutlierModel;
use super::feature::{Feature, Observation};

/// Bins that values are counted in.
const BINS: usize = 10;
/// Claims below which an index says more of chance than of drift.
pub const FEWEST_CLAIMS: u64 = 1000;
/// From here on a feature has shifted somewhat, by convention.
pub const SHIFTED: f64 = 0.1;
/// From here on a feature has shifted so much that the model should be trained anew, by convention.
pub const SHIFTED_MUCH: f64 = 0.25;

/// How the values of a feature were distributed, by bins of about as many each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Bins {
    /// The greatest value of each bin but the last, ascending, each once.
    edges: Vec<i32>,
    /// Values in each bin.
    counts: Vec<u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    edges: Vec<i32>,
    counts: Vec<u64>,
}

impl TryFrom<Stored> for Bins {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        let Stored { edges, counts } = stored;
        if !edges.is_sorted_by(|a, b| a < b) || counts.len() != edges.len() + 1 {
            return Err("bins have ascending edges and a count each");
        }
        if counts
            .iter()
            .try_fold(0u64, |sum, count| sum.checked_add(*count))
            .is_none()
        {
            return Err("the counts of bins add up to less than 2^64");
        }
        Ok(Self { edges, counts })
    }
}

impl From<Bins> for Stored {
    fn from(bins: Bins) -> Self {
        let Bins { edges, counts } = bins;
        Self { edges, counts }
    }
}

impl Bins {
    /// Bins of values, in any order, by their deciles; values that many claims share have a bin for
    /// themselves.
    pub fn of(mut values: Vec<i32>) -> Self {
        values.sort_unstable();
        let decile = |n: usize| {
            values
                .get((values.len() * n / BINS).checked_sub(1)?)
                .copied()
        };
        let mut edges: Vec<i32> = (1..BINS).filter_map(decile).collect();
        edges.dedup();
        // What is the greatest value of all ends no bin but the last.
        if edges.last() == values.last() {
            edges.pop();
        }
        let mut bins = Self {
            counts: vec![0; edges.len() + 1],
            edges,
        };
        for value in values {
            bins.add(value);
        }
        bins
    }

    /// The same bins, with nothing counted.
    pub fn emptied(&self) -> Self {
        Self {
            edges: self.edges.clone(),
            counts: vec![0; self.counts.len()],
        }
    }

    /// Counts a value.
    pub fn add(&mut self, value: i32) {
        let bin = self.edges.partition_point(|edge| *edge < value);
        self.counts[bin] += 1;
    }

    /// How many values were counted.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The population stability index of what `now` has counted, against these: `sum((a - e) ln(a / e))`
    /// over shares of bins, each share taken as at least half a value; 0 where nothing changed. None where
    /// either counted fewer than [`FEWEST_CLAIMS`], or the bins are others.
    pub fn stability(&self, now: &Self) -> Option<f64> {
        if self.total().min(now.total()) < FEWEST_CLAIMS || self.edges != now.edges {
            return None;
        }
        let share =
            |bins: &Self, place: usize| (bins.counts[place] as f64).max(0.5) / bins.total() as f64;
        let term = |place: usize| {
            let (expected, actual) = (share(self, place), share(now, place));
            (actual - expected) * (actual / expected).ln()
        };
        Some((0..self.counts.len()).map(term).sum())
    }
}

/// How the claims were that a model was trained on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    /// Of [`Feature::ALL`], the fitted claims.
    pub(super) features: [Bins; Feature::COUNT],
    /// The outlier scores, in ten-thousandths, of the claims that the model was calibrated on.
    pub(super) score: Bins,
}

/// How far one feature, or the score, has drifted from what a model was trained on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Drift {
    /// Which; `score` is the outlier score.
    pub feature: &'static str,
    /// The population stability index; none of fewer than [`FEWEST_CLAIMS`].
    pub stability: Option<f64>,
}

impl OutlierModel {
    /// How far claims, in any order, have drifted from those that the model was trained on: of each
    /// feature, and of the score.
    pub fn drift<'a>(&self, claims: impl IntoIterator<Item = &'a Observation>) -> Vec<Drift> {
        let Reference { features, score } = &self.reference;
        let mut now = features.each_ref().map(Bins::emptied);
        let mut scores = score.emptied();
        for claim in claims {
            let values = self.encode(claim).values;
            for (bins, value) in now.iter_mut().zip(values) {
                bins.add(value);
            }
            scores.add(self.score(claim).ten_thousandths().into());
        }
        let features = Feature::ALL.into_iter().zip(features.iter().zip(&now));
        let features = features.map(|(feature, (then, now))| Drift {
            feature: feature.name(),
            stability: then.stability(now),
        });
        let score = Drift {
            feature: "score",
            stability: score.stability(&scores),
        };
        features.chain([score]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_did_not_change_is_stable_and_what_did_is_not() {
        let values: Vec<i32> = (0..2000).collect();
        let reference = Bins::of(values.clone());
        assert_eq!(reference.counts, [200; 10]);
        assert_eq!(reference.stability(&reference), Some(0.0));
        let mut shifted = reference.emptied();
        values.iter().for_each(|value| shifted.add(value + 400));
        assert!(reference.stability(&shifted).unwrap() > SHIFTED_MUCH);
        let mut few = reference.emptied();
        values.iter().take(999).for_each(|value| few.add(*value));
        assert_eq!(reference.stability(&few), None);
    }

    #[test]
    fn a_value_of_many_has_its_own_bin() {
        let mut values = vec![0; 900];
        values.extend(1..=600);
        let bins = Bins::of(values);
        assert_eq!(bins.counts[0], 900);
        assert_eq!(bins.total(), 1500);
        assert_eq!(Bins::of(Vec::new()).counts, [0]);
        assert_eq!(Bins::of(vec![7; 3]).counts, [3]);
        for bad in [
            r#"{"edges":[2,1],"counts":[1,1,1]}"#,
            r#"{"edges":[1],"counts":[1]}"#,
        ] {
            assert!(serde_json::from_str::<Bins>(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn an_index_is_not_negative(
            then in proptest::collection::vec(-50i32..50, 1000..1100),
            now in proptest::collection::vec(-50i32..50, 1000..1100),
        ) {
            let reference = Bins::of(then);
            let mut counted = reference.emptied();
            now.iter().for_each(|value| counted.add(*value));
            prop_assert!(reference.stability(&counted).unwrap() >= 0.0);
            let json = serde_json::to_string(&reference).unwrap();
            prop_assert_eq!(serde_json::from_str::<Bins>(&json).unwrap(), reference);
        }
    }
}
