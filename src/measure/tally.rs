//! Counts of the rows that hold, by what their notes say.
//!
//! In: notes that come and go. Out: counts. Must hold: whatever came and went, the counts are those of the
//! notes that are there; counts of parts add up to those of the whole.

use super::delay::{self, CLASSES};
use super::indicator::MOST_INDICATORS;
use super::note::Note;

/// Counts of rows. Signed, so that a part may give up what another part took in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    rows: i64,
    /// Expected and filled, by indicator, as the bits of a note.
    cells: [i64; 2 * MOST_INDICATORS],
    delays: [i64; CLASSES],
    deadlines: [i64; delay::DEADLINES.len()],
}

impl Tally {
    /// Counts a note `diff` times: 1 where its row begins to hold, -1 where it ceases to.
    pub fn count(&mut self, note: Note, diff: i64) {
        self.rows += diff;
        each_bit(note.cells(), |bit| self.cells[bit] += diff);
        if let Some(class) = note.class() {
            self.delays[class] += diff;
            each_bit(note.deadlines(), |bit| self.deadlines[bit] += diff);
        }
    }

    /// Adds the counts of another part.
    pub fn merge(&mut self, other: &Self) {
        self.rows += other.rows;
        let add = |all: &mut [i64], part: &[i64]| {
            for (count, more) in all.iter_mut().zip(part) {
                *count += more;
            }
        };
        add(&mut self.cells, &other.cells);
        add(&mut self.delays, &other.delays);
        add(&mut self.deadlines, &other.deadlines);
    }

    /// Rows.
    pub fn rows(&self) -> u64 {
        whole(self.rows)
    }

    /// Of an indicator, by its place in its stream: the rows that have it, and those that it is expected
    /// of.
    pub fn filled(&self, indicator: usize) -> (u64, u64) {
        let [expected, filled] = [0, 1].map(|bit| whole(self.cells[2 * indicator + bit]));
        (filled, expected)
    }

    /// Rows by class of delay.
    pub fn delays(&self) -> [u64; CLASSES] {
        self.delays.map(whole)
    }

    /// Rows that kept a deadline, by its place.
    pub fn kept(&self, deadline: usize) -> u64 {
        whole(self.deadlines[deadline])
    }
}

/// The places of the bits that are set.
fn each_bit(mut bits: u32, mut tell: impl FnMut(usize)) {
    while bits != 0 {
        tell(bits.trailing_zeros() as usize);
        bits &= bits - 1;
    }
}

/// A count of what is there.
fn whole(count: i64) -> u64 {
    u64::try_from(count).expect("a row is taken back once, after it was counted")
}
