//! What decides, now and earlier in the journal.
//!
//! In: what is configured, and the documents of what decided before, with their models, from the directory of
//! artefacts. Out: for every document that this program can read, the detector that it describes, all with one
//! numbering of models. Must hold: a document and what it names are durable before the journal refers to them;
//! what a running dataflow cannot change - the reasons, the list of benefits, the linkage - is what the store was
//! computed with; a configuration that is refused leaves no trace.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::artefacts::{Artefacts, Fixed};
use super::error::ServiceError;
use crate::detector::Detector;
use crate::hex::hex;
use crate::model::{ModelId, ModelRegistry};
use crate::resolve::RetentionWindow;
use crate::rule::{Reason, Rules, Settings};

/// What decides, as the journal says it. A field that this program does not know would be decided on otherwise than
/// it was, so that such a document is of a later version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    reasons: Vec<String>,
    /// The thresholds that came with the program, as a file of thresholds says them: a later program may come with
    /// others. Documents without them take those of this program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    defaults: Option<String>,
    /// The file of thresholds: where it was, and what it said.
    rules: Option<(PathBuf, String)>,
    /// The digest of the model in force at first.
    model: String,
    /// The digests of the models that the rules activate, by name.
    activated_models: BTreeMap<PathBuf, String>,
    exclusive_benefits: String,
    link_model: String,
    link_weight: i32,
    /// For how many days claims are decided on. Documents without a window are as they were before there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retention_days: Option<u32>,
}

impl Document {
    fn of(detector: &Detector) -> Self {
        let models = &detector.models;
        let activated = models.names();
        let source = detector.rules.source();
        Self {
            reasons: (detector.reasons.iter())
                .map(|reason: Reason| reason.as_str().to_owned())
                .collect(),
            defaults: Some(Settings::defaults().to_text()),
            rules: source.map(|source| (source.path.clone(), source.text.clone())),
            model: models.digest(models.initial()).to_owned(),
            activated_models: activated
                .map(|(name, id)| (name.to_owned(), models.digest(id).to_owned()))
                .collect(),
            exclusive_benefits: hex(&detector.exclusive_benefits.digest()),
            link_model: detector.linkage.digest().to_owned(),
            link_weight: detector.linkage.least(),
            retention_days: detector.retention.map(|window| window.days),
        }
    }

    fn fixed(&self) -> Fixed {
        Fixed {
            reasons: self.reasons.clone(),
            exclusive_benefits: self.exclusive_benefits.clone(),
            link_model: self.link_model.clone(),
            link_weight: self.link_weight,
        }
    }

    /// The rules that it describes, whatever thresholds this program comes with.
    fn rules(&self, artefacts: &Artefacts, name: &str) -> Result<Rules, ServiceError> {
        let wrong = |error| artefacts.unknown(name, &error);
        let defaults = match &self.defaults {
            None => Rules::default(),
            Some(text) => Rules::parse(Path::new("defaults"), text).map_err(wrong)?,
        };
        let defaults = defaults.initial();
        match &self.rules {
            None => Ok(Rules::of(defaults.clone())),
            Some((path, said)) => Rules::parse_over(defaults, path, said).map_err(wrong),
        }
    }
}

/// The detectors of a journal.
pub struct Detectors {
    by_document: HashMap<String, Described>,
    models: ModelRegistry,
    current: String,
}

/// The detector of a document; or the file of a document that this program cannot read, and why. The latter does no
/// harm as long as the journal does not name it.
type Described = Result<Arc<Detector>, (PathBuf, String)>;

impl Detectors {
    /// Those of the documents in a directory of artefacts, and the one that is configured, which is kept there
    /// with its models. With a new store, what a running dataflow cannot change is that of the configured one from
    /// the first epoch on.
    ///
    /// # Errors
    /// When an artefact cannot be read or written, or the configured one differs in what cannot be changed; it is
    /// not kept then.
    pub fn open(
        directory: &Path,
        configured: &Detector,
        is_new_store: bool,
    ) -> Result<Self, ServiceError> {
        let artefacts = Artefacts::of(directory);
        artefacts.make()?;
        let document = Document::of(configured);
        let fixed = document.fixed();
        match artefacts.fixed()? {
            Some(known) if known == fixed => {}
            known if is_new_store => {
                if known.is_some() {
                    tracing::warn!(
                        "the reasons, the list of benefits or the linkage are others than before; \
                         the new store is filled with these"
                    );
                }
                artefacts.fix(&fixed)?;
            }
            Some(known) => is_the_same(&fixed, &known)?,
            None => {
                for (text, name) in artefacts.documents()? {
                    let earlier: Document = artefacts.parse(&name, &text)?;
                    is_the_same(&fixed, &earlier.fixed())?;
                }
                artefacts.fix(&fixed)?;
            }
        }
        for (_, model) in configured.models.models() {
            artefacts.keep_model(model)?;
        }
        let current = serde_json::to_string(&document).expect("it is written into memory");
        artefacts.keep_document(&current)?;
        Self::read(&artefacts, configured, current)
    }

