//! The options that say what decides: thresholds, models, lists.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::{link_model_file, model_file};
use crate::detector::Detector;
use crate::link::PersonLinkage;
use crate::rule::{ExclusiveBenefits, ReasonSet, Rules};

/// What decides, where it is not what comes with the program.
#[derive(Args, Clone)]
pub(super) struct Deciding {
    /// Take thresholds from FILE (TOML) instead of the catalogue's, for the whole replay or from a time on;
    /// `fundwatch rules` prints them. From a time on it can also activate another model.
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,

    /// Score claims with the model in FILE instead of the one that comes with the program.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,

    /// Score claims with the model in FILE as well, and tell in summary.json how it differs; it changes
    /// nothing else.
    #[arg(long, value_name = "FILE")]
    shadow_model: Option<PathBuf>,

    /// Take the pairs of benefits that exclude each other from FILE, a CSV with the columns `scheme`,
    /// `excludes` (a scheme, or `employment`) and `source`, instead of those that come with the program.
    #[arg(long, value_name = "FILE")]
    exclusive_benefits: Option<PathBuf>,

    /// Link participants with the model in FILE, made by `fundwatch link --save-model` from the columns
    /// full_name, birth_date, sex and province, instead of the one that comes with the program.
    #[arg(long, value_name = "FILE")]
    link_model: Option<PathBuf>,

    /// The least probability that two linked participants are one person.
    #[arg(long, value_name = "P", default_value_t = PersonLinkage::PROBABILITY)]
    link_probability: f64,
}

impl Deciding {
    /// Whether thresholds are named, and whether a model is.
    pub(super) fn named(&self) -> (bool, bool) {
        (self.rules.is_some(), self.model.is_some())
    }

    /// The same with the thresholds and the model in these files, or those of the program.
    pub(super) fn with(&self, rules: Option<PathBuf>, model: Option<PathBuf>) -> Self {
        Self {
            rules,
            model,
            ..self.clone()
        }
    }

    /// The same; where no thresholds or no model are named, those in these files.
    pub(super) fn or(&self, rules: Option<PathBuf>, model: Option<PathBuf>) -> Self {
        let (own_rules, own_model) = (self.rules.clone(), self.model.clone());
        self.with(own_rules.or(rules), own_model.or(model))
    }

    /// What decides on these reasons.
    ///
    /// # Errors
    /// What is wrong with a file, and what to do.
    pub(super) fn detector(&self, reasons: ReasonSet) -> Result<Detector, String> {
        let linkage = link_model_file::load(self.link_model.as_deref(), self.link_probability)?;
        let exclusive_benefits = match self.exclusive_benefits.as_deref() {
            None => ExclusiveBenefits::builtin().clone(),
            Some(path) => ExclusiveBenefits::read(path).map_err(|error| error.to_string())?,
        };
        let rules = self.rules.as_deref().map(Rules::read).transpose();
        let rules = Arc::new(
            rules
                .map_err(|error| format!("--rules {error}"))?
                .unwrap_or_default(),
        );
        let models = model_file::registry(self.model.as_deref(), &rules)?;
        let shadow_model = self
            .shadow_model
            .as_deref()
            .map(model_file::shadow)
            .transpose()?;
        Ok(Detector {
            reasons,
            rules,
            models,
            shadow_model,
            exclusive_benefits: exclusive_benefits.into(),
            linkage,
            // A journal says itself for how long its claims are decided on; files are decided on whole.
            retention: None,
        })
    }
}
