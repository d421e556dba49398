//! Counts that are too small to be told.
//!
//! In: counts and amounts of places below the whole country. Out: what is told of each. Must hold: a count from 1 to 4
//! is told as "fewer than 5", its amount not at all; where one place alone is so, the next smallest is not told either, since
//! the total is, and the difference would be the count.

use super::facts::Sum;

/// Counts from 1 to one below this are not told.
pub const LEAST: u64 = 5;

/// What is told of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// All.
    Whole(Sum),
    /// That it is fewer than [`LEAST`].
    Few,
    /// Nothing, so that another one cannot be computed.
    Withheld,
}

/// What is told of places.
pub fn told(counts: &[Sum]) -> Vec<Told> {
    let is_few = |sum: &Sum| (1..LEAST).contains(&sum.count);
    let mut told: Vec<Told> = counts
        .iter()
        .map(|sum| {
            if is_few(sum) {
                Told::Few
            } else {
                Told::Whole(*sum)
            }
        })
        .collect();
    if told.iter().filter(|one| **one == Told::Few).count() == 1 {
        let others = counts.iter().enumerate();
        let next = others
            .filter(|(_, sum)| sum.count >= LEAST)
            .min_by_key(|(place, sum)| (sum.count, *place));
        if let Some((place, _)) = next {
            told[place] = Told::Withheld;
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Money;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_small_count_can_be_computed(counts in prop::collection::vec(0u64..12, 0..8)) {
            let sums: Vec<Sum> = counts.iter().map(|count| Sum { count: *count, amount: Money::dong(1) }).collect();
            let told = told(&sums);
            for (one, count) in told.iter().zip(&counts) {
                prop_assert_eq!(*one == Told::Few, (1..5).contains(count));
            }
            let hidden = told.iter().filter(|one| !matches!(one, Told::Whole(_))).count();
            let others = counts.iter().filter(|count| **count > 0).count();
            // One that is hidden alone is the only one there is.
            prop_assert!(hidden != 1 || others == 1);
        }
    }
}
