//! A run that is compared: its directory, and what it says of itself.

use std::path::{Path, PathBuf};

use super::super::manifest::{MANIFEST, Manifest};
use super::error::DiffError;
use super::lines::Lines;

/// A run.
pub(super) struct Run {
    directory: PathBuf,
    manifest: Option<Manifest>,
}

impl Run {
    /// Opens the directory of a run. The exports of a service have no manifest.
    pub fn open(directory: &Path) -> Result<Self, DiffError> {
        let manifest = match directory.join(MANIFEST).exists() {
            true => Some(Manifest::read(directory)?),
            false => None,
        };
        Ok(Self {
            directory: directory.to_owned(),
            manifest,
        })
    }

    /// What it says of itself, where it does.
    pub fn manifest(&self) -> Option<&Manifest> {
        self.manifest.as_ref()
    }

    /// The lines of a file that every run has.
    pub fn lines(&self, name: &str) -> Result<Lines, DiffError> {
        Lines::open(self.directory.join(name))
    }

    /// The lines of a file that a run may lack.
    pub fn lines_if_any(&self, name: &str) -> Result<Option<Lines>, DiffError> {
        let path = self.directory.join(name);
        path.exists().then(|| Lines::open(path)).transpose()
    }
}
