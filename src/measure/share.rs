//! A share: how many of how many.

use serde::{Deserialize, Serialize};

/// How many of how many. Written with its ratio, which is computed from the two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Share {
    /// How many.
    pub count: u64,
    /// Of how many.
    pub of: u64,
}

#[derive(Serialize, Deserialize)]
struct Written {
    count: u64,
    of: u64,
    #[serde(default)]
    ratio: Option<f64>,
}

/// Places of a ratio: millionths.
const MILLIONTHS: u128 = 1_000_000;

impl Share {
    /// `count` of `of`.
    pub fn new(count: u64, of: u64) -> Self {
        Self { count, of }
    }

    /// The rest.
    pub fn rest(self) -> Self {
        Self::new(self.of.saturating_sub(self.count), self.of)
    }

    /// The sum of both parts.
    pub fn plus(self, other: Self) -> Self {
        Self::new(self.count + other.count, self.of + other.of)
    }

    /// The ratio, from 0 to 1, to the millionth below; none of nothing.
    pub fn ratio(self) -> Option<f64> {
        // Below, so that a share that is not whole never reads as 1.
        let millionths = (u128::from(self.count) * MILLIONTHS).checked_div(u128::from(self.of))?;
        Some(millionths as f64 / MILLIONTHS as f64)
    }

    /// Above which, with 95 % certainty, the true share is not: the upper end of Wilson's interval (E. B.
    /// Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22, 1927). Few
    /// rows leave it near 1, so that shares of different sizes can be put in order. 1 of nothing.
    pub fn at_most(self) -> f64 {
        const Z: f64 = 1.959_964;
        if self.of == 0 {
            return 1.0;
        }
        let n = self.of as f64;
        let p = self.count as f64 / n;
        let middle = p + Z * Z / (2.0 * n);
        let spread = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).max(0.0).sqrt();
        ((middle + spread) / (1.0 + Z * Z / n)).min(1.0)
    }
}

impl From<Share> for Written {
    fn from(share: Share) -> Self {
        Self {
            count: share.count,
            of: share.of,
            ratio: share.ratio(),
        }
    }
}

impl From<Written> for Share {
    fn from(written: Written) -> Self {
        Self::new(written.count, written.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_written_with_its_ratio() {
        let written = |share: Share| serde_json::to_string(&share).expect("JSON");
        assert_eq!(
            written(Share::new(2, 3)),
            r#"{"count":2,"of":3,"ratio":0.666666}"#
        );
        assert_eq!(
            written(Share::new(0, 0)),
            r#"{"count":0,"of":0,"ratio":null}"#
        );
        assert_eq!(Share::new(u64::MAX - 1, u64::MAX).ratio(), Some(0.999999));
        let read: Share = serde_json::from_str(&written(Share::new(2, 3))).expect("a share");
        assert_eq!(read, Share::new(2, 3));
    }

    #[test]
    fn few_rows_say_little() {
        // From the formula, by hand: 0 of 1 and 50 of 100.
        assert!((Share::new(0, 1).at_most() - 0.793_45).abs() < 1e-4);
        assert!((Share::new(50, 100).at_most() - 0.596_16).abs() < 1e-4);
        assert_eq!(Share::new(0, 0).at_most(), 1.0);
        assert!(Share::new(0, 1).at_most() > Share::new(50, 100).at_most());
        assert!(Share::new(5, 5).at_most() <= 1.0);
    }
}
