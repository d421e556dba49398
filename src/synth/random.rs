//! Numbers that look random and are pure functions of (seed, domain, index).
//!
//! Draws are SplitMix64 (Steele, Lea & Flood, 2014); a permutation of `0..n` is a Feistel network of
//! four rounds over the smallest even number of bits, walked until it falls below `n` (Black &
//! Rogaway, 2002). Integers only, so that every machine draws the same.

/// The finalizer of SplitMix64: a bijection of 64 bits in which every bit depends on every other.
pub(super) const fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A sequence of draws.
#[derive(Clone, Debug)]
pub(super) struct Draw(u64);

impl Draw {
    /// The sequence of one thing of a domain.
    pub(super) fn new(seed: u64, domain: u64, index: u64) -> Self {
        Self(mix(mix(seed ^ mix(domain)) ^ index))
    }

    /// The next 64 bits.
    pub(super) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// A number below `bound`; 0 when `bound` is.
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        ((u128::from(self.bits()) * u128::from(bound)) >> 64) as u32
    }

    /// A number from `low` to `high`, both included; `low` when they are the wrong way round.
    pub(super) fn range(&mut self, low: i32, high: i32) -> i32 {
        if high <= low {
            return low;
        }
        low + self.below((high - low + 1) as u32) as i32
    }

    /// Whether something happens that happens `per_mille` times in a thousand.
    pub(super) fn chance(&mut self, per_mille: u32) -> bool {
        self.below(1000) < per_mille
    }

    /// One of several.
    pub(super) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as u32) as usize]
    }

    /// A place in a list of weights.
    pub(super) fn weighted(&mut self, weights: impl Iterator<Item = u32> + Clone) -> usize {
        let mut left = self.below(weights.clone().sum());
        for (place, weight) in weights.enumerate() {
            if left < weight {
                return place;
            }
            left -= weight;
        }
        0
    }

    /// A multiplier in 1/1024 whose logarithm is normal with standard deviation 0.8 and mean 0.
    pub(super) fn log_normal(&mut self) -> u64 {
        let bits = self.bits();
        let (place, part) = ((bits >> 57) as usize, bits >> 33 & 0xFF);
        (LOG_NORMAL[place] * (256 - part) + LOG_NORMAL[place + 1] * part) >> 8
    }
}

/// Quantiles (i + 1/2)/129 of the log-normal distribution, times 1024.
const LOG_NORMAL: [u64; 129] = [
    122, 167, 196, 220, 240, 258, 275, 291, 307, 321, 335, 349, 362, 375, 388, 400, 413, 425, 437,
    449, 461, 472, 484, 496, 507, 519, 530, 542, 553, 565, 577, 588, 600, 612, 623, 635, 647, 659,
    671, 683, 695, 707, 719, 732, 744, 757, 769, 782, 795, 808, 821, 835, 848, 862, 876, 890, 904,
    918, 933, 947, 962, 977, 993, 1008, 1024, 1040, 1056, 1073, 1090, 1107, 1124, 1142, 1160, 1179,
    1197, 1217, 1236, 1256, 1276, 1297, 1319, 1340, 1363, 1386, 1409, 1433, 1458, 1483, 1509, 1536,
    1563, 1592, 1621, 1651, 1682, 1715, 1748, 1783, 1818, 1856, 1895, 1935, 1977, 2021, 2067, 2116,
    2167, 2220, 2277, 2337, 2401, 2469, 2542, 2620, 2704, 2796, 2896, 3006, 3128, 3264, 3419, 3597,
    3806, 4057, 4369, 4775, 5350, 6291, 8618,
];

/// A permutation of `0..n`.
#[derive(Clone, Debug)]
pub(super) struct Permutation {
    n: u64,
    half: u32,
    keys: [u64; 4],
}

impl Permutation {
    /// The permutation of a domain.
    pub(super) fn new(seed: u64, domain: u64, n: u64) -> Self {
        let bits = 64 - n.max(2).saturating_sub(1).leading_zeros();
        let mut draw = Draw::new(seed, domain, n);
        Self {
            n,
            half: bits.div_ceil(2),
            keys: std::array::from_fn(|_| draw.bits()),
        }
    }

    /// Where `index`, which is below `n`, goes.
    pub(super) fn apply(&self, index: u64) -> u64 {
        let mask = (1u64 << self.half) - 1;
        let mut place = index;
        loop {
            let (mut left, mut right) = (place >> self.half, place & mask);
            for key in self.keys {
                (left, right) = (right, left ^ (mix(right ^ key) & mask));
            }
            place = left << self.half | right;
            if place < self.n {
                return place;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_permutation_meets_every_place_once(seed in any::<u64>(), n in 1u64..3000) {
            let permutation = Permutation::new(seed, 1, n);
            let mut met: Vec<u64> = (0..n).map(|i| permutation.apply(i)).collect();
            met.sort_unstable();
            prop_assert_eq!(met, (0..n).collect::<Vec<_>>());
        }

        #[test]
        fn draws_stay_in_their_bounds(seed in any::<u64>(), low in -50i32..50, width in 0i32..90) {
            let mut draw = Draw::new(seed, 2, 3);
            for _ in 0..50 {
                prop_assert!((low..=low + width).contains(&draw.range(low, low + width)));
                prop_assert!(draw.below(7) < 7);
                prop_assert!((122..=8618).contains(&draw.log_normal()));
            }
        }
    }

    #[test]
    fn weights_are_followed() {
        let mut draw = Draw::new(5, 6, 7);
        let mut counts = [0u32; 3];
        for _ in 0..30_000 {
            counts[draw.weighted([1, 0, 2].into_iter())] += 1;
        }
        assert!(
            counts[1] == 0 && counts[0] > 9_000 && counts[2] > 19_000,
            "{counts:?}"
        );
    }
}
