//! A classifier that explains itself: gradient boosted trees of whole thousandths of log-odds.
//!
//! In: rows of finite numbers. Out: the log-odds that a row is positive, and what each column adds
//! to them. Must hold: log-odds are a sum of integers, to which the contributions of the columns
//! add up exactly; a row's are the same on every machine and in whatever batch it is.

use linfa::Float;
use linfa::traits::PredictInplace;
use ndarray::{Array1, ArrayBase, ArrayView1, Data, Ix2};
use serde::{Deserialize, Serialize};

use super::boosted_params::BoostedTreesParams;
use super::boosted_tree::{MOST_COLUMNS, MOST_TREES, StoredTree, Tree};
use super::fit_error::ScoreError;
use super::logistic::probability;

/// The largest magnitude of a bias: twice what 10,000 trees without a split add up to.
const MOST_BIAS: i32 = 200_000_000;

/// Gradient boosted trees for two classes, as a linfa estimator.
///
/// Each tree is grown on the first and second derivatives of the logistic loss of the trees before
/// it: gradient boosting (Friedman: *Greedy Function Approximation: A Gradient Boosting Machine*,
/// Annals of Statistics 29(5), 2001) by Newton steps with an L2 penalty (Chen & Guestrin: *XGBoost:
/// A Scalable Tree Boosting System*, KDD 2016), on histograms of at most 64 bins a column. Columns
/// may be given a [direction](super::Monotone), which then holds exactly, for all rows.
///
/// # Units
/// Log-odds are natural logarithms in whole thousandths; [`probability`] turns them into
/// ten-thousandths. Leaves are rounded before the next tree is grown, which corrects what is lost.
///
/// # Explanation
/// Every node has a value: a leaf its own, a split the mean of its leaves, by weight of the
/// training rows, rounded. A split on the way of a row from root to leaf adds to its column the
/// difference between the child's value and its own (Saabas: *Interpreting random forests*, 2014).
/// The differences of a way add up to its leaf less its root, so that the [base](Self::base) - the
/// bias and all roots - and the [contributions](Self::contributions_row) add up to the log-odds
/// exactly. They say what the model did, not what would happen if a value changed: of what columns
/// do together, most is given to those that are looked at last.
///
/// # Parameters
/// See [`BoostedTreesParams`]: `trees` (300), `depth` (3), `learning_rate` (0.05), `least_leaf`
/// (20), `l2` (5), `columns` (0.5), `monotone` (none), `prior_log_odds` (the training rows'),
/// `seed` (0).
///
/// # Order and machines
/// What is fitted does not depend on the order of the rows, and what is summed over rows are whole
/// numbers; the other operations on floating point numbers are those that IEEE 754 defines to the
/// last bit. So the same rows give the same bytes, everywhere.
///
/// # Cost
/// Fitting takes about `rows · (columns + 50)` bytes beside the dataset, and up to
/// `trees · rows · (1 + depth) / 2 · columns drawn` additions; it runs in one thread. A
/// prediction takes up to `trees · depth` comparisons and no allocation.
///
/// # Example
/// ```
/// use fundwatch::model::{BoostedTrees, probability};
/// use linfa::DatasetBase;
/// use linfa::traits::{Fit, Predict};
/// use ndarray::{Array1, Array2};
///
/// // Positive are rows of which both columns are high.
/// let rows = Array2::from_shape_fn((400, 2), |(row, column)| match column {
///     0 => (row % 20) as f64,
///     _ => (row / 20) as f64,
/// });
/// let is_positive = |row: usize| rows[[row, 0]] > 14.0 && rows[[row, 1]] > 14.0;
/// let targets = Array1::from_shape_fn(400, is_positive);
/// let dataset = DatasetBase::new(rows, targets);
/// let model = BoostedTrees::<f64>::params().columns(1.0).l2(1.0).fit(&dataset)?;
/// assert_eq!(model.predict(&dataset), dataset.targets);
///
/// let row = dataset.records.row(399);
/// let mut contributions = [0; 2];
/// let base = model.contributions_row(row, &mut contributions)?;
/// let log_odds = model.log_odds_row(row)?;
/// assert_eq!(base + contributions.iter().sum::<i32>(), log_odds);
/// assert!(probability(log_odds) > 9000);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound(
    serialize = "F: Float + Serialize",
    deserialize = "F: Float + Deserialize<'de>"
))]
#[serde(try_from = "Stored<F>", into = "Stored<F>")]
pub struct BoostedTrees<F> {
    columns: usize,
    bias: i32,
    /// The bias and the roots of all trees.
    base: i32,
    trees: Vec<Tree<F>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored<F> {
    columns: usize,
    bias: i32,
    trees: Vec<StoredTree<F>>,
}

impl<F: Float> TryFrom<Stored<F>> for BoostedTrees<F> {
    type Error = &'static str;

