//! Rows that are still in force are sealed anew, before the key under which they lie is destroyed.
//!
//! In: rows of epochs of a month, with their places. Out: deliveries, and of these what is still in force when they
//! are sealed. Must hold: what is carried forward changes nothing, whatever comes at the same time.
//!
//! Claims that are retired are not carried, once the month itself is beyond the window. Before, they are: a row that
//! was recorded earlier and came later, and that they had kept off, could otherwise take their place.

use super::archive::Archive;
use super::queue::Submission;
use crate::dataflow::Content;
use crate::journal::{Delivery, Month, Rows};
use crate::record::{Change, Day, Key, Value};

/// The source of what is carried forward.
pub(super) const SOURCE: &str = "carried-forward";
const ORIGIN: &str = "epochs/";

/// Rows of an epoch, each at its place in it.
pub(super) fn delivery(epoch: u64) -> Delivery {
    Delivery {
        source: SOURCE.to_owned(),
        origin: format!("{ORIGIN}{epoch}"),
        ..Delivery::default()
    }
}

/// The epoch whose rows a delivery carries forward.
fn epoch_of(delivery: &Delivery) -> Option<u64> {
    delivery.origin.strip_prefix(ORIGIN)?.parse().ok()
}

impl Archive {
    /// Whether the row at a place in an epoch is the one that its key holds.
    ///
    /// # Errors
    /// When the scratch file of rows cannot be read.
    pub(super) fn is_held(
        &self,
        rows: &Rows<Content>,
        (epoch, row): (u64, u64),
        key: &Key,
    ) -> std::io::Result<bool> {
        let latest = rows.latest(key)?;
        Ok(latest.is_some_and(|(_, latest)| (u64::from(latest.file), latest.row) == (epoch, row)))
    }

    /// Whether a row is retired as of a day.
    pub(super) fn is_retired(&self, change: &Change, as_of: Day) -> bool {
        self.would_be_retired(change, as_of) && !self.is_restored(&change.key, as_of)
    }

    /// Whether everything that arrived in a month can only be of claims that are retired as of a day: none ended
    /// after it came.
    pub(super) fn is_month_beyond(&self, month: Month, as_of: Day) -> bool {
        let last = last_day_of(month);
        let window = self.window;
        window.is_some_and(|window| last.is_some_and(|last| window.is_beyond(last, as_of)))
    }

    /// Leaves, of rows that are carried forward, those that are held by all that is computed; and puts them before
    /// what came beside them, which may take their place.
    ///
    /// # Errors
    /// When the scratch file of rows cannot be read.
    pub(super) fn without_replaced(
        &self,
        mut batch: Vec<Submission>,
    ) -> std::io::Result<Vec<Submission>> {
        batch.sort_by_key(|one| !one.carries_forward);
        let carried = batch.iter_mut().filter(|one| one.carries_forward);
        for delivery in carried.flat_map(|one| &mut one.deliveries) {
            let epoch = epoch_of(delivery).unwrap_or_default();
            let rows = self.rows.read();
            let mut left = Vec::with_capacity(delivery.rows.len());
            for one in std::mem::take(&mut delivery.rows) {
                if self.is_held(&rows, (epoch, one.row), &one.change.key)? {
                    left.push(one);
                }
            }
            delivery.rows = left;
        }
        Ok(batch)
    }
}

fn last_day_of(month: Month) -> Option<Day> {
    let next = Day::from_text(&format!("{}-01", month.next()))?;
    Some(next.plus(-1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_end_on_their_last_day() {
        for (month, last) in [
            ("2026-02", "2026-02-28"),
            ("2028-02", "2028-02-29"),
            ("2026-12", "2026-12-31"),
        ] {
            let month: Month = month.parse().expect("a month");
            assert_eq!(last_day_of(month), Day::from_text(last));
        }
    }
}
