//! Loads are undone: what their rows replaced holds again.
//!
//! In: loads of the journal. Out: deliveries of rows that take the place of those that must not hold. Must hold:
//! afterwards every key holds what it would hold had the loads never come, recorded when it was - also where rows
//! came after the loads, and were kept off by theirs; nothing is undone of which it is not known what was before.
//!
//! What a key would hold is found by going through the journal: for what undoes, for the keys of the loads, and for
//! every row of these keys, by the rules by which rows take the place of one another. Rows that come meanwhile are
//! looked for afterwards, until none came that matters.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::carried_forward;
use super::submission::Receipt;
use crate::journal::{
    Arrived, Delivery, Epoch, JournalReader, Keys, LoadId, RowPlace, Storage, Undoing, UndoneLoads,
    UnreadableEpoch, each_epoch,
};
use crate::record::{Change, Instant, Key, Operation};

/// The source of what undoes.
const SOURCE: &str = "undo";
/// Rows of loads that are undone with one delivery: an epoch has to hold them whole.
const ROWS: usize = 50_000;
/// How often rows may come meanwhile.
const ROUNDS: usize = 16;

/// What undoing loads came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Undone {
    /// Keys that hold something else, or nothing, again.
    pub rows: u64,
    /// The last epoch that undoes; none where they were undone already.
    pub epoch: Option<u64>,
}

/// Why loads are not undone, or not all of them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UndoError {
    /// The journal has no such load.
    #[error("the journal has no load {0}")]
    Absent(LoadId),
    /// What it brought is erased.
    #[error("the rows of load {0} are erased")]
    Erased(LoadId),
    /// What was before is erased, or may be.
    #[error(
        "rows from before load {0} were erased after it came, so that it is not known what it replaced"
    )]
    Forgotten(LoadId),
    /// Rows of the same keys come faster than they are found.
    #[error("rows of the same keys come all the time")]
    Busy,
    /// The journal cannot be read.
    #[error(transparent)]
    Unreadable(#[from] UnreadableEpoch),
}

/// Undoes loads, beside the writer of the journal.
pub struct Undoer {
    storage: Arc<dyn Storage>,
    keys: Arc<Keys>,
}

impl Undoer {
    pub(super) fn new(storage: Arc<dyn Storage>, keys: Arc<Keys>) -> Self {
        Self { storage, keys }
    }

    /// Undoes loads: `deliver` has what undoes them sealed. It goes through the journal several times; of a nation's
    /// that takes minutes. Loads that are undone already stay so.
    ///
    /// # Errors
    /// When a load cannot be undone, or `deliver` fails; then some of them may be undone, and the same again goes on.
    pub fn undo<E: From<UndoError>>(
        &self,
        loads: &BTreeSet<LoadId>,
        mut deliver: impl FnMut(Delivery) -> Result<Receipt, E>,
    ) -> Result<Undone, E> {
        let reader = JournalReader::open(self.storage.clone(), self.keys.clone());
        let reader = reader.map_err(unreadable)?;
        let mut undone = Undone::default();
        let mut keys = BTreeSet::new();
        for _ in 0..ROUNDS {
            let known = UndoneLoads::read(&reader).map_err(UndoError::from)?;
            let mut is_named = loads.iter().all(|load| known.is_undone(*load));
            let reached = Reached::read(&reader, &known.reached(loads))?;
            let mut may_have_missed = false;
            for part in reached.parts() {
                let states = States::read(&reader, part, &known.without_rows(loads))?;
                let (rows, replaced) = states.rows();
                if rows.is_empty() && is_named {
                    continue;
                }
                keys.extend(rows.iter().map(|row| row.change.key.clone()));
                let named = (!is_named).then(|| loads.iter().copied().collect());
                let receipt = deliver(Delivery {
                    source: SOURCE.to_owned(),
                    undoes: Some(Undoing {
                        loads: named.unwrap_or_default(),
                        replaced,
                    }),
                    rows,
                    ..Delivery::default()
                })?;
                is_named = true;
                undone.epoch = Some(receipt.epoch);
                // Else something came between what was read and what undoes.
                may_have_missed |= receipt.epoch != states.until + 1;
            }
            if !may_have_missed {
                undone.rows = keys.len() as u64;
                return Ok(undone);
            }
        }
        Err(UndoError::Busy.into())
    }
}

fn unreadable(error: crate::journal::JournalError) -> UndoError {
    UndoError::Unreadable(error.into())
}

/// The loads whose rows may hold or not hold any more, in their order, each with its keys.
struct Reached {
    loads: Vec<(LoadId, Vec<Key>)>,
}