    fn try_from(stored: Stored<F>) -> Result<Self, Self::Error> {
        let Stored {
            columns,
            bias,
            trees,
        } = stored;
        if !(1..=MOST_COLUMNS).contains(&columns) {
            return Err("boosted trees have 1 to 65,535 columns");
        }
        if trees.len() > MOST_TREES {
            return Err("there are at most 10,000 boosted trees");
        }
        if bias.unsigned_abs() > MOST_BIAS.unsigned_abs() {
            return Err("the bias of boosted trees lies within 200,000,000 thousandths");
        }
        let trees: Vec<Tree<F>> = trees
            .iter()
            .map(|tree| Tree::of_stored(tree, columns))
            .collect::<Result<_, _>>()?;
        Ok(Self::of_trees(columns, bias, trees))
    }
}

impl<F: Float> From<BoostedTrees<F>> for Stored<F> {
    fn from(model: BoostedTrees<F>) -> Self {
        Self {
            columns: model.columns,
            bias: model.bias,
            trees: model.trees.iter().map(Tree::to_stored).collect(),
        }
    }
}

impl<F: Float> BoostedTrees<F> {
    /// The parameters, to be fitted.
    pub fn params() -> BoostedTreesParams {
        BoostedTreesParams::new()
    }

    /// Takes at most 10,000 trees for rows of so many columns.
    pub(super) fn of_trees(columns: usize, bias: i32, trees: Vec<Tree<F>>) -> Self {
        let base = bias + trees.iter().map(Tree::root).sum::<i32>();
        Self {
            columns,
            bias,
            base,
            trees,
        }
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Number of trees: as many as were asked for, less those that could not be split.
    pub fn trees(&self) -> usize {
        self.trees.len()
    }

    /// What contributions add to, in thousandths of log-odds: about the mean of the training rows'
    /// log-odds, by weight.
    pub fn base(&self) -> i32 {
        self.base
    }

    /// The log-odds that a row is positive, in thousandths.
    ///
    /// # Errors
    /// [`ScoreError`] if the row has another width than the training rows, NaN or infinity.
    pub fn log_odds_row(&self, row: ArrayView1<'_, F>) -> Result<i32, ScoreError> {
        self.check_row(row)?;
        let leaves = self.trees.iter().map(|tree| tree.leaf(row));
        Ok(self.bias + leaves.sum::<i32>())
    }

    /// The log-odds of rows, in thousandths: one number a row.
    ///
    /// # Errors
    /// As [`log_odds_row`](Self::log_odds_row), for the first row that cannot be scored.
    pub fn log_odds<D: Data<Elem = F>>(
        &self,
        rows: &ArrayBase<D, Ix2>,
    ) -> Result<Array1<i32>, ScoreError> {
        let rows = rows.rows().into_iter();
        rows.map(|row| self.log_odds_row(row)).collect()
    }

    /// The probability that a row is positive, in ten-thousandths.
    ///
    /// # Errors
    /// As [`log_odds_row`](Self::log_odds_row).
    pub fn probability_row(&self, row: ArrayView1<'_, F>) -> Result<u16, ScoreError> {
        self.log_odds_row(row).map(probability)
    }

    /// What each column adds to the [base](Self::base), which is returned, in thousandths of
    /// log-odds: together they are the [log-odds](Self::log_odds_row) of the row.
    ///
    /// # Errors
    /// As [`log_odds_row`](Self::log_odds_row); also [`ScoreError::Width`] if `contributions` is
    /// not as wide as the row. Contributions then are as they were.
    pub fn contributions_row(
        &self,
        row: ArrayView1<'_, F>,
        contributions: &mut [i32],
    ) -> Result<i32, ScoreError> {
        self.check_width(contributions.len())?;
        self.check_row(row)?;
        contributions.fill(0);
        for tree in &self.trees {
            tree.add_steps(row, contributions);
        }
        Ok(self.base)
    }

    fn check_width(&self, found: usize) -> Result<(), ScoreError> {
        let expected = self.columns;
        if found == expected {
            Ok(())
        } else {
            Err(ScoreError::Width { expected, found })
        }
    }

    fn check_row(&self, row: ArrayView1<'_, F>) -> Result<(), ScoreError> {
        self.check_width(row.len())?;
        match row.iter().position(|value| !value.is_finite()) {
            Some(column) => Err(ScoreError::NotFinite { column }),
            None => Ok(()),
        }
    }
}

impl<F: Float, D: Data<Elem = F>> PredictInplace<ArrayBase<D, Ix2>, Array1<bool>>
    for BoostedTrees<F>
{
    /// Predicts rows positive whose log-odds are above 0. A row that cannot be scored is not
    /// predicted positive: [`BoostedTrees::log_odds`] tells which ones these are.
    ///
    /// # Panics
    /// If there is not one target a row, as linfa's own estimators do.
    fn predict_inplace<'a>(&'a self, rows: &'a ArrayBase<D, Ix2>, targets: &mut Array1<bool>) {
        assert_eq!(
            rows.nrows(),
            targets.len(),
            "there must be one target for each row"
        );
        for (row, target) in rows.rows().into_iter().zip(targets) {
            *target = self.log_odds_row(row).is_ok_and(|log_odds| log_odds > 0);
        }
    }

    fn default_target(&self, rows: &ArrayBase<D, Ix2>) -> Array1<bool> {
        Array1::from_elem(rows.nrows(), false)
    }
}

#[cfg(test)]
#[path = "boosted_trees_tests.rs"]
mod tests;
