//! Writing a snapshot.
//!
//! In: the rows of the epochs since the snapshot before, or of all, in order. Out: a manifest. Must hold: the
//! manifest is the last thing that is written, when all it names is durable and was read back; until then the
//! snapshots before are what they were; and no row of the journal is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::digest::check_length;
use super::error::SnapshotError;
use super::is_destroyed;
use super::manifest::{self, Manifest};
use super::merge::{begin, merge};
use super::part::{Arrival, Ordinal, Part};
use super::part_writer::{PartWriter, storage_error};
use super::snapshots::Snapshots;
use crate::journal::{ChainHash, Guard, JournalId, KeyError, Keys, Month, Storage};
use crate::record::{Change, Day, Instant, Stream};

/// A snapshot that is being written. When it is dropped unfinished, nothing has happened but that files lie there which the next
/// one removes.
pub struct SnapshotWriter {
    snapshots: Snapshots,
    journal: JournalId,
    /// What the snapshot before had.
    before: Vec<Part>,
    erased: BTreeMap<Month, u64>,
    /// What is being written, by stream: all of one month.
    open: BTreeMap<Stream, PartWriter>,
    month: Option<Month>,
    /// Months that were found destroyed.
    destroyed: BTreeSet<Month>,
    new: Vec<Part>,
    last: Ordinal,
    _lock: Box<dyn Guard>,
}

/// Where a snapshot was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The last epoch.
    pub epoch: u64,
    /// The chain of the journal at that epoch.
    pub chain: ChainHash,
    /// When the epoch was closed.
    pub at: Instant,
    /// The as-of date since that epoch.
    pub clock: Day,
    /// The document of what decides since that epoch.
    pub detector: Option<String>,
    /// Rows that the journal has accepted up to the epoch, those of erased months among them.
    pub rows: u64,
}

impl SnapshotWriter {
    /// Begins a snapshot in a directory: after the one before, whose files it takes over, or anew. What unfinished ones
    /// left behind is removed.
    ///
    /// # Errors
    /// When another process writes there, the snapshot before is of another journal, or the disk fails.
    pub fn begin(
        storage: Arc<dyn Storage>,
        keys: Arc<Keys>,
        journal: JournalId,
        before: Option<&Manifest>,
    ) -> Result<Self, SnapshotError> {
        let snapshots = Snapshots::new(storage, keys);
        if let Some(other) = before.filter(|before| before.journal != journal) {
            return Err(SnapshotError::OtherJournal {
                found: other.journal,
                expected: journal,
            });
        }
        let lock = snapshots.lock()?;
        snapshots.sweep()?;
        let (epoch, row) = (before.map_or(0, |before| before.epoch), u64::MAX);
        Ok(Self {
            snapshots,
            journal,
            before: before
                .map(|before| before.parts.clone())
                .unwrap_or_default(),
            erased: before
                .map(|before| before.erased.clone())
                .unwrap_or_default(),
            open: BTreeMap::new(),
            month: None,
            destroyed: BTreeSet::new(),
            new: Vec::new(),
            last: Ordinal { epoch, row },
            _lock: lock,
        })
    }

    /// Adds a row, after the last one.
    ///
    /// # Errors
    /// When it is not after the last one, or of an epoch of the snapshot before; or the disk or the keys fail. The
    /// snapshot cannot be finished then.
    pub fn push(&mut self, arrival: Arrival, change: &Change) -> Result<(), SnapshotError> {
        self.advance(arrival.ordinal)?;
        let month = arrival.month();
        if self.month != Some(month) {
            // So that a snapshot of years has no more open than one of a month.
            self.close()?;
            self.month = Some(month);
        }
        if self.destroyed.contains(&month) {
            return self.count_erased(month, 1);
        }
        let stream = change.key.stream();
        let writer = match self.open.get_mut(&stream) {
            Some(writer) => writer,
            None => {
                let Snapshots { storage, keys } = &self.snapshots;
                match PartWriter::new(storage, keys, self.journal, (stream, month)) {
                    Ok(writer) => self.open.entry(stream).or_insert(writer),
                    Err(SnapshotError::Key(KeyError::Destroyed { .. })) => {
                        self.destroyed.insert(month);
                        return self.count_erased(month, 1);
                    }
                    Err(error) => return Err(error),
                }
            }
        };
        writer.push(arrival, change)
    }

