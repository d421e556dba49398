//! What decides, now and earlier in the journal.
//!
//! In: what is configured, and the documents of what decided before, with their models, from the directory of
//! artefacts. Out: for every document in the journal, the detector that it describes, all with one numbering
//! of models. Must hold: a document and what it names are durable before the journal refers to them; what a
//! running dataflow cannot change - the reasons, the list of benefits, the linkage - is the same in all.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::ServiceError;
use crate::detector::Detector;
use crate::hex::hex;
use crate::model::{ModelRegistry, OutlierModel};
use crate::resolve::RetentionWindow;
use crate::rule::{Reason, Rules};

/// What decides, as the journal says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Document {
    reasons: Vec<String>,
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

    /// What of it a running dataflow cannot change, and is another than in an earlier one.
    fn fixed_difference(&self, earlier: &Self) -> Option<&'static str> {
        let linkage = |one: &Self| (one.link_model.clone(), one.link_weight);
        if self.reasons != earlier.reasons {
            Some("the list of reasons")
        } else if self.exclusive_benefits != earlier.exclusive_benefits {
            Some("the list of benefits that exclude each other")
        } else if linkage(self) != linkage(earlier) {
            Some("the linkage of participants")
        } else {
            None
        }
    }
}

/// The detectors of a journal.
pub struct Detectors {
    by_document: HashMap<String, Arc<Detector>>,
    models: ModelRegistry,
    current: String,
}

impl Detectors {
    /// Those of the documents in a directory of artefacts, and the one that is configured, which is kept there
    /// with its models.
    ///
    /// # Errors
    /// When an artefact cannot be read or written, or the configured one differs in what cannot be changed.
    pub fn open(directory: &Path, configured: &Detector) -> Result<Self, ServiceError> {
        let artefacts = Artefacts {
            directory: directory.to_owned(),
        };
        artefacts.make()?;
        let document = Document::of(configured);
        for (_, model) in configured.models.models() {
            artefacts.write(&format!("model-{}.json", model.digest()), &model.to_json())?;
        }
        let current = artefacts.write_document(&document)?;
        Self::read(&artefacts, configured, &document, current)
    }

    /// Those of the documents in a directory of artefacts, of which nothing is written; the list of benefits and
    /// the linkage must be those that are named.
    ///
    /// # Errors
    /// When an artefact cannot be read, or what cannot be changed is another.
    pub fn of_journal(directory: &Path, named: &Detector) -> Result<Self, ServiceError> {
        let artefacts = Artefacts {
            directory: directory.to_owned(),
        };
        let documents = artefacts.documents()?;
        let reasons = documents.first().map(|(_, document)| &document.reasons);
        let reasons = reasons.into_iter().flatten();
        let named = Detector {
            reasons: reasons.filter_map(|name| Reason::from_name(name)).collect(),
            ..named.clone()
        };
        Self::read(&artefacts, &named, &Document::of(&named), String::new())
    }

    fn read(
        artefacts: &Artefacts,
        configured: &Detector,
        document: &Document,
        current: String,
    ) -> Result<Self, ServiceError> {
        let mut models = configured.models.clone();
        let mut described = Vec::new();
        for (text, earlier) in artefacts.documents()? {
            if let Some(what) = document.fixed_difference(&earlier) {
                return Err(ServiceError::OtherDetector { what });
            }
            let mut of_digest = HashMap::new();
            for digest in std::iter::once(&earlier.model).chain(earlier.activated_models.values()) {
                let model = artefacts.model(digest)?;
                let id = models.number(model).map_err(|error| {
                    artefacts.wrong("the models of the journal", &error.to_string())
                })?;
                of_digest.insert(digest.clone(), id);
            }
            described.push((text, earlier, of_digest));
        }
        let by_document = described.into_iter().map(|(text, earlier, of_digest)| {
            let names = earlier.activated_models.iter();
            let names = names.map(|(name, digest)| (name.clone(), of_digest[digest]));
            let rules = match &earlier.rules {
                None => Rules::default(),
                Some((path, said)) => Rules::parse(path, said)
                    .map_err(|error| artefacts.wrong("rules", &error.to_string()))?,
            };
            let detector = Detector {
                rules: rules.into(),
                models: models.renamed(of_digest[&earlier.model], names.collect()),
                retention: earlier.retention_days.map(|days| RetentionWindow { days }),
                ..configured.clone()
            };
            Ok((text, Arc::new(detector)))
        });
        let by_document = by_document.collect::<Result<_, ServiceError>>()?;
        Ok(Self {
            by_document,
            models,
            current,
        })
    }

    /// The detector that a document of the journal describes.
    ///
    /// # Errors
    /// When the document is not among the artefacts.
    pub fn of_document(&self, document: &str) -> Result<Arc<Detector>, ServiceError> {
        let known = self.by_document.get(document).cloned();
        known.ok_or(ServiceError::NoArtefact)
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

/// The directory of artefacts.
struct Artefacts {
    directory: PathBuf,
}

impl Artefacts {
    fn failed(&self, error: io::Error) -> ServiceError {
        ServiceError::Directory {
            path: self.directory.clone(),
            error,
        }
    }

    fn wrong(&self, name: &str, why: &str) -> ServiceError {
        let error = format!("{name}: {why}; restore the directory from a copy");
        self.failed(io::Error::other(error))
    }

    fn make(&self) -> Result<(), ServiceError> {
        super::make(&self.directory)
    }

    /// Writes a file whole and durably, unless it is there: what it is called says what it holds.
    fn write(&self, name: &str, text: &str) -> Result<(), ServiceError> {
        let path = self.directory.join(name);
        if path.exists() {
            return Ok(());
        }
        let written = || {
            let mut file = tempfile::NamedTempFile::new_in(&self.directory)?;
            file.write_all(text.as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(&path)?;
            File::open(&self.directory)?.sync_all()
        };
        written().map_err(|error| self.failed(error))
    }

    fn write_document(&self, document: &Document) -> Result<String, ServiceError> {
        let text = serde_json::to_string(document).expect("a document is written into memory");
        let digest = hex(&Sha256::digest(&text));
        self.write(&format!("detector-{digest}.json"), &text)?;
        Ok(text)
    }

    /// Every document, in no meaningful order.
    fn documents(&self) -> Result<Vec<(String, Document)>, ServiceError> {
        let mut documents = Vec::new();
        for entry in fs::read_dir(&self.directory).map_err(|error| self.failed(error))? {
            let name = entry.map_err(|error| self.failed(error))?.file_name();
            let name = name.to_string_lossy();
            if name.starts_with("detector-") && name.ends_with(".json") {
                let text = fs::read_to_string(self.directory.join(&*name));
                let text = text.map_err(|error| self.failed(error))?;
                let read = serde_json::from_str(&text);
                let document = read.map_err(|error| self.wrong(&name, &error.to_string()))?;
                documents.push((text, document));
            }
        }
        documents.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        Ok(documents)
    }

    fn model(&self, digest: &str) -> Result<Arc<OutlierModel>, ServiceError> {
        let name = format!("model-{digest}.json");
        let text = fs::read_to_string(self.directory.join(&name));
        let text = text.map_err(|error| self.wrong(&name, &error.to_string()))?;
        let model = OutlierModel::from_json(&text);
        let model = model.map_err(|error| self.wrong(&name, &error.to_string()))?;
        match model.digest() == digest {
            true => Ok(Arc::new(model)),
            false => Err(self.wrong(&name, "it is not what its name says")),
        }
    }
}
