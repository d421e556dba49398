//! How far one partition is read.
//!
//! In: the durable position, and the offsets of messages as they come. Out: which of them are new.
//! Must hold: `durable <= handed <= next`; an offset below `next` is taken no second time.

use std::sync::Arc;

use super::event::Halt;
use crate::source::delivery::Advance;

/// A partition that this member owns.
#[derive(Debug)]
pub(super) struct Partition {
    /// `topic/partition`, its name in the journal.
    pub(super) label: Arc<str>,
    /// The next offset to take; none where no offset is known yet.
    pub(super) next: Option<u64>,
    /// Where the last delivery that was handed over ends.
    pub(super) handed: Option<u64>,
    /// The durable position.
    pub(super) durable: Option<u64>,
    /// Why it is not read, if it is not.
    pub(super) halt: Option<Halt>,
    /// How often in a row it was seen to end before `next`.
    pub(super) ends_before: u32,
    /// Where it ends, as far as known.
    pub(super) end: Option<u64>,
    /// Its first offset, as far as known.
    pub(super) start: Option<u64>,
    /// Whether it was added to a topic that is read already.
    pub(super) is_addition: bool,
    /// Whether the client had nothing more to hand on when `end` was seen.
    pub(super) is_drained: bool,
}

/// A position in the journal that is no offset.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadPosition;

impl Partition {
    /// A partition to be read from its durable position.
    pub(super) fn new(label: Arc<str>, position: Option<&str>) -> Self {
        let mut partition = Self {
            label,
            next: None,
            handed: None,
            durable: None,
            halt: None,
            ends_before: 0,
            end: None,
            start: None,
            is_addition: false,
            is_drained: false,
        };
        partition.rewind(position);
        partition
    }

    /// Forgets what is not durable.
    pub(super) fn rewind(&mut self, position: Option<&str>) {
        match position.map(offset).transpose() {
            Ok(at) => (self.next, self.handed, self.durable) = (at, at, at),
            Err(BadPosition) => self.halt = Some(Halt::BadPosition),
        }
    }

    /// Whether a message is new; then it counts as taken.
    pub(super) fn take(&mut self, offset: u64) -> bool {
        let is_new = self.halt.is_none() && self.next.is_none_or(|next| offset >= next);
        if is_new {
            self.next = Some(offset.saturating_add(1));
        }
        is_new
    }

    /// What is to be handed over, if anything was taken since the last time.
    pub(super) fn advance(&self) -> Option<Advance> {
        let next = self.next.filter(|_| self.next != self.handed)?;
        Some(Advance {
            partition: Arc::clone(&self.label),
            from: self.handed.map(|at| at.to_string()),
            next: next.to_string(),
        })
    }

    /// How many offsets are not durable yet, where its end is known. Marks of transactions count
    /// until everything before them is taken.
    pub(super) fn lag(&self) -> Option<u64> {
        let behind = |end: u64| end.saturating_sub(self.durable.or(self.start).unwrap_or(0));
        match (self.is_drained, self.next) {
            (true, Some(next)) => Some(behind(next)),
            (true, None) => Some(0),
            (false, _) => self.end.map(behind),
        }
    }
}

/// Reads a position as an offset.
fn offset(position: &str) -> Result<u64, BadPosition> {
    // Kafka's offsets are signed; a larger one cannot be asked for.
    let offset = position.parse::<i64>().map_err(|_| BadPosition)?;
    u64::try_from(offset).map_err(|_| BadPosition)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn partition(position: Option<&str>) -> Partition {
        Partition::new("claims/0".into(), position)
    }

    #[test]
    fn a_bad_position_halts() {
        for bad in ["", "x", "-1", "1.5", "9223372036854775808"] {
            let mut partition = partition(Some(bad));
            assert_eq!(partition.halt, Some(Halt::BadPosition), "{bad:?}");
            assert!(!partition.take(0), "{bad:?}");
        }
        assert_eq!(partition(Some("9223372036854775807")).halt, None);
    }

    #[test]
    fn lag_is_what_is_not_durable() {
        let mut partition = partition(Some("10"));
        assert_eq!(partition.lag(), None);
        partition.end = Some(25);
        assert_eq!(partition.lag(), Some(15));
        assert!(partition.take(10) && partition.take(20));
        // What is between 21 and the end are marks: the client has nothing more.
        partition.is_drained = true;
        assert_eq!(partition.lag(), Some(11));
        partition.durable = Some(21);
        assert_eq!(partition.lag(), Some(0));
    }

    proptest! {
        #[test]
        fn each_offset_is_taken_once_and_in_order(
            from in prop::option::of(0u64..20),
            offsets in prop::collection::vec(0u64..40, 0..60),
        ) {
            let position = from.map(|at| at.to_string());
            let mut partition = partition(position.as_deref());
            let taken: Vec<_> = offsets.into_iter().filter(|o| partition.take(*o)).collect();
            prop_assert!(taken.is_sorted_by(|a, b| a < b));
            prop_assert!(taken.first().is_none_or(|first| from.is_none_or(|at| *first >= at)));
            let expected = taken.last().map(|last| (position, (last + 1).to_string()));
            let advance = partition.advance().map(|a| (a.from, a.next));
            prop_assert_eq!(advance, expected);
        }
    }
}
