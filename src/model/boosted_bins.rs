//! Columns in bins: histograms of 64 bins in place of sorted values.
//!
//! In: rows of finite numbers. Out: for each column, at most 63 thresholds, and for each value, how
//! many of them it exceeds. Must hold: `value <= thresholds[bin]` if and only if
//! `code <= bin`, so that a row takes in training the path it takes when it is scored; thresholds
//! depend on the set of rows alone, not on their order.

use linfa::Float;
use ndarray::ArrayView2;

/// The most bins of a column.
pub(super) const MOST_BINS: usize = 64;

/// Rows in bins.
pub(super) struct Bins<F> {
    /// By column, rising; none in a column that is constant.
    thresholds: Vec<Vec<F>>,
    /// By row and column.
    codes: Vec<u8>,
}

impl<F: Float> Bins<F> {
    /// Puts the rows at these places into bins. Values are finite.
    pub(super) fn new(records: ArrayView2<'_, F>, places: &[usize]) -> Self {
        let mut sorted = Vec::with_capacity(places.len());
        let thresholds: Vec<Vec<F>> = records
            .columns()
            .into_iter()
            .map(|column| {
                sorted.clear();
                // Adding 0 makes -0 a 0.
                sorted.extend(places.iter().map(|place| column[*place] + F::zero()));
                sorted
                    .sort_unstable_by(|a: &F, b| a.partial_cmp(b).expect("finite numbers compare"));
                thresholds_of(&sorted)
            })
            .collect();
        let mut codes = Vec::with_capacity(places.len() * thresholds.len());
        for place in places {
            let code = |(value, thresholds): (&F, &Vec<F>)| {
                thresholds.partition_point(|threshold| threshold < value) as u8
            };
            codes.extend(records.row(*place).iter().zip(&thresholds).map(code));
        }
        Self { thresholds, codes }
    }

    /// The threshold above the values of a bin, which is not the last one.
    pub(super) fn threshold(&self, column: usize, bin: usize) -> F {
        self.thresholds[column][bin]
    }

    /// Number of bins of a column.
    pub(super) fn bins(&self, column: usize) -> usize {
        self.thresholds[column].len() + 1
    }

    /// The bins of a row, by column.
    #[inline]
    pub(super) fn row(&self, row: u32) -> &[u8] {
        let width = self.thresholds.len();
        &self.codes[row as usize * width..][..width]
    }
}

/// Where a sorted column is cut: between all of its values if they are few, or else so that a value
/// that would fill a bin has one of its own, and the others share what is left evenly. The rule is
/// that of Ke et al. (LightGBM, NIPS 2017).
fn thresholds_of<F: Float>(sorted: &[F]) -> Vec<F> {
    let values: Vec<(F, usize)> = sorted
        .chunk_by(|a, b| a == b)
        .map(|ties| (ties[0], ties.len()))
        .collect();
    let between = |place: usize| midpoint(values[place].0, values[place + 1].0);
    if values.len() <= MOST_BINS {
        return (1..values.len()).map(|place| between(place - 1)).collect();
    }
    let is_frequent = |count: usize| count * MOST_BINS >= sorted.len();
    let frequent = values.iter().filter(|(_, count)| is_frequent(*count));
    // Of the values that are not frequent.
    let (mut bins_left, mut rows_left) = frequent
        .fold((MOST_BINS, sorted.len()), |(bins, rows), (_, count)| {
            (bins.saturating_sub(1), rows - count)
        });
    let mut share = rows_left.div_ceil(bins_left.max(1));
    let mut thresholds = Vec::with_capacity(MOST_BINS - 1);
    let mut filled = 0;
    for (place, pair) in values.windows(2).enumerate() {
        let (count, next) = (pair[0].1, pair[1].1);
        filled += count;
        if !is_frequent(count) {
            rows_left -= count;
        }
        let is_full =
            is_frequent(count) || filled >= share || is_frequent(next) && filled * 2 >= share;
        if is_full && thresholds.len() < MOST_BINS - 1 {
            thresholds.push(between(place));
            filled = 0;
            if !is_frequent(count) {
                bins_left = bins_left.saturating_sub(1);
                share = rows_left.div_ceil(bins_left.max(1));
            }
        }
    }
    thresholds
}

/// A number from the lower of two finite numbers to below the higher one: their mean, where there
/// is one between them.
fn midpoint<F: Float>(low: F, high: F) -> F {
    let two = F::one() + F::one();
    // Halved first, so that nothing overflows; halves of the very smallest numbers are rounded.
    let middle = low / two + high / two;
    if low <= middle && middle < high {
        middle + F::zero()
    } else {
        low
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;
    use proptest::prelude::*;

    fn bins(values: &[f64]) -> Bins<f64> {
        let rows = Array2::from_shape_vec((values.len(), 1), values.to_vec()).unwrap();
        Bins::new(rows.view(), &(0..values.len()).collect::<Vec<_>>())
    }

    #[test]
    fn few_values_have_a_bin_each() {
        assert_eq!(bins(&[3.0, 1.0, 1.0, 2.0]).thresholds[0], [1.5, 2.5]);
        assert_eq!(bins(&[1.0, 1.0]).bins(0), 1);
        let next = 1.0f64.next_up();
        assert_eq!(bins(&[next, 1.0]).thresholds[0], [1.0]);
        assert_eq!(bins(&[-f64::MAX, f64::MAX]).thresholds[0], [0.0]);
        for zeros in [[-0.0, 5e-324, 0.0], [0.0, -0.0, 5e-324]] {
            assert!(bins(&zeros).thresholds[0][0].is_sign_positive());
        }
    }

    #[test]
    fn a_frequent_value_does_not_cost_the_others_their_bins() {
        let values: Vec<f64> = (0..20_000)
            .map(|row| {
                if row % 20 == 0 {
                    f64::from(row) + 1.0
                } else {
                    0.0
                }
            })
            .collect();
        let bins = bins(&values);
        assert!((60..=MOST_BINS).contains(&bins.bins(0)), "{}", bins.bins(0));
        assert_eq!(bins.threshold(0, 0), 0.5);
    }

    #[test]
    fn bins_of_distinct_values_are_equally_full() {
        let values: Vec<f64> = (0..6400).map(|row| f64::from(row).powi(3)).collect();
        let bins = bins(&values);
        let mut counts = [0; MOST_BINS];
        (0..6400).for_each(|row| counts[usize::from(bins.row(row)[0])] += 1);
        assert_eq!(counts, [100; MOST_BINS]);
    }

    proptest! {
        #[test]
        fn codes_agree_with_thresholds(values in proptest::collection::vec(
            prop_oneof![-3.0..3.0, (0i32..90).prop_map(f64::from), Just(-0.0), -1e308..1e308],
            1..400,
        )) {
            let bins = bins(&values);
            let thresholds = &bins.thresholds[0];
            prop_assert!(thresholds.len() < MOST_BINS);
            prop_assert!(thresholds.is_sorted_by(|a, b| a < b));
            for (row, value) in values.iter().enumerate() {
                let code = usize::from(bins.row(row as u32)[0]);
                for (bin, threshold) in thresholds.iter().enumerate() {
                    prop_assert_eq!(value <= threshold, code <= bin);
                }
            }
            let code = |row| usize::from(bins.row(row)[0]);
            let mut codes: Vec<usize> = (0..values.len() as u32).map(code).collect();
            codes.sort_unstable();
            codes.dedup();
            prop_assert_eq!(codes, (0..bins.bins(0)).collect::<Vec<_>>(), "no bin is empty");
        }
    }
}
