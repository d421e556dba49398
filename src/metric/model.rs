//! How the outlier model does, and the model that judges beside it.
//!
//! In: scores as they are given. Out: how they are spread, failures, disagreements. Must hold: a score is
//! from 0 to 1.

use prometheus::{Histogram, IntCounter};

use super::bounds::BoundsError;
use super::family::{Spec, Unit};
use super::handle::By;
use super::label::label;
use super::registrar::Registrar;

const SCORE: Spec = Spec::new(
    "fundwatch_model_score",
    Unit::Score,
    "Outlier scores given to claims.",
);
const FAILURES: Spec = Spec::new(
    "fundwatch_model_failures_total",
    Unit::Count,
    "Claims that should have had an outlier score and could not be scored.",
);
const DISAGREEMENTS: Spec = Spec::new(
    "fundwatch_shadow_disagreements_total",
    Unit::Count,
    "Claims that came to be outliers for one of two models alone, by which.",
);

/// The upper tail, where thresholds are.
const SCORE_BUCKETS: &[f64] = &[0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999];

label! {
    /// What a model or a rule set is there for.
    ModelRole as "role" {
        /// It makes alerts.
        Live = "live",
        /// It judges beside the one that does.
        Shadow = "shadow",
    }
}

label! {
    /// Which model alone takes a claim for an outlier.
    Disagreement as "kind" {
        /// The one that makes alerts.
        OnlyLive = "only_live",
        /// The one beside it.
        OnlyShadow = "only_shadow",
    }
}

/// How the models do.
pub struct ModelMetrics {
    score: By<ModelRole, Histogram>,
    failures: IntCounter,
    disagreements: By<Disagreement, IntCounter>,
}

impl ModelMetrics {
    pub(super) fn new(to: &mut Registrar) -> Result<Self, BoundsError> {
        to.subject("Outlier model");
        Ok(Self {
            score: to.histogram_by(SCORE, SCORE_BUCKETS)?,
            failures: to.counter(FAILURES)?,
            disagreements: to.counter_by(DISAGREEMENTS)?,
        })
    }

    /// A claim was scored, in ten-thousandths.
    pub fn scored(&self, role: ModelRole, ten_thousandths: u16) {
        self.score
            .of(role)
            .observe(f64::from(ten_thousandths) / 1e4);
    }

    /// A claim could not be scored.
    pub fn failed(&self) {
        self.failures.inc();
    }

    /// Claims came to be outliers for one model alone.
    pub fn disagreed(&self, which: Disagreement, claims: u64) {
        self.disagreements.of(which).inc_by(claims);
    }
}
