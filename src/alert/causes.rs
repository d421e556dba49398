//! The rows that changed in an epoch, as the causes of its events.
//!
//! In: references to rows that alerts rest on. Out: those that changed, by small numbers, and of an
//! event's the first as people read them. Must hold: a row is looked up, and its key written, once;
//! the visits of a person are gone through once, since each of their windows asks for most of them.

use std::cmp::Ordering;
use std::io;
use std::ops::Range;
use std::sync::Arc;

use hashbrown::HashMap;

use super::epoch::EpochEnd;
use super::event::Cause;
use super::lookup::{Known, SharedRows, amount, claim_of, deciding_cards};
use super::visits::{VisitsByPerson, visits_of};
use crate::dataflow::{Person, RowRef};
use crate::record::{Money, Stream};

/// A row as an epoch left it.
pub struct LookedUp {
    /// The stream.
    pub stream: Stream,
    /// The key, as outputs write it.
    pub key: Arc<str>,
    /// The amount at stake.
    pub amount: Money,
    /// Whether it is a claim or check-in that holds.
    pub is_claim: bool,
    /// The cards that decide whose it is, where it is a claim of several.
    pub cards: Box<[RowRef]>,
    /// Whether what the key holds changed in the epoch, or it was retired or restored.
    is_changed: bool,
    /// Whether the epoch retired it.
    is_retired: bool,
}

/// Of which end of an epoch something is.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// As it was before.
    Before,
    /// As the epoch left it.
    After,
}

/// The visits of those who come often, before an epoch, and where the epoch changed them.
#[derive(Clone, Copy)]
pub struct KnownVisits<'a> {
    /// Before.
    pub before: &'a VisitsByPerson,
    /// Those that came in the epoch.
    pub came: &'a VisitsByPerson,
}

impl<'a> KnownVisits<'a> {
    /// The visits of a person.
    fn of(self, person: Person, side: Side) -> &'a [RowRef] {
        match side {
            Side::After if self.came.contains_key(&person) => visits_of(self.came, person),
            _ => visits_of(self.before, person),
        }
    }
}

/// Places of rows that changed, in [`ChangedRows::looked_up`].
pub type Changes = Vec<u32>;

/// What changed among the visits of a person.
#[derive(Default)]
struct ChangedVisits {
    changes: Changes,
    /// For each visit, where what changed with it begins, and after the last, where it ends.
    begins: Vec<usize>,
}

/// What changed in one epoch.
pub struct ChangedRows<'a> {
    rows: &'a SharedRows,
    epoch: &'a EpochEnd,
    visits: KnownVisits<'a>,
    looked_up: Vec<LookedUp>,
    places: HashMap<RowRef, u32>,
    changed_visits: HashMap<(Person, Side), ChangedVisits>,
}

impl<'a> ChangedRows<'a> {
    /// Nothing looked up yet.
    pub fn new(rows: &'a SharedRows, epoch: &'a EpochEnd, visits: KnownVisits<'a>) -> Self {
        Self {
            rows,
            epoch,
            visits,
            looked_up: Vec::new(),
            places: HashMap::new(),
            changed_visits: HashMap::new(),
        }
    }

