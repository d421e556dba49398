//! Rows that are still in force are sealed anew, before the key under which they lie is destroyed.
//!
//! In: epochs of a month. Out: deliveries of their rows, and of these what is still in force when they are sealed.
//! Must hold: what is carried forward changes no alert that holds, whatever comes at the same time; of a claim that
//! is retired nothing is carried but that it is removed.
//!
//! That removal is what keeps the service the same after its next start, when the erased row is not read any more:
//! rows that were recorded before it, and that it had replaced or kept off, must not come back in its place.

use std::collections::HashSet;
use std::io;

use super::archive::Archive;
use super::submission::{Refused, Submission};
use crate::dataflow::Content;
use crate::journal::{Arrived, Delivery, Epoch, Restoration, Row, Rows};
use crate::record::{Day, Key, Operation};

/// The source of what is carried forward.
pub(crate) const SOURCE: &str = "carried-forward";
const ORIGIN: &str = "epochs/";

/// What is carried of an epoch: its rows, each at its place in it.
fn delivery(epoch: u64) -> Delivery {
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

/// The row at a place in an epoch, if it is the one that its key holds.
fn held(rows: &Rows<Content>, place: (u64, u64), key: &Key) -> io::Result<Option<Row<Content>>> {
    let latest = rows.latest(key)?.map(|(_, row)| row);
    Ok(latest.filter(|row| (u64::from(row.file), row.row) == place))
}

impl Archive {
    /// What is to be carried forward of the rows of an epoch that no other took the place of: of claims that are
    /// retired their removal, if that is asked for, else nothing.
    ///
    /// # Errors
    /// When the scratch file of rows cannot be read.
    pub(super) fn carried_rows(&self, epoch: &Epoch, with_retired: bool) -> io::Result<Delivery> {
        let as_of = self.as_of().unwrap_or(epoch.clock);
        let mut carried = delivery(epoch.number);
        for (row, arrived) in (1..).zip(epoch.rows()) {
            let mut change = arrived.change.clone();
            if held(&self.rows.read(), (epoch.number, row), &change.key)?.is_none() {
                continue;
            }
            // By what the row says, since one that withdraws its claim holds nothing that could be retired.
            let is_retired =
                self.would_be_retired(&change, as_of) && !self.is_restored(&change.key, as_of);
            if is_retired {
                change.operation = Operation::Delete;
            }
            if with_retired || !is_retired {
                carried.rows.push(Arrived { row, change });
            }
        }
        Ok(carried)
    }

    /// What an epoch restored and still is.
    pub(super) fn carried_restorations<'e>(
        &'e self,
        epoch: &'e Epoch,
    ) -> impl Iterator<Item = Delivery> + 'e {
        let as_of = self.as_of().unwrap_or(epoch.clock);
        let deliveries = epoch.deliveries.iter().flatten();
        let restorations = deliveries.filter_map(|one| one.restores.as_ref());
        restorations.filter_map(move |restoration| {
            let claims = restoration.claims.iter();
            let claims: Vec<Key> = claims
                .filter(|key| self.is_restored(key, as_of))
                .cloned()
                .collect();
            let until = restoration.until;
            (!claims.is_empty()).then(|| Delivery {
                restores: Some(Restoration { claims, until }),
                ..delivery(epoch.number)
            })
        })
    }

    /// Leaves, of rows that are carried forward, those that are held by all that is computed; and puts them before
    /// what came beside them, which may take their place. One that removes a claim which was restored meanwhile is
    /// refused with all that came with it.
    ///
    /// # Errors
    /// When the scratch file of rows cannot be read.
    pub(super) fn without_replaced(
        &self,
        mut batch: Vec<Submission>,
        as_of: Day,
    ) -> io::Result<Vec<Submission>> {
        batch.sort_by_key(|one| !one.carries_forward);
        let restored: HashSet<Key> = (batch.iter().flat_map(Submission::restored))
            .cloned()
            .collect();
        let mut left = Vec::with_capacity(batch.len());
        for mut submission in batch {
            let is_sound = !submission.carries_forward
                || self.leave_held(&mut submission.deliveries, (as_of, &restored))?;
            match is_sound {
                true => left.push(submission),
                false => (submission.reply)(Err(Refused::Restored)),
            }
        }
        Ok(left)
    }

    /// Whether none of them removes a claim that is decided on.
    fn leave_held(
        &self,
        deliveries: &mut [Delivery],
        (as_of, restored): (Day, &HashSet<Key>),
    ) -> io::Result<bool> {
        for delivery in deliveries {
            let epoch = epoch_of(delivery).unwrap_or_default();
            let rows = self.rows.read();
            let mut left = Vec::with_capacity(delivery.rows.len());
            for one in std::mem::take(&mut delivery.rows) {
                let Some(held) = held(&rows, (epoch, one.row), &one.change.key)? else {
                    continue;
                };
                let removes = matches!(one.change.operation, Operation::Delete);
                let is_decided_on = held.content.as_ref().is_some_and(|content| {
                    !self.is_beyond(content, as_of)
                        || self.is_restored(&held.key, as_of)
                        || restored.contains(&held.key)
                });
                if removes && is_decided_on {
                    return Ok(false);
                }
                left.push(one);
            }
            delivery.rows = left;
        }
        Ok(true)
    }
}
