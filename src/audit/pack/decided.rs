//! Whether what decides is what decided.
//!
//! In: what a run or a pack states of it, and what is given. Out: the first that is another, with the option that
//! would give the right one. Must hold: nothing is computed with something else than is stated.

use super::document::Packed;
use crate::audit::manifest::Replayed;
use crate::audit::thresholds::Thresholds;
use crate::detector::Detector;
use crate::hex::hex;
use crate::record::Instant;
use crate::rule::catalogue_digest;

/// What decides, by its digests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decided {
    rules: String,
    /// What the thresholds are called, in order of time; none where they are stated whole.
    thresholds: Option<String>,
    exclusive_benefits: String,
    model: String,
    link_model: String,
    link_weight: String,
}

/// Something else is given than decided.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} {stated} decided, and not {given}; {remedy}")]
pub struct OtherDetector {
    /// What of it.
    pub what: &'static str,
    /// What is stated.
    pub stated: String,
    /// What is given.
    pub given: String,
    /// What to do.
    pub remedy: &'static str,
}

impl Decided {
    /// What a detector decides with, of rows known by some time.
    pub(super) fn of(detector: &Detector, as_of: Option<Instant>) -> Self {
        Self {
            rules: hex(&catalogue_digest()),
            thresholds: Some(keys(&Thresholds::of(&detector.rules, as_of))),
            exclusive_benefits: hex(&detector.exclusive_benefits.digest()),
            model: detector.models.digest(detector.models.initial()).to_owned(),
            link_model: detector.linkage.digest().to_owned(),
            link_weight: detector.linkage.least().to_string(),
        }
    }

    /// What decided in a run.
    pub(super) fn of_run(run: &Replayed) -> Self {
        Self {
            rules: run.rules_sha256.clone(),
            thresholds: Some(keys(&run.thresholds)),
            exclusive_benefits: run.exclusive_benefits_sha256.clone(),
            model: run.model_sha256.clone(),
            link_model: run.link_model_sha256.clone(),
            link_weight: run.settings.link_weight.to_string(),
        }
    }

    /// What decided on the alert of a pack, whose thresholds it states whole.
    pub(super) fn of_pack(pack: &Packed) -> Self {
        Self {
            rules: pack.rules_sha256.clone(),
            thresholds: None,
            exclusive_benefits: pack.exclusive_benefits_sha256.clone(),
            model: pack.model_sha256.clone(),
            link_model: pack.link_model_sha256.clone(),
            link_weight: pack.link_weight.to_string(),
        }
    }

    /// Holds what is given to what decided.
    pub(super) fn hold(&self, given: &Self) -> Result<(), OtherDetector> {
        let of_version = "use the version of fundwatch that made it";
        let thresholds = self.thresholds.as_ref().zip(given.thresholds.as_ref());
        let thresholds = thresholds.map(|(stated, given)| {
            let remedy = "name the file of thresholds with --rules";
            ("thresholds", stated, given, remedy)
        });
        let others = [
            ("rules", &self.rules, &given.rules, of_version),
            (
                "list of benefits",
                &self.exclusive_benefits,
                &given.exclusive_benefits,
                "name its file with --exclusive-benefits",
            ),
            (
                "model",
                &self.model,
                &given.model,
                "name its file with --model",
            ),
            (
                "linkage model",
                &self.link_model,
                &given.link_model,
                "name its file with --link-model",
            ),
            (
                "linkage weight",
                &self.link_weight,
                &given.link_weight,
                "give its --link-probability",
            ),
        ];
        let other = thresholds
            .into_iter()
            .chain(others)
            .find(|(_, stated, given, _)| stated != given);
        match other {
            None => Ok(()),
            Some((what, stated, given, remedy)) => Err(OtherDetector {
                what,
                stated: stated.clone(),
                given: given.clone(),
                remedy,
            }),
        }
    }
}

/// What thresholds are called, in order of time.
fn keys(thresholds: &Thresholds) -> String {
    let later = thresholds.activations.iter().map(|one| one.key.as_str());
    let keys: Vec<&str> = std::iter::once(thresholds.key.as_str())
        .chain(later)
        .collect();
    keys.join(", ")
}
