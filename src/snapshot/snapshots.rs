//! The snapshots of a directory, and reading them.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use super::digest::digest;
use super::error::SnapshotError;
use super::manifest::{self, MAX_BYTES, Manifest};
use super::part::{Arrival, Part, key_to_read};
use super::part_reader::{PartReader, Texts};
use super::part_writer::storage_error;
use super::writer::SnapshotWriter;
use crate::journal::{DerivedKey, Guard, JournalId, Keys, Locking, Month, Storage};
use crate::record::Change;

/// Held by whoever writes or removes.
const LOCK: &str = "lock";

/// A directory of snapshots.
#[derive(Clone)]
pub struct Snapshots {
    pub(super) storage: Arc<dyn Storage>,
    pub(super) keys: Arc<Keys>,
}

/// The snapshots that are there.
#[derive(Debug, Default)]
pub struct Listing {
    /// Those whose manifest can be read, the newest first.
    pub manifests: Vec<Manifest>,
    /// The epochs of the others, and why they cannot: the caller says so.
    pub unreadable: Vec<(u64, SnapshotError)>,
}

/// A row that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// Where and when it arrived.
    pub arrival: Arrival,
    /// What it says.
    pub change: Change,
}

/// What was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Rows that were given.
    pub rows: u64,
    /// Rows that are erased, by the month in which they arrived.
    pub erased: BTreeMap<Month, u64>,
}

impl Snapshots {
    /// The snapshots in a directory, under the keys of their journal.
    pub fn new(storage: Arc<dyn Storage>, keys: Arc<Keys>) -> Self {
        Self { storage, keys }
    }

    /// Begins a snapshot that goes on from one before.
    ///
    /// # Errors
    /// As [`SnapshotWriter::begin`].
    pub fn begin(
        &self,
        journal: JournalId,
        before: Option<&Manifest>,
    ) -> Result<SnapshotWriter, SnapshotError> {
        SnapshotWriter::begin(self.storage.clone(), self.keys.clone(), journal, before)
    }

    /// The snapshots that are there, the newest first.
    ///
    /// # Errors
    /// When the directory cannot be listed.
    pub fn list(&self) -> Result<Listing, SnapshotError> {
        let names = self.names()?;
        let mut epochs: Vec<u64> = names.iter().filter_map(|n| manifest::epoch_of(n)).collect();
        epochs.sort_unstable_by(|a, b| b.cmp(a));
        let mut listing = Listing::default();
        for epoch in epochs {
            match self.manifest(epoch) {
                Ok(manifest) => listing.manifests.push(manifest),
                Err(error) => listing.unreadable.push((epoch, error)),
            }
        }
        Ok(listing)
    }

    fn manifest(&self, epoch: u64) -> Result<Manifest, SnapshotError> {
        let name = manifest::name(epoch);
        let place = self.storage.place(&name);
        let damaged = |what| SnapshotError::Damaged {
            place: place.clone(),
            what,
        };
        let unreadable = |error| storage_error(&*self.storage, "be read", &name, error);
        let length = self.storage.length(&name).map_err(unreadable)?;
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length > MAX_BYTES {
            return Err(damaged("it is too large for a manifest"));
        }
        let mut bytes = vec![0; length];
        let read = self
            .storage
            .read_at(&name, 0, &mut bytes)
            .map_err(unreadable)?;
        bytes.truncate(read);
        let manifest = manifest::decode(&bytes, &place, &self.keys)?;
        match manifest.epoch == epoch {
            true => Ok(manifest),
            false => Err(damaged("it is of another epoch than its name says")),
        }
    }

    /// Checks that every file is there and is what was written, byte by byte. No key is needed; files of an erased month
    /// are not looked at.
    ///
    /// # Errors
    /// The first file that is not, or cannot be read.
    pub fn verify(&self, manifest: &Manifest) -> Result<(), SnapshotError> {
        for part in &manifest.parts {
            if self.key(manifest, part)?.is_none() {
                continue;
            }
            if digest(&*self.storage, &part.name, part.bytes)? != part.sha256 {
                return Err(SnapshotError::Damaged {
                    place: self.storage.place(&part.name),
                    what: "its bytes are not those that were written",
                });
            }
        }
        Ok(())
    }

    /// Gives every row that is not erased: stream by stream, in each by the month of arrival and then by place, so that the rows
    /// of a key come in their order. Memory is bounded by a group of 65536 rows of one stream.
    ///
    /// Every row is authenticated, also without [`Snapshots::verify`]. But an error may come after rows were
    /// given: they are then to be thrown away. `verify` first finds damage before any is.
    ///
    /// # Errors
    /// A file that is missing, damaged or not readable; or what `each` says, at once.
    pub fn load<E: From<SnapshotError>>(
        &self,
        manifest: &Manifest,
        mut each: impl FnMut(Arrived) -> Result<(), E>,
    ) -> Result<Loaded, E> {
        let mut loaded = Loaded {
            rows: 0,
            erased: manifest.erased.clone(),
        };
        for part in &manifest.parts {
            let rows = self.load_part(manifest, part, &mut each)?;
            match rows {
                Some(rows) => loaded.rows += rows,
                None => *loaded.erased.entry(part.month).or_insert(0) += part.rows,
            }
        }
        Ok(loaded)
    }

    /// Gives every row of a part, in order; how many, or nothing when the part is erased. Parts may be read by several
    /// threads at once.
    ///
    /// # Errors
    /// As [`Snapshots::load`].
    pub fn load_part<E: From<SnapshotError>>(
        &self,
        manifest: &Manifest,
        part: &Part,
        each: &mut impl FnMut(Arrived) -> Result<(), E>,
    ) -> Result<Option<u64>, E> {
        let Some(key) = self.key(manifest, part)? else {
            return Ok(None);
        };
        let mut reader = PartReader::open(&self.storage, part, &key, Texts::Lent)?;
        while let Some(batch) = reader.next()? {
            let columns = reader.columns(&batch)?;
            for row in 0..columns.rows() {
                let change = columns.change(row).map_err(|flaw| reader.damaged(flaw))?;
                each(Arrived {
                    arrival: columns.arrival(row),
                    change,
                })?;
            }
        }
        Ok(Some(part.rows))
    }

    /// The AES-256 key of a part's file, for a tool that reads encrypted Parquet; nothing when the month's
    /// key is destroyed. Whoever has it can read the rows of that file, and of no other.
    ///
    /// # Errors
    /// As the directory of keys says.
    pub fn key(
        &self,
        manifest: &Manifest,
        part: &Part,
    ) -> Result<Option<DerivedKey>, SnapshotError> {
        key_to_read(&self.keys, manifest.journal, part)
    }

    pub(super) fn names(&self) -> Result<Vec<String>, SnapshotError> {
        let listed = self.storage.list();
        listed.map_err(|error| storage_error(&*self.storage, "be listed", "", error))
    }

    pub(super) fn lock(&self) -> Result<Box<dyn Guard>, SnapshotError> {
        let failed = |error: io::Error| storage_error(&*self.storage, "be locked", LOCK, error);
        let holder = format!("process {}", std::process::id());
        match self.storage.lock(LOCK, &holder).map_err(failed)? {
            Locking::Held(guard) => Ok(guard),
            Locking::Busy(holder) => Err(SnapshotError::Busy {
                place: self.storage.place(LOCK),
                holder,
            }),
        }
    }
}
