//! What a file is that is to be verified.
//!
//! In: a path. Out: its kind, by where it is and what it begins with. Must hold: a file that is damaged is taken for
//! what it was, as far as its name tells, so that the damage is told.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::access_log;
use crate::audit::{MANIFEST, PACK};

/// What can be verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A run: its directory or its manifest.
    Run(PathBuf),
    /// A signed manifest.
    Envelope(PathBuf),
    /// An evidence pack.
    Pack(PathBuf),
    /// A report on a run.
    Report(PathBuf),
    /// A proof that a line is in an access log.
    Inclusion(PathBuf),
    /// A proof that an access log only grew.
    Consistency(PathBuf),
    /// The data directory of a service, with its journal and its access log.
    Service(PathBuf),
    /// The access log of a service, by its data directory.
    AccessLog(PathBuf),
}

/// A file that is nothing that can be verified.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KindError {
    /// It cannot be read.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        error: io::Error,
    },
    /// It is something else.
    #[error(
        "{}: neither the manifest or the directory of a run, nor an evidence pack, a report or a proof of an access log, nor the data directory of a service, nor its access log",
        .0.display()
    )]
    Unknown(PathBuf),
}

impl Kind {
    /// What a path leads to.
    ///
    /// # Errors
    /// When it cannot be read, or is nothing that can be verified.
    pub fn of(path: &Path) -> Result<Self, KindError> {
        let io = |error| KindError::Io {
            path: path.to_owned(),
            error,
        };
        let metadata = path.metadata().map_err(io)?;
        // Relative paths have no folder above them to ask for.
        let path = path.canonicalize().map_err(io)?;
        if metadata.is_dir() {
            return Self::of_directory(&path).ok_or(KindError::Unknown(path));
        }
        match path.extension().and_then(OsStr::to_str) {
            Some(access_log::TLOG_PROOF_NAME) => return Ok(Self::Inclusion(path)),
            Some(access_log::CONSISTENCY_NAME) => return Ok(Self::Consistency(path)),
            _ => {}
        }
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        if folder
            .file_name()
            .is_some_and(|name| name == access_log::FOLDER)
        {
            return Ok(Self::AccessLog(
                folder.parent().map(Path::to_owned).unwrap_or_default(),
            ));
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name == MANIFEST {
            return Ok(Self::Run(path));
        }
        if path
            .extension()
            .is_some_and(|extension| extension == "html")
        {
            return Ok(Self::Report(path));
        }
        let opened = File::open(&path).map_err(io)?;
        let mut head = Vec::new();
        opened.take(HEAD).read_to_end(&mut head).map_err(io)?;
        let head = String::from_utf8_lossy(&head);
        match () {
            () if head.starts_with(access_log::TLOG_PROOF) => Ok(Self::Inclusion(path)),
            () if head.starts_with(access_log::CONSISTENCY) => Ok(Self::Consistency(path)),
            () if head.contains(&format!("\"predicateType\": \"{PACK}\"")) => Ok(Self::Pack(path)),
            () if head.contains("\"alert/") => Ok(Self::Pack(path)),
            () if head.contains("\"payload\"") => Ok(Self::Envelope(path)),
            () if head.contains("\"_type\"") => Ok(Self::Run(path)),
            () => Err(KindError::Unknown(path)),
        }
    }

    fn of_directory(path: &Path) -> Option<Self> {
        if path.join(MANIFEST).exists() {
            return Some(Self::Run(path.join(MANIFEST)));
        }
        if path.join("journal").is_dir() {
            return Some(Self::Service(path.to_owned()));
        }
        if path.join(access_log::FOLDER).is_dir() {
            return Some(Self::AccessLog(path.to_owned()));
        }
        let is_log = path.file_name()? == access_log::FOLDER;
        is_log.then(|| Some(Self::AccessLog(path.parent()?.to_owned())))?
    }
}

/// How much of a file is looked at to tell what it is.
const HEAD: u64 = 4096;
