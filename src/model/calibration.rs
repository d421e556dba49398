//! From a distance to a score between 0 and 1: split-conformal calibration.
//!
//! In: distances of claims that the model was not fitted on. Out: for a distance, one minus its
//! conformal p-value. Must hold: a greater distance never has a lower score; integers throughout.

use serde::{Deserialize, Serialize};

use super::logarithm::thousandths_of_ln;
use super::score::Score;

/// Distances of held-out claims, and how fast they thin out at the top.
///
/// # Body
/// With `n` calibration distances of which `c` are at least `d`, the conformal p-value of `d` is
/// `(1 + c) / (n + 1)`: among claims exchangeable with the calibration set at most a share `p` has
/// a p-value of `p` or less (Bates, Candès, Lei, Romano & Sesia: *Testing for outliers with
/// conformal p-values*, Annals of Statistics 51, 2023). The score is `1 - p`, rounded down.
/// Outliers in the calibration set make it conservative: scores are lower than they might be.
///
/// # Tail
/// Beyond the greatest calibration distance every p-value is `1 / (n + 1)`. So that a queue can
/// still be ordered there, it is continued by `exp(-(d - greatest) / tail) / (n + 1)`, where `tail`
/// is the mean excess of the calibration distances over their 98th percentile. That part is an
/// extrapolation, not a p-value. The score is 1 once it falls below 0.00005.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Calibration {
    /// Ascending, at least one.
    distances: Vec<u64>,
    /// Mean excess, at least 1.
    tail: u64,
    /// Ascending: the excess over the greatest distance at which the score rises by another
    /// ten-thousandth, from the body's highest to 1.
    steps: Vec<u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    tail: u64,
    distances: Vec<u64>,
}

/// Distances above this are taken as this, so that nothing overflows.
const FARTHEST: u64 = 1 << 48;

impl Calibration {
    /// Calibrates on distances, in any order; none without distances.
    pub fn new(mut distances: Vec<u64>) -> Option<Self> {
        for distance in &mut distances {
            *distance = FARTHEST.min(*distance);
        }
        distances.sort_unstable();
        let above = &distances[distances.len() * 98 / 100..];
        let threshold = *above.first()?;
        let excess: u64 = above.iter().map(|distance| distance - threshold).sum();
        let tail = (excess / above.len() as u64).max(1);
        Some(Self {
            steps: steps(distances.len() as u64, tail),
            distances,
            tail,
        })
    }

    /// Number of calibration distances.
    pub fn size(&self) -> usize {
        self.distances.len()
    }

    /// The mean excess of the distances over their 98th percentile, which the tail is made of.
    pub fn tail(&self) -> u64 {
        self.tail
    }

    /// The distance at or below which lies a share of the calibration distances, in hundredths.
    pub fn percentile(&self, hundredths: usize) -> u64 {
        let last = self.distances.len() - 1;
        self.distances[last.saturating_mul(hundredths.min(100)) / 100]
    }

    /// The score of a distance.
    pub fn score(&self, distance: u64) -> Score {
        let below = self
            .distances
            .partition_point(|calibrated| *calibrated < distance);
        let all = self.distances.len();
        let ten_thousandths = if below < all {
            10_000 * below as u64 / (all as u64 + 1)
        } else {
            let excess = distance - self.distances[all - 1];
            let reached = self.steps.partition_point(|step| *step <= excess);
            (10_000 - self.steps.len() + reached) as u64
        };
        let ten_thousandths = u16::try_from(ten_thousandths).ok().and_then(Score::new);
        ten_thousandths.expect("a share of ten thousand is at most ten thousand")
    }
}

