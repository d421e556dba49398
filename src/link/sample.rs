//! How often levels come among any two records.
//!
//! In: records. Out: the chance of each level among pairs of different people. Must hold: exact
//! agreement is counted over all pairs, not drawn; the draw is the same for the same records.

use super::block_keys::mixed;
use super::level::{EXACT, MOST_LEVELS};
use super::pattern::Pattern;
use super::prior::told;
use super::records::Records;
use super::train::Table;
use crate::parallel;

/// How many pairs are drawn, beside one for each record.
const DRAWN: usize = 16_000;
/// The most that are drawn.
const MOST_DRAWN: usize = 250_000;

/// Levels of pairs drawn at random.
pub(super) struct Sampled {
    /// By field and level: how many of the drawn pairs.
    counts: Table,
    /// By field: pairs of all records in which both have a value, and in which they are equal.
    present: Vec<f64>,
    equal: Vec<f64>,
}

/// Draws pairs and counts.
pub(super) fn levels(records: &Records, threads: usize) -> Sampled {
    let fields = records.schema.fields().len();
    let drawn = if records.pairs() < 1.0 {
        0
    } else {
        (DRAWN + records.len).min(MOST_DRAWN)
    };
    let parts = parallel::chunks(drawn, threads, |range| {
        let mut counts = vec![[0.0; MOST_LEVELS]; fields];
        for draw in range {
            let (a, b) = pair(records, draw as u64);
            let pattern =
                Pattern::straight(&records.schema, &records.record(a), &records.record(b));
            for (field, counts) in counts.iter_mut().enumerate() {
                counts[usize::from(pattern.level(field))] += 1.0;
            }
        }
        counts
    });
    let mut counts = vec![[0.0; MOST_LEVELS]; fields];
    for part in parts {
        for (sum, count) in counts.iter_mut().flatten().zip(part.iter().flatten()) {
            *sum += count;
        }
    }
    let (present, equal) = (0..fields).map(|field| equal_pairs(records, field)).unzip();
    Sampled {
        counts,
        present,
        equal,
    }
}

/// The two records of a draw.
fn pair(records: &Records, draw: u64) -> (u32, u32) {
    let below = |random: u64, bound: usize| ((u128::from(random) * bound as u128) >> 64) as u32;
    let (x, y) = (mixed(2 * draw), mixed(2 * draw + 1));
    if records.are_two_tables() {
        let b = below(y, records.len - records.left);
        return (below(x, records.left), records.left as u32 + b);
    }
    // Two of all records: the second is any but the first.
    let a = below(x, records.len);
    let b = below(y, records.len - 1);
    (a, if b >= a { b + 1 } else { b })
}

/// The pairs of records in which both have a value, and in which they are equal.
fn equal_pairs(records: &Records, field: usize) -> (f64, f64) {
    let mut counts = vec![(0.0, 0.0); records.values(field).len()];
    let (mut left, mut right) = (0.0, 0.0);
    for (record, number) in records.numbers(field).iter().enumerate() {
        let Some(number) = number.checked_sub(1) else {
            continue;
        };
        if record < records.left {
            counts[number as usize].0 += 1.0;
            left += 1.0;
        } else {
            counts[number as usize].1 += 1.0;
            right += 1.0;
        }
    }
    if records.are_two_tables() {
        let equal = counts.iter().map(|(left, right)| left * right).sum();
        return (left * right, equal);
    }
    let pairs = |count: f64| count * (count - 1.0) / 2.0;
    let equal = counts.iter().map(|(count, _)| pairs(*count)).sum();
    (pairs(left), equal)
}

impl Sampled {
    /// The chances of a field's levels among pairs of different people, where so many of each level
    /// are expected to be of one person.
    pub(super) fn chances(
        &self,
        records: &Records,
        field: usize,
        of_one: &[f64; MOST_LEVELS],
    ) -> [f64; MOST_LEVELS] {
        let exact = usize::from(EXACT);
        let told = told(records.schema.fields()[field].role);
        let counts = &self.counts[field];
        let drawn: f64 = told.clone().map(|level| counts[level]).sum();
        let (present, equal) = (self.present[field].max(1.0), self.equal[field]);
        let each = present / drawn.max(1.0);
        let mut pairs = [0.0; MOST_LEVELS];
        for level in told.clone() {
            let (all, least) = if level == exact {
                (equal, 0.5)
            } else {
                (counts[level] * each, 0.5 * each)
            };
            pairs[level] = (all - of_one[level]).max(least);
        }
        let sum: f64 = told.clone().map(|level| pairs[level]).sum();
        let mut chances = [0.0; MOST_LEVELS];
        for level in told {
            chances[level] = pairs[level] / sum;
        }
        chances
    }
}
