//! A run that is compared.

use std::path::{Path, PathBuf};

use crate::audit::manifest::{MANIFEST, Manifest, ManifestError};

/// The outputs of a replay, or the exports of a service.
#[derive(Clone, Debug)]
pub struct Run {
    /// Where they are.
    pub directory: PathBuf,
    /// What the replay states; none of exports.
    pub manifest: Option<Manifest>,
}

/// A run that cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunReadError {
    /// Its manifest cannot be used.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
}

impl Run {
    /// The run in a directory. Without a manifest it is of exports.
    ///
    /// # Errors
    /// When there is a manifest that cannot be used.
    pub fn open(directory: &Path) -> Result<Self, RunReadError> {
        let path = directory.join(MANIFEST);
        let manifest = match path.exists() {
            true => Some(Manifest::read(&path)?),
            false => None,
        };
        Ok(Self {
            directory: directory.to_owned(),
            manifest,
        })
    }

    /// Its alerts.
    pub fn alerts(&self) -> PathBuf {
        self.directory.join("alerts.ndjson")
    }

    /// Its history, where there is one.
    pub fn history(&self) -> Option<PathBuf> {
        let path = self.directory.join("history.ndjson");
        path.exists().then_some(path)
    }
}
