//! Which claims are decided on, and which are retired: those whose last day lies beyond the window, unless they
//! are restored for a while.
//!
//! In: a window, claims and check-ins with their last day, and what is restored. Out: whether one is decided on
//! as of a day, and those for whom a day that passes may be the end. Must hold: the answer is a function of the
//! content, the day, the window and what is restored alone, so that live, in recovery and in a replay it is the
//! same, whatever the order in which these came to be known.

use std::collections::{BTreeMap, HashMap};

use crate::alert::Moved;
use crate::dataflow::Content;
use crate::journal::Place;
use crate::record::{Day, Key};

/// For how long after their last day claims are decided on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetentionWindow {
    /// Days.
    pub days: u32,
}

impl RetentionWindow {
    /// Whether what ended on a day is retired as of another.
    pub fn is_beyond(self, last: Day, as_of: Day) -> bool {
        as_of >= self.retires_on(last)
    }

    /// The first as-of day on which what ended on a day is retired.
    fn retires_on(self, last: Day) -> Day {
        let days = i32::try_from(self.days).unwrap_or(i32::MAX);
        last.plus(days).plus(1)
    }
}

/// The last day of a claim or check-in: that of the discharge, and of a check-in that of the arrival. Of nothing
/// else there is one.
pub fn last_day(content: &Content) -> Option<Day> {
    match content {
        Content::Claim(claim) => Some(claim.admitted_at.max(claim.discharged_at).day()),
        Content::CheckIn(check_in) => Some(check_in.admitted_at.day()),
        _ => None,
    }
}

/// What is retired, and what is restored.
#[derive(Default)]
pub(super) struct Retention {
    /// Keys that are restored, and the last day on which they are.
    restored: HashMap<Key, Day>,
    /// Keys by the day on which they may be retired. There are more than there need be: each is looked at when
    /// its day has come.
    due: BTreeMap<Day, Vec<Place>>,
    /// What the epoch in progress retired and restored.
    pub(super) moved: Moved,
}

impl Retention {
    /// Whether content of a key is decided on as of a day, under a window.
    pub(super) fn is_kept(
        &self,
        (window, as_of): (Option<RetentionWindow>, Option<Day>),
        key: &Key,
        content: &Content,
    ) -> bool {
        let (Some(window), Some(as_of)) = (window, as_of) else {
            return true;
        };
        let is_beyond = last_day(content).is_some_and(|last| window.is_beyond(last, as_of));
        !is_beyond || self.restored.get(key).is_some_and(|until| *until >= as_of)
    }

    /// Notes when content of a key may be retired.
    pub(super) fn expect(
        &mut self,
        window: Option<RetentionWindow>,
        (key, number): (&Key, Place),
        content: &Content,
    ) {
        if let Some(day) = window.and_then(|window| self.retires_on(window, key, content)) {
            self.due.entry(day).or_default().push(number);
        }
    }

    fn retires_on(&self, window: RetentionWindow, key: &Key, content: &Content) -> Option<Day> {
        let of_window = window.retires_on(last_day(content)?);
        let restored = self.restored.get(key).map(|until| until.plus(1));
        Some(restored.map_or(of_window, |day| day.max(of_window)))
    }

    /// The keys of whom a day up to this one may be the end, each once.
    pub(super) fn take_due(&mut self, until: Day) -> Vec<Place> {
        let later = self.due.split_off(&until.plus(1));
        let due = std::mem::replace(&mut self.due, later);
        let mut places: Vec<Place> = due.into_values().flatten().collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    /// Expects nothing any more.
    pub(super) fn forget_due(&mut self) {
        self.due.clear();
    }

    /// Restores a key up to a day, if it is not restored for longer.
    pub(super) fn restore(&mut self, key: &Key, until: Day) {
        let known = self.restored.entry(key.clone()).or_insert(until);
        *known = until.max(*known);
    }

    /// Forgets what is restored up to a day that is over.
    pub(super) fn forget_restored(&mut self, as_of: Day) {
        self.restored.retain(|_, until| *until >= as_of);
    }

    /// What is restored, and up to which day.
    pub(super) fn restored(&self) -> &HashMap<Key, Day> {
        &self.restored
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_retired_on_the_day_after_its_window() {
        let day = Day::from_number;
        let window = RetentionWindow { days: 30 };
        assert!(!window.is_beyond(day(100), day(130)));
        assert!(window.is_beyond(day(100), day(131)));
        assert!(!window.is_beyond(day(200), day(100)), "in the future");
        let ever = RetentionWindow { days: u32::MAX };
        assert!(!ever.is_beyond(day(0), day(1_000_000)));
    }

    #[test]
    fn what_is_due_is_told_once() {
        let mut retention = Retention::default();
        for (day, place) in [(5, 1), (5, 2), (3, 2), (9, 3)] {
            let due = retention.due.entry(Day::from_number(day)).or_default();
            due.push(Place(place));
        }
        assert_eq!(
            retention.take_due(Day::from_number(5)),
            [Place(1), Place(2)]
        );
        assert!(retention.take_due(Day::from_number(8)).is_empty());
        assert_eq!(retention.take_due(Day::from_number(9)), [Place(3)]);
    }
}
