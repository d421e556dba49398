//! Rows that are still in force are sealed anew, before the key under which they lie is destroyed.
//!
//! In: rows of epochs of a month, with their places. Out: deliveries, and of these what is still in force when they
//! are sealed. Must hold: what is carried forward changes nothing, whatever comes at the same time; what is retired
//! is not carried.

use super::archive::Archive;
use super::queue::Submission;
use crate::dataflow::Content;
use crate::journal::{Arrived, Delivery, Rows};
use crate::record::{Day, Key};

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
    /// Whether the row at a place in an epoch is the one that its key holds, and is decided on.
    ///
    /// # Errors
    /// When the scratch file of rows cannot be read.
    pub(super) fn is_in_force(
        &self,
        rows: &Rows<Content>,
        (epoch, row): (u64, u64),
        key: &Key,
        as_of: Day,
    ) -> std::io::Result<bool> {
        let Some((_, latest)) = rows.latest(key)? else {
            return Ok(false);
        };
        let is_retired = latest
            .content
            .as_ref()
            .is_some_and(|content| self.is_beyond(content, as_of) && !self.is_restored(key, as_of));
        Ok((u64::from(latest.file), latest.row) == (epoch, row) && !is_retired)
    }

    /// Leaves, of rows that are carried forward, those that are in force by all that is computed; and puts them
    /// before what came beside them, which may take their place.
    ///
    /// # Errors
    /// When the scratch file of rows cannot be read.
    pub(super) fn without_replaced(
        &self,
        mut batch: Vec<Submission>,
        as_of: Day,
    ) -> std::io::Result<Vec<Submission>> {
        batch.sort_by_key(|one| !one.carries_forward);
        let carried = batch.iter_mut().filter(|one| one.carries_forward);
        for delivery in carried.flat_map(|one| &mut one.deliveries) {
            let epoch = epoch_of(delivery).unwrap_or_default();
            let rows = self.rows.read();
            let mut left = Vec::with_capacity(delivery.rows.len());
            for one in std::mem::take(&mut delivery.rows) {
                let Arrived { row, change } = &one;
                if self.is_in_force(&rows, (epoch, *row), &change.key, as_of)? {
                    left.push(one);
                }
            }
            delivery.rows = left;
        }
        Ok(batch)
    }
}