impl Reached {
    fn read(reader: &JournalReader, reached: &BTreeSet<LoadId>) -> Result<Self, UndoError> {
        let mut loads = Vec::new();
        let Some(first) = reached.first() else {
            return Ok(Self { loads });
        };
        each_epoch(reader, first.epoch, |epoch: Epoch| {
            if epoch.deliveries.is_none() {
                let is_of_epoch = |load: &&LoadId| load.epoch == epoch.number;
                return match reached.iter().find(is_of_epoch) {
                    Some(load) => Err(UndoError::Erased(*load)),
                    None => Ok(()),
                };
            }
            for (load, delivery) in epoch.loads() {
                if delivery.source == carried_forward::SOURCE {
                    return Err(UndoError::Forgotten(*first));
                }
                if reached.contains(&load) {
                    let keys = delivery.rows.iter().map(|row| row.change.key.clone());
                    loads.push((load, keys.collect()));
                }
            }
            Ok(())
        })?;
        let is_found = |load: &LoadId| loads.iter().any(|(found, _)| found == load);
        match reached.iter().find(|load| !is_found(load)) {
            Some(absent) => Err(UndoError::Absent(*absent)),
            None => Ok(Self { loads }),
        }
    }

    /// The keys of loads that one delivery each undoes.
    fn parts(&self) -> impl Iterator<Item = &[(LoadId, Vec<Key>)]> {
        let mut rest = &self.loads[..];
        std::iter::from_fn(move || {
            let mut rows = 0;
            let fits = |(_, keys): &&(LoadId, Vec<Key>)| {
                rows += keys.len();
                rows <= ROWS
            };
            let most = rest.iter().take_while(fits).count().max(1);
            let (part, left) = rest.split_at_checked(most)?;
            rest = left;
            Some(part)
        })
    }
}

/// What a key holds.
#[derive(Clone, Debug, PartialEq)]
struct Held {
    at: RowPlace,
    /// Whether it was put back by what undid others.
    is_put_back: bool,
    recorded_at: Instant,
    operation: Operation,
}

/// What keys hold, and what they would hold.
struct States {
    held: HashMap<Key, Held>,
    wanted: HashMap<Key, Held>,
    /// The last epoch that was read.
    until: u64,
}

impl States {
    fn read(
        reader: &JournalReader,
        part: &[(LoadId, Vec<Key>)],
        without_rows: &BTreeSet<LoadId>,
    ) -> Result<Self, UndoError> {
        let keys: BTreeSet<&Key> = part.iter().flat_map(|(_, keys)| keys).collect();
        let mut states = Self {
            held: HashMap::new(),
            wanted: HashMap::new(),
            until: 0,
        };
        each_epoch(reader, 1, |epoch: Epoch| -> Result<(), UndoError> {
            states.until = epoch.number;
            let mut row = 0;
            for (load, delivery) in epoch.loads() {
                let is_without = without_rows.contains(&load);
                for (arrived, replaced) in delivery.rows_with_replaced() {
                    row += 1;
                    let Change {
                        recorded_at,
                        key,
                        operation,
                    } = &arrived.change;
                    if !keys.contains(key) {
                        continue;
                    }
                    let now = Held {
                        at: RowPlace {
                            epoch: epoch.number,
                            row,
                        },
                        is_put_back: replaced.is_some(),
                        recorded_at: *recorded_at,
                        operation: operation.clone(),
                    };
                    let is_older = |known: &Held| known.recorded_at <= *recorded_at;
                    let takes = match replaced {
                        None => states.held.get(key).is_none_or(is_older),
                        Some(place) => states.held.get(key).is_none_or(|one| {
                            let is_same =
                                one.recorded_at == *recorded_at && one.operation == *operation;
                            one.at == place || is_same
                        }),
                    };
                    if takes {
                        states.held.insert(key.clone(), now.clone());
                    }
                    if !is_without && states.wanted.get(key).is_none_or(is_older) {
                        states.wanted.insert(key.clone(), now);
                    }
                }
            }
            Ok(())
        })?;
        Ok(states)
    }

    /// The rows that have every key hold what it would hold, and those whose place they take.
    fn rows(&self) -> (Vec<Arrived>, Vec<RowPlace>) {
        let mut rows = BTreeMap::new();
        for (key, held) in &self.held {
            let (recorded_at, operation) = match self.wanted.get(key) {
                Some(wanted) if wanted.at == held.at => continue,
                Some(wanted) => (wanted.recorded_at, wanted.operation.clone()),
                // Before everything that can come: as if nothing had.
                None => (Instant::from_nanos(0), Operation::Delete),
            };
            // What undid has put it there.
            let is_right = held.recorded_at == recorded_at && held.operation == operation;
            if !(is_right && held.is_put_back) {
                rows.insert(key, (held.at, recorded_at, operation));
            }
        }
        let replaced = rows.values().map(|(at, ..)| *at).collect();
        let rows = (1..)
            .zip(rows)
            .map(|(row, (key, (_, recorded_at, operation)))| Arrived {
                row,
                change: Change {
                    recorded_at,
                    key: key.clone(),
                    operation,
                },
            });
        (rows.collect(), replaced)
    }
}

#[cfg(test)]
#[path = "undo_tests.rs"]
mod tests;
