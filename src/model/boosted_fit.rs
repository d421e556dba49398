//! Fitting boosted trees: a tree after a tree, each on what the ones before left unexplained.
//!
//! In: rows of finite numbers, and whether each is positive. Out: [`BoostedTrees`]. Must hold: the
//! result depends on the set of weighted rows, the parameters and the seed alone, and is the same
//! on every machine: what is summed over rows is an integer, and other floating point operations
//! are those that IEEE 754 defines to the last bit.

use linfa::Float;
use linfa::dataset::{AsSingleTargets, DatasetBase};
use linfa::traits::Fit;
use ndarray::{ArrayBase, ArrayView2, Data, Ix2};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::boosted_bins::Bins;
use super::boosted_grow::{Derivatives, Grower};
use super::boosted_params::BoostedTreesValidParams;
use super::boosted_tree::MOST_COLUMNS;
use super::boosted_trees::BoostedTrees;
use super::fit_error::FitError;
use super::logistic::{FINE_BITS, SATURATED, fine_probability, log_odds_of};
use super::nn_ensemble::distinct;

/// 1, of a probability or a share of the greatest weight.
const ONE: u32 = 1 << FINE_BITS;

impl<F: Float, D: Data<Elem = F>, T: AsSingleTargets<Elem = bool>>
    Fit<ArrayBase<D, Ix2>, T, FitError> for BoostedTreesValidParams
{
    type Object = BoostedTrees<F>;

    /// Fits trees to targets: `true` is positive. If the dataset has weights, a row counts as often
    /// as its weight says; a row of weight 0, or of less than 2^-31 of the greatest, is left out.
    ///
    /// If all columns are constant, what is fitted has no trees: all rows have the log-odds of the
    /// share of positives.
    ///
    /// # Errors
    /// - [`FitError::Columns`] without columns or with more than 65,535;
    /// - [`FitError::Linfa`] if there is not one target, and one weight if there are any, a row;
    /// - [`FitError::NotFinite`] on NaN or infinity;
    /// - [`FitError::Parameter`] if there is not one direction a column, if a weight is negative or
    ///   not finite, or if there are 2^32 rows or more;
    /// - [`FitError::TooFewRows`] if there are not twice the rows of the least leaf;
    /// - [`FitError::OneClass`] if all rows are positive or none is.
    fn fit(&self, dataset: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<Self::Object, FitError> {
        let records = dataset.records().view();
        let targets = dataset.targets().as_single_targets();
        check_shape(self, records)?;
        let rows = records.nrows();
        for found in [targets.len(), dataset.weights.len()] {
            // Without weights, their array is empty.
            if found != rows && !(found == 0 && targets.len() == rows) {
                return Err(linfa::Error::MismatchedShapes(rows, found).into());
            }
        }
        let weighted = Weighted::new(dataset.weights.iter().copied(), rows)?;
        let positives: Vec<bool> = weighted
            .places
            .iter()
            .map(|place| targets[*place])
            .collect();
        check_rows(self, &positives)?;
        let bins = Bins::new(records, &weighted.places);
        Ok(boost(self, &bins, &weighted, &positives, records.ncols()))
    }
}

/// Checks rows without their targets.
fn check_shape<F: Float>(
    params: &BoostedTreesValidParams,
    records: ArrayView2<'_, F>,
) -> Result<(), FitError> {
    let (rows, columns) = records.dim();
    let parameter = |name, value: usize, expected| FitError::Parameter {
        name,
        value: value as f64,
        expected,
    };
    if !(1..=MOST_COLUMNS).contains(&columns) {
        return Err(FitError::Columns {
            found: columns,
            most: MOST_COLUMNS,
        });
    }
    if u32::try_from(rows).is_err() {
        return Err(parameter("number of rows", rows, "below 4,294,967,296"));
    }
    let directions = params.monotone().len();
    if directions != 0 && directions != columns {
        let expected = "as many as there are columns, or 0";
        return Err(parameter(
            "number of monotone directions",
            directions,
            expected,
        ));
    }
    for (column, values) in records.columns().into_iter().enumerate() {
        if let Some(row) = values.iter().position(|value| !value.is_finite()) {
            return Err(FitError::NotFinite { row, column });
        }
    }
    Ok(())
}

/// Checks the targets of the rows that count.
fn check_rows(params: &BoostedTreesValidParams, positives: &[bool]) -> Result<(), FitError> {
    let (rows, needed) = (positives.len(), params.least_leaf().saturating_mul(2));
    if rows < needed {
        let found = rows;
        return Err(FitError::TooFewRows { found, needed });
    }
    let labelled = positives.iter().filter(|is_positive| **is_positive).count();
    if labelled == 0 || labelled == rows {
        return Err(FitError::OneClass { labelled, rows });
    }
    Ok(())
}

/// The rows that count, and how much.
struct Weighted {
    /// Where they are in the dataset.
    places: Vec<usize>,
    /// In units of 2^-30 of the greatest.
    weights: Vec<u32>,
    /// The greatest.
    greatest: f64,
}

impl Weighted {
    /// Takes the weights of so many rows; if there are none, each is 1.
    fn new(
        weights: impl ExactSizeIterator<Item = f32> + Clone,
        rows: usize,
    ) -> Result<Self, FitError> {
        if weights.len() == 0 {
            return Ok(Self {
                places: (0..rows).collect(),
                weights: vec![ONE; rows],
                greatest: 1.0,
            });
        }
        let is_weight = |weight: &f32| weight.is_finite() && *weight >= 0.0;
        if let Some(bad) = weights.clone().find(|weight| !is_weight(weight)) {
            return Err(FitError::Parameter {
                name: "weight",
                value: f64::from(bad),
                expected: "a finite number of 0 or more",
            });
        }
        let greatest = f64::from(weights.clone().fold(0.0, f32::max));
        let share = |weight: f32| (f64::from(weight) / greatest * f64::from(ONE)).round() as u32;
        let (places, weights) = weights
            .map(share)
            .enumerate()
            .filter(|(_, weight)| *weight > 0)
            .unzip();
        Ok(Self {
            places,
            weights,
            greatest,
        })
    }
}

/// Boosts trees on rows of which some are positive and some are not.
fn boost<F: Float>(
    params: &BoostedTreesValidParams,
    bins: &Bins<F>,
    rows: &Weighted,
    positives: &[bool],
    width: usize,
) -> BoostedTrees<F> {
    let prior = || log_odds_of(positive_share(&rows.weights, positives));
    let mut bias = params.prior_log_odds().unwrap_or_else(prior);
    let usable: Vec<u16> = (0..=u16::MAX)
        .take(width)
        .filter(|column| bins.bins(usize::from(*column)) > 1)
        .collect();
    let mut trees = Vec::new();
    if usable.is_empty() {
        return BoostedTrees::of_trees(width, bias, trees);
    }
    let drawn = (usable.len() as f64 * params.columns()).round() as usize;
    let drawn = drawn.clamp(1, usable.len());
    let loss = Loss::new();
    let mut generator = ChaCha8Rng::seed_from_u64(params.seed());
    let mut log_odds = vec![bias; positives.len()];
    let mut derivatives = vec![Derivatives::default(); positives.len()];
    let unit = rows.greatest / f64::from(ONE);
    let mut grower = Grower::new(params, bins, &rows.weights, unit);
    for _ in 0..params.trees() {
        let known = log_odds.iter().zip(positives).zip(&rows.weights);
        for (row, ((log_odds, is_positive), weight)) in derivatives.iter_mut().zip(known) {
            *row = loss.derivatives(*log_odds, *is_positive, *weight);
        }
        let mut columns: Vec<u16> = distinct(usable.len(), drawn, &mut generator)
            .into_iter()
            .map(|place| usable[place])
            .collect();
        columns.sort_unstable();
        let tree = grower.grow(&columns, &derivatives, &mut log_odds);
        if tree.is_leaf() {
            bias += tree.root();
        } else {
            trees.push(tree);
        }
    }
    BoostedTrees::of_trees(width, bias, trees)
}

/// The weighted share of positives, in units of 2^-30.
fn positive_share(weights: &[u32], positives: &[bool]) -> u32 {
    let (mut labelled, mut all) = (0, 0);
    for (weight, is_positive) in weights.iter().zip(positives) {
        all += u128::from(*weight);
        labelled += u128::from(*weight) * u128::from(*is_positive);
    }
    u32::try_from((labelled << FINE_BITS) / all).expect("a share is at most 1")
}

/// The logistic loss.
struct Loss {
    /// The probability of log-odds from 0 to [`SATURATED`].
    probabilities: Vec<u32>,
}

impl Loss {
    fn new() -> Self {
        Self {
            probabilities: (0..=SATURATED).map(fine_probability).collect(),
        }
    }

    /// The derivatives of the loss of a row by its log-odds: `w (p - y)` and `w p (1 - p)`.
    fn derivatives(&self, log_odds: i32, is_positive: bool, weight: u32) -> Derivatives {
        let place = log_odds.unsigned_abs().min(SATURATED.unsigned_abs());
        // At least one half.
        let likelier = i64::from(self.probabilities[place as usize]);
        let other = i64::from(ONE) - likelier;
        let gradient = match (log_odds < 0, is_positive) {
            (true, false) => other,
            (true, true) => -likelier,
            (false, false) => likelier,
            (false, true) => -other,
        };
        let weighted = |value: i64| ((value * i64::from(weight)) >> FINE_BITS) as i32;
        Derivatives {
            gradient: weighted(gradient),
            curvature: weighted((likelier * other) >> FINE_BITS),
        }
    }
}
