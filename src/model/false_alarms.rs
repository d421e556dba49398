//! How many false alarms to expect among the claims that are looked at.
//!
//! In: p-values of a pool of claims, such as the alerts of a day. Out: for each, the expected share of
//! false alarms among those at least as small. Must hold: the order of the pool does not matter.

use super::p_value::PValue;

/// For each p-value of a pool, the share of false alarms to expect among all that are at most as great:
/// the adjusted p-values of Benjamini & Hochberg (*Controlling the False Discovery Rate*, Journal of
/// the Royal Statistical Society B 57, 1995).
///
/// Whoever looks at the claims whose share is at most `q` looks, on average over such pools, at no more
/// than a share `q` of ordinary claims. With conformal p-values of one calibration set this holds too
/// (Bates et al., Annals of Statistics 51, 2023). It is for small pools: in a pool of `m` claims nothing can be
/// found below `m` times the smallest p-value.
///
/// ```
/// use fundwatch::model::{PValue, false_alarms};
/// let pool = [1_000, 400_000, 2_000].map(|millionths| PValue::new(millionths).unwrap());
/// let shares = false_alarms(&pool).map(PValue::millionths);
/// assert_eq!(shares.collect::<Vec<_>>(), [3_000, 400_000, 3_000]);
/// ```
pub fn false_alarms(pool: &[PValue]) -> impl ExactSizeIterator<Item = PValue> + use<> {
    let mut order: Vec<usize> = (0..pool.len()).collect();
    order.sort_by_key(|place| pool[*place]);
    let mut shares = vec![PValue::ONE; pool.len()];
    let mut least = PValue::ONE;
    for (rank, place) in order.into_iter().enumerate().rev() {
        let p = u64::from(pool[place].millionths());
        let share = PValue::of(p * pool.len() as u64, 1_000_000 * (rank as u64 + 1));
        least = least.min(share);
        shares[place] = least;
    }
    shares.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{RngCore, SeedableRng};

    fn pool(millionths: &[u32]) -> Vec<PValue> {
        millionths
            .iter()
            .map(|p| PValue::new(*p).unwrap())
            .collect()
    }

    #[test]
    fn false_alarms_are_no_more_than_said_on_average() {
        let mut generator = ChaCha8Rng::seed_from_u64(1);
        let (mut shares, mut found) = (0.0, 0);
        const POOLS: u32 = 2000;
        for _ in 0..POOLS {
            // 80 ordinary claims, and 20 that are hardly like them.
            let draw = |bound: u32, generator: &mut ChaCha8Rng| 1 + generator.next_u32() % bound;
            let p: Vec<u32> = (0..100)
                .map(|n| draw(if n < 80 { 1_000_000 } else { 20_000 }, &mut generator))
                .collect();
            let looked_at: Vec<usize> = false_alarms(&pool(&p))
                .enumerate()
                .filter(|(_, share)| share.millionths() <= 200_000)
                .map(|(place, _)| place)
                .collect();
            let ordinary = looked_at.iter().filter(|place| **place < 80).count();
            shares += ordinary as f64 / looked_at.len().max(1) as f64;
            found += looked_at.len() - ordinary;
        }
        // Of 20 % at most, 80 % are of the ordinary: 16 % on average.
        let share = shares / f64::from(POOLS);
        assert!((0.14..0.18).contains(&share), "{share}");
        assert!(found as f64 / f64::from(POOLS) > 19.0);
    }

    proptest! {
        #[test]
        fn they_equal_the_definition(millionths in proptest::collection::vec(1u32..=1_000_000, 0..30)) {
            let pool = pool(&millionths);
            for (p, share) in millionths.iter().zip(false_alarms(&pool)) {
                let at_least = millionths.iter().filter(|other| *other >= p);
                let expected = at_least.map(|other| {
                    let rank = millionths.iter().filter(|p| *p <= other).count() as u64;
                    (u64::from(*other) * millionths.len() as u64).div_ceil(rank)
                });
                let expected = expected.min().unwrap().min(1_000_000);
                prop_assert_eq!(u64::from(share.millionths()), expected);
            }
        }
    }
}
