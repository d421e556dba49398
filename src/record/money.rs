//! Dong, exactly: thousandths as an integer.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

use serde::{Deserialize, Serialize};

use super::cell::{Kind, Value, write_displayed};
use super::error::ErrorCode;

/// An amount in thousandths of a dong. Never floating point.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Money(i64);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// Thousandths in a dong.
    pub const THOUSANDTHS: i64 = 1000;

    /// An amount of whole dong.
    ///
    /// # Panics
    /// Beyond ±9.2e15 dong.
    pub const fn dong(dong: i64) -> Self {
        Self(dong * Self::THOUSANDTHS)
    }

    /// An amount of thousandths.
    pub const fn from_thousandths(thousandths: i64) -> Self {
        Self(thousandths)
    }

    /// Thousandths of a dong.
    pub const fn thousandths(self) -> i64 {
        self.0
    }

    /// The distance from zero, which cannot overflow.
    pub fn magnitude(self) -> u64 {
        self.0.unsigned_abs()
    }

    /// The sum, or the nearest amount that can be told.
    pub fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference, or the nearest amount that can be told.
    pub fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// `digits` × 10^-`scale` dong, when that is a whole number of thousandths.
    fn scaled(digits: i128, scale: i32) -> Option<Self> {
        let shift = 3 - scale;
        let unit = 10i128.checked_pow(shift.unsigned_abs())?;
        let thousandths = if shift >= 0 {
            digits.checked_mul(unit)?
        } else if digits % unit == 0 {
            digits / unit
        } else {
            return None;
        };
        i64::try_from(thousandths).ok().map(Self)
    }
}

impl Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.saturating_add(other)
    }
}

impl Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.saturating_sub(other)
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl std::iter::Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (dong, rest) = (self.magnitude() / 1000, self.magnitude() % 1000);
        write!(f, "{sign}{dong}")?;
        if rest != 0 {
            let digits = format!("{rest:03}");
            write!(f, ".{}", digits.trim_end_matches('0'))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Value for Money {
    const KIND: Kind = Kind::Money;
    const EXPECTED: &'static str = "expected an amount in dong with up to 3 decimal places";
    const CODE: ErrorCode = ErrorCode::BadMoney;

    fn from_text(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "000"));
        let exact = |d: &str| d.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty()
            || whole.len() > 18
            || fraction.is_empty()
            || fraction.len() > 3
            || !exact(whole)
            || !exact(fraction)
        {
            return None;
        }
        let mut value: i128 = whole.parse().ok()?;
        for digit in fraction.bytes() {
            value = value * 10 + i128::from(digit - b'0');
        }
        Self::scaled(if negative { -value } else { value }, fraction.len() as i32)
    }

    fn write(&self, out: &mut String) {
        write_displayed(self, out);
    }

    fn from_number(text: &str) -> Option<Self> {
        if let Some(money) = Self::from_text(text) {
            return Some(money);
        }
        // A JSON number may carry an exponent: 1.5E7 is 15 000 000 dong, exactly.
        let (mantissa, exponent) = text.split_once(['e', 'E'])?;
        let exponent: i32 = exponent
            .strip_prefix('+')
            .unwrap_or(exponent)
            .parse()
            .ok()?;
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if fraction.len() > 18 || exponent.abs() > 18 {
            return None;
        }
        let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
        Self::scaled(digits, fraction.len() as i32 - exponent)
    }

    fn from_int(value: i64) -> Option<Self> {
        value.checked_mul(Self::THOUSANDTHS).map(Self)
    }

    fn from_decimal(value: i128, scale: i8) -> Option<Self> {
        Self::scaled(value, i32::from(scale))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_are_exact_or_refused() {
        let read = |t: &str| Money::from_text(t).map(Money::thousandths);
        assert_eq!(read("0"), Some(0));
        assert_eq!(read("12.5"), Some(12_500));
        assert_eq!(read("-0.001"), Some(-1));
        for bad in [
            "",
            "-",
            ".5",
            "5.",
            "1.2345",
            "1,000",
            "1e3",
            "+1",
            "1.-2",
            "--1",
            "9999999999999999999",
            "0x1",
            "١",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(Money::from_number("1.5E7"), Some(Money::dong(15_000_000)));
        assert_eq!(Money::from_number("1e-3").map(Money::thousandths), Some(1));
        assert_eq!(Money::from_number("1e-4"), None);
        assert_eq!(Money::from_decimal(1_250_000, 4), Some(Money::dong(125)));
        assert_eq!(Money::from_decimal(1, 4), None);
    }

    proptest! {
        #[test]
        fn money_prints_as_it_is_read(thousandths in -9_000_000_000_000_000_000i64..9_000_000_000_000_000_000) {
            let money = Money::from_thousandths(thousandths);
            prop_assert_eq!(Money::from_text(&money.to_string()), Some(money));
        }

        #[test]
        fn no_text_makes_money_panic(text in ".{0,30}") {
            let _ = (Money::from_text(&text), Money::from_number(&text));
        }
    }
}
