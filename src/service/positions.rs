//! How far each source has been read, durably.
//!
//! In: deliveries that are in the journal. Out: the place in each part of each source from which to go on. Must
//! hold: a place is never ahead of what is durable.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::journal::Delivery;

/// The places, by source and part.
#[derive(Default)]
pub struct Positions(Mutex<BTreeMap<String, BTreeMap<String, String>>>);

impl Positions {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, BTreeMap<String, String>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a place that is durable.
    pub(super) fn set(&self, source: &str, part: &str, place: &str) {
        let mut positions = self.lock();
        let of_source = positions.entry(source.to_owned()).or_default();
        of_source.insert(part.to_owned(), place.to_owned());
    }

    /// Notes what deliveries reached, which are durable.
    pub(super) fn reach<'d>(&self, deliveries: impl Iterator<Item = &'d Delivery>) {
        for delivery in deliveries {
            for position in &delivery.positions {
                self.set(&delivery.source, &position.part, &position.place);
            }
        }
    }

    /// The place in a part of a source, if it was read at all.
    pub fn place(&self, source: &str, part: &str) -> Option<String> {
        self.lock().get(source)?.get(part).cloned()
    }

    /// The places of a source.
    pub fn of_source(&self, source: &str) -> BTreeMap<String, String> {
        self.lock().get(source).cloned().unwrap_or_default()
    }
}
