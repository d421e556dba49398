//! Parameters of boosted trees, in linfa's way: a consuming builder, and a checked form that can be
//! fitted.

use linfa::ParamGuard;

use super::boosted_tree::{MOST_DEPTH, MOST_TREES};
use super::fit_error::FitError;
use super::logistic::SATURATED;

/// How log-odds may depend on a column, all others being equal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Monotone {
    /// In any way.
    #[default]
    None,
    /// They never fall where the column rises.
    Increasing,
    /// They never rise where the column rises.
    Decreasing,
}

/// Checked parameters of [`BoostedTrees`](super::BoostedTrees).
#[derive(Clone, Debug, PartialEq)]
pub struct BoostedTreesValidParams {
    trees: usize,
    depth: usize,
    learning_rate: f64,
    least_leaf: usize,
    l2: f64,
    columns: f64,
    monotone: Vec<Monotone>,
    prior_log_odds: Option<i32>,
    seed: u64,
}

impl BoostedTreesValidParams {
    /// How many trees are grown.
    pub fn trees(&self) -> usize {
        self.trees
    }

    /// The most splits between a root and a leaf.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// The share of a Newton step that is taken.
    pub fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    /// The fewest rows of a leaf.
    pub fn least_leaf(&self) -> usize {
        self.least_leaf
    }

    /// What is added to the second derivative of a leaf.
    pub fn l2(&self) -> f64 {
        self.l2
    }

    /// The share of the columns that is drawn for a tree.
    pub fn columns(&self) -> f64 {
        self.columns
    }

    /// The direction of each column; empty if no column has one.
    pub fn monotone(&self) -> &[Monotone] {
        &self.monotone
    }

    /// The log-odds that boosting starts from, in thousandths, if not those of the training rows.
    pub fn prior_log_odds(&self) -> Option<i32> {
        self.prior_log_odds
    }

    /// The seed of the draws of columns.
    pub fn seed(&self) -> u64 {
        self.seed
    }
}

/// Parameters of [`BoostedTrees`](super::BoostedTrees).
#[derive(Clone, Debug, PartialEq)]
pub struct BoostedTreesParams(BoostedTreesValidParams);

impl BoostedTreesParams {
    /// The defaults: 300 trees of depth 3, a learning rate of 0.05, at least 20 rows in a leaf, an
    /// L2 penalty of 5, half of the columns for each tree, no direction, seed 0.
    pub fn new() -> Self {
        Self(BoostedTreesValidParams {
            trees: 300,
            depth: 3,
            learning_rate: 0.05,
            least_leaf: 20,
            l2: 5.0,
            columns: 0.5,
            monotone: Vec::new(),
            prior_log_odds: None,
            seed: 0,
        })
    }

    /// How many trees are grown, 1 to 10,000. Fewer are kept where some could not be split.
    pub fn trees(mut self, trees: usize) -> Self {
        self.0.trees = trees;
        self
    }

    /// The most splits between a root and a leaf, 1 to 6: as many columns can act together.
    pub fn depth(mut self, depth: usize) -> Self {
        self.0.depth = depth;
        self
    }

    /// The share of a Newton step that is taken, 0.000001 to 1. The smaller, the more trees it
    /// takes, and the smoother the result.
    pub fn learning_rate(mut self, learning_rate: f64) -> Self {
        self.0.learning_rate = learning_rate;
        self
    }

    /// The fewest rows of a leaf, 1 or more; rows without weight do not count.
    pub fn least_leaf(mut self, least_leaf: usize) -> Self {
        self.0.least_leaf = least_leaf;
        self
    }

    /// What is added to the second derivative of a leaf, 0 or more: for a share p of positives,
    /// what `l2 / (p · (1 - p))` rows without effect would add. It is compared with sums of
    /// weights: where all weights are doubled, it has half the effect.
    pub fn l2(mut self, l2: f64) -> Self {
        self.0.l2 = l2;
        self
    }

    /// The share of the columns that is drawn for a tree, above 0 to 1; at least one is, and none
    /// that is constant.
    pub fn columns(mut self, columns: f64) -> Self {
        self.0.columns = columns;
        self
    }

    /// The direction of each column, in their order; or empty, if no column has one.
    pub fn monotone(mut self, monotone: impl Into<Vec<Monotone>>) -> Self {
        self.0.monotone = monotone.into();
        self
    }

    /// The log-odds that boosting starts from, in thousandths, within ±21,500: those of a
    /// population whose share of positives differs from the training rows'. Trees then correct for
    /// the difference as for any other. If none are given, those of the training rows' weighted
    /// share are taken.
    pub fn prior_log_odds(mut self, prior_log_odds: Option<i32>) -> Self {
        self.0.prior_log_odds = prior_log_odds;
        self
    }

    /// The seed of the draws of columns.
    pub fn seed(mut self, seed: u64) -> Self {
        self.0.seed = seed;
        self
    }
}

impl Default for BoostedTreesParams {
    fn default() -> Self {
        Self::new()
    }
}

impl ParamGuard for BoostedTreesParams {
    type Checked = BoostedTreesValidParams;
    type Error = FitError;

    fn check_ref(&self) -> Result<&Self::Checked, FitError> {
        let Self(params) = self;
        let error = |name, value, expected| {
            Err(FitError::Parameter {
                name,
                value,
                expected,
            })
        };
        let share = |value: f64| value > 0.0 && value <= 1.0;
        if !(1..=MOST_TREES).contains(&params.trees) {
            return error("trees", params.trees as f64, "1 to 10,000");
        }
        if !(1..=MOST_DEPTH).contains(&params.depth) {
            return error("depth", params.depth as f64, "1 to 6");
        }
        // Slower, and a step within bounds might not be finite.
        if !(1e-6..=1.0).contains(&params.learning_rate) {
            return error("learning_rate", params.learning_rate, "0.000001 to 1");
        }
        if params.least_leaf == 0 {
            return error("least_leaf", 0.0, "1 or more");
        }
        if !params.l2.is_finite() || params.l2 < 0.0 {
            return error("l2", params.l2, "a finite number of 0 or more");
        }
        if !share(params.columns) {
            return error("columns", params.columns, "above 0 and at most 1");
        }
        if let Some(prior) = params.prior_log_odds
            && !(-SATURATED..=SATURATED).contains(&prior)
        {
            return error("prior_log_odds", f64::from(prior), "-21,500 to 21,500");
        }
        Ok(params)
    }

    fn check(self) -> Result<Self::Checked, FitError> {
        self.check_ref()?;
        Ok(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_have_ranges() {
        let new = BoostedTreesParams::new;
        assert!(new().check().is_ok());
        for (bad, expected) in [
            (new().trees(0), "trees"),
            (new().trees(10_001), "trees"),
            (new().depth(0), "depth"),
            (new().depth(7), "depth"),
            (new().learning_rate(0.0), "learning_rate"),
            (new().learning_rate(1.1), "learning_rate"),
            (new().learning_rate(f64::NAN), "learning_rate"),
            (new().least_leaf(0), "least_leaf"),
            (new().l2(-1.0), "l2"),
            (new().l2(f64::INFINITY), "l2"),
            (new().columns(0.0), "columns"),
            (new().columns(f64::NAN), "columns"),
            (new().prior_log_odds(Some(21_501)), "prior_log_odds"),
            (new().prior_log_odds(Some(i32::MIN)), "prior_log_odds"),
        ] {
            let Err(FitError::Parameter { name, .. }) = bad.clone().check() else {
                panic!("{bad:?}")
            };
            assert_eq!(name, expected);
        }
    }
}
