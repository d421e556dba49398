//! How many units of each stratum are drawn.
//!
//! In: the sizes of strata and how many are to be drawn in all. Out: a number for each stratum, in order. Must hold:
//! they come to what was asked, or to all units where those are fewer; no stratum is left without one, nor gives more
//! than it has; all is integers, so that every machine draws the same.
//!
//! Proportional to the units, each stratum first having two where there are enough, since one alone says nothing of
//! how its stratum varies. What is left goes one by one to the stratum with the greatest `units² / (n (n + 1))`, where `n`
//! is what it has: the exact integer allocation of T. Wright (The American Statistician 66, 2012).

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// What each stratum has at first, where there are enough.
const FIRST: u64 = 2;

/// A stratum that could be given one more.
#[derive(PartialEq, Eq)]
struct Asking {
    units: u64,
    has: u64,
    place: usize,
}

impl Asking {
    /// What is compared: the square of the units, and by what it is divided.
    fn claim(&self) -> (u128, u128) {
        let (units, has) = (u128::from(self.units), u128::from(self.has));
        (units * units, has * (has + 1))
    }
}

impl Ord for Asking {
    fn cmp(&self, other: &Self) -> Ordering {
        // Equal claims go to the earlier stratum.
        compare(self.claim(), other.claim()).then(other.place.cmp(&self.place))
    }
}

impl PartialOrd for Asking {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Compares two fractions of positive numbers without rounding: whole parts, then what is left of them, upside down.
fn compare((a, b): (u128, u128), (c, d): (u128, u128)) -> Ordering {
    let whole = (a / b).cmp(&(c / d));
    if whole.is_ne() {
        return whole;
    }
    match (a % b, c % d) {
        (0, 0) => Ordering::Equal,
        (0, _) => Ordering::Less,
        (_, 0) => Ordering::Greater,
        (left, other) => compare((d, other), (b, left)),
    }
}

/// How many of each stratum are drawn; `None` where fewer are asked for than there are strata.
pub fn allocate(strata: &[u64], asked: u64) -> Option<Vec<u64>> {
    let filled = strata.iter().filter(|units| **units > 0).count() as u64;
    if asked < filled {
        return None;
    }
    let all: u64 = strata.iter().sum();
    let least = if asked >= FIRST * filled { FIRST } else { 1 };
    let mut drawn: Vec<u64> = strata.iter().map(|units| least.min(*units)).collect();
    let mut left = asked.min(all) - drawn.iter().sum::<u64>().min(asked.min(all));
    let asking = strata.iter().zip(&drawn).enumerate();
    let mut heap: BinaryHeap<Asking> = asking
        .filter(|(_, (units, has))| has < units)
        .map(|(place, (units, has))| Asking {
            units: *units,
            has: *has,
            place,
        })
        .collect();
    while left > 0 {
        let Some(mut next) = heap.pop() else { break };
        next.has += 1;
        left -= 1;
        drawn[next.place] = next.has;
        if next.has < next.units {
            heap.push(next);
        }
    }
    Some(drawn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Every way to give `asked` to the strata, by the variance that is left: the sum of units² / n.
    fn least_variance(strata: &[u64], asked: u64, least: u64) -> f64 {
        let Some((units, rest)) = strata.split_first() else {
            return if asked == 0 { 0.0 } else { f64::INFINITY };
        };
        (least.min(*units)..=(*units).min(asked))
            .map(|n| {
                let own = (*units as f64).powi(2) / n as f64;
                own + least_variance(rest, asked - n, least)
            })
            .fold(f64::INFINITY, f64::min)
    }

    #[test]
    fn fewer_than_strata_are_refused() {
        assert_eq!(allocate(&[5, 0, 5], 1), None);
        assert_eq!(allocate(&[5, 0, 5], 2), Some(vec![1, 0, 1]));
        assert_eq!(allocate(&[5, 0, 5], 100), Some(vec![5, 0, 5]));
        assert_eq!(allocate(&[], 0), Some(vec![]));
        assert_eq!(allocate(&[1, 90, 9], 20), Some(vec![1, 17, 2]));
    }

    proptest! {
        #[test]
        fn it_is_the_best_of_all_ways(
            strata in prop::collection::vec(1u64..12, 1..5),
            asked in 1u64..30,
        ) {
            let Some(drawn) = allocate(&strata, asked) else {
                prop_assert!(asked < strata.len() as u64);
                return Ok(());
            };
            let all: u64 = strata.iter().sum();
            prop_assert_eq!(drawn.iter().sum::<u64>(), asked.min(all));
            prop_assert!(drawn.iter().zip(&strata).all(|(n, units)| (1..=*units).contains(n)));
            let least = if asked >= 2 * strata.len() as u64 { 2 } else { 1 };
            let own: f64 = drawn.iter().zip(&strata).map(|(n, u)| (*u as f64).powi(2) / *n as f64).sum();
            let best = least_variance(&strata, asked.min(all), least);
            prop_assert!(own <= best * (1.0 + 1e-9), "{drawn:?}: {own} and {best}");
        }
    }
}
