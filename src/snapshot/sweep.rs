//! What is removed: old snapshots, and files that no snapshot names.
//!
//! Must hold: no file is removed that a manifest names, or that one could name that cannot be read now; and a
//! manifest is gone for good before the first of its files is.

use std::collections::BTreeSet;

use super::error::SnapshotError;
use super::manifest;
use super::part::SUFFIX;
use super::part_writer::storage_error;
use super::snapshots::Snapshots;

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Manifests.
    pub manifests: u64,
    /// Files of rows.
    pub files: u64,
}

impl Snapshots {
    /// Removes all snapshots but the newest `keep` that can be read, manifests that are damaged, and the files that
    /// none of those left names. Whoever writes a snapshot holds the lock of the directory, and is not disturbed.
    ///
    /// # Errors
    /// When another process writes, or the disk fails; a part may have been done, and nothing that is kept is harmed.
    pub fn prune(&self, keep: usize) -> Result<Swept, SnapshotError> {
        let _lock = self.lock()?;
        let listing = self.list()?;
        let old = listing.manifests.iter().skip(keep.max(1));
        let damaged = listing.unreadable.iter();
        let damaged = damaged.filter(|(_, error)| matches!(error, SnapshotError::Damaged { .. }));
        let old: Vec<u64> = old
            .map(|manifest| manifest.epoch)
            .chain(damaged.map(|(epoch, _)| *epoch))
            .collect();
        let mut swept = Swept::default();
        for epoch in &old {
            self.remove(&manifest::name(*epoch))?;
            swept.manifests += 1;
        }
        if !old.is_empty() {
            let synced = self.storage.sync_directory();
            synced.map_err(|error| storage_error(&*self.storage, "be removed", "", error))?;
        }
        swept.files = self.sweep()?;
        Ok(swept)
    }

    /// Removes the manifest of a snapshot that is not what was written, so that nobody begins with it again.
    ///
    /// # Errors
    /// When another process writes, or the disk fails.
    pub fn withdraw(&self, epoch: u64) -> Result<(), SnapshotError> {
        let _lock = self.lock()?;
        self.remove(&manifest::name(epoch))?;
        let synced = self.storage.sync_directory();
        synced.map_err(|error| storage_error(&*self.storage, "be removed", "", error))
    }

    /// Removes the files that no manifest names: those of snapshots that were never finished. The caller holds the
    /// lock. Nothing is removed while there is a manifest that cannot be read, since that may name them.
    pub(super) fn sweep(&self) -> Result<u64, SnapshotError> {
        let listing = self.list()?;
        if !listing.unreadable.is_empty() {
            return Ok(0);
        }
        let parts = listing
            .manifests
            .iter()
            .flat_map(|manifest| &manifest.parts);
        let named: BTreeSet<&str> = parts.map(|part| part.name.as_str()).collect();
        let mut removed = 0;
        for name in self.names()? {
            if name.ends_with(SUFFIX) && !named.contains(name.as_str()) {
                self.remove(&name)?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    fn remove(&self, name: &str) -> Result<(), SnapshotError> {
        let removed = self.storage.remove(name);
        removed.map_err(|error| storage_error(&*self.storage, "be removed", name, error))
    }
}
