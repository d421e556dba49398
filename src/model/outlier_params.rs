//! Parameters of the outlier ensemble, in linfa's way.

use linfa::ParamGuard;

use super::fit_error::{FitError, MOST_THREADS};
use super::histogram_params::HistogramScoreParams;
use super::isolation_params::IsolationForestParams;
use super::nn_params::NnEnsembleParams;
use super::robust_scaler::SparseSpread;

/// The most components.
pub(super) const MOST_COMPONENTS: usize = 100;

/// An estimator that is a component of an [`OutlierEnsemble`](super::OutlierEnsemble).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ComponentParams {
    /// Distances to nearest anchors.
    Nearest(NnEnsembleParams),
    /// How few cuts set a row apart.
    Isolation(IsolationForestParams),
    /// How rare single values are.
    Histogram(HistogramScoreParams),
}

impl ComponentParams {
    /// The component that is the default.
    ///
    /// 50 samples of 32 anchors; 30 % of the rows are trimmed by samples of 16, and columns of mostly
    /// one value are scaled by [`SparseSpread::Balanced`].
    pub fn recommended() -> Self {
        Self::Nearest(
            NnEnsembleParams::new()
                .samples(50)
                .anchors(32)
                .trim(0.3)
                .trim_anchors(16)
                .sparse(SparseSpread::Balanced),
        )
    }

    fn check(&self) -> Result<(), FitError> {
        match self {
            Self::Nearest(params) => params.check_ref().map(|_| ()),
            Self::Isolation(params) => params.check_ref().map(|_| ()),
            Self::Histogram(params) => params.check_ref().map(|_| ()),
        }
    }
}

/// Checked parameters of an [`OutlierEnsemble`](super::OutlierEnsemble).
#[derive(Clone, Debug, PartialEq)]
pub struct OutlierEnsembleValidParams {
    components: Vec<(ComponentParams, f64)>,
    seed: u64,
    threads: usize,
}

impl OutlierEnsembleValidParams {
    /// The components and their weights.
    pub fn components(&self) -> &[(ComponentParams, f64)] {
        &self.components
    }

    /// The seed of all components.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// How many threads fit.
    pub fn threads(&self) -> usize {
        self.threads
    }
}

/// Parameters of an [`OutlierEnsemble`](super::OutlierEnsemble).
#[derive(Clone, Debug, PartialEq)]
pub struct OutlierEnsembleParams(OutlierEnsembleValidParams);

impl OutlierEnsembleParams {
    /// The defaults: [the recommended component](ComponentParams::recommended) alone, seed 0, one
    /// thread.
    pub fn new() -> Self {
        Self(OutlierEnsembleValidParams {
            components: vec![(ComponentParams::recommended(), 1.0)],
            seed: 0,
            threads: 1,
        })
    }

    /// The components, 1 to 100, each with a finite weight above 0. Their own seeds and threads are
    /// replaced by those given here.
    pub fn components(mut self, components: Vec<(ComponentParams, f64)>) -> Self {
        self.0.components = components;
        self
    }

    /// The seed of all components.
    pub fn seed(mut self, seed: u64) -> Self {
        self.0.seed = seed;
        self
    }

    /// How many threads fit, 1 to 1024; the ensemble is the same for any number.
    pub fn threads(mut self, threads: usize) -> Self {
        self.0.threads = threads;
        self
    }
}

impl Default for OutlierEnsembleParams {
    fn default() -> Self {
        Self::new()
    }
}

impl ParamGuard for OutlierEnsembleParams {
    type Checked = OutlierEnsembleValidParams;
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
        let count = params.components.len();
        if !(1..=MOST_COMPONENTS).contains(&count) {
            return error("the number of components", count as f64, "1 to 100");
        }
        if !(1..=MOST_THREADS).contains(&params.threads) {
            return error("threads", params.threads as f64, "1 to 1024");
        }
        for (component, weight) in &params.components {
            if !(weight.is_finite() && *weight > 0.0) {
                return error("a weight", *weight, "a finite number above 0");
            }
            component.check()?;
        }
        Ok(params)
    }

    fn check(self) -> Result<Self::Checked, FitError> {
        self.check_ref()?;
        Ok(self.0)
    }
}
