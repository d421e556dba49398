//! The outlier scores of alerts, and what moved them.
//!
//! In: the observations that came and went in an epoch. Out: the score of a claim before and after
//! the epoch, the rows it rests on, and its features as people read them. Must hold: a score is a
//! function of the observation and of the model that it names.

use hashbrown::HashMap;
use serde::{Serialize, Serializer};

use crate::dataflow::{Observed, RowRef};
use crate::model::{
    Factor, Feature, ModelId, ModelRegistry, OutlierModel, Score, amount_of_thousandths,
};

/// Features that are named beside a score.
const FEATURES_SHOWN: usize = 4;

/// The observations that are known, and the models that score them.
pub struct Scores {
    models: ModelRegistry,
    in_force: ModelId,
    known: HashMap<RowRef, Observed>,
    /// Those of the epoch in progress.
    came: HashMap<RowRef, Observed>,
    went: Vec<RowRef>,
}

impl Scores {
    /// No observations yet.
    pub fn new(models: ModelRegistry) -> Self {
        Self {
            models,
            in_force: ModelId::default(),
            known: HashMap::new(),
            came: HashMap::new(),
            went: Vec::new(),
        }
    }

    /// Takes an observation that came or went in the epoch in progress.
    pub fn observe(&mut self, observed: Observed, count: i32) {
        if count < 0 {
            self.went.push(observed.claim);
        } else {
            self.came.insert(observed.claim, observed);
        }
    }

    /// The claims whose observation is another than before the epoch.
    pub fn touched(&self) -> impl Iterator<Item = RowRef> {
        self.went.iter().copied().chain(self.came.keys().copied())
    }

    /// The observation before the epoch in progress.
    pub fn before(&self, claim: RowRef) -> Option<&Observed> {
        self.known.get(&claim)
    }

    /// The observation at the end of the epoch in progress, for a claim that has one.
    pub fn now(&self, claim: RowRef) -> Option<&Observed> {
        self.came.get(&claim).or_else(|| self.known.get(&claim))
    }

    /// The score at the end of the epoch in progress.
    ///
    /// # Panics
    /// When the claim has no observation: one comes with every finding that calls for it.
    pub fn score(&self, claim: RowRef) -> Score {
        let observed = self
            .now(claim)
            .expect("a finding to score comes with an observation");
        self.models.get(observed.model).score(&observed.observation)
    }

    /// Ends the epoch in progress.
    pub fn end_epoch(&mut self) {
        for claim in self.went.drain(..) {
            self.known.remove(&claim);
        }
        self.known.extend(self.came.drain());
    }

    /// Takes the model that is in force from the epoch in progress on.
    pub fn put_in_force(&mut self, model: ModelId) {
        self.in_force = model;
    }

    /// The model in force.
    pub fn model_in_force(&self) -> &OutlierModel {
        self.models.get(self.in_force)
    }

    /// What moved a score: the features that add most to it.
    pub fn features(&self, claim: RowRef) -> Vec<ScoreFeature> {
        let Some(observed) = self.now(claim) else {
            return Vec::new();
        };
        let model = self.models.get(observed.model);
        let explanation = model.explain(&observed.observation);
        let moved = explanation.factors.iter().filter(|factor| factor.share > 0);
        moved.take(FEATURES_SHOWN).map(ScoreFeature::of).collect()
    }
}

/// A feature that moved a score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScoreFeature {
    /// Which.
    pub feature: &'static str,
    /// The claim's value: dong, minutes, days, or a count.
    pub observed: i64,
    /// The usual value, in the same unit.
    pub typical: i64,
    /// Its share of what makes the claim unlike others, in ten-thousandths; a decimal in JSON.
    #[serde(serialize_with = "share")]
    pub share: u16,
}

impl ScoreFeature {
    fn of(factor: &Factor) -> Self {
        let natural = |value: i32| match factor.feature {
            Feature::Cost | Feature::Stay => amount_of_thousandths(value),
            _ => i64::from(value),
        };
        Self {
            feature: factor.feature.name(),
            observed: natural(factor.observed),
            typical: natural(factor.typical),
            share: factor.share,
        }
    }
}

fn share<S: Serializer>(share: &u16, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(f64::from(*share) / 10_000.0)
}
