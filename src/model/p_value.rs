//! The conformal p-value of a claim, in whole millionths.
//!
//! In: a share. Out: the same. Must hold: it is above 0 and at most 1; a small one is rounded up, so that
//! no claim looks rarer than it is.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Among ordinary claims, the share that is at least as unlike the others as this one: 0.000001 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct PValue(u32);

impl PValue {
    /// Like all others.
    pub const ONE: Self = Self(1_000_000);

    /// The p-value of so many millionths, if it is above 0 and at most 1.
    pub const fn new(millionths: u32) -> Option<Self> {
        if 0 < millionths && millionths <= Self::ONE.0 {
            Some(Self(millionths))
        } else {
            None
        }
    }

    /// A share of a whole, rounded up; above 0 and at most 1.
    pub(super) fn of(part: u64, whole: u64) -> Self {
        let millionths = (u128::from(part) * u128::from(Self::ONE.0)).div_ceil(whole.max(1).into());
        let millionths = millionths.clamp(1, Self::ONE.0.into());
        Self(u32::try_from(millionths).expect("it was clamped"))
    }

    /// The p-value in millionths, 1 to 1,000,000.
    pub const fn millionths(self) -> u32 {
        self.0
    }
}

impl fmt::Display for PValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06}", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}

impl TryFrom<u32> for PValue {
    type Error = &'static str;

    fn try_from(millionths: u32) -> Result<Self, Self::Error> {
        Self::new(millionths).ok_or("a p-value is 1 to 1,000,000 millionths")
    }
}

impl From<PValue> for u32 {
    fn from(p: PValue) -> Self {
        p.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_up_and_stay_in_range() {
        assert_eq!(PValue::of(1, 3).millionths(), 333_334);
        assert_eq!(PValue::of(1, u64::MAX).millionths(), 1);
        assert_eq!(PValue::of(7, 7), PValue::ONE);
        assert_eq!(PValue::of(0, 0).millionths(), 1);
        assert_eq!((PValue::new(0), PValue::new(1_000_001)), (None, None));
        assert_eq!(PValue::of(1, 1000).to_string(), "0.001000");
        assert_eq!(serde_json::to_string(&PValue::ONE).unwrap(), "1000000");
        for bad in ["0", "1000001", "-1", "0.5"] {
            assert!(serde_json::from_str::<PValue>(bad).is_err(), "{bad}");
        }
    }
}
