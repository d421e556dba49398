//! How rare a raw score is among those of the training rows, so that scores of different kinds can
//! be added.
//!
//! In: raw scores of training rows. Out: for any raw score, minus the logarithm of the share of them
//! that is as high. Must hold: a higher raw score is never less surprising, and above the least
//! training score it is always more so.

use serde::{Deserialize, Serialize};

/// The highest scores, which are all kept.
const TOP: usize = 256;
/// How many points at most stand for the others.
const BODY: usize = 768;

/// The surprise of raw scores: `-ln p`, where `p` is the share of the training rows that score at
/// least as high, `(1 + count) / (1 + rows)`.
///
/// Between the scores that are kept - the highest ones, and evenly many of the others - surprise is
/// interpolated linearly. Above the highest it goes on at the rate at which the highest scores thin
/// out, the mean excess over their 98th percentile: an extrapolation, which orders rows but is no
/// share of anything. At and below the least training score it is 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub(super) struct Tail {
    stored: Stored,
    /// Of each score that is kept.
    surprise: Vec<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    /// Training rows.
    rows: u64,
    /// Raw scores, ascending, all different, at least one.
    scores: Vec<f64>,
    /// How many training rows score at least as high, descending.
    at_least: Vec<u64>,
    /// The rise of the raw score that divides `p` by e above the highest, above 0.
    fall: f64,
}

impl TryFrom<Stored> for Tail {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        let Stored {
            rows,
            scores,
            at_least,
            fall,
        } = &stored;
        if scores.is_empty() || scores.len() != at_least.len() {
            return Err("a tail has a count for each of its scores, at least one");
        }
        let ascending = scores.is_sorted_by(|a, b| a < b);
        // So that no difference of two overflows.
        if !ascending || !scores.iter().all(|score| score.abs() <= 1e300) {
            return Err("the scores of a tail ascend within 1e300");
        }
        let descending = at_least.is_sorted_by(|a, b| a > b);
        if !descending || at_least[0] != *rows || *rows > 1 << 53 || at_least.last() < Some(&1) {
            return Err("the counts of a tail descend from the number of its rows to 1 or more");
        }
        if !(fall.is_finite() && *fall > 0.0) {
            return Err("the fall of a tail is a finite number above 0");
        }
        let all = (rows + 1) as f64;
        let surprise = |count: &u64| (all / (count + 1) as f64).ln();
        Ok(Self {
            surprise: at_least.iter().map(surprise).collect(),
            stored,
        })
    }
}

impl From<Tail> for Stored {
    fn from(tail: Tail) -> Self {
        tail.stored
    }
}

impl Tail {
    /// The tail of raw scores within 1e300, at least one, in any order.
    pub(super) fn new(mut raw: Vec<f64>) -> Self {
        raw.sort_unstable_by(f64::total_cmp);
        let rows = raw.len();
        // Each score that is kept is the first of those that equal it, so that its count is exact.
        let first = |place: usize| raw.partition_point(|score| *score < raw[place]);
        let top = rows.saturating_sub(TOP);
        let body = (0..BODY.min(top)).map(|point| top * point / BODY.min(top));
        let mut places: Vec<usize> = body.chain(top..rows).map(first).collect();
        places.dedup();
        let high = &raw[rows * 98 / 100..];
        let excess = high.iter().map(|score| score - high[0]).sum::<f64>() / high.len() as f64;
        // Scores without a tail of their own fall by their own size.
        let highest = raw[rows - 1].abs();
        let fall = [excess, highest].into_iter().find(|fall| fall.is_normal());
        let stored = Stored {
            rows: rows as u64,
            scores: places.iter().map(|place| raw[*place]).collect(),
            at_least: places.iter().map(|place| (rows - place) as u64).collect(),
            fall: fall.unwrap_or(1.0),
        };
        Self::try_from(stored).expect("finite scores in order, and their counts")
    }

    /// The surprise of a finite raw score, 0 or more.
    pub(super) fn surprise(&self, raw: f64) -> f64 {
        let scores = &self.stored.scores;
        let above = scores.partition_point(|score| *score <= raw);
        let Some(below) = above.checked_sub(1) else {
            return 0.0;
        };
        let (low, surprise) = (scores[below], self.surprise[below]);
        match (scores.get(above), self.surprise.get(above)) {
            (Some(high), Some(higher)) => {
                surprise + (raw - low) / (high - low) * (higher - surprise)
            }
            _ => surprise + (raw - low) / self.stored.fall,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn it_is_the_share_of_the_rows_that_score_as_high() {
        let tail = Tail::new((1..=999).map(f64::from).collect());
        assert_eq!(tail.surprise(-5.0), 0.0);
        assert_eq!(tail.surprise(1.0), 0.0);
        assert!((tail.surprise(999.0) - 500f64.ln()).abs() < 1e-12);
        assert!((tail.surprise(990.0) - (1000.0f64 / 11.0).ln()).abs() < 1e-12);
        assert!((tail.surprise(500.0) - (1000.0f64 / 501.0).ln()).abs() < 1e-3);
        assert!(tail.surprise(1e6).is_finite());
    }

    #[test]
    fn equal_scores_do_not_surprise_and_others_do() {
        for score in [0.0, 3.0] {
            let tail = Tail::new(vec![score; 50]);
            assert_eq!(tail.surprise(score), 0.0);
            assert!(tail.surprise(score + 1.0) > 0.0);
        }
    }

    #[test]
    fn a_stored_tail_is_checked() {
        let good = r#"{"rows":3,"scores":[1.0,2.0],"at_least":[3,1],"fall":0.5}"#;
        assert!(serde_json::from_str::<Tail>(good).is_ok());
        for (from, to) in [
            ("[1.0,2.0]", "[2.0,1.0]"),
            ("[1.0,2.0]", "[1.0]"),
            ("[3,1]", "[3,3]"),
            ("[3,1]", "[3,0]"),
            ("\"rows\":3", "\"rows\":4"),
            ("0.5", "0"),
        ] {
            let bad = good.replace(from, to);
            assert!(serde_json::from_str::<Tail>(&bad).is_err(), "{bad}");
        }
        let none = r#"{"rows":0,"scores":[],"at_least":[],"fall":1}"#;
        assert!(serde_json::from_str::<Tail>(none).is_err());
    }

    proptest! {
        #[test]
        fn higher_scores_surprise_more(
            raw in proptest::collection::vec((0i32..3000).prop_map(|n| f64::from(n) / 7.0), 1..3000),
        ) {
            let tail = Tail::new(raw.clone());
            let mut sorted = raw.clone();
            sorted.sort_unstable_by(f64::total_cmp);
            sorted.dedup();
            sorted.push(1e4);
            let surprises: Vec<f64> = sorted.iter().map(|raw| tail.surprise(*raw)).collect();
            prop_assert!(surprises.is_sorted_by(|a, b| a < b));
            let json = serde_json::to_string(&tail).unwrap();
            prop_assert_eq!(serde_json::from_str::<Tail>(&json).unwrap(), tail);
        }
    }
}
