//! Sums of binomial probabilities by integers alone.
//!
//! In: trials, a probability in millionths, a limit. Out: how many successes are too few to be chance.
//! Must hold: the same on every machine; no number of trials overflows or vanishes.

/// A number above 0, as 64 significant bits and a power of two; products and quotients are rounded up
/// by less than 2^-60 of themselves.
#[derive(Clone, Copy)]
struct Scaled {
    /// Its highest bit is set.
    bits: u64,
    /// The number is `bits` · 2^`exponent`.
    exponent: i64,
}

impl Scaled {
    fn new(number: u128, exponent: i64) -> Self {
        let shift = 64 - i64::from(number.max(1).leading_zeros());
        if shift <= 0 {
            // `number` fits 64 bits.
            let bits = (number as u64) << (-shift).min(63);
            return Self {
                bits,
                exponent: exponent + shift,
            };
        }
        let bits = (number >> shift) as u64;
        // Rounded up; where that overflows, the next power of two.
        match bits.checked_add(1) {
            Some(bits) => Self {
                bits,
                exponent: exponent + shift,
            },
            None => Self {
                bits: 1 << 63,
                exponent: exponent + shift + 1,
            },
        }
    }

    fn times(self, other: Self) -> Self {
        let product = u128::from(self.bits) * u128::from(other.bits);
        Self::new(product, self.exponent + other.exponent)
    }

    /// `self` · `number` / `divisor`, neither of them 0.
    fn times_ratio(self, number: u64, divisor: u64) -> Self {
        let number = Self::new(number.into(), 0);
        let product = u128::from(self.bits) * u128::from(number.bits);
        let quotient = (product / u128::from(divisor)).max(1);
        Self::new(quotient, self.exponent + number.exponent)
    }

    fn plus(self, other: Self) -> Self {
        let (large, small) = if (self.exponent, self.bits) >= (other.exponent, other.bits) {
            (self, other)
        } else {
            (other, self)
        };
        let apart = large.exponent - small.exponent;
        let small = if apart < 64 { small.bits >> apart } else { 0 };
        Self::new(u128::from(large.bits) + u128::from(small), large.exponent)
    }

    /// Whether it is above so many millionths.
    fn is_above_millionths(self, millionths: u64) -> bool {
        let limit = Self::new(u128::from(millionths) << 64, -64);
        let number = self.times_ratio(1_000_000, 1);
        (number.exponent, number.bits) > (limit.exponent, limit.bits)
    }

    fn to_the(self, mut power: u64) -> Self {
        let (mut square, mut result) = (self, Self::new(1, 0));
        while power > 0 {
            if power & 1 == 1 {
                result = result.times(square);
            }
            square = square.times(square);
            power >>= 1;
        }
        result
    }
}

/// The greatest number of successes whose probability to be met or fallen short of is at most
/// `limit` millionths, in so many trials that each succeed with `probability` millionths; none where
/// even no success is likelier.
pub(super) fn most_improbable_successes(trials: u64, probability: u32, limit: u32) -> Option<u64> {
    const ONE: u64 = 1_000_000;
    let probability = u64::from(probability).min(ONE);
    if probability == 0 {
        return None;
    }
    if probability == ONE {
        return trials.checked_sub(1);
    }
    let fails = Scaled::new(1, 0).times_ratio(ONE - probability, ONE);
    let mut term = fails.to_the(trials);
    let mut sum = term;
    let mut found = None;
    for successes in 0..trials {
        if sum.is_above_millionths(limit.into()) {
            break;
        }
        found = Some(successes);
        let next = term.times_ratio(trials - successes, successes + 1);
        term = next.times_ratio(probability, ONE - probability);
        sum = sum.plus(term);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same in floating point, by logarithms.
    fn probability(trials: u64, p: f64, most: u64) -> f64 {
        let ln_choose = |k: u64| -> f64 {
            (1..=k)
                .map(|i| ((trials - k + i) as f64 / i as f64).ln())
                .sum()
        };
        let terms = (0..=most)
            .map(|k| (ln_choose(k) + k as f64 * p.ln() + (trials - k) as f64 * (-p).ln_1p()).exp());
        terms.sum()
    }

    #[test]
    fn known_limits() {
        // (1 - 0.001)^n is at most 0.05 from n = 2995 on.
        assert_eq!(most_improbable_successes(2994, 1000, 50_000), None);
        assert_eq!(most_improbable_successes(2995, 1000, 50_000), Some(0));
        assert_eq!(most_improbable_successes(0, 1000, 50_000), None);
        assert_eq!(most_improbable_successes(10, 0, 50_000), None);
        assert_eq!(most_improbable_successes(10, 1_000_000, 50_000), Some(9));
        // Too small for a double, and nothing here.
        let many = most_improbable_successes(1_000_000, 500_000, 50_000).unwrap();
        assert!((499_100..499_250).contains(&many), "{many}");
    }

    proptest! {
        #[test]
        fn they_are_those_of_the_distribution(
            trials in 1u64..5000,
            millionths in 1u32..200_000,
            limit in 1_000u32..500_000,
        ) {
            let p = f64::from(millionths) / 1e6;
            let limit_share = f64::from(limit) / 1e6;
            match most_improbable_successes(trials, millionths, limit) {
                None => prop_assert!(probability(trials, p, 0) > limit_share - 1e-9),
                Some(most) => {
                    prop_assert!(probability(trials, p, most) < limit_share + 1e-9);
                    if most + 1 < trials {
                        prop_assert!(probability(trials, p, most + 1) > limit_share - 1e-9);
                    }
                }
            }
        }
    }
}
