//! The outlier models of a run, by number.
//!
//! In: the model that a run begins with, and those that are activated in it. Out: each under a number that
//! fits an observation. Must hold: equal models have one number, so that activating what is in force changes
//! nothing; a number names the same model for the whole run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::artefact::OutlierModel;

/// Digits of a digest by which a model is named where it is a cause.
const KEY_DIGITS: usize = 16;

/// The number of a model in a run; by default, that of the model that the run begins with.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct ModelId(u8);

/// The models of a run.
#[derive(Clone, Debug)]
pub struct ModelRegistry {
    models: Vec<Registered>,
    initial: ModelId,
    by_name: BTreeMap<PathBuf, ModelId>,
}

#[derive(Clone, Debug)]
struct Registered {
    model: Arc<OutlierModel>,
    digest: Arc<str>,
}

/// More models than a run can tell apart.
#[derive(Debug, thiserror::Error)]
#[error("more than {} models are activated; replay in parts", usize::from(u8::MAX) + 1)]
pub struct TooManyModels;

impl ModelRegistry {
    /// The model that a run begins with.
    pub fn new(model: Arc<OutlierModel>) -> Self {
        let digest = model.digest().into();
        Self {
            models: vec![Registered { model, digest }],
            initial: ModelId::default(),
            by_name: BTreeMap::new(),
        }
    }

    /// Adds a model under the name by which it is activated.
    ///
    /// # Errors
    /// When there are as many as there are numbers.
    pub fn add(
        &mut self,
        name: impl Into<PathBuf>,
        model: Arc<OutlierModel>,
    ) -> Result<ModelId, TooManyModels> {
        let id = self.number(model)?;
        self.by_name.insert(name.into(), id);
        Ok(id)
    }

    /// The number of a model, which is added where it is not among them.
    ///
    /// # Errors
    /// When there are as many as there are numbers.
    pub fn number(&mut self, model: Arc<OutlierModel>) -> Result<ModelId, TooManyModels> {
        let digest: Arc<str> = model.digest().into();
        let known = self.models.iter().position(|known| known.digest == digest);
        let place = known.unwrap_or(self.models.len());
        let id = ModelId(u8::try_from(place).map_err(|_| TooManyModels)?);
        if known.is_none() {
            self.models.push(Registered { model, digest });
        }
        Ok(id)
    }

    /// The same models under other names: a part of a run may begin with another one, and activate others.
    pub fn renamed(&self, initial: ModelId, names: BTreeMap<PathBuf, ModelId>) -> Self {
        Self {
            models: self.models.clone(),
            initial,
            by_name: names,
        }
    }

    /// The names by which models are activated.
    pub fn names(&self) -> impl Iterator<Item = (&Path, ModelId)> {
        let names = self.by_name.iter();
        names.map(|(name, id)| (name.as_path(), *id))
    }

    /// Every model with its number.
    pub fn models(&self) -> impl Iterator<Item = (ModelId, &Arc<OutlierModel>)> {
        let numbered = (0u8..=u8::MAX).zip(&self.models);
        numbered.map(|(number, known)| (ModelId(number), &known.model))
    }

    /// The number of the model that the run begins with.
    pub fn initial(&self) -> ModelId {
        self.initial
    }

    /// The number of the model that a name activates; without a name, that of the first.
    pub fn named(&self, name: Option<&Path>) -> Option<ModelId> {
        match name {
            None => Some(self.initial),
            Some(name) => self.by_name.get(name).copied(),
        }
    }

    /// A model.
    pub fn get(&self, id: ModelId) -> &Arc<OutlierModel> {
        &self.models[usize::from(id.0)].model
    }

    /// The digest of a model (see [`OutlierModel::digest`]).
    pub fn digest(&self, id: ModelId) -> &str {
        &self.models[usize::from(id.0)].digest
    }

    /// What a model is called where it is a cause.
    pub fn key(&self, id: ModelId) -> &str {
        &self.digest(id)[..KEY_DIGITS]
    }
}
