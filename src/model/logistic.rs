//! The logistic function on whole thousandths of log-odds, by integer arithmetic alone.
//!
//! In: log-odds in thousandths. Out: a probability as a whole number of parts. Must hold: the same
//! on every machine - a mathematical library's `exp` may differ in its last bit - never decreasing,
//! and symmetric: what is probable at `x` and at `-x` adds up to 1.

/// 1 in units of 2^-63.
const ONE: u64 = 1 << 63;
/// e^-0.001 in units of 2^-63.
const DECAY: u64 = 0x7FDF_3F95_BC6A_76E9;
/// Bits of a [fine probability](fine_probability).
pub(super) const FINE_BITS: u32 = 30;
/// From here on, fine probabilities differ from 1 by less than a part.
pub(super) const SATURATED: i32 = 21_500;

/// The probability of log-odds given in whole thousandths, in ten-thousandths: between 0 and
/// 10,000, rounded to the nearest.
///
/// ```
/// use fundwatch::model::probability;
/// assert_eq!(probability(0), 5000);
/// assert_eq!(probability(1000), 7311); // 1 / (1 + e^-1) = 0.73106
/// assert_eq!(probability(-3178), 400); // 4 % of rows
/// ```
pub fn probability(log_odds: i32) -> u16 {
    u16::try_from(parts_of(log_odds, 10_000)).expect("at most 10,000")
}

/// The probability of log-odds given in whole thousandths, in units of 2^-30.
pub(super) fn fine_probability(log_odds: i32) -> u32 {
    parts_of(log_odds, 1 << FINE_BITS)
}

/// The least log-odds, in whole thousandths within ±[`SATURATED`], whose
/// [fine probability](fine_probability) is not below this one.
pub(super) fn log_odds_of(fine: u32) -> i32 {
    let (mut low, mut high) = (-SATURATED, SATURATED);
    while low < high {
        let middle = (low + high).div_euclid(2);
        if fine_probability(middle) >= fine {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

/// How many parts of a whole the probability is, rounded to the nearest.
fn parts_of(log_odds: i32, whole: u32) -> u32 {
    // 1 / (1 + e^-|x|), at least one half.
    let divisor = u128::from(ONE) + u128::from(decay(log_odds.unsigned_abs()));
    let parts = ((u128::from(whole) << 63) + divisor / 2) / divisor;
    let parts = u32::try_from(parts).expect("no more parts than the whole");
    if log_odds < 0 { whole - parts } else { parts }
}

/// e to the power of so many negative thousandths, in units of 2^-63, by repeated squaring. For as
/// long as it counts, it is too low by less than one part in 10^14.
fn decay(mut thousandths: u32) -> u64 {
    // Both factors are at most 2^63, and so is the product.
    let product = |a: u64, b: u64| ((u128::from(a) * u128::from(b)) >> 63) as u64;
    let (mut power, mut factor) = (ONE, DECAY);
    while thousandths > 0 {
        if thousandths & 1 == 1 {
            power = product(power, factor);
        }
        factor = product(factor, factor);
        thousandths >>= 1;
    }
    power
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_probability_is_the_nearest() {
        let mut before = 0;
        for log_odds in -30_000..=30_000 {
            let exact = 10_000.0 / (1.0 + (-f64::from(log_odds) / 1000.0).exp());
            let parts = probability(log_odds);
            // Nothing between here and there is within 10^-9 of a half.
            assert!((f64::from(parts) - exact).abs() < 0.5 + 1e-9, "{log_odds}");
            assert!(parts >= before);
            assert_eq!(parts + probability(-log_odds), 10_000);
            before = parts;
        }
    }

    #[test]
    fn ends_are_defined() {
        assert_eq!(probability(i32::MIN), 0);
        assert_eq!(probability(i32::MAX), 10_000);
        assert_eq!(probability(0), 5000);
        assert_eq!(fine_probability(0), 1 << 29);
        assert_eq!(fine_probability(SATURATED), 1 << 30);
        assert_eq!(fine_probability(i32::MIN), 0);
        assert_eq!(log_odds_of(0), -SATURATED);
        assert_eq!(log_odds_of(1 << 29), 0);
        assert!((20_000..=SATURATED).contains(&log_odds_of(1 << 30)));
    }

    proptest! {
        #[test]
        fn it_never_decreases(log_odds: i32) {
            let next = log_odds.saturating_add(1);
            prop_assert!(probability(log_odds) <= probability(next));
            prop_assert!(fine_probability(log_odds) <= fine_probability(next));
        }

        #[test]
        fn log_odds_are_the_least(log_odds in -13_000i32..13_000) {
            // Here, each thousandth has a probability of its own.
            prop_assert_eq!(log_odds_of(fine_probability(log_odds)), log_odds);
        }
    }
}
