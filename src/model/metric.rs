//! How well scores put what is labelled before what is not: area under the ROC curve and average
//! precision, both aware of ties.
//!
//! In: scores and labels. Out: a figure between 0 and 1. Must hold: the order of the rows does not
//! matter, not even among equal scores, so that a constant score earns 0.5 and the share of labels.

/// Why a metric has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MetricError {
    /// There is not one label a score.
    #[error("{scores} scores but {labels} labels: give one label for each score")]
    Lengths {
        /// Number of scores.
        scores: usize,
        /// Number of labels.
        labels: usize,
    },
    /// All rows are labelled, or none is.
    #[error(
        "{labelled} of {rows} rows are labelled: a ranking needs some that are and some that are not"
    )]
    OneClass {
        /// Labelled rows.
        labelled: usize,
        /// All rows.
        rows: usize,
    },
    /// A score is not a number.
    #[error("score {row} (counted from 0) is not a number")]
    NotANumber {
        /// Its place.
        row: usize,
    },
}

/// Labelled and other rows of each distinct score, highest score first.
fn steps<S: PartialOrd + Copy>(
    scores: &[S],
    labels: &[bool],
) -> Result<Vec<(f64, f64)>, MetricError> {
    if scores.len() != labels.len() {
        return Err(MetricError::Lengths {
            scores: scores.len(),
            labels: labels.len(),
        });
    }
    if let Some(row) = scores
        .iter()
        .position(|score| score.partial_cmp(score).is_none())
    {
        return Err(MetricError::NotANumber { row });
    }
    let labelled = labels.iter().filter(|label| **label).count();
    if labelled == 0 || labelled == labels.len() {
        return Err(MetricError::OneClass {
            labelled,
            rows: labels.len(),
        });
    }
    let mut rows: Vec<(S, bool)> = scores.iter().copied().zip(labels.iter().copied()).collect();
    rows.sort_by(|a, b| {
        b.0.partial_cmp(&a.0)
            .expect("no score is unequal to itself")
    });
    let counts = rows.chunk_by(|a, b| a.0 == b.0).map(|ties| {
        let labelled = ties.iter().filter(|row| row.1).count();
        (labelled as f64, (ties.len() - labelled) as f64)
    });
    Ok(counts.collect())
}

/// Area under the ROC curve: the probability that a labelled row scores above another one, ties
/// counting half (Hanley & McNeil, Radiology 143, 1982).
///
/// # Errors
/// See [`MetricError`].
pub fn auroc<S: PartialOrd + Copy>(scores: &[S], labels: &[bool]) -> Result<f64, MetricError> {
    let (mut above, mut others, mut wins) = (0.0, 0.0, 0.0);
    for (labelled, other) in steps(scores, labels)? {
        wins += other * (above + labelled / 2.0);
        above += labelled;
        others += other;
    }
    Ok(wins / (above * others))
}

/// Average precision: the mean, over labelled rows, of the precision among all rows that score at
/// least as high. Equal to `sum (R_n - R_n-1) P_n` over distinct scores, without interpolation.
///
/// # Errors
/// See [`MetricError`].
pub fn average_precision<S: PartialOrd + Copy>(
    scores: &[S],
    labels: &[bool],
) -> Result<f64, MetricError> {
    let (mut above, mut rows, mut sum) = (0.0, 0.0, 0.0);
    for (labelled, other) in steps(scores, labels)? {
        above += labelled;
        rows += labelled + other;
        sum += labelled * above / rows;
    }
    Ok(sum / above)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_rankings() {
        let labels = [false, false, true, true];
        assert_eq!(auroc(&[0.1, 0.4, 0.35, 0.8], &labels), Ok(0.75));
        let average = average_precision(&[0.1, 0.4, 0.35, 0.8], &labels).unwrap();
        assert!((average - 5.0 / 6.0).abs() < 1e-12);
        assert_eq!(auroc(&[7, 7, 7, 7], &labels), Ok(0.5));
        assert_eq!(average_precision(&[7, 7, 7, 7], &labels), Ok(0.5));
        assert_eq!(auroc(&[4, 3, 2, 1], &labels), Ok(0.0));
    }

    #[test]
    fn what_cannot_be_ranked_is_an_error() {
        assert_eq!(
            auroc(&[f64::NAN, 1.0], &[true, false]),
            Err(MetricError::NotANumber { row: 0 })
        );
        assert_eq!(
            average_precision(&[1, 2], &[true, true]),
            Err(MetricError::OneClass {
                labelled: 2,
                rows: 2
            })
        );
        assert!(auroc(&[1], &[]).is_err());
        assert!(auroc::<u8>(&[], &[]).is_err());
    }

    proptest! {
        #[test]
        fn they_equal_their_definitions(
            rows in proptest::collection::vec((0u8..6, any::<bool>()), 2..40),
        ) {
            let (scores, labels): (Vec<u8>, Vec<bool>) = rows.iter().copied().unzip();
            let labelled: Vec<u8> = rows.iter().filter(|r| r.1).map(|r| r.0).collect();
            let others: Vec<u8> = rows.iter().filter(|r| !r.1).map(|r| r.0).collect();
            prop_assume!(!labelled.is_empty() && !others.is_empty());
            let mut wins = 0.0;
            let mut precision = 0.0;
            for score in &labelled {
                for other in &others {
                    wins += if score > other { 1.0 } else if score == other { 0.5 } else { 0.0 };
                }
                let above = labelled.iter().filter(|s| *s >= score).count() as f64;
                let all = scores.iter().filter(|s| *s >= score).count() as f64;
                precision += above / all;
            }
            let pairs = (labelled.len() * others.len()) as f64;
            prop_assert!((auroc(&scores, &labels).unwrap() - wins / pairs).abs() < 1e-9);
            let expected = precision / labelled.len() as f64;
            prop_assert!((average_precision(&scores, &labels).unwrap() - expected).abs() < 1e-9);
        }
    }
}