    /// Those of the documents in a directory of artefacts, of which nothing is written; the list of benefits and
    /// the linkage must be those that are named.
    ///
    /// # Errors
    /// When an artefact cannot be read, or what cannot be changed is another.
    pub fn of_journal(directory: &Path, named: &Detector) -> Result<Self, ServiceError> {
        let artefacts = Artefacts::of(directory);
        let known = match (artefacts.fixed()?, artefacts.documents()?.first()) {
            (Some(known), _) => known,
            (None, Some((text, name))) => artefacts.parse::<Document>(name, text)?.fixed(),
            (None, None) => return Err(ServiceError::NoArtefact),
        };
        let reasons = known.reasons.iter();
        let named = Detector {
            reasons: reasons.filter_map(|name| Reason::from_name(name)).collect(),
            ..named.clone()
        };
        is_the_same(&Document::of(&named).fixed(), &known)?;
        Self::read(&artefacts, &named, String::new())
    }

    /// Has the thresholds, the models or both of a named detector decide in the place of those of every document: the
    /// one that [`Detectors::of_journal`] was given, whose models were numbered first.
    pub fn suppose(&mut self, named: &Detector, (rules, model): (bool, bool)) {
        for described in self.by_document.values_mut().flatten() {
            let mut detector = Detector::clone(described);
            if rules {
                detector.rules = named.rules.clone();
            }
            let initial = match model {
                true => named.models.initial(),
                false => detector.models.initial(),
            };
            let names = match rules {
                true => &named.models,
                false => &detector.models,
            };
            // A model that is supposed to score scores throughout.
            let names = names.names().map(|(name, id)| {
                let id = if model { initial } else { id };
                (name.to_owned(), id)
            });
            detector.models = self.models.renamed(initial, names.collect());
            *described = Arc::new(detector);
        }
    }

    /// Has no document's detector decide by a reason.
    pub fn leave_out(&mut self, reason: Reason) {
        for described in self.by_document.values_mut().flatten() {
            *described = Arc::new(described.without(reason));
        }
    }

    fn read(
        artefacts: &Artefacts,
        configured: &Detector,
        current: String,
    ) -> Result<Self, ServiceError> {
        let mut models = configured.models.clone();
        let mut described = Vec::new();
        for (text, name) in artefacts.documents()? {
            let document = artefacts.parse(&name, &text);
            let of_models = |document: Document| {
                let numbers = numbered(artefacts, &document, &mut models)?;
                Ok((document.rules(artefacts, &name)?, document, numbers))
            };
            described.push((text, document.and_then(of_models)));
        }
        // Only now are all models numbered.
        let described = described.into_iter().map(|(text, described)| {
            let detector = match described {
                Ok((rules, document, of_digest)) => {
                    let names = document.activated_models.iter();
                    let names = names.map(|(name, digest)| (name.clone(), of_digest[digest]));
                    let retention = document.retention_days;
                    Ok(Arc::new(Detector {
                        rules: rules.into(),
                        models: models.renamed(of_digest[&document.model], names.collect()),
                        retention: retention.map(|days| RetentionWindow { days }),
                        ..configured.clone()
                    }))
                }
                Err(ServiceError::Artefact { path, why }) => Err((path, why)),
                Err(error) => return Err(error),
            };
            Ok((text, detector))
        });
        let by_document = described.collect::<Result<_, ServiceError>>()?;
        Ok(Self {
            by_document,
            models,
            current,
        })
    }

    /// The detector that a document of the journal describes.
    ///
    /// # Errors
    /// When the document is not among the artefacts, or this program cannot read it or what it names.
    pub fn of_document(&self, document: &str) -> Result<Arc<Detector>, ServiceError> {
        match self.by_document.get(document) {
            Some(Ok(detector)) => Ok(detector.clone()),
            Some(Err((path, why))) => Err(ServiceError::Artefact {
                path: path.clone(),
                why: why.clone(),
            }),
            None => Err(ServiceError::NoArtefact),
        }
    }

    /// The document of the configured one.
    pub fn current(&self) -> &str {
        &self.current
    }

    /// Every model, under one numbering.
    pub fn models(&self) -> &ModelRegistry {
        &self.models
    }
}

fn is_the_same(fixed: &Fixed, known: &Fixed) -> Result<(), ServiceError> {
    match fixed.difference(known) {
        None => Ok(()),
        Some(what) => Err(ServiceError::OtherDetector { what }),
    }
}

/// The models that a document names, by digest, numbered with all others.
fn numbered(
    artefacts: &Artefacts,
    document: &Document,
    models: &mut ModelRegistry,
) -> Result<HashMap<String, ModelId>, ServiceError> {
    let mut of_digest = HashMap::new();
    for digest in std::iter::once(&document.model).chain(document.activated_models.values()) {
        let model = artefacts.model(digest)?;
        let id = models
            .number(model)
            .map_err(|error| artefacts.unknown("", &error))?;
        of_digest.insert(digest.clone(), id);
    }
    Ok(of_digest)
}

#[cfg(test)]
mod tests;
