//! The places in a service's directory.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::ServiceError;
use crate::journal::Directory;

/// The places in a service's directory.
pub(crate) struct Places<'d>(pub(crate) &'d Path);

impl Places<'_> {
    pub(crate) fn journal(&self) -> PathBuf {
        self.0.join("journal")
    }

    pub(crate) fn keys(&self) -> PathBuf {
        self.0.join("keys")
    }

    pub(crate) fn artefacts(&self) -> PathBuf {
        self.0.join("artefacts")
    }

    pub(crate) fn snapshots(&self) -> PathBuf {
        self.0.join("snapshots")
    }

    pub(crate) fn scratch(&self) -> PathBuf {
        self.0.join("scratch")
    }
}

/// Makes a directory that its owner alone can read, where it is absent.
pub(crate) fn make(directory: &Path) -> Result<(), ServiceError> {
    let made = DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory);
    made.map_err(|error| ServiceError::Directory {
        path: directory.to_owned(),
        error,
    })
}

/// The files of a directory, which is made where it is absent.
pub(super) fn directory(path: &Path) -> Result<Arc<Directory>, ServiceError> {
    let opened = Directory::create(path).map_err(|error| ServiceError::Directory {
        path: path.to_owned(),
        error,
    })?;
    Ok(Arc::new(opened))
}
