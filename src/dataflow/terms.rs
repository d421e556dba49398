//! What process 0 tells the processes that share its dataflow.
//!
//! In: what the dataflow is asked for. Out: the same, in another process. Must hold: both build the same graph and decide alike, so
//! that what decides is told and nothing of it is read from a file of the other machine; an artefact that came over changed is
//! noticed by its digest.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::engine::EngineOptions;
use super::linkage_work::LinkageWork;
use super::settings::PersonSettings;
use super::view::{Observe, Shadow};
use crate::link::{LinkModel, PersonBounds, PersonLinkage};
use crate::model::{ModelRegistry, OutlierModel};
use crate::rule::{ExclusiveBenefits, ReasonSet};

/// What the dataflow is asked for, as it is told to another process.
#[derive(Serialize, Deserialize)]
pub(super) struct Terms {
    /// Dataflow threads of each process.
    threads: usize,
    reasons: ReasonSet,
    observe: Observe,
    settings: PersonSettings,
    exclusive_benefits: ExclusiveBenefits,
    linkage: Linkage,
    /// By their numbers.
    models: Vec<Artefact>,
    shadow: Option<(Artefact, u32)>,
    /// Whether somebody wants to know what workers do while they run.
    is_told: bool,
}

#[derive(Serialize, Deserialize)]
struct Linkage {
    artefact: String,
    least: i32,
    bounds: PersonBounds,
}

#[derive(Serialize, Deserialize)]
struct Artefact {
    json: String,
    digest: String,
}

/// Terms that another process cannot work under.
#[derive(Debug, thiserror::Error)]
#[error("what process 0 tells of the run is not understood: {0}")]
pub(super) struct TermsError(String);

impl Terms {
    pub(super) fn of(threads: usize, options: &EngineOptions) -> Self {
        let models = options.models.models();
        Self {
            threads,
            reasons: options.reasons,
            observe: options.observe,
            settings: options.settings.clone(),
            exclusive_benefits: (*options.exclusive_benefits).clone(),
            linkage: Linkage {
                artefact: options.linkage.model.artefact().to_json(),
                least: options.linkage.least(),
                bounds: options.linkage.bounds,
            },
            models: models.map(|(_, model)| Artefact::of(model)).collect(),
            shadow: (options.shadow.as_ref())
                .map(|shadow| (Artefact::of(&shadow.model), shadow.level)),
            is_told: options.telemetry.is_some(),
        }
    }

    /// # Panics
    /// Never: it holds nothing that has no form.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("terms are plain values")
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, TermsError> {
        postcard::from_bytes(bytes).map_err(|error| TermsError(error.to_string()))
    }

    pub(super) fn threads(&self) -> usize {
        self.threads
    }

    pub(super) fn is_told(&self) -> bool {
        self.is_told
    }

    /// What the dataflow is asked for; nobody listens to it yet.
    pub(super) fn options(self) -> Result<EngineOptions, TermsError> {
        let mut models: Option<ModelRegistry> = None;
        for artefact in self.models {
            let model = artefact.model()?;
            match &mut models {
                None => models = Some(ModelRegistry::new(model)),
                Some(models) => {
                    let added = models.number(model);
                    added.map_err(|error| TermsError(error.to_string()))?;
                }
            }
        }
        let shadow = self
            .shadow
            .map(|(artefact, level)| artefact.model().map(|model| Shadow { model, level }));
        Ok(EngineOptions {
            reasons: self.reasons,
            observe: self.observe,
            settings: self.settings,
            exclusive_benefits: Arc::new(self.exclusive_benefits),
            linkage: Arc::new(self.linkage.linkage()?),
            linkage_work: LinkageWork::default(),
            models: models.ok_or_else(|| TermsError("no model".to_owned()))?,
            shadow: shadow.transpose()?,
            telemetry: None,
        })
    }
}

impl Linkage {
    fn linkage(&self) -> Result<PersonLinkage, TermsError> {
        let artefact = LinkModel::from_json(&self.artefact);
        let artefact = artefact.map_err(|error| TermsError(error.to_string()))?;
        let mut linkage = PersonLinkage::from_weight(artefact, self.least).map_err(TermsError)?;
        linkage.bounds = self.bounds;
        Ok(linkage)
    }
}

impl Artefact {
    fn of(model: &OutlierModel) -> Self {
        Self {
            json: model.to_json(),
            digest: model.digest(),
        }
    }

    fn model(&self) -> Result<Arc<OutlierModel>, TermsError> {
        let model = OutlierModel::from_json(&self.json);
        let model = model.map_err(|error| TermsError(error.to_string()))?;
        if model.digest() == self.digest {
            Ok(Arc::new(model))
        } else {
            Err(TermsError("a model came over changed".to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::Settings;

    #[test]
    fn what_is_asked_for_comes_over() {
        let builtin = Arc::new(crate::model::builtin().clone());
        let options = EngineOptions {
            reasons: ReasonSet::from_iter([crate::rule::Reason::CostOutlier]),
            observe: Observe::Sampled(u64::MAX / 3),
            settings: PersonSettings::from(Settings::defaults()),
            exclusive_benefits: Arc::new(ExclusiveBenefits::builtin().clone()),
            linkage: PersonLinkage::builtin(),
            linkage_work: LinkageWork::default(),
            models: ModelRegistry::new(builtin.clone()),
            shadow: Some(Shadow {
                model: builtin,
                level: 17,
            }),
            telemetry: None,
        };
        let bytes = Terms::of(3, &options).to_bytes();
        let terms = Terms::from_bytes(&bytes).expect("terms");
        assert_eq!((terms.threads(), terms.is_told()), (3, false));
        let over = terms.options().expect("options");
        assert_eq!(Terms::of(3, &over).to_bytes(), bytes);
        assert_eq!(over.linkage.digest(), options.linkage.digest());
        assert_eq!(over.shadow.map(|shadow| shadow.level), Some(17));
        assert_eq!(over.exclusive_benefits, options.exclusive_benefits);
    }

    #[test]
    fn a_model_that_came_over_changed_is_refused() {
        let mut artefact = Artefact::of(crate::model::builtin());
        assert!(artefact.model().is_ok());
        artefact.digest.replace_range(..1, "x");
        assert!(artefact.model().is_err());
    }
}
