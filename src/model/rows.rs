//! What every estimator asks of rows before it looks at them.
//!
//! In: rows to be fitted on, or one to be scored. Out: a typed error, or the order of the rows by
//! value. Must hold: what passes is finite and as wide as expected.

use std::cmp::Ordering;

use linfa::Float;
use ndarray::{ArrayView1, ArrayView2};

use super::fit_error::{FitError, ScoreError};

/// Checks rows to be fitted on: at least `needed` of them, 1 to `most` columns, all finite.
pub(super) fn check_rows<F: Float>(
    rows: ArrayView2<'_, F>,
    needed: usize,
    most: usize,
) -> Result<(), FitError> {
    let (found, columns) = rows.dim();
    if found < needed {
        return Err(FitError::TooFewRows { found, needed });
    }
    if !(1..=most).contains(&columns) {
        return Err(FitError::Columns {
            found: columns,
            most,
        });
    }
    let mut values = rows.indexed_iter();
    match values.find(|(_, value)| !value.is_finite()) {
        Some(((row, column), _)) => Err(FitError::NotFinite { row, column }),
        None => Ok(()),
    }
}

/// Checks a row to be scored.
#[inline]
pub(super) fn check_row<F: Float>(
    row: ArrayView1<'_, F>,
    expected: usize,
) -> Result<(), ScoreError> {
    let found = row.len();
    if found != expected {
        return Err(ScoreError::Width { expected, found });
    }
    match row.iter().position(|value| !value.is_finite()) {
        Some(column) => Err(ScoreError::NotFinite { column }),
        None => Ok(()),
    }
}

/// The places of finite rows in the order of their values, so that what is drawn from them does not
/// turn on the order in which they come.
pub(super) fn in_order<F: Float>(rows: ArrayView2<'_, F>) -> Vec<usize> {
    let mut places: Vec<usize> = (0..rows.nrows()).collect();
    places.sort_by(|a, b| {
        let pairs = rows.row(*a).into_iter().zip(rows.row(*b));
        let mut compared = pairs.map(|(a, b)| a.partial_cmp(b).expect("finite numbers compare"));
        compared
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    });
    places
}
