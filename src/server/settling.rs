//! Rejected rows that somebody settles, until the store has it.
//!
//! In: a row that is to be settled, and how far the store is. Out: leave to settle it, to one at a time. Must hold: between
//! two who settle a row, by whatever listener, and whatever the store has of the first, the second is refused.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A rejected row: the epoch that it came in, and its place there.
pub(super) type Rejected = (u64, u32);

/// The rows in hand.
#[derive(Default)]
pub(super) struct Settling {
    /// In which epoch each was settled; none while it is.
    rows: Mutex<HashMap<Rejected, Option<u64>>>,
}

/// Leave to settle a row. Without [`Leave::settled`], it is given back.
pub(super) struct Leave<'a> {
    of: &'a Settling,
    row: Rejected,
}

impl Settling {
    fn rows(&self) -> MutexGuard<'_, HashMap<Rejected, Option<u64>>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leave to settle a row, unless somebody has it. `stored` is the last epoch that the store has: what it says of the
    /// row has to be asked after this.
    pub(super) fn take(&self, row: Rejected, stored: u64) -> Option<Leave<'_>> {
        let mut rows = self.rows();
        rows.retain(|_, settled| settled.is_none_or(|epoch| epoch > stored));
        if rows.contains_key(&row) {
            return None;
        }
        rows.insert(row, None);
        Some(Leave { of: self, row })
    }
}

impl Leave<'_> {
    /// It was settled in an epoch.
    pub(super) fn settled(self, epoch: u64) {
        self.of.rows().insert(self.row, Some(epoch));
    }
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        let mut rows = self.of.rows();
        if rows.get(&self.row) == Some(&None) {
            rows.remove(&self.row);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_settles_a_row_at_a_time_and_once() {
        let settling = Settling::default();
        let first = settling.take((3, 1), 4).expect("nobody has it");
        assert!(settling.take((3, 1), 9).is_none(), "it is in hand");
        assert!(settling.take((3, 2), 4).is_some(), "another row");
        // What failed is given back.
        drop(first);
        settling.take((3, 1), 4).expect("given back").settled(6);
        for stored in [4, 5] {
            assert!(settling.take((3, 1), stored).is_none(), "{stored}");
        }
        // From then on the store says so itself.
        assert!(settling.take((3, 1), 6).is_some());
        assert!(settling.rows().is_empty(), "nothing is kept for ever");
    }
}
