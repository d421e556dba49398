//! What would have to be otherwise for a claim to be no outlier.
//!
//! In: a claim and a level. Out: for each feature, the nearest value with which the claim, otherwise as it
//! is, would be under the level. Must hold: no nearer value does; integers decide.
//!
//! A raw distance is no simple function of one feature: it falls towards the nearest anchors and rises behind
//! them. But each sample's distance changes by no more than the scaled value does, so that a claim that is
//! too far by `g` stays too far for `g` over the number of samples: the search leaps over what cannot be, and
//! stops at the first value that is near enough.

use serde::{Deserialize, Serialize};

use super::artefact::OutlierModel;
use super::feature::{Feature, Observation};
use super::figures::Encoded;
use super::p_value::PValue;

/// A change of one feature that makes a claim no outlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The feature.
    pub feature: Feature,
    /// The value of the claim, in the feature's unit.
    pub from: i32,
    /// The nearest value with which its p-value would be the level or more.
    pub to: i32,
}

impl OutlierModel {
    /// The changes of one feature each that would bring the p-value of a claim up to a level, the smallest,
    /// in robust standard deviations, first. None where it is there already, or where no one feature is
    /// enough.
    pub fn changes(&self, observation: &Observation, level: PValue) -> Vec<Change> {
        let Some(farthest) = self.calibration.farthest_within(level) else {
            return Vec::new();
        };
        let encoded = self.encode(observation);
        if self.distance_of(&encoded.row()) <= farthest {
            return Vec::new();
        }
        let search = |feature| Search {
            model: self,
            encoded: &encoded,
            row: encoded.row(),
            feature,
            farthest,
        };
        let nearest = |feature| search(feature).nearest();
        let mut changes: Vec<(u64, Change)> =
            Feature::ALL.into_iter().filter_map(nearest).collect();
        changes.sort_by_key(|(steps, _)| *steps);
        changes.into_iter().map(|(_, change)| change).collect()
    }

    /// The smallest of the [`changes`](Self::changes).
    pub fn smallest_change(&self, observation: &Observation, level: PValue) -> Option<Change> {
        self.changes(observation, level).into_iter().next()
    }
}

impl Feature {
    /// The values that it can have.
    const fn bounds(self) -> (i32, i32) {
        match self {
            // The logarithm of every 64-bit amount is below 44.
            Self::Cost | Self::Stay => (0, 43_668),
            Self::Visits30Days | Self::Facilities30Days => (1, 1_000_000),
            Self::VisitsAtFacility | Self::VisitsWithDiagnosis => (0, 1_000_000),
            Self::ProvinceDistance => (0, 62),
            Self::DaysSinceVisit => (0, 365),
            Self::DiagnosisSurprise | Self::FacilitySurprise => (0, 131_070),
        }
    }
}

/// A search among the values of a feature of a claim.
struct Search<'a> {
    model: &'a OutlierModel,
    encoded: &'a Encoded<'a>,
    row: [f64; Feature::COUNT],
    feature: Feature,
    /// The greatest distance that is near enough.
    farthest: u64,
}

impl Search<'_> {
    /// The nearest value that is near enough, and how many thousandths of a robust standard deviation away.
    fn nearest(mut self) -> Option<(u64, Change)> {
        let from = self.encoded.values[self.feature.index()];
        let (least, greatest) = self.feature.bounds();
        let ends = [least.min(from), greatest.max(from)];
        let found = ends.into_iter().filter_map(|end| {
            let to = self.towards(from, end)?;
            Some((self.scaled(to).abs_diff(self.scaled(from)), to))
        });
        let (steps, to) = found.min()?;
        let feature = self.feature;
        Some((steps, Change { feature, from, to }))
    }

    /// The first value that is near enough, from one on to another.
    fn towards(&mut self, from: i32, end: i32) -> Option<i32> {
        let samples = self.model.ensemble.samples() as u64;
        let mut value = from;
        loop {
            self.row[self.feature.index()] = self.encoded.seen(self.feature, value).into();
            let distance = self.model.distance_of(&self.row);
            let too_far = distance.saturating_sub(self.farthest);
            if too_far == 0 {
                return Some(value);
            }
            value = self.first_away(value, end, too_far.div_ceil(samples))?;
        }
    }

    /// The first value, from one on to another, that is so many steps away or more.
    fn first_away(&self, from: i32, end: i32, steps: u64) -> Option<i32> {
        let start = self.scaled(from);
        let is_away = |value: i32| self.scaled(value).abs_diff(start) >= steps;
        if !is_away(end) {
            return None;
        }
        // `near` is not away, `away` is.
        let (mut near, mut away) = (from, end);
        while near.abs_diff(away) > 1 {
            let middle = near.midpoint(away);
            match is_away(middle) {
                true => away = middle,
                false => near = middle,
            }
        }
        Some(away)
    }

    /// A value in thousandths of a robust standard deviation, as the ensemble rounds it; it grows with the
    /// value.
    fn scaled(&self, value: i32) -> i64 {
        let seen = self.encoded.seen(self.feature, value).into();
        let scaled = self.model.scaler().scale(self.feature.index(), seen);
        // Values are clipped at 30.
        (scaled * 1000.0).round() as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::made_up::{Draws, claims, dated, figures};
    use crate::model::train::TrainOptions;

    #[test]
    fn the_nearest_change_is_that_of_a_search() {
        let claims = dated(&claims(3000, 3), 30);
        let options = TrainOptions {
            samples: 8,
            anchors: 8,
            ..TrainOptions::default()
        };
        let model = OutlierModel::train(&claims, figures(&claims), &options).unwrap();
        let level = PValue::new(50_000).unwrap();
        let farthest = model.calibration().farthest_within(level).unwrap();
        let mut draws = Draws::new(12);
        let (mut found, mut hopeless) = (0, 0);
        for place in 0..150 {
            let claim = match place % 3 {
                0 => draws.everyday(),
                _ => draws.misuse(),
            };
            let changes = model.changes(&claim, level);
            let encoded = model.encode(&claim);
            if model.p_value(&claim) >= level {
                assert_eq!(changes, []);
                continue;
            }
            for feature in Feature::ALL {
                let from = encoded.values[feature.index()];
                let mut row = encoded.row();
                let mut is_near = |value: i32| {
                    row[feature.index()] = encoded.seen(feature, value).into();
                    model.distance_of(&row) <= farthest
                };
                let (least, greatest) = feature.bounds();
                // Values beyond are clipped.
                let greatest = greatest.min(from + 30_000);
                let change = changes.iter().find(|change| change.feature == feature);
                match change {
                    // All values of a side would take minutes: some hundreds of it, evenly spread.
                    None => {
                        let stride = |values: i32| (values / 500).max(1) as usize;
                        let down = (least..from).rev().step_by(stride(from - least));
                        let up = (from + 1..=greatest).step_by(stride(greatest - from));
                        assert_eq!(
                            down.chain(up).find(|value| is_near(*value)),
                            None,
                            "{feature:?}"
                        );
                    }
                    Some(change) => {
                        let first = match change.to < from {
                            true => (least..from).rev().find(|value| is_near(*value)),
                            false => (from + 1..=greatest).find(|value| is_near(*value)),
                        };
                        assert_eq!(first, Some(change.to), "{feature:?}");
                        assert_eq!(change.from, from);
                        found += 1;
                    }
                }
                hopeless += i32::from(change.is_none());
            }
        }
        assert!(found > 10 && hopeless > 100, "{found} and {hopeless}");
    }
}
