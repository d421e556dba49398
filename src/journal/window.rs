//! A file, read in large steps.

use std::io;
use std::sync::Arc;

use super::storage::Storage;

/// Bytes that are read at once.
const STEP: usize = 1 << 20;

/// A part of a file, which moves along as the file is read.
pub(super) struct Window {
    storage: Arc<dyn Storage>,
    name: String,
    at: u64,
    /// What was read, and room for more behind it.
    bytes: Vec<u8>,
    /// How many of the bytes were read.
    filled: usize,
}

impl Window {
    pub(super) fn new(storage: Arc<dyn Storage>, name: String) -> Self {
        Self {
            storage,
            name,
            at: 0,
            bytes: Vec::new(),
            filled: 0,
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn storage(&self) -> &dyn Storage {
        &*self.storage
    }

    /// So many bytes from an offset, or all there are where the file ends before. No more is allocated
    /// than the file has.
    pub(super) fn get(&mut self, offset: u64, length: usize) -> io::Result<&[u8]> {
        let has = |window: &Self| {
            let end = window.at + window.filled as u64;
            offset >= window.at && offset + length as u64 <= end
        };
        if !has(self) {
            let mut read = STEP.max(length);
            if length > STEP {
                let left = self.storage.length(&self.name)?.saturating_sub(offset);
                read = usize::try_from(left).map_or(read, |left| left.min(read));
            }
            self.filled = 0;
            self.at = offset;
            if self.bytes.len() < read {
                self.bytes = vec![0; read];
            }
            let room = &mut self.bytes[..read];
            self.filled = self.storage.read_at(&self.name, offset, room)?;
        }
        let from = usize::try_from(offset - self.at).expect("inside what is in memory");
        let to = (from + length).min(self.filled);
        Ok(&self.bytes[from..to])
    }

    /// Forgets what was read, since it may have been written meanwhile.
    pub(super) fn forget(&mut self) {
        self.filled = 0;
    }
}
