//! Up to where a journal is read: what a service writes meanwhile is not part of a replay.
//!
//! In: the data directory of a service, which may run. Out: the last epoch, and how long each segment is. Must hold:
//! every epoch up to the last lies within those lengths; a journal is only added to, so that they stay what they are.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::error::ReplayError;
use crate::audit::{FileDigest, digest_of_first};
use crate::journal::JournalReader;
use crate::service::Places;

/// Where a journal ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalEnd {
    /// The number of the last epoch.
    epoch: u64,
    directory: PathBuf,
    /// The bytes of each segment, by name.
    segments: BTreeMap<String, u64>,
}

impl JournalEnd {
    /// Where the journal ends now.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of(data: &Path, reader: &JournalReader) -> Result<Self, ReplayError> {
        // First the epoch: whatever the lengths are then, it lies within them.
        let (epoch, _) = reader.upper()?;
        let directory = Places(data).journal();
        let listed = || -> io::Result<BTreeMap<String, u64>> {
            let mut segments = BTreeMap::new();
            for entry in std::fs::read_dir(&directory)? {
                let entry = entry?;
                let name = entry.file_name().to_string_lossy().into_owned();
                if name.ends_with(".segment") {
                    segments.insert(name, entry.metadata()?.len());
                }
            }
            Ok(segments)
        };
        match listed() {
            Ok(segments) => Ok(Self {
                epoch,
                directory,
                segments,
            }),
            Err(error) => Err(ReplayError::NoJournal {
                path: directory,
                error,
            }),
        }
    }

    /// The number of the last epoch.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The segments, digested as far as they are read.
    pub(super) fn digests(&self) -> Result<Vec<FileDigest>, ReplayError> {
        let digests = self.segments.iter().map(|(name, bytes)| {
            let digest = digest_of_first(&self.directory.join(name), *bytes)?;
            Ok(FileDigest::new(format!("journal/{name}"), digest))
        });
        let digests: io::Result<Vec<FileDigest>> = digests.collect();
        let mut digests = digests.map_err(|error| ReplayError::NoJournal {
            path: self.directory.clone(),
            error,
        })?;
        if let Some(last) = digests.last_mut() {
            last.annotations.last_epoch = Some(self.epoch);
        }
        Ok(digests)
    }
}
