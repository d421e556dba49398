//! The file of a bundle: a compressed tar that appears whole, and that only its owner may read.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, Header};

/// The folder that all files of a bundle are in.
const FOLDER: &str = "fundwatch-support";
const UNFINISHED: &str = ".new";

/// A bundle that cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// There is something of that name.
    #[error("{}: there is such a file already; name another", path.display())]
    Exists {
        /// Where.
        path: PathBuf,
    },
    /// The disk refuses.
    #[error("{}: {error}; name a place that can be written", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// What the operating system said.
        error: io::Error,
    },
}

/// A bundle that is being written.
pub(super) struct Archive {
    path: PathBuf,
    unfinished: PathBuf,
    builder: Builder<GzEncoder<File>>,
    made_at: u64,
}

impl Archive {
    pub(super) fn create(path: &Path) -> Result<Self, BundleError> {
        if path.symlink_metadata().is_ok() {
            return Err(BundleError::Exists {
                path: path.to_owned(),
            });
        }
        let mut unfinished = path.as_os_str().to_owned();
        unfinished.push(UNFINISHED);
        let unfinished = PathBuf::from(unfinished);
        // What an earlier call left behind, which may have been readable by others.
        let _ = std::fs::remove_file(&unfinished);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&unfinished);
        let file = file.map_err(|error| BundleError::Io {
            path: unfinished.clone(),
            error,
        })?;
        let now = std::time::SystemTime::UNIX_EPOCH.elapsed();
        Ok(Self {
            path: path.to_owned(),
            unfinished,
            builder: Builder::new(GzEncoder::new(file, Compression::default())),
            made_at: now.map_or(0, |since| since.as_secs()),
        })
    }

    pub(super) fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), BundleError> {
        let mut header = Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        header.set_mtime(self.made_at);
        let added = self
            .builder
            .append_data(&mut header, format!("{FOLDER}/{name}"), bytes);
        added.map_err(|error| self.failed(error))
    }

    pub(super) fn finish(self) -> Result<(), BundleError> {
        let Self {
            path,
            unfinished,
            builder,
            ..
        } = self;
        let written = || {
            let file = builder.into_inner()?.finish()?;
            file.sync_all()?;
            std::fs::rename(&unfinished, &path)
        };
        written().map_err(|error| {
            let _ = std::fs::remove_file(&unfinished);
            BundleError::Io { path, error }
        })
    }

    fn failed(&self, error: io::Error) -> BundleError {
        let _ = std::fs::remove_file(&self.unfinished);
        BundleError::Io {
            path: self.path.clone(),
            error,
        }
    }
}
