//! The rows behind alerts, as they arrived.
//!
//! In: the epoch and the number of a row, as evidence names it. Out: the row with all of its columns. Must hold: what is
//! held in memory is bounded; a row whose month's key is destroyed is told apart from one that never was.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant as Elapsed};

use super::error::ServiceError;
use crate::journal::{Epoch, EpochLookup, Rejected};
use crate::record::{Change, Instant};

/// Epochs that are kept for the next row of the same page.
const KEPT: usize = 8;
/// And for how long: their month's key may be destroyed meanwhile.
const KEPT_FOR: Duration = Duration::from_secs(5);

/// A row of the journal.
#[derive(Clone, Debug, PartialEq)]
pub enum JournalledRow {
    /// What it says.
    Kept(Box<Change>),
    /// The key of its month is destroyed.
    Erased,
    /// The journal has no such row.
    Absent,
}

/// Reads rows of the journal, beside its writer.
pub struct JournalledRows(Mutex<Inner>);

struct Inner {
    lookup: EpochLookup,
    /// The one that was asked for last is the last.
    kept: VecDeque<(Elapsed, Arc<Epoch>)>,
}

impl JournalledRows {
    pub(super) fn new(lookup: EpochLookup) -> Self {
        Self(Mutex::new(Inner {
            lookup,
            kept: VecDeque::new(),
        }))
    }

    /// A row of an epoch, counted from 1.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn row(&self, epoch: u64, row: u64) -> Result<JournalledRow, ServiceError> {
        let Some(epoch) = self.epoch(epoch)? else {
            return Ok(JournalledRow::Absent);
        };
        if epoch.deliveries.is_none() {
            return Ok(JournalledRow::Erased);
        }
        let place = row
            .checked_sub(1)
            .and_then(|place| usize::try_from(place).ok());
        let found = place.and_then(|place| epoch.rows().nth(place));
        Ok(found.map_or(JournalledRow::Absent, |arrived| {
            JournalledRow::Kept(Box::new(arrived.change.clone()))
        }))
    }

    /// A row that an epoch did not accept, counted from 0; nothing where the key of its month is destroyed, or there is no
    /// such row.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn rejected(&self, epoch: u64, ordinal: u32) -> Result<Option<Rejected>, ServiceError> {
        let Some(epoch) = self.epoch(epoch)? else {
            return Ok(None);
        };
        let deliveries = epoch.deliveries.iter().flatten();
        let mut rejected = deliveries.flat_map(|delivery| &delivery.rejects);
        Ok(rejected.nth(ordinal as usize).cloned())
    }

    fn epoch(&self, number: u64) -> Result<Option<Arc<Epoch>>, ServiceError> {
        // An epoch that did not open is not kept.
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.kept.retain(|(at, _)| at.elapsed() < KEPT_FOR);
        let kept = inner
            .kept
            .iter()
            .position(|(_, epoch)| epoch.number == number);
        let (at, epoch) = match kept.and_then(|place| inner.kept.remove(place)) {
            Some(kept) => kept,
            None => {
                let Some(frame) = inner.lookup.find(number)? else {
                    return Ok(None);
                };
                let at = Instant::from_nanos(frame.at);
                let secret = frame.secret.as_deref();
                let epoch = Epoch::decode((frame.number, at), &frame.plain, secret)?;
                (Elapsed::now(), Arc::new(epoch))
            }
        };
        inner.kept.push_back((at, epoch.clone()));
        if inner.kept.len() > KEPT {
            inner.kept.pop_front();
        }
        Ok(Some(epoch))
    }
}
