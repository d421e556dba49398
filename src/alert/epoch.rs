//! What the thread that resolved the rows of an epoch tells of it.
//!
//! In: the rows of an epoch, one by one. Out: which keys they may have changed. Must hold: no key that
//! changed is denied.

use std::sync::Arc;

use super::moved::Moved;
use crate::dataflow::RowRef;
use crate::model::ModelId;
use crate::record::{Day, Instant};
use crate::rule::{DialsInForce, ReasonSet};

/// A whole epoch, as the thread that resolved its rows knows it.
#[derive(Debug, Default)]
pub struct EpochEnd {
    /// The epoch, counted from 0 without gaps.
    pub ordinal: u32,
    /// The epoch's number since 1970-01-01T00:00+07:00.
    pub number: i64,
    /// The last knowledge time in it: of a row, or of a change of the settings or the model.
    pub at: Option<Instant>,
    /// The keys that its rows touched, in any order; none in the first epoch, where it may be any.
    touched: Vec<RowRef>,
    /// Claims and benefits with an earlier row: the amount at stake may be another.
    pub resent: Vec<RowRef>,
    /// Claims that it retired or restored.
    moved: Moved,
    /// The as-of date, in the last epoch with rows.
    pub as_of: Option<Day>,
    /// What took force in it, where the settings changed.
    pub rules: Option<RulesChange>,
    /// What the model is called that took force in it, where another did before.
    pub model: Option<Arc<str>>,
    /// The model that is in force at its end.
    pub model_in_force: ModelId,
    /// The thresholds that can be turned, as they are in force at its end.
    pub dials: DialsInForce,
}

/// A change of the settings.
#[derive(Clone, Debug)]
pub struct RulesChange {
    /// What the settings are called that took force.
    pub key: Arc<str>,
    /// The reasons that turn on a value that changed.
    pub reasons: ReasonSet,
}

impl EpochEnd {
    /// An epoch without rows.
    pub fn new(ordinal: u32, number: i64) -> Self {
        Self {
            ordinal,
            number,
            ..Self::default()
        }
    }

    /// Notes that a row touched a key. In the first epoch every known key is, which are millions.
    pub fn touch(&mut self, key: RowRef) {
        if !self.is_first() {
            self.touched.push(key);
        }
    }

    /// Notes what was retired and restored in it.
    pub fn moves(&mut self, moved: Moved) {
        self.moved = moved;
        if !self.is_first() {
            self.touched.extend(self.moved.all());
        }
    }

    /// Whether the epoch retired or restored a claim, once it is settled.
    pub(super) fn has_moved(&self, row: RowRef) -> bool {
        self.moved.has(row)
    }

    /// Whether the epoch retired a claim, once it is settled.
    pub(super) fn has_retired(&self, row: RowRef) -> bool {
        self.moved.is_retired(row)
    }

    /// The keys that its rows touched, in order, once they are settled.
    pub(super) fn touched(&self) -> &[RowRef] {
        &self.touched
    }

    /// Puts what was gathered row by row in order, to be looked up.
    pub(super) fn settle(&mut self) {
        self.touched.sort_unstable();
        self.touched.dedup();
        self.touched.shrink_to_fit();
        self.moved.settle();
    }

    /// Whether rows of the epoch may have touched the key; if not, it need not be looked up.
    pub(super) fn may_have_touched(&self, row: RowRef) -> bool {
        self.is_first() || self.touched.binary_search(&row).is_ok()
    }

    fn is_first(&self) -> bool {
        self.ordinal == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Place;

    #[test]
    fn what_was_touched_is_known_in_any_order_and_in_the_first_epoch_nothing_is_denied() {
        let claim = |number| RowRef::claim(Place(number));
        let settled = |ordinal| {
            let mut epoch = EpochEnd::new(ordinal, 0);
            [7, 3, 7]
                .into_iter()
                .for_each(|number| epoch.touch(claim(number)));
            epoch.settle();
            [3, 5, 7].map(|number| epoch.may_have_touched(claim(number)))
        };
        assert_eq!(settled(1), [true, false, true]);
        assert_eq!(settled(0), [true; 3]);
    }
}
