//! What became of accepted rows, counted by stream.

use crate::record::Stream;

/// What became of an accepted row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is what its key holds.
    Applied,
    /// Its key held the same.
    Duplicate,
    /// Its key held what was recorded later.
    Stale,
}

/// Counts of a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamOutcomes {
    /// Rows that are now what their key holds, or removed it.
    pub applied: u64,
    /// Rows that say what their key held.
    pub duplicate: u64,
    /// Rows recorded earlier than what their key held.
    pub stale: u64,
}

/// What became of the rows of an epoch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcomes([StreamOutcomes; Stream::ALL.len()]);

impl Outcomes {
    /// Counts a row.
    pub(super) fn add(&mut self, stream: Stream, outcome: Outcome) {
        let counts = &mut self.0[stream as usize];
        *match outcome {
            Outcome::Applied => &mut counts.applied,
            Outcome::Duplicate => &mut counts.duplicate,
            Outcome::Stale => &mut counts.stale,
        } += 1;
    }

    /// The counts of each stream.
    pub fn of_streams(&self) -> impl Iterator<Item = (Stream, StreamOutcomes)> + '_ {
        Stream::ALL
            .iter()
            .map(|stream| (*stream, self.0[*stream as usize]))
    }
}
