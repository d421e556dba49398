//! A file of a simulated disk: what is seen of it, and what of that is durable.

use std::collections::BTreeSet;

use super::disk::Chance;

/// Bytes that become durable together. Small, so that small frames are torn in many places.
const SECTOR: usize = 64;

/// A file. What is seen and what is durable differ only in sectors that are dirty, or that a failed sync
/// gave up.
#[derive(Clone, Default)]
pub(super) struct SimulatedFile {
    pub(super) seen: Vec<u8>,
    durable: Vec<u8>,
    dirty: BTreeSet<usize>,
    /// Whether the length was changed since the last sync.
    is_resized: bool,
}

impl SimulatedFile {
    pub(super) fn write(&mut self, offset: usize, bytes: &[u8]) {
        let end = offset + bytes.len();
        if end > self.seen.len() {
            self.seen.resize(end, 0);
            self.is_resized = true;
        }
        self.seen[offset..end].copy_from_slice(bytes);
        if !bytes.is_empty() {
            self.dirty.extend(offset / SECTOR..=(end - 1) / SECTOR);
        }
    }

    pub(super) fn truncate(&mut self, length: usize) {
        // What is cut off may have been written out before, in part: a system does so when it likes.
        let chance = &mut Chance((self.seen.len() * 31 + length) as u64);
        if chance.is_heads() {
            self.durable
                .resize(self.durable.len().max(self.seen.len()), 0);
            for sector in self.dirty.clone() {
                if chance.is_heads() {
                    self.store(sector);
                }
            }
        }
        self.seen.resize(length, 0);
        self.is_resized = true;
        // What is left of the sector at the end counts as written.
        self.dirty.insert(length / SECTOR);
    }

    /// All that is dirty becomes durable.
    pub(super) fn sync(&mut self) {
        for sector in std::mem::take(&mut self.dirty) {
            self.store(sector);
        }
        self.durable.resize(self.seen.len(), 0);
        self.is_resized = false;
    }

    /// Some of what is dirty becomes durable; all of it counts as written from now on.
    pub(super) fn fail_sync(&mut self, chance: &mut Chance) {
        for sector in std::mem::take(&mut self.dirty) {
            if chance.is_heads() {
                self.store(sector);
            }
        }
        if std::mem::take(&mut self.is_resized) && chance.is_heads() {
            self.durable.resize(self.seen.len(), 0);
        }
    }

    /// What is seen is what is durable.
    pub(super) fn settle(&mut self) {
        self.sync();
        self.seen.clone_from(&self.durable);
    }

    /// The power goes: each dirty sector is written or is not, and so is each length between.
    pub(super) fn crash(&mut self, chance: &mut Chance) {
        let (old, new) = (self.durable.len(), self.seen.len());
        for sector in std::mem::take(&mut self.dirty) {
            if chance.is_heads() {
                self.store(sector);
            }
        }
        let length = if !self.is_resized {
            old
        } else {
            match chance.below(4) {
                0 => old,
                1 => new,
                _ => old.min(new) + chance.below(old.abs_diff(new) as u64 + 1) as usize,
            }
        };
        self.durable.resize(length, 0);
        self.is_resized = false;
        self.seen.clone_from(&self.durable);
    }

    /// A file that is durable as it is.
    pub(super) fn durable(bytes: &[u8]) -> Self {
        Self {
            seen: bytes.to_vec(),
            durable: bytes.to_vec(),
            ..Self::default()
        }
    }

    fn store(&mut self, sector: usize) {
        let start = sector * SECTOR;
        let end = (start + SECTOR).min(self.seen.len());
        if start < end {
            if self.durable.len() < end {
                self.durable.resize(end, 0);
            }
            self.durable[start..end].copy_from_slice(&self.seen[start..end]);
        }
    }
}
