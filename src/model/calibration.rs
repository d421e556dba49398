//! From a distance to a p-value, and to a score between 0 and 1: split-conformal calibration.
//!
//! In: distances of claims that the model was not fitted on. Out: for a distance, its conformal p-value,
//! and one minus it; for an alert budget, the level that keeps to it. Must hold: a greater distance never
//! has a lower score; integers throughout.

use serde::{Deserialize, Serialize};

use super::binomial::most_improbable_successes;
use super::logarithm::thousandths_of_ln;
use super::p_value::PValue;
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
///
/// # Level
/// Alert the claims with at most `j` calibration distances at or above their own. If that were more than a
/// share `b` of all ordinary claims, then at most `j` of the `n` that calibrate would lie among their
/// farthest share `b`, which has the binomial probability `P(Bin(n, b) <= j)`: the bound of Clopper &
/// Pearson (Biometrika 26, 1934). [`Calibration::certified`] takes the greatest `j` for which that is at
/// most 5 %.
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
    /// The least distance, then by how much each exceeds the one before it, so that they take little room.
    distances: Vec<u64>,
}

/// The probability with which a certified level may be wrong, in millionths.
const RISK: u32 = 50_000;

/// Distances above this are taken as this, so that nothing overflows.
const FARTHEST: u64 = 1 << 48;

impl Calibration {
    /// The most distances: p-values in millionths tell them all apart.
    pub const MOST: usize = 100_000;

    /// Calibrates on distances, in any order; none without distances, or with more than 100,000.
    pub fn new(mut distances: Vec<u64>) -> Option<Self> {
        if distances.len() > Self::MOST {
            return None;
        }
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

    /// The conformal p-value of a distance.
    pub fn p_value(&self, distance: u64) -> PValue {
        let below = self
            .distances
            .partition_point(|calibrated| *calibrated < distance);
        let all = self.distances.len();
        PValue::of((all - below) as u64 + 1, all as u64 + 1)
    }

    /// The level below which a p-value is to raise an alert, so that at most a share of all ordinary claims -
    /// the budget, in millionths - are alerted: with 95 % confidence over what the calibration claims
    /// happened to be. None, where they are too few to promise it: it takes 3 over the budget.
    pub fn certified(&self, budget: u32) -> Option<PValue> {
        let all = self.distances.len() as u64;
        let most = most_improbable_successes(all, budget, RISK)?;
        // An alert is what has at most so many calibration distances at or above its own.
        Some(PValue::of((most + 2).min(all + 1), all + 1))
    }

    /// The greatest distance whose p-value is at least a level; none, where that of no distance is.
    pub fn farthest_within(&self, level: PValue) -> Option<u64> {
        let is_within = |distance: &u64| self.p_value(*distance) >= level;
        let within = self.distances.partition_point(is_within);
        within.checked_sub(1).map(|last| self.distances[last])
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
        let Stored {
            tail,
            mut distances,
        } = stored;
        if !(1..=Calibration::MOST).contains(&distances.len()) {
            return Err("a calibration has at least one distance, and at most 100,000");
        }
        let mut farthest = 0u64;
        for distance in &mut distances {
            farthest = farthest.saturating_add(*distance);
            *distance = farthest;
        }
        if farthest > FARTHEST {
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
            mut distances,
            tail,
            ..
        } = calibration;
        for place in (1..distances.len()).rev() {
            distances[place] -= distances[place - 1];
        }
        Self { tail, distances }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{RngCore, SeedableRng};

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
    fn p_values_and_levels_are_shares_of_the_calibration() {
        let calibration = Calibration::new((1..=9999).collect()).unwrap();
        let p = |distance| calibration.p_value(distance).millionths();
        assert_eq!((p(0), p(1), p(5001)), (1_000_000, 1_000_000, 500_000));
        assert_eq!((p(9999), p(10_000), p(u64::MAX)), (200, 100, 100));
        // P(Bin(9999, 0.001) <= 4) is 0.029, and <= 5 it is 0.067: alerts have at most 4 at or above them.
        let level = calibration.certified(1000).unwrap();
        assert_eq!(level.millionths(), 600);
        assert!(calibration.p_value(9996) < level && calibration.p_value(9995) >= level);
        assert_eq!(calibration.farthest_within(level), Some(9995));
        assert_eq!(calibration.farthest_within(PValue::ONE), Some(1));
        // 3 / 9999 is 300 millionths.
        assert!(calibration.certified(300).is_some() && calibration.certified(299).is_none());
        assert_eq!(calibration.certified(0), None);
        assert!(calibration.certified(1_000_000).is_some());
        let few = Calibration::new(vec![1]).unwrap();
        assert_eq!(few.certified(1000), None);
        assert_eq!(few.farthest_within(PValue::ONE), Some(1));
    }

    /// What a level promises is kept in 95 of 100 draws of the calibration claims, and not by far more.
    #[test]
    fn a_certified_level_keeps_to_its_budget_as_often_as_it_says() {
        let mut generator = ChaCha8Rng::seed_from_u64(4);
        let mut kept = 0;
        const DRAWS: u32 = 1000;
        const RANGE: u64 = 1 << 40;
        for _ in 0..DRAWS {
            let draw = |_| generator.next_u64() % RANGE;
            let calibration = Calibration::new((0..2000).map(draw).collect()).unwrap();
            let level = calibration.certified(10_000).unwrap();
            let threshold = calibration.farthest_within(level).unwrap();
            // Distances are uniform: this is the share of all that lie beyond.
            let alerted = 1.0 - threshold as f64 / RANGE as f64;
            kept += u32::from(alerted <= 0.01);
        }
        assert!((930..=985).contains(&kept), "{kept} of {DRAWS}");
    }

    /// On claims of the same kind, a share `alpha` has a p-value of at most `alpha`.
    #[test]
    fn p_values_are_valid() {
        let mut generator = ChaCha8Rng::seed_from_u64(5);
        // Few distinct distances of skewed shares, so that many tie.
        let mut draw = |_| {
            let word = generator.next_u64();
            (word % 1000) * (word >> 32 & 1023)
        };
        const CALIBRATED: usize = 5000;
        const NEW: u32 = 20_000;
        let calibration = Calibration::new((0..CALIBRATED).map(&mut draw).collect()).unwrap();
        let p: Vec<PValue> = (0..NEW as usize)
            .map(draw)
            .map(|d| calibration.p_value(d))
            .collect();
        for alpha in [10_000, 50_000, 100_000] {
            let found =
                p.iter().filter(|p| p.millionths() <= alpha).count() as f64 / f64::from(NEW);
            let alpha = f64::from(alpha) / 1e6;
            // Four standard errors, of the calibration and of the new claims together.
            let error =
                (alpha * (1.0 - alpha) * (1.0 / CALIBRATED as f64 + 1.0 / f64::from(NEW))).sqrt();
            assert!((found - alpha).abs() < 4.0 * error, "{found} for {alpha}");
        }
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
            r#"{"tail":1,"distances":[-1]}"#,
            r#"{"tail":1,"distances":[1,281474976710656]}"#,
            r#"{"tail":1,"distances":[18446744073709551615]}"#,
            r#"{"tail":1,"distances":[18446744073709551615,18446744073709551615]}"#,
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
            prop_assert!(probes.iter().rev().map(|d| calibration.p_value(*d)).is_sorted());
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
