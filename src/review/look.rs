//! Up to where somebody has seen a list, what they have, or an alert.
//!
//! In: looks. Out: where the next difference begins. Must hold:
//! 1. A list is seen when somebody says so, by no look at it.
//! 2. An alert is seen when it is opened; what had not been shown before stays told until there is something else, so that
//!    to load a page again loses nothing.
//! 3. Where a look is forgotten, what was seen is told once more: looks at alerts are kept with the next thing that is
//!    written, so that nobody who reads waits for a disk.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

use super::database::Failure;
use super::view::View;

/// Looks that wait to be kept, at most.
const WAITING: usize = 2_000;

/// What was looked at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// What somebody has.
    Mine,
    /// A list of the queue.
    List(View),
    /// An alert, by its id.
    Alert(String),
}

impl Place {
    /// The place of a list, or of what somebody has, by its word.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "mine" => Some(Self::Mine),
            name => View::from_name(name).map(Self::List),
        }
    }
}

/// As it is kept, and stands in addresses.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mine => f.write_str("mine"),
            Self::List(view) => f.write_str(view.as_str()),
            Self::Alert(id) => write!(f, "alert/{id}"),
        }
    }
}

/// Up to where something was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// The epoch up to which the machine's axis was.
    pub epoch: u64,
    /// The number of the last thing that people had done.
    pub event: u64,
    /// When, in milliseconds since 1970.
    pub at: i64,
}

/// What is kept of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    /// Where differences begin.
    pub from: Look,
    /// Up to where they were shown.
    pub shown: Look,
}

impl Kept {
    /// Seen up to here, and nothing to be told.
    pub fn seen(look: Look) -> Self {
        Self {
            from: look,
            shown: look,
        }
    }
}

type Key = (String, Place);

/// Looks that are not in the database yet.
#[derive(Default)]
pub(super) struct Looks(Mutex<BTreeMap<Key, Kept>>);

impl Looks {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Key, Kept>> {
        // Every change is whole before the lock is let go.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of a look. Tells whether as many wait as may: they have to be kept now.
    pub fn note(&self, who: &str, place: Place, kept: Kept) -> bool {
        let mut looks = self.lock();
        looks.insert((who.to_owned(), place), kept);
        looks.len() >= WAITING
    }

    /// Where somebody was with a place.
    pub fn find(
        &self,
        connection: &Connection,
        who: &str,
        place: &Place,
    ) -> Result<Option<Kept>, Failure> {
        let key = (who.to_owned(), place.clone());
        let waiting = self.lock().get(&key).copied();
        match waiting {
            Some(kept) => Ok(Some(kept)),
            None => find(connection, who, place),
        }
    }

    /// Looks that wait, to be kept: they are given back where that fails.
    pub fn take(&self) -> BTreeMap<Key, Kept> {
        std::mem::take(&mut *self.lock())
    }

    /// Gives back what could not be kept, but for what was noted anew since.
    pub fn give_back(&self, looks: BTreeMap<Key, Kept>) {
        let mut now = self.lock();
        for (key, kept) in looks {
            now.entry(key).or_insert(kept);
        }
    }

    /// Forgets a look that is kept by another way.
    pub fn forget(&self, who: &str, place: &Place) {
        self.lock().remove(&(who.to_owned(), place.clone()));
    }
}

fn find(connection: &Connection, who: &str, place: &Place) -> Result<Option<Kept>, Failure> {
    let query = "SELECT epoch, event, at, shown_epoch, shown_event, shown_at FROM seen_place
        WHERE who = ? AND place = ?";
    let mut query = connection.prepare_cached(query)?;
    let found = query.query_row([who, &place.to_string()], |row| {
        let look = |first: usize| -> rusqlite::Result<Look> {
            Ok(Look {
                epoch: row.get(first)?,
                event: row.get(first + 1)?,
                at: row.get(first + 2)?,
            })
        };
        Ok(Kept {
            from: look(0)?,
            shown: look(3)?,
        })
    });
    Ok(found.optional()?)
}

/// Keeps a look.
pub(super) fn keep(
    transaction: &Transaction<'_>,
    who: &str,
    place: &Place,
    kept: Kept,
) -> Result<(), Failure> {
    let insert = "INSERT OR REPLACE INTO seen_place
            (who, place, epoch, event, at, shown_epoch, shown_event, shown_at)
        VALUES (:who, :place, :epoch, :event, :at, :shown_epoch, :shown_event, :shown_at)";
    let mut insert = transaction.prepare_cached(insert)?;
    insert.execute(named_params! {
        ":who": who,
        ":place": place.to_string(),
        ":epoch": kept.from.epoch,
        ":event": kept.from.event,
        ":at": kept.from.at,
        ":shown_epoch": kept.shown.epoch,
        ":shown_event": kept.shown.event,
        ":shown_at": kept.shown.at,
    })?;
    Ok(())
}
