//! Parameters of the isolation forest, in linfa's way.

use linfa::ParamGuard;

use super::fit_error::{FitError, MOST_THREADS};

pub(super) const MOST_TREES: usize = 10_000;
pub(super) const MOST_SAMPLE: usize = 1 << 16;

/// Checked parameters of an [`IsolationForest`](super::IsolationForest).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IsolationForestValidParams {
    trees: usize,
    sample: usize,
    seed: u64,
    threads: usize,
}

impl IsolationForestValidParams {
    /// How many trees are grown.
    pub fn trees(&self) -> usize {
        self.trees
    }

    /// How many rows a tree is grown on.
    pub fn sample(&self) -> usize {
        self.sample
    }

    /// The seed of the samples and the splits.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// How many threads fit.
    pub fn threads(&self) -> usize {
        self.threads
    }
}

/// Parameters of an [`IsolationForest`](super::IsolationForest).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IsolationForestParams(IsolationForestValidParams);

impl IsolationForestParams {
    /// The defaults: 300 trees of 256 rows, seed 0, one thread.
    pub fn new() -> Self {
        Self(IsolationForestValidParams {
            trees: 300,
            sample: 256,
            seed: 0,
            threads: 1,
        })
    }

    /// How many trees are grown, 1 to 10,000. More make the score smoother and slower.
    pub fn trees(mut self, trees: usize) -> Self {
        self.0.trees = trees;
        self
    }

    /// How many rows a tree is grown on, 2 to 65,536; all rows where there are fewer.
    pub fn sample(mut self, sample: usize) -> Self {
        self.0.sample = sample;
        self
    }

    /// The seed of the samples and the splits.
    pub fn seed(mut self, seed: u64) -> Self {
        self.0.seed = seed;
        self
    }

    /// How many threads fit, 1 to 1024; the forest is the same for any number.
    pub fn threads(mut self, threads: usize) -> Self {
        self.0.threads = threads;
        self
    }
}

impl Default for IsolationForestParams {
    fn default() -> Self {
        Self::new()
    }
}

impl ParamGuard for IsolationForestParams {
    type Checked = IsolationForestValidParams;
    type Error = FitError;

    fn check_ref(&self) -> Result<&Self::Checked, FitError> {
        let Self(params) = self;
        for (name, value, most, expected) in [
            ("trees", params.trees, MOST_TREES, "1 to 10,000"),
            ("threads", params.threads, MOST_THREADS, "1 to 1024"),
            ("sample", params.sample / 2, MOST_SAMPLE / 2, "2 to 65,536"),
        ] {
            if !(1..=most).contains(&value) {
                return Err(FitError::Parameter {
                    name,
                    value: value as f64,
                    expected,
                });
            }
        }
        Ok(params)
    }

    fn check(self) -> Result<Self::Checked, FitError> {
        self.check_ref().copied()
    }
}
