//! Parameters of the histogram score, in linfa's way.

use linfa::ParamGuard;

use super::fit_error::FitError;

pub(super) const MOST_BINS: usize = 10_000;

/// Checked parameters of a [`HistogramScore`](super::HistogramScore).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HistogramScoreValidParams {
    bins: usize,
}

impl HistogramScoreValidParams {
    /// How many bins a column has.
    pub fn bins(&self) -> usize {
        self.bins
    }
}

/// Parameters of a [`HistogramScore`](super::HistogramScore).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HistogramScoreParams(HistogramScoreValidParams);

impl HistogramScoreParams {
    /// The default: 20 bins a column.
    pub fn new() -> Self {
        Self(HistogramScoreValidParams { bins: 20 })
    }

    /// How many bins a column has, 2 to 10,000.
    pub fn bins(mut self, bins: usize) -> Self {
        self.0.bins = bins;
        self
    }
}

impl Default for HistogramScoreParams {
    fn default() -> Self {
        Self::new()
    }
}

impl ParamGuard for HistogramScoreParams {
    type Checked = HistogramScoreValidParams;
    type Error = FitError;

    fn check_ref(&self) -> Result<&Self::Checked, FitError> {
        if (2..=MOST_BINS).contains(&self.0.bins) {
            return Ok(&self.0);
        }
        Err(FitError::Parameter {
            name: "bins",
            value: self.0.bins as f64,
            expected: "2 to 10,000",
        })
    }

    fn check(self) -> Result<Self::Checked, FitError> {
        self.check_ref().copied()
    }
}
