//! Which loads of a journal are undone.
//!
//! In: the journal. Out: the loads that hold nothing any more, and those that undo. Must hold: what undid can be undone
//! itself; the loads that it named are then as if nobody had undone them, but for others that name them too.

use std::collections::{BTreeMap, BTreeSet};

use super::epoch::{Delivery, Epoch, EpochError};
use super::error::JournalError;
use super::load::LoadId;
use super::reader::JournalReader;
use crate::record::Instant;

/// A journal that cannot be gone through.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UnreadableEpoch {
    /// It cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// An epoch cannot be.
    #[error(transparent)]
    Epoch(#[from] EpochError),
}

/// The loads that are undone, and those that undo.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UndoneLoads {
    /// What each load names that undoes.
    undoing: BTreeMap<LoadId, Vec<LoadId>>,
    undone: BTreeSet<LoadId>,
}

impl UndoneLoads {
    /// Those of a journal, up to its last epoch.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(reader: &JournalReader) -> Result<Self, UnreadableEpoch> {
        let mut found = Self::default();
        each_epoch(reader, 1, |epoch| -> Result<(), UnreadableEpoch> {
            for (load, delivery) in epoch.loads() {
                if let Some(undoes) = &delivery.undoes {
                    found.undoing.insert(load, undoes.loads.clone());
                }
            }
            Ok(())
        })?;
        found.undone = found.with(&BTreeSet::new());
        Ok(found)
    }

    /// Whether a load is undone.
    pub fn is_undone(&self, load: LoadId) -> bool {
        self.undone.contains(&load)
    }

    /// Whether a load undoes.
    pub fn undoes(&self, load: LoadId) -> bool {
        self.undoing.contains_key(&load)
    }

    /// All loads that are undone when these are as well.
    pub fn with(&self, also: &BTreeSet<LoadId>) -> BTreeSet<LoadId> {
        let mut undone = also.clone();
        // What undoes names what came before it, so that the last is judged first.
        for (load, named) in self.undoing.iter().rev() {
            if !undone.contains(load) {
                undone.extend(named);
            }
        }
        undone
    }

    /// All loads of whose rows none counts when these are undone as well: those that are undone, and those that undo, since
    /// their rows are others' again.
    pub fn without_rows(&self, also: &BTreeSet<LoadId>) -> BTreeSet<LoadId> {
        let mut loads = self.with(also);
        loads.extend(self.undoing.keys());
        loads
    }

    /// These loads, what they undo, and so on: the loads whose rows may hold or not hold any more when these are undone.
    pub fn reached(&self, from: &BTreeSet<LoadId>) -> BTreeSet<LoadId> {
        let mut reached = from.clone();
        for (load, named) in self.undoing.iter().rev() {
            if reached.contains(load) {
                reached.extend(named);
            }
        }
        reached
    }
}

impl Epoch {
    /// Its deliveries by their names; none where they are erased.
    pub fn loads(&self) -> impl Iterator<Item = (LoadId, &Delivery)> + Clone {
        let deliveries = (0..).zip(self.deliveries.iter().flatten());
        deliveries.map(|(delivery, one)| {
            let load = LoadId {
                epoch: self.number,
                delivery,
            };
            (load, one)
        })
    }
}

/// Gives every epoch from a number on.
///
/// # Errors
/// When the journal cannot be read, or `each` fails.
pub fn each_epoch<E: From<UnreadableEpoch>>(
    reader: &JournalReader,
    from: u64,
    mut each: impl FnMut(Epoch) -> Result<(), E>,
) -> Result<(), E> {
    let failed = |error: JournalError| E::from(error.into());
    for frame in reader.frames(from).map_err(failed)? {
        let frame = frame.map_err(failed)?;
        let of = (frame.number, Instant::from_nanos(frame.at));
        let epoch = Epoch::decode(of, &frame.plain, frame.secret.as_deref());
        each(epoch.map_err(UnreadableEpoch::from)?)?;
    }
    Ok(())
}