    /// Notes rows of an epoch that are erased from the journal.
    ///
    /// # Errors
    /// When the epoch is not after the last one.
    pub fn push_erased(&mut self, epoch: u64, at: Instant, rows: u64) -> Result<(), SnapshotError> {
        self.advance(Ordinal { epoch, row: 0 })?;
        self.last.row = u64::MAX;
        self.count_erased(Month::of(at.nanos()), rows)
    }

    fn count_erased(&mut self, month: Month, rows: u64) -> Result<(), SnapshotError> {
        if rows > 0 {
            *self.erased.entry(month).or_insert(0) += rows;
        }
        Ok(())
    }

    fn advance(&mut self, place: Ordinal) -> Result<(), SnapshotError> {
        if place <= self.last {
            return Err(self.not_next(place));
        }
        self.last = place;
        Ok(())
    }

    fn not_next(&self, given: Ordinal) -> SnapshotError {
        SnapshotError::NotNext {
            epoch: given.epoch,
            row: given.row,
            last_epoch: self.last.epoch,
            last_row: self.last.row,
        }
    }

    fn close(&mut self) -> Result<(), SnapshotError> {
        while let Some((_, writer)) = self.open.pop_first() {
            self.new.push(writer.finish()?);
        }
        Ok(())
    }

    /// Ends the snapshot. When this returns, it is durable.
    ///
    /// # Errors
    /// When rows were left out, a file of the snapshot before is missing or has another length, or the disk or the keys fail.
    /// The snapshots before are what they were, unless the directory could not be synced last: then this one may be there as well,
    /// and is whole.
    pub fn finish(mut self, taken: Taken) -> Result<Manifest, SnapshotError> {
        if taken.epoch < self.last.epoch {
            return Err(self.not_next(Ordinal {
                epoch: taken.epoch,
                row: u64::MAX,
            }));
        }
        self.close()?;
        let manifest = Manifest {
            journal: self.journal,
            epoch: taken.epoch,
            chain: taken.chain,
            at: taken.at,
            clock: taken.clock,
            detector: taken.detector,
            rows: taken.rows,
            parts: self.parts()?,
            erased: self.erased,
        };
        let kept: u64 = manifest.parts.iter().map(|part| part.rows).sum();
        let found = kept + manifest.erased.values().sum::<u64>();
        if found != manifest.rows {
            return Err(SnapshotError::Incomplete {
                epoch: manifest.epoch,
                expected: manifest.rows,
                found,
            });
        }
        let Snapshots { storage, keys } = &self.snapshots;
        let place = manifest::name(manifest.epoch);
        let failed = |error| storage_error(&**storage, "be made durable", &place, error);
        storage.sync_directory().map_err(failed)?;
        let month = Month::of(manifest.at.nanos());
        let key = match keys.derive_to_seal(month, &manifest::purpose(manifest.journal)) {
            Err(KeyError::Destroyed { .. }) => None,
            key => Some(key?),
        };
        let bytes = manifest::encode(&manifest, key);
        storage.replace(&place, &bytes).map_err(failed)?;
        Ok(manifest)
    }

    /// The parts of the snapshot: those of before and the new ones, of which the last of each stream and month become one.
    fn parts(&mut self) -> Result<Vec<Part>, SnapshotError> {
        let mut groups: BTreeMap<(Stream, Month), (Vec<Part>, bool)> = BTreeMap::new();
        let before = std::mem::take(&mut self.before)
            .into_iter()
            .map(|part| (part, false));
        let new = std::mem::take(&mut self.new)
            .into_iter()
            .map(|part| (part, true));
        for (part, is_new) in before.chain(new) {
            let (parts, has_new) = groups.entry((part.stream, part.month)).or_default();
            *has_new |= is_new;
            parts.push(part);
        }
        let mut all = Vec::new();
        for ((_, month), (mut parts, has_new)) in groups {
            if is_destroyed(&self.snapshots.keys, month)? {
                self.count_erased(month, parts.iter().map(|part| part.rows).sum())?;
                continue;
            }
            parts.sort_unstable_by_key(|part| part.first);
            for part in &parts {
                check_length(&*self.snapshots.storage, &part.name, part.bytes)?;
            }
            let rows: Vec<u64> = parts.iter().map(|part| part.rows).collect();
            let last = parts.split_off(begin(&rows));
            match has_new && last.len() > 1 {
                true => parts.extend(merge(&self.snapshots, self.journal, &last)?),
                false => parts.extend(last),
            }
            all.append(&mut parts);
        }
        Ok(all)
    }
}
