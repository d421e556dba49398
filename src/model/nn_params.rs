//! Parameters of the nearest-neighbour ensemble, in linfa's way: a consuming builder, and a checked
//! form that can be fitted.

use linfa::ParamGuard;

use super::fit_error::{FitError, MOST_THREADS};
use super::robust_scaler::SparseSpread;

/// Checked parameters of an [`NnEnsemble`](super::NnEnsemble).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NnEnsembleValidParams {
    samples: usize,
    anchors: usize,
    trim: f64,
    trim_rows: usize,
    trim_anchors: Option<usize>,
    sparse: SparseSpread,
    seed: u64,
    threads: usize,
}

impl NnEnsembleValidParams {
    /// How many samples are drawn.
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// How many rows a sample holds.
    pub fn anchors(&self) -> usize {
        self.anchors
    }

    /// The share of the rows that a first fit puts aside.
    pub fn trim(&self) -> f64 {
        self.trim
    }

    /// How many rows at most the first fit scores.
    pub fn trim_rows(&self) -> usize {
        self.trim_rows
    }

    /// How many rows a sample of the first fit holds.
    pub fn trim_anchors(&self) -> usize {
        self.trim_anchors.unwrap_or(self.anchors)
    }

    /// How columns of mostly one value are scaled.
    pub fn sparse(&self) -> SparseSpread {
        self.sparse
    }

    /// The seed of the samples.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// How many threads fit.
    pub fn threads(&self) -> usize {
        self.threads
    }
}

/// Parameters of an [`NnEnsemble`](super::NnEnsemble).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NnEnsembleParams(NnEnsembleValidParams);

impl NnEnsembleParams {
    /// The defaults: 100 samples of 16 anchors, a fifth of at most 65,536 rows trimmed, seed 0, one
    /// thread.
    pub fn new() -> Self {
        Self(NnEnsembleValidParams {
            samples: 100,
            anchors: 16,
            trim: 0.2,
            trim_rows: 1 << 16,
            trim_anchors: None,
            sparse: SparseSpread::Deviation,
            seed: 0,
            threads: 1,
        })
    }

    /// How many samples are drawn, 1 to 10,000. More make the score smoother and slower.
    pub fn samples(mut self, samples: usize) -> Self {
        self.0.samples = samples;
        self
    }

    /// How many rows a sample holds, 2 to 4096; fewer where fewer are left after trimming. Few make
    /// the score global and robust where the training rows hold outliers; 64 to 1024 suit rows that
    /// are known to be clean.
    pub fn anchors(mut self, anchors: usize) -> Self {
        self.0.anchors = anchors;
        self
    }

    /// The share of the rows, from 0 to below 0.5, that a first fit finds worst and that the second
    /// fit leaves out; 0 fits once.
    pub fn trim(mut self, trim: f64) -> Self {
        self.0.trim = trim;
        self
    }

    /// How many rows at most are scored to be trimmed, 2 or more. Of more rows, so many are drawn
    /// without replacement, and the anchors are drawn from what is left of them: what the samples
    /// can hold does not grow with the rows, and so the time of fitting need not either.
    pub fn trim_rows(mut self, rows: usize) -> Self {
        self.0.trim_rows = rows;
        self
    }

    /// How many rows a sample of the first fit holds, 2 to 4096; by default as many as
    /// [`anchors`](Self::anchors). Few find outliers that lie together; once these are put aside,
    /// more anchors can describe what is left.
    pub fn trim_anchors(mut self, anchors: usize) -> Self {
        self.0.trim_anchors = Some(anchors);
        self
    }

    /// How columns of mostly one value are scaled; by default by their standard deviation.
    pub fn sparse(mut self, sparse: SparseSpread) -> Self {
        self.0.sparse = sparse;
        self
    }

    /// The seed of the samples.
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

impl Default for NnEnsembleParams {
    fn default() -> Self {
        Self::new()
    }
}

impl ParamGuard for NnEnsembleParams {
    type Checked = NnEnsembleValidParams;
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
        if !(1..=super::nn_ensemble::MOST_SAMPLES).contains(&params.samples) {
            return error("samples", params.samples as f64, "1 to 10,000");
        }
        if !(2..=super::nn_ensemble::MOST_ANCHORS).contains(&params.anchors) {
            return error("anchors", params.anchors as f64, "2 to 4096");
        }
        if !(2..=super::nn_ensemble::MOST_ANCHORS).contains(&params.trim_anchors()) {
            return error("trim_anchors", params.trim_anchors() as f64, "2 to 4096");
        }
        if !(0.0..0.5).contains(&params.trim) {
            return error("trim", params.trim, "0 or more and below 0.5");
        }
        if params.trim_rows < 2 {
            return error("trim_rows", params.trim_rows as f64, "2 or more");
        }
        if !(1..=MOST_THREADS).contains(&params.threads) {
            return error("threads", params.threads as f64, "1 to 1024");
        }
        Ok(params)
    }

    fn check(self) -> Result<Self::Checked, FitError> {
        self.check_ref().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_have_ranges() {
        assert!(NnEnsembleParams::new().check().is_ok());
        for (bad, expected) in [
            (NnEnsembleParams::new().samples(0), "samples"),
            (NnEnsembleParams::new().samples(10_001), "samples"),
            (NnEnsembleParams::new().anchors(1), "anchors"),
            (NnEnsembleParams::new().trim(0.5), "trim"),
            (NnEnsembleParams::new().trim(-0.1), "trim"),
            (NnEnsembleParams::new().trim(f64::NAN), "trim"),
            (NnEnsembleParams::new().trim_rows(1), "trim_rows"),
            (NnEnsembleParams::new().trim_anchors(1), "trim_anchors"),
            (NnEnsembleParams::new().threads(0), "threads"),
        ] {
            let Err(FitError::Parameter { name, .. }) = bad.check() else {
                panic!("{bad:?}")
            };
            assert_eq!(name, expected);
        }
    }
}
