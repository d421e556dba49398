//! The model of misuse as it is stored and asked.
//!
//! In: observations. Out: log-odds of misuse in thousandths, the probability, and what each feature adds.
//! Must hold: contributions and the base add up to the log-odds; integers throughout.

use std::collections::BTreeMap;

use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};

use super::feature::{MisuseFeature, MisuseObservation};
use super::observe::ReasonKind;
use crate::model::boosted_trees::BoostedTrees;
use crate::model::logistic::probability;
use crate::model::score::Score;

/// How likely misuse is, by reason: boosted trees over [`MisuseFeature`]s.
///
/// A reason without trees - nobody has labelled enough of its alerts yet - has no probability, and its
/// alerts are ranked by class and grade.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct MisuseModel {
    trees: BTreeMap<ReasonKind, BoostedTrees<f64>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    features: Vec<String>,
    reasons: BTreeMap<String, BoostedTrees<f64>>,
}

impl TryFrom<Stored> for MisuseModel {
    type Error = String;

    fn try_from(stored: Stored) -> Result<Self, String> {
        let expected = MisuseFeature::ALL.iter().map(|feature| feature.name());
        if !stored
            .features
            .iter()
            .map(String::as_str)
            .eq(expected.clone())
        {
            return Err(format!(
                "the model of misuse has the features {}, but this program observes {}: train it anew",
                stored.features.join(", "),
                expected.collect::<Vec<_>>().join(", ")
            ));
        }
        let mut trees = BTreeMap::new();
        for (name, of_reason) in stored.reasons {
            let reason = ReasonKind::from_name(&name)
                .ok_or_else(|| format!("no alerts of `{name}` are ranked by a model of misuse"))?;
            if of_reason.columns() != MisuseFeature::COUNT {
                return Err(format!(
                    "the trees of `{name}` have {} columns, but there are {} features",
                    of_reason.columns(),
                    MisuseFeature::COUNT
                ));
            }
            trees.insert(reason, of_reason);
        }
        Ok(Self { trees })
    }
}

impl From<MisuseModel> for Stored {
    fn from(model: MisuseModel) -> Self {
        let features = MisuseFeature::ALL.iter();
        let named = |(reason, trees): (ReasonKind, _)| (reason.name().to_owned(), trees);
        Self {
            features: features.map(|feature| feature.name().to_owned()).collect(),
            reasons: model.trees.into_iter().map(named).collect(),
        }
    }
}

/// What a feature adds to the log-odds of misuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MisuseContribution {
    /// The feature.
    pub feature: MisuseFeature,
    /// The value of the claim.
    pub observed: i32,
    /// Thousandths of log-odds: above 0 it speaks for misuse, below for an error.
    pub log_odds: i32,
}

impl MisuseModel {
    /// A model of so far no reason.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the trees of a reason.
    ///
    /// # Panics
    /// When they have another number of columns than there are features.
    pub fn set(&mut self, reason: ReasonKind, trees: BoostedTrees<f64>) {
        assert_eq!(trees.columns(), MisuseFeature::COUNT);
        self.trees.insert(reason, trees);
    }

    /// The trees of each reason that it ranks.
    pub fn trees(&self) -> impl Iterator<Item = (ReasonKind, &BoostedTrees<f64>)> + '_ {
        self.trees.iter().map(|(reason, trees)| (*reason, trees))
    }

    /// The log-odds of misuse in thousandths; none where the reason has no trees.
    pub fn log_odds(&self, reason: ReasonKind, observation: &MisuseObservation) -> Option<i32> {
        let row = observation.values.map(f64::from);
        let log_odds = self
            .trees
            .get(&reason)?
            .log_odds_row(ArrayView1::from(&row));
        Some(log_odds.expect("a row of whole numbers, as wide as the trees"))
    }

    /// The probability of misuse, in ten-thousandths; none where the reason has no trees.
    pub fn probability(
        &self,
        reason: ReasonKind,
        observation: &MisuseObservation,
    ) -> Option<Score> {
        Score::new(probability(self.log_odds(reason, observation)?))
    }

    /// What every feature adds to the log-odds, what says most first, and the base that they add to;
    /// none where the reason has no trees.
    pub fn contributions(
        &self,
        reason: ReasonKind,
        observation: &MisuseObservation,
    ) -> Option<(i32, Vec<MisuseContribution>)> {
        let row = observation.values.map(f64::from);
        let mut parts = [0; MisuseFeature::COUNT];
        let trees = self.trees.get(&reason)?;
        let base = trees.contributions_row(ArrayView1::from(&row), &mut parts);
        let base = base.expect("a row of whole numbers, as wide as the trees");
        let mut contributions: Vec<MisuseContribution> = MisuseFeature::ALL
            .iter()
            .map(|feature| MisuseContribution {
                feature: *feature,
                observed: observation.value(*feature),
                log_odds: parts[feature.index()],
            })
            .collect();
        contributions.sort_by_key(|part| std::cmp::Reverse(part.log_odds.unsigned_abs()));
        Some((base, contributions))
    }
}

#[cfg(test)]
#[path = "model_tests.rs"]
mod tests;
