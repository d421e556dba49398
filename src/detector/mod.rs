//! What decides: the reasons that are looked for, thresholds, models and lists.
//!
//! In: what the user names. Out: what holds before the first activation, from each on, and at the end; and what
//! the user should know of it. Must hold: an activation that changes nothing is no change.

use std::sync::Arc;

use crate::dataflow::{Scoring, Shadow};
use crate::link::PersonLinkage;
use crate::model::{ModelId, ModelRegistry, OutlierModel, builtin};
use crate::record::Instant;
use crate::resolve::{InForce, RetentionWindow};
use crate::rule::{Activation, ExclusiveBenefits, Reason, ReasonSet, Rules, Settings};

/// What decides.
#[derive(Clone, Debug)]
pub struct Detector {
    /// The reasons to compute.
    pub reasons: ReasonSet,
    /// The thresholds of the reasons, and when they change.
    pub rules: Arc<Rules>,
    /// The models that score claims: the one that is in force at first, and those that the rules activate.
    pub models: ModelRegistry,
    /// Scores beside them, and decides nothing.
    pub shadow_model: Option<Arc<OutlierModel>>,
    /// The benefits that exclude each other.
    pub exclusive_benefits: Arc<ExclusiveBenefits>,
    /// Links participants.
    pub linkage: Arc<PersonLinkage>,
    /// For how long claims are decided on; without it, for ever.
    pub retention: Option<RetentionWindow>,
}

impl Default for Detector {
    /// Every reason, with the thresholds, the lists and the models that come with the program.
    fn default() -> Self {
        Self {
            reasons: ReasonSet::ALL,
            rules: Arc::default(),
            models: ModelRegistry::new(Arc::new(builtin().clone())),
            shadow_model: None,
            exclusive_benefits: Arc::new(ExclusiveBenefits::builtin().clone()),
            linkage: PersonLinkage::builtin(),
            retention: None,
        }
    }
}

impl Detector {
    /// The same, but that it does not decide by a reason.
    #[must_use]
    pub fn without(&self, reason: Reason) -> Self {
        let reasons = self.reasons.iter();
        Self {
            reasons: reasons.filter(|one| *one != reason).collect(),
            ..self.clone()
        }
    }

    /// What is in force at a time, and, without one, after the last activation.
    pub fn in_force(&self, at: Option<Instant>) -> InForce {
        let is_past = |activation: &&Activation| at.is_none_or(|at| activation.at <= at);
        let past = (self.rules.activations().iter()).take_while(is_past).last();
        past.map_or_else(|| self.initially(), |activation| self.after(activation))
    }

    /// What is in force before the first activation.
    pub fn initially(&self) -> InForce {
        self.of(self.rules.initial(), self.models.initial())
    }

    /// What is in force from an activation on.
    ///
    /// # Panics
    /// When the model that it names is not among those of the run: whoever reads the rules adds them.
    pub fn after(&self, activation: &Activation) -> InForce {
        let model = self.models.named(activation.model.as_deref());
        let model = model.expect("the models that rules activate are added when rules are read");
        self.of(&activation.settings, model)
    }

    fn of(&self, settings: &Settings, model: ModelId) -> InForce {
        let of_id = (model, self.models.get(model).as_ref());
        InForce {
            settings: Arc::new(settings.clone()),
            scoring: Scoring::of(settings, of_id, self.reasons),
            retention: self.retention,
        }
    }

    /// The shadow model with its level under the thresholds that hold at a time, and, without one, at the end.
    pub fn shadow(&self, at: Option<Instant>) -> Option<Shadow> {
        let model = self.shadow_model.clone()?;
        let settings = self.rules.at(at);
        let of_model = (ModelId::default(), model.as_ref());
        let level = Scoring::of(settings, of_model, self.reasons).level;
        Some(Shadow { model, level })
    }

    /// From when on `cost_outlier` is off though it is wanted, and why, as far as is known at a time; a warning
    /// each.
    pub fn outlier_warnings(&self, as_of: Option<Instant>) -> Vec<String> {
        let mut warnings = Vec::new();
        if !self.reasons.contains(Reason::CostOutlier) {
            return warnings;
        }
        let mut was_on = true;
        let activations = self.rules.activations().iter();
        let known = activations.take_while(|one| as_of.is_none_or(|as_of| one.at <= as_of));
        let later = known.map(|one| (Some(one.at), self.after(one)));
        for (from, in_force) in std::iter::once((None, self.initially())).chain(later) {
            let scoring = in_force.scoring;
            if was_on && !scoring.is_on() {
                let model = self.models.get(scoring.model);
                let why = match model.is_calibrated_on_fund() {
                    false => {
                        "since the model is not calibrated on this fund's own claims; make one of them \
                         with `fundwatch model train`, and name it with --model"
                    }
                    true => {
                        "since no level of the model keeps to the alert budget; train it on more claims, \
                         or set cost_outlier.level_millionths"
                    }
                };
                let from = from.map_or_else(String::new, |at| format!(" from {at} on"));
                warnings.push(format!("cost_outlier: off{from}, {why}"));
            }
            was_on = scoring.is_on();
        }
        warnings
    }

    /// The reasons that are wanted and cannot be found, because what they turn on is not configured, at a
    /// time or, without one, at the end.
    pub fn not_configured(&self, as_of: Option<Instant>) -> impl Iterator<Item = Reason> {
        let exclusive = Reason::ExclusiveBenefits;
        let is_missing = self.reasons.contains(exclusive) && self.exclusive_benefits.is_empty();
        let outlier = Reason::CostOutlier;
        let is_off = self.reasons.contains(outlier) && !self.in_force(as_of).scoring.is_on();
        let exclusive = is_missing.then_some(exclusive);
        exclusive.into_iter().chain(is_off.then_some(outlier))
    }
}