    /// The visits of a person on a side of the epoch.
    pub fn visits(&self, person: Person, side: Side) -> &'a [RowRef] {
        self.visits.of(person, side)
    }

    /// Rows as they are known on a side of the epoch.
    pub fn known(&self, side: Side) -> Known<'a> {
        self.rows.known(match side {
            Side::Before => self.epoch.ordinal.saturating_sub(1),
            Side::After => self.epoch.ordinal,
        })
    }

    /// A row as the epoch left it.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn look_up(&mut self, row: RowRef) -> io::Result<&LookedUp> {
        let place = self.place(row)?;
        Ok(&self.looked_up[place as usize])
    }

    fn place(&mut self, row: RowRef) -> io::Result<u32> {
        if let Some(place) = self.places.get(&row) {
            return Ok(*place);
        }
        let known = self.known(Side::After);
        let (key, latest) = known.find(row)?;
        let claim = claim_of(latest.as_ref());
        let place = self.looked_up.len() as u32;
        self.looked_up.push(LookedUp {
            stream: key.stream(),
            key: key.to_string().into(),
            amount: amount(latest.as_ref()),
            is_claim: claim.is_some(),
            cards: deciding_cards(claim),
            is_changed: self.epoch.has_moved(row)
                || latest
                    .as_ref()
                    .map_or(Ok(false), |row| known.is_change(row))?,
            is_retired: self.epoch.has_retired(row),
        });
        self.places.insert(row, place);
        Ok(place)
    }

    /// Adds the row, and the cards that decide whose it is, where they changed.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn add(&mut self, row: RowRef, side: Side, changes: &mut Changes) -> io::Result<()> {
        let Some(claim) = row.as_claim_of_several_cards() else {
            return self.add_one(row, changes);
        };
        self.add_one(claim, changes)?;
        for card in self.known(side).deciding_cards(claim)? {
            self.add_one(card, changes)?;
        }
        Ok(())
    }

    /// Adds the row itself where it changed.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn add_one(&mut self, row: RowRef, changes: &mut Changes) -> io::Result<()> {
        if self.epoch.may_have_touched(row) {
            let place = self.place(row)?;
            changes.extend(self.looked_up[place as usize].is_changed.then_some(place));
        }
        Ok(())
    }

    /// Adds those of a person's visits that changed. They are some of [`ChangedRows::visits`].
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn add_visits(
        &mut self,
        (person, side): (Person, Side),
        visits: Range<usize>,
        changes: &mut Changes,
    ) -> io::Result<()> {
        if !self.changed_visits.contains_key(&(person, side)) {
            let changed = self.changed_visits(person, side)?;
            self.changed_visits.insert((person, side), changed);
        }
        let changed = &self.changed_visits[&(person, side)];
        let range = changed.begins[visits.start]..changed.begins[visits.end];
        changes.extend_from_slice(&changed.changes[range]);
        Ok(())
    }

    fn changed_visits(&mut self, person: Person, side: Side) -> io::Result<ChangedVisits> {
        let mut changed = ChangedVisits::default();
        for visit in self.visits.of(person, side) {
            changed.begins.push(changed.changes.len());
            self.add(*visit, side, &mut changed.changes)?;
        }
        changed.begins.push(changed.changes.len());
        Ok(changed)
    }

    /// The first `most` of the changes that made an event: the subject's own row, then the others by
    /// stream and key. They are without repetition.
    pub fn first(&self, changes: &[u32], subject: RowRef, most: usize) -> Vec<Cause> {
        let subject = self.places.get(&subject);
        let order = |a: &u32, b: &u32| -> Ordering {
            let is_other = |place: &u32| Some(place) != subject;
            let text = |place: &u32| {
                let row = &self.looked_up[*place as usize];
                (row.stream.name(), &*row.key)
            };
            (is_other(a).cmp(&is_other(b))).then_with(|| text(a).cmp(&text(b)))
        };
        // There can be thousands, of which few are shown.
        let mut first: Vec<u32> = Vec::with_capacity(changes.len().min(most + 1));
        for place in changes {
            if first.len() < most || order(place, &first[most - 1]).is_lt() {
                let at = first.partition_point(|earlier| order(earlier, place).is_lt());
                first.insert(at, *place);
                first.truncate(most);
            }
        }
        first.iter().map(|place| self.cause(*place)).collect()
    }

    /// Whether a row is among changes, which are sorted.
    pub fn has(&self, changes: &[u32], row: RowRef) -> bool {
        let place = self.places.get(&row);
        place.is_some_and(|place| changes.binary_search(place).is_ok())
    }

    /// Whether one of the changes is that a claim was retired.
    pub fn has_retired(&self, changes: &[u32]) -> bool {
        let mut looked_up = changes.iter().map(|place| &self.looked_up[*place as usize]);
        looked_up.any(|row| row.is_retired)
    }

    fn cause(&self, place: u32) -> Cause {
        let row = &self.looked_up[place as usize];
        Cause {
            stream: row.stream.name(),
            key: row.key.clone(),
        }
    }
}