/// The excesses at which the tail's p-value falls to each ten-thousandth below the body's least,
/// and at last to half of one.
fn steps(size: u64, tail: u64) -> Vec<u64> {
    let body = 10_000 * size / (size + 1);
    let halves = (body + 1..=10_000).map(|score| (2 * (10_000 - score)).max(1));
    let step = |halves| {
        // tail · ln(p-value of the body / p-value of the step), where the p-values are
        // 1 / (size + 1) and halves / 20,000.
        let ln = |number: u64| i64::from(thousandths_of_ln(number as i64 - 1));
        let ratio = ln(20_000) - ln(size + 1) - ln(halves);
        let excess = u128::from(tail) * u128::from(ratio.max(0).unsigned_abs());
        // The tail is at most 2^48 and the ratio below 2^14.
        (excess.div_ceil(1000) as u64).max(1)
    };
    halves.map(step).collect()
}

impl TryFrom<Stored> for Calibration {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        let Stored { tail, distances } = stored;
        let Some(farthest) = distances.last() else {
            return Err("a calibration has at least one distance");
        };
        if *farthest > FARTHEST || distances.len() > 1 << 32 || !distances.is_sorted() {
            return Err("the distances of a calibration ascend to at most 2^48");
        }
        if !(1..=FARTHEST).contains(&tail) {
            return Err("the tail of a calibration is 1 to 2^48");
        }
        Ok(Self {
            steps: steps(distances.len() as u64, tail),
            distances,
            tail,
        })
    }
}

impl From<Calibration> for Stored {
    fn from(calibration: Calibration) -> Self {
        let Calibration {
            distances, tail, ..
        } = calibration;
        Self { tail, distances }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_body_is_the_conformal_p_value() {
        let calibration = Calibration::new((1..=999).collect()).unwrap();
        assert_eq!(calibration.score(0), Score::new(0).unwrap());
        assert_eq!(calibration.score(1), Score::new(0).unwrap());
        assert_eq!(calibration.score(501), Score::new(5000).unwrap());
        assert_eq!(calibration.score(999), Score::new(9980).unwrap());
        // The tail is 9, and 1 - exp(-1 / 9) / 1000 = 0.99910.
        assert_eq!(calibration.score(1000), Score::new(9991).unwrap());
    }

    #[test]
    fn the_tail_is_exponential() {
        let calibration = Calibration::new((0..999).map(|d| d * 1000).collect()).unwrap();
        for excess in 1..80 {
            let excess = excess * 1000;
            let p = (-(excess as f64) / calibration.tail() as f64).exp() / 1000.0;
            let exact = ((1.0 - p) * 10_000.0).floor();
            let score = f64::from(calibration.score(998_000 + excess).ten_thousandths());
            let expected = if p < 0.000_05 { 10_000.0 } else { exact };
            assert!(
                (score - expected).abs() <= 1.0,
                "{excess}: {score}, not {expected}"
            );
        }
    }

    #[test]
    fn a_stored_calibration_is_checked() {
        for bad in [
            r#"{"tail":1,"distances":[]}"#,
            r#"{"tail":0,"distances":[1]}"#,
            r#"{"tail":1,"distances":[2,1]}"#,
            r#"{"tail":1,"distances":[18446744073709551615]}"#,
        ] {
            assert!(serde_json::from_str::<Calibration>(bad).is_err(), "{bad}");
        }
        assert_eq!(Calibration::new(Vec::new()), None);
    }

    proptest! {
        #[test]
        fn scores_grow_with_distance_and_survive_storage(
            distances in proptest::collection::vec(0u64..5000, 1..300),
            mut probes in proptest::collection::vec(any::<u64>().prop_map(|d| d >> (d % 64)), 1..50),
        ) {
            let calibration = Calibration::new(distances.clone()).unwrap();
            let json = serde_json::to_string(&calibration).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Calibration>(&json).unwrap(), &calibration);
            probes.extend(&distances);
            probes.sort_unstable();
            prop_assert!(probes.iter().map(|d| calibration.score(*d)).is_sorted());
            // Validity: at most a share p of the calibration set itself has 1 - p or more.
            for probe in probes {
                let p = 10_000 - u64::from(calibration.score(probe).ten_thousandths());
                let least = distances.iter().filter(|d| **d >= probe).count() as u64 + 1;
                if least > 1 {
                    prop_assert!(p * (distances.len() as u64 + 1) >= 10_000 * least);
                }
            }
        }
    }
}
