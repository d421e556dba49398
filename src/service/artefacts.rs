//! The directory of artefacts: what decides and decided, beside the journal that refers to it.
//!
//! In: documents and models, as text. Out: them again. Must hold: a file that was written is whole and durable;
//! one that is named after its content holds what its name says.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::ServiceError;
use crate::hex::hex;
use crate::model::OutlierModel;

/// The file of what the alerts of the store are computed with.
const FIXED: &str = "computed-with.json";

/// What a store is computed with from its first epoch to its last: a running dataflow cannot change it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fixed {
    pub(super) reasons: Vec<String>,
    /// The digest of the list of benefits that exclude each other.
    pub(super) exclusive_benefits: String,
    /// The digest of the linkage, and the least weight of a pair.
    pub(super) link_model: String,
    pub(super) link_weight: i32,
}

impl Fixed {
    /// What of it is another.
    pub(super) fn difference(&self, from: &Self) -> Option<&'static str> {
        let linkage = |one: &Self| (one.link_model.clone(), one.link_weight);
        if self.reasons != from.reasons {
            Some("the list of reasons")
        } else if self.exclusive_benefits != from.exclusive_benefits {
            Some("the list of benefits that exclude each other")
        } else if linkage(self) != linkage(from) {
            Some("the linkage of participants")
        } else {
            None
        }
    }
}

/// The directory of artefacts.
pub(super) struct Artefacts {
    directory: PathBuf,
}

impl Artefacts {
    pub(super) fn of(directory: &Path) -> Self {
        Self {
            directory: directory.to_owned(),
        }
    }

    pub(super) fn make(&self) -> Result<(), ServiceError> {
        super::make(&self.directory)
    }

    fn failed(&self, error: io::Error) -> ServiceError {
        ServiceError::Directory {
            path: self.directory.clone(),
            error,
        }
    }

    /// A file of it that this program can make nothing of.
    pub(super) fn unknown(&self, name: &str, why: &dyn std::fmt::Display) -> ServiceError {
        ServiceError::Artefact {
            path: self.directory.join(name),
            why: why.to_string(),
        }
    }

    /// Writes a file whole and durably, in the place of one that is there.
    fn put(&self, name: &str, text: &str) -> Result<(), ServiceError> {
        let written = || {
            let mut file = tempfile::NamedTempFile::new_in(&self.directory)?;
            file.write_all(text.as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(self.directory.join(name))?;
            File::open(&self.directory)?.sync_all()
        };
        written().map_err(|error| self.failed(error))
    }

    /// Writes a file unless it is there: what it is called says what it holds.
    fn keep(&self, name: &str, text: &str) -> Result<(), ServiceError> {
        match self.directory.join(name).exists() {
            true => Ok(()),
            false => self.put(name, text),
        }
    }

    pub(super) fn keep_document(&self, text: &str) -> Result<(), ServiceError> {
        let digest = hex(&Sha256::digest(text));
        self.keep(&format!("detector-{digest}.json"), text)
    }

    pub(super) fn keep_model(&self, model: &OutlierModel) -> Result<(), ServiceError> {
        self.keep(&format!("model-{}.json", model.digest()), &model.to_json())
    }

    /// Every document with the name of its file, in the order of their texts, which means nothing.
    pub(super) fn documents(&self) -> Result<Vec<(String, String)>, ServiceError> {
        let mut documents = Vec::new();
        for entry in fs::read_dir(&self.directory).map_err(|error| self.failed(error))? {
            let name = entry.map_err(|error| self.failed(error))?.file_name();
            let name = name.to_string_lossy().into_owned();
            if name.starts_with("detector-") && name.ends_with(".json") {
                let text = fs::read_to_string(self.directory.join(&name));
                let text = text.map_err(|error| self.unknown(&name, &error))?;
                documents.push((text, name));
            }
        }
        documents.sort_unstable();
        Ok(documents)
    }

    pub(super) fn model(&self, digest: &str) -> Result<Arc<OutlierModel>, ServiceError> {
        let name = format!("model-{digest}.json");
        let text = fs::read_to_string(self.directory.join(&name));
        let text = text.map_err(|error| self.unknown(&name, &error))?;
        let model = OutlierModel::from_json(&text);
        let model = model.map_err(|error| self.unknown(&name, &error))?;
        match model.digest() == digest {
            true => Ok(Arc::new(model)),
            false => Err(self.unknown(&name, &"it is not what its name says")),
        }
    }

    /// What the store was computed with; nothing where that was not noted.
    pub(super) fn fixed(&self) -> Result<Option<Fixed>, ServiceError> {
        match fs::read_to_string(self.directory.join(FIXED)) {
            Ok(text) => self.parse(FIXED, &text).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Notes what the store is computed with.
    pub(super) fn fix(&self, fixed: &Fixed) -> Result<(), ServiceError> {
        let text = serde_json::to_string(fixed).expect("texts and numbers are written into memory");
        self.put(FIXED, &text)
    }

    pub(super) fn parse<T: DeserializeOwned>(
        &self,
        name: &str,
        text: &str,
    ) -> Result<T, ServiceError> {
        serde_json::from_str(text).map_err(|error| self.unknown(name, &error))
    }
}
