//! What is in force when: thresholds, and the outlier model.
//!
//! In: the options. Out: what holds before the first activation, from each on, and at the end; and what the
//! user should know of it. Must hold: an activation that changes nothing is no change.

use std::sync::Arc;

use super::options::Options;
use crate::dataflow::{Scoring, Shadow};
use crate::model::ModelId;
use crate::record::Instant;
use crate::resolve::InForce;
use crate::rule::{Activation, Reason, Settings};

impl Options {
    /// What is in force at a time, and, without one, after the last activation.
    pub fn in_force(&self, at: Option<Instant>) -> InForce {
        let is_past = |activation: &&Activation| at.is_none_or(|at| activation.at <= at);
        let past = (self.rules.activations().iter()).take_while(is_past).last();
        past.map_or_else(|| self.initially(), |activation| self.after(activation))
    }

    /// What is in force before the first activation.
    pub fn initially(&self) -> InForce {
        self.of(self.rules.initial(), ModelId::default())
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
        }
    }

    /// The shadow model with its level under the thresholds that hold at the end.
    pub fn shadow(&self) -> Option<Shadow> {
        let model = self.shadow_model.clone()?;
        let settings = self.rules.at(self.as_of);
        let of_model = (ModelId::default(), model.as_ref());
        let level = Scoring::of(settings, of_model, self.reasons).level;
        Some(Shadow { model, level })
    }

    /// From when on `cost_outlier` is off though it is wanted, and why; a warning each.
    pub fn outlier_warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if !self.reasons.contains(Reason::CostOutlier) {
            return warnings;
        }
        let mut was_on = true;
        let activations = self.rules.activations().iter();
        let known = activations.take_while(|one| self.as_of.is_none_or(|as_of| one.at <= as_of));
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
}
