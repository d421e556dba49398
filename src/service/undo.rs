//! Loads are undone: what their rows replaced holds again.
//!
//! In: loads of the journal. Out: deliveries of rows that take the place of theirs, and of theirs alone. Must hold:
//! afterwards every key holds what it would hold had the loads never come, recorded when it was - also where rows
//! came after the loads, and were kept off by theirs; nothing is undone of which it is not known what was before.
//!
//! What a key would hold is found by going through the journal twice: once for the keys of the loads, once for
//! every row of these keys, by the rules by which rows take the place of one another. Rows that come meanwhile are
//! looked for afterwards, until none came.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::carried_forward;
use super::queue::Receipt;
use crate::journal::{
    Arrived, Delivery, Epoch, EpochError, Frame, JournalError, JournalReader, Keys, LoadId,
    RowSpan, Storage,
};
use crate::record::{Change, Instant, Key, Operation};

/// The source of what undoes.
const SOURCE: &str = "undo";
/// Rows of one delivery: an epoch has to hold them whole.
const ROWS: usize = 50_000;
/// How often rows may come meanwhile.
const ROUNDS: usize = 16;

/// What undoing loads came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Undone {
    /// Keys that hold something else, or nothing, again.
    pub rows: u64,
    /// The last epoch that undoes; none where nothing that they brought is in force.
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
    Journal(#[from] JournalError),
    /// An epoch cannot be read.
    #[error(transparent)]
    Epoch(#[from] EpochError),
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

    /// Undoes loads: `deliver` has what undoes them sealed. It goes through the journal; of a nation's that takes
    /// minutes. Loads that are undone already stay so.
    ///
    /// # Errors
    /// When a load cannot be undone, or `deliver` fails; then some of them may be undone, and the same again goes on.
    pub fn undo<E: From<UndoError>>(
        &self,
        loads: &BTreeSet<LoadId>,
        mut deliver: impl FnMut(Delivery) -> Result<Receipt, E>,
    ) -> Result<Undone, E> {
        let failed = |error: JournalError| E::from(error.into());
        let reader =
            JournalReader::open(self.storage.clone(), self.keys.clone()).map_err(failed)?;
        let found = Found::of(&reader, loads)?;
        let mut undone = Undone::default();
        let mut keys = BTreeSet::new();
        for part in found.parts() {
            // What undid these loads in this call, so that it can be mended.
            let mut own: Vec<RowSpan> = Vec::new();
            let mut rounds = 0;
            loop {
                let states = States::read(&reader, &found, part)?;
                let rows = states.rows(part, &own);
                if rows.is_empty() {
                    break;
                }
                rounds += 1;
                if rounds > ROUNDS {
                    return Err(UndoError::Busy.into());
                }
                keys.extend(rows.iter().map(|row| row.change.key.clone()));
                let of_loads = part.iter().map(|load| load.span);
                let undoes: Vec<RowSpan> = of_loads.chain(own.iter().copied()).collect();
                let receipt = deliver(Delivery {
                    source: SOURCE.to_owned(),
                    undoes: undoes.clone(),
                    rows,
                    ..Delivery::default()
                })?;
                undone.epoch = Some(receipt.epoch);
                own.push(place_of(&reader, receipt.epoch, &undoes)?);
                // Nothing came between what was read and what undoes.
                if receipt.epoch == states.until + 1 {
                    break;
                }
            }
        }
        undone.rows = keys.len() as u64;
        Ok(undone)
    }
}

/// Where in an epoch the rows are of a delivery that undoes these.
fn place_of(reader: &JournalReader, number: u64, undoes: &[RowSpan]) -> Result<RowSpan, UndoError> {
    let mut span = RowSpan {
        epoch: number,
        first: 1,
        rows: 0,
    };
    if let Some(frame) = reader.frames(number)?.next() {
        let epoch = decode(&frame?)?;
        for delivery in epoch.deliveries.iter().flatten() {
            span.rows = delivery.rows.len() as u64;
            if delivery.undoes == undoes {
                return Ok(span);
            }
            span.first += span.rows;
        }
    }
    span.rows = 0;
    Ok(span)
}

fn decode(frame: &Frame) -> Result<Epoch, EpochError> {
    let of = (frame.number, Instant::from_nanos(frame.at));
    Epoch::decode(of, &frame.plain, frame.secret.as_deref())
}

/// A load that is to be undone.
struct Load {
    id: LoadId,
    span: RowSpan,
    keys: Vec<Key>,
}

/// The loads that are to be undone, in their order.
struct Found {
    loads: Vec<Load>,
}

impl Found {
    fn of(reader: &JournalReader, asked: &BTreeSet<LoadId>) -> Result<Self, UndoError> {
        let mut loads = Vec::new();
        let Some(first) = asked.first() else {
            return Ok(Self { loads });
        };
        each_epoch(reader, first.epoch, |epoch| {
            let of_epoch = asked.range(first_of(epoch.number)..first_of(epoch.number + 1));
            let Some(deliveries) = &epoch.deliveries else {
                return match of_epoch.into_iter().next() {
                    Some(load) => Err(UndoError::Erased(*load)),
                    None => Ok(()),
                };
            };
            let carries = |delivery: &Delivery| delivery.source == carried_forward::SOURCE;
            if deliveries.iter().any(carries) {
                return Err(UndoError::Forgotten(*first));
            }
            let mut row = 1;
            for (place, delivery) in (0..).zip(deliveries) {
                let rows = delivery.rows.len() as u64;
                let id = LoadId {
                    epoch: epoch.number,
                    delivery: place,
                };
                if asked.contains(&id) {
                    let keys = delivery.rows.iter().map(|row| row.change.key.clone());
                    loads.push(Load {
                        id,
                        span: RowSpan {
                            epoch: epoch.number,
                            first: row,
                            rows,
                        },
                        keys: keys.collect(),
                    });
                }
                row += rows;
            }
            Ok(())
        })?;
        let is_found = |id: &&LoadId| loads.iter().any(|load| load.id == **id);
        match asked.iter().find(|id| !is_found(id)) {
            Some(absent) => Err(UndoError::Absent(*absent)),
            None => Ok(Self { loads }),
        }
    }

    /// The loads in groups that one delivery each undoes.
    fn parts(&self) -> impl Iterator<Item = &[Load]> {
        let mut rest = &self.loads[..];
        std::iter::from_fn(move || {
            let mut rows = 0;
            let fits = |load: &&Load| {
                rows += load.keys.len();
                rows <= ROWS
            };
            let most = rest.iter().take_while(fits).count().max(1);
            let (part, left) = rest.split_at_checked(most)?;
            rest = left;
            Some(part)
        })
    }

    fn is_undone(&self, id: LoadId) -> bool {
        self.loads.binary_search_by_key(&id, |load| load.id).is_ok()
    }
}

fn first_of(epoch: u64) -> LoadId {
    LoadId { epoch, delivery: 0 }
}

/// What a key holds.
#[derive(Clone, Debug, PartialEq)]
struct Held {
    recorded_at: Instant,
    operation: Operation,
}

/// What keys hold, and would hold had the loads never come.
struct States {
    held: HashMap<Key, ((u64, u64), Held)>,
    without: HashMap<Key, ((u64, u64), Held)>,
    until: u64,
}

impl States {
    fn read(reader: &JournalReader, found: &Found, part: &[Load]) -> Result<Self, UndoError> {
        let keys: BTreeSet<&Key> = part.iter().flat_map(|load| &load.keys).collect();
        let mut states = Self {
            held: HashMap::new(),
            without: HashMap::new(),
            until: 0,
        };
        each_epoch(reader, 1, |epoch| {
            states.until = epoch.number;
            let mut row = 0;
            for (place, delivery) in (0..).zip(epoch.deliveries.iter().flatten()) {
                let id = LoadId {
                    epoch: epoch.number,
                    delivery: place,
                };
                for arrived in &delivery.rows {
                    row += 1;
                    if !keys.contains(&arrived.change.key) {
                        continue;
                    }
                    let at = (epoch.number, row);
                    take(&mut states.held, at, arrived, &delivery.undoes);
                    if !found.is_undone(id) {
                        take(&mut states.without, at, arrived, &delivery.undoes);
                    }
                }
            }
            Ok(())
        })?;
        Ok(states)
    }

    /// The rows that take the place of those of loads, and of what undid them and is to be mended.
    fn rows(&self, part: &[Load], own: &[RowSpan]) -> Vec<Arrived> {
        let mut rows = BTreeMap::new();
        for (key, ((epoch, row), held)) in &self.held {
            let is_of_load = part.iter().any(|load| load.span.contains(*epoch, *row));
            let is_own = || own.iter().any(|span| span.contains(*epoch, *row));
            let without = self.without.get(key).map(|(_, held)| held.clone());
            // Before everything that can come: as if nothing had.
            let without = without.unwrap_or(Held {
                recorded_at: Instant::from_nanos(0),
                operation: Operation::Delete,
            });
            if is_of_load || is_own() && without != *held {
                rows.insert(key, without);
            }
        }
        (1..)
            .zip(rows)
            .map(|(row, (key, held))| Arrived {
                row,
                change: Change {
                    recorded_at: held.recorded_at,
                    key: key.clone(),
                    operation: held.operation,
                },
            })
            .collect()
    }
}

/// A row takes the place of what its key holds, by the rules of [`crate::resolve`].
fn take(
    held: &mut HashMap<Key, ((u64, u64), Held)>,
    at: (u64, u64),
    arrived: &Arrived,
    undoes: &[RowSpan],
) {
    let Change {
        recorded_at,
        key,
        operation,
    } = &arrived.change;
    let known = held.get(key);
    let takes = match undoes.is_empty() {
        true => known.is_none_or(|(_, known)| known.recorded_at <= *recorded_at),
        false => known
            .is_some_and(|((epoch, row), _)| undoes.iter().any(|span| span.contains(*epoch, *row))),
    };
    if takes {
        let now = Held {
            recorded_at: *recorded_at,
            operation: operation.clone(),
        };
        held.insert(key.clone(), (at, now));
    }
}

fn each_epoch(
    reader: &JournalReader,
    from: u64,
    mut each: impl FnMut(Epoch) -> Result<(), UndoError>,
) -> Result<(), UndoError> {
    for frame in reader.frames(from)? {
        each(decode(&frame?)?)?;
    }
    Ok(())
}
