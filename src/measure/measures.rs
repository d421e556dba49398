//! The counters of a run: what each accepted row did, and what holds.
//!
//! In: for each accepted row, what its key held and holds. Out: counters by stream, by facility and by
//! enterprise. Must hold: after any history of late rows, corrections and deletions the counters are those
//! of the rows that hold; memory grows with facilities and enterprises, never with claims; parts of a
//! history that share no key add up to the whole.

use hashbrown::HashMap;

use super::note::Note;
use super::tally::Tally;
use super::workforce::Workforce;
use crate::record::{Facility, Instant, Key, Money, Stream};

/// What an accepted row did to its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The key held nothing, and holds the row.
    Added,
    /// The key held another row.
    Changed,
    /// The key held an equal row: it was sent again.
    Equal,
    /// The key held a row, and holds nothing: a deletion, or a claim whose request is withdrawn.
    Removed,
    /// The key held nothing, and holds nothing.
    Idle,
}

/// Outcomes, in declaration order.
pub const OUTCOMES: usize = 5;

/// What a key holds, as far as the measures look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The note of its row.
    pub note: Note,
    /// What the fund is asked to pay; nothing where the row is no claim.
    pub amount: Money,
}

/// Counters of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfStream {
    outcomes: [u64; OUTCOMES],
    /// Those of `claims` are with the facilities.
    tally: Tally,
    last: Option<Instant>,
}

/// Counters of a facility's claims.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfFacility {
    /// Accepted rows.
    pub accepted: u64,
    /// The claims that hold.
    pub tally: Tally,
    /// What the fund is asked to pay for them, in thousandths of a dong: more than one amount can tell.
    pub thousandths: i128,
}

/// The counters of a run, or of a part of it.
#[derive(Clone, Debug, Default)]
pub struct Measures {
    streams: [OfStream; Stream::ALL.len()],
    facilities: HashMap<Facility, OfFacility>,
    /// Enterprises and their employees.
    pub workforce: Workforce,
}

impl Measures {
    /// Counts an accepted row: what its key held, what it holds, and whether the two are equal.
    pub fn row(
        &mut self,
        key: &Key,
        known: Instant,
        (before, after): (Option<Held>, Option<Held>),
        is_equal: bool,
    ) {
        let outcome = match (before, after) {
            (None, Some(_)) => Outcome::Added,
            (Some(_), Some(_)) if is_equal => Outcome::Equal,
            (Some(_), Some(_)) => Outcome::Changed,
            (Some(_), None) => Outcome::Removed,
            (None, None) => Outcome::Idle,
        };
        let stream = &mut self.streams[key.stream() as usize];
        stream.outcomes[outcome as usize] += 1;
        stream.last = stream.last.max(Some(known));
        let tally = match key {
            Key::Claim(facility, _) => {
                let facility = self.facilities.entry(*facility).or_default();
                facility.accepted += 1;
                let thousandths =
                    |held: Option<Held>| held.map_or(0, |held| held.amount.thousandths().into());
                facility.thousandths += thousandths(after) - thousandths(before);
                &mut facility.tally
            }
            _ => &mut stream.tally,
        };
        if let Some(before) = before {
            tally.count(before.note, -1);
        }
        if let Some(after) = after {
            tally.count(after.note, 1);
        }
    }

    /// Forgets what came, but for what of it holds: from now on it is counted what comes.
    pub fn forget_what_came(&mut self) {
        for stream in &mut self.streams {
            stream.outcomes = [0; OUTCOMES];
        }
        for facility in self.facilities.values_mut() {
            facility.accepted = 0;
        }
    }

    /// Adds the counters of a part that shares no key with this one.
    pub fn merge(&mut self, other: Self) {
        for (mine, part) in self.streams.iter_mut().zip(other.streams) {
            for (count, more) in mine.outcomes.iter_mut().zip(part.outcomes) {
                *count += more;
            }
            mine.tally.merge(&part.tally);
            mine.last = mine.last.max(part.last);
        }
        for (facility, part) in other.facilities {
            let mine = self.facilities.entry(facility).or_default();
            mine.accepted += part.accepted;
            mine.tally.merge(&part.tally);
            mine.thousandths += part.thousandths;
        }
        self.workforce.merge(other.workforce);
    }

    /// Accepted rows of a stream that had an outcome.
    pub fn outcome(&self, stream: Stream, outcome: Outcome) -> u64 {
        self.streams[stream as usize].outcomes[outcome as usize]
    }

    /// When the last accepted row of a stream became known.
    pub fn last(&self, stream: Stream) -> Option<Instant> {
        self.streams[stream as usize].last
    }

    /// The rows of a stream that hold.
    pub fn tally(&self, stream: Stream) -> Tally {
        let mut tally = self.streams[stream as usize].tally.clone();
        if stream == Stream::Claims {
            for facility in self.facilities.values() {
                tally.merge(&facility.tally);
            }
        }
        tally
    }

    /// The facilities that ever sent an accepted claim, in byte order.
    pub fn facilities(&self) -> Vec<(Facility, &OfFacility)> {
        let mut facilities: Vec<_> = self.facilities.iter().map(|(f, of)| (*f, of)).collect();
        facilities.sort_unstable_by_key(|(facility, _)| *facility);
        facilities
    }
}
