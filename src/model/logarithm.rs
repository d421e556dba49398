//! Logarithms of whole amounts, in whole thousandths, by integer arithmetic alone.
//!
//! In: an amount. Out: `floor(1000 ln(1 + amount))`. Must hold: the same on every machine - a
//! mathematical library's `ln` may differ in its last bit - and never decreasing.

/// Bits of the logarithm's fraction that count.
const FRACTION: u32 = 40;
/// Bits of it that nearly always decide: the others then need not be computed.
const DECIDING: u32 = 16;
/// ln 2 in units of 2^-64.
const LN_2: u128 = 0xB172_17F7_D1CF_79AB;

/// `floor(1000 ln(1 + amount))`: thousandths of ln, between 0 and 43,668. Negative amounts are
/// taken as 0.
///
/// The logarithm to base 2 is found bit by bit, by squaring, and is below the true one by less than
/// 2^-39; so the result is one too low where the true value exceeds a whole number by less than
/// 2 parts in 10^9.
///
/// ```
/// use fundwatch::model::thousandths_of_ln;
/// assert_eq!(thousandths_of_ln(0), 0);
/// assert_eq!(thousandths_of_ln(1_000_000), 13_815); // ln 1,000,001 = 13.8155...
/// ```
pub fn thousandths_of_ln(amount: i64) -> i32 {
    const REST: u32 = FRACTION - DECIDING;
    let mut log2 = Log2::of(u64::try_from(amount).unwrap_or(0).saturating_add(1));
    log2.refine(DECIDING);
    // Whatever the other bits are, the logarithm is between these two.
    let low = of_log2(log2.bits << REST);
    let high = of_log2(((log2.bits + 1) << REST) - 1);
    if low == high {
        return low;
    }
    log2.refine(REST);
    of_log2(log2.bits)
}

/// A logarithm to base 2 of which some bits are known.
struct Log2 {
    /// Its whole part and the first bits of its fraction.
    bits: u64,
    /// 2 to the power of what is left, in [1, 2), in units of 2^-63.
    mantissa: u64,
}

impl Log2 {
    /// The whole part of the logarithm of a number of at least 1.
    fn of(number: u64) -> Self {
        let whole = number.ilog2();
        Self {
            bits: u64::from(whole),
            mantissa: number << (63 - whole),
        }
    }

    /// Finds so many more bits.
    fn refine(&mut self, bits: u32) {
        for _ in 0..bits {
            // In [1, 4), in units of 2^-63.
            let square = (u128::from(self.mantissa) * u128::from(self.mantissa)) >> 63;
            let bit = (square >> 64) as u64;
            self.bits = self.bits << 1 | bit;
            self.mantissa = (square >> bit) as u64;
        }
    }
}

/// Whole thousandths of ln, of a logarithm to base 2 in units of 2^-40.
fn of_log2(log2: u64) -> i32 {
    // At most 2^46 · 2^64 · 1000 < 2^120.
    let thousandths = (u128::from(log2) * LN_2 * 1000) >> (64 + FRACTION);
    i32::try_from(thousandths).expect("1000 ln 2^63 is below 43,669")
}

/// The smallest amount with this logarithm: what a figure in thousandths of ln stands for in dong.
/// At most [`i64::MAX`].
pub fn amount_of_thousandths(thousandths: i32) -> i64 {
    let (mut low, mut high) = (0, i64::MAX);
    while low < high {
        let middle = low + (high - low) / 2;
        if thousandths_of_ln(middle) >= thousandths {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ends_are_defined() {
        assert_eq!(thousandths_of_ln(i64::MIN), 0);
        assert_eq!(thousandths_of_ln(0), 0);
        assert_eq!(thousandths_of_ln(1), 693);
        assert_eq!(thousandths_of_ln(i64::MAX), 43_668);
        assert_eq!(amount_of_thousandths(0), 0);
        assert_eq!(amount_of_thousandths(i32::MAX), i64::MAX);
    }

    proptest! {
        #[test]
        fn the_deciding_bits_decide_as_all_do(shift in 0u32..63, bits: i64) {
            let amount = (bits & i64::MAX) >> shift;
            let mut log2 = Log2::of(amount as u64 + 1);
            log2.refine(FRACTION);
            prop_assert_eq!(thousandths_of_ln(amount), of_log2(log2.bits));
        }

        #[test]
        fn it_is_the_logarithm(shift in 0u32..63, bits: i64) {
            let amount = (bits & i64::MAX) >> shift;
            let float = (1000.0 * (amount as f64).ln_1p()).floor() as i32;
            let exact = thousandths_of_ln(amount);
            prop_assert!((exact - float).abs() <= 1, "{exact} {float}");
            prop_assert!(exact <= thousandths_of_ln(amount.saturating_add(1)));
        }

        #[test]
        fn amounts_are_the_smallest(thousandths in 1i32..43_600) {
            let amount = amount_of_thousandths(thousandths);
            prop_assert!(thousandths_of_ln(amount) >= thousandths);
            prop_assert!(thousandths_of_ln(amount - 1) < thousandths);
        }
    }
}
