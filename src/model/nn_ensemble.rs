//! The outlier estimator: an ensemble of least similar nearest neighbours.
//!
//! In: rows of finite numbers. Out: how far a row lies from small samples of the training rows.
//! Must hold: a score is a function of the row, the training rows and the seed alone.

use linfa::Float;
use linfa::dataset::DatasetBase;
use linfa::traits::{Fit, PredictInplace};
use ndarray::{Array1, ArrayBase, ArrayView1, ArrayView2, Data, Ix2};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use serde::{Deserialize, Serialize};

use super::fit_error::{FitError, ScoreError};
use super::nn_anchors::{Anchors, MOST_COLUMNS};
use super::nn_params::{NnEnsembleParams, NnEnsembleValidParams};
use super::robust_scaler::RobustScaler;
use super::rows::check_rows;
use crate::parallel;

pub(super) const MOST_SAMPLES: usize = 10_000;
pub(super) const MOST_ANCHORS: usize = 4096;
/// Steps to a robust standard deviation.
const STEPS: u64 = 1000;
/// The greatest magnitude of a scaled value in steps: see [`RobustScalerParams::clip`]'s default.
///
/// [`RobustScalerParams::clip`]: super::RobustScalerParams::clip
const FARTHEST: u16 = 30_000;
/// The widest row that is scored without allocation.
const STACK: usize = 256;

/// An ensemble of least similar nearest neighbours, as a linfa estimator.
///
/// The outlier score of a row is its L1 distance to the nearest of a few training rows drawn at
/// random, averaged over many such draws. A row among many of its kind finds one of them in most
/// samples; a row of no kind finds none. The method is LeSiNN (Pang, Ting & Albrecht: *LeSiNN:
/// Detecting Anomalies by Identifying Least Similar Nearest Neighbours*, ICDM Workshops 2015), with
/// three changes: columns are scaled by median and interquartile range ([`RobustScaler`], clipped
/// at 30), the distance is L1, which makes the score a sum over columns, and the estimator cleans
/// its own training data: a first fit scores the training rows, each without itself, the worst
/// share is dropped, and the samples are drawn anew from the rest.
///
/// Scaled values are whole thousandths of a robust standard deviation. Distances are sums of
/// integers, so that [contributions](Self::contributions_row) add up exactly, and a score is the
/// same on every machine: floating point is used for one subtraction and one division a value, and
/// for dividing the sum, each rounded as IEEE 754 says.
///
/// # Parameters
/// See [`NnEnsembleParams`]: `samples` (100), `anchors` (16), `trim` (0.2), `trim_anchors` (as
/// `anchors`), `trim_rows` (65,536), `sparse` ([`SparseSpread::Deviation`]), `seed` (0), `threads`
/// (1).
///
/// [`SparseSpread::Deviation`]: super::SparseSpread::Deviation
///
/// # Order and batches
/// Rows are scored one by one, whatever batch they are in. Before samples are drawn, the training
/// rows are put in the order of their values, so that their order does not matter either.
///
/// # Cost
/// Fitting takes `4 · rows · columns` bytes beside the dataset, and a score of each row that may be
/// trimmed. A score takes `samples · anchors · columns` differences and, up to 256 columns, no
/// allocation.
///
/// # Example
/// ```
/// use fundwatch::model::NnEnsemble;
/// use linfa::DatasetBase;
/// use linfa::traits::{Fit, Predict};
/// use ndarray::Array2;
///
/// // A grid of points, and one that lies far from all of them.
/// let rows = Array2::from_shape_fn((101, 2), |(row, column)| match (row, column) {
///     (100, _) => 40.0,
///     (_, 0) => (row % 10) as f64,
///     _ => (row / 10) as f64,
/// });
/// let dataset = DatasetBase::from(rows);
/// let model = NnEnsemble::<f64>::params().samples(50).anchors(8).seed(7).fit(&dataset)?;
/// let scores = model.predict(&dataset);
/// assert!(scores.iter().take(100).all(|score| *score < scores[100] / 5.0));
/// # Ok::<(), fundwatch::model::FitError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound(
    serialize = "F: Float + Serialize",
    deserialize = "F: Float + Deserialize<'de>"
))]
#[serde(try_from = "Stored<F>", into = "Stored<F>")]
pub struct NnEnsemble<F> {
    scaler: RobustScaler<F>,
    anchors: Anchors,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(bound(
    serialize = "F: Float + Serialize",
    deserialize = "F: Float + Deserialize<'de>"
))]
struct Stored<F> {
    scaler: RobustScaler<F>,
    /// By sample, anchor and column.
    samples: Vec<Vec<Vec<i16>>>,
}

impl<F: Float> TryFrom<Stored<F>> for NnEnsemble<F> {
    type Error = &'static str;

    fn try_from(stored: Stored<F>) -> Result<Self, Self::Error> {
        let samples = stored
            .samples
            .iter()
            .map(|sample| -> Vec<&[i16]> { sample.iter().map(Vec::as_slice).collect() });
        let anchors = Anchors::new(samples)
            .ok_or("the samples of an ensemble are equally many anchors of equal width")?;
        let scaler = stored.scaler;
        if anchors.columns() != scaler.centre().len() {
            return Err("the anchors of an ensemble are as wide as its scaler");
        }
        if anchors.samples() > MOST_SAMPLES || anchors.anchors() > MOST_ANCHORS {
            return Err("an ensemble has at most 10,000 samples of 4096 anchors");
        }
        if scaler.clip() > F::cast(30) {
            return Err("the scaler of an ensemble clips at 30 or less");
        }
        if stored
            .samples
            .iter()
            .flatten()
            .flatten()
            .any(|value| value.unsigned_abs() > FARTHEST)
        {
            return Err("the anchors of an ensemble lie within 30,000 thousandths");
        }
        Ok(Self { scaler, anchors })
    }
}

impl<F: Float> From<NnEnsemble<F>> for Stored<F> {
    fn from(ensemble: NnEnsemble<F>) -> Self {
        let anchors = &ensemble.anchors;
        let sample = |sample| {
            let anchor = |anchor| anchors.anchor(sample, anchor).collect();
            (0..anchors.anchors()).map(anchor).collect()
        };
        let samples = (0..anchors.samples()).map(sample).collect();
        Self {
            scaler: ensemble.scaler,
            samples,
        }
    }
}

impl<F: Float> NnEnsemble<F> {
    /// The parameters, to be fitted.
    pub fn params() -> NnEnsembleParams {
        NnEnsembleParams::new()
    }

    /// How columns are scaled.
    pub fn scaler(&self) -> &RobustScaler<F> {
        &self.scaler
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.anchors.columns()
    }

    /// Number of samples.
    pub fn samples(&self) -> usize {
        self.anchors.samples()
    }

    /// Number of anchors of a sample.
    pub fn anchors(&self) -> usize {
        self.anchors.anchors()
    }

    /// What a [distance](Self::distance_row) is divided by to be a score: 1000 times the number of
    /// samples.
    pub fn resolution(&self) -> u64 {
        STEPS * self.anchors.samples() as u64
    }

    /// The score of a row: its mean L1 distance to the nearest anchors, in robust standard
    /// deviations.
    ///
    /// # Errors
    /// [`ScoreError`] if the row has another width than the training rows, NaN or infinity.
    pub fn score_row(&self, row: ArrayView1<'_, F>) -> Result<F, ScoreError> {
        let distance = self.distance_row(row)?;
        Ok(F::cast(distance) / F::cast(self.resolution()))
    }

    /// The score of a row as a whole number: the sum over samples of the distance in thousandths
    /// of a robust standard deviation.
    ///
    /// # Errors
    /// As [`score_row`](Self::score_row).
    pub fn distance_row(&self, row: ArrayView1<'_, F>) -> Result<u64, ScoreError> {
        self.with_steps(row, |steps| self.anchors.distance(steps))
    }

    /// What each column adds to the [distance](Self::distance_row) of a row, which is returned: the
    /// contributions add up to it exactly.
    ///
    /// # Errors
    /// As [`score_row`](Self::score_row); also [`ScoreError::Width`] if `contributions` is not as
    /// wide as the row.
    pub fn contributions_row(
        &self,
        row: ArrayView1<'_, F>,
        contributions: &mut [u64],
    ) -> Result<u64, ScoreError> {
        if contributions.len() != self.columns() {
            let (expected, found) = (self.columns(), contributions.len());
            return Err(ScoreError::Width { expected, found });
        }
        contributions.fill(0);
        self.with_steps(row, |steps| {
            for sample in 0..self.anchors.samples() {
                let nearest = self.anchors.nearest(sample, steps, None);
                let (anchor, _) = nearest.expect("a sample has an anchor");
                let anchor = self.anchors.anchor(sample, anchor);
                for ((sum, value), anchor) in contributions.iter_mut().zip(steps).zip(anchor) {
                    *sum += u64::from(value.abs_diff(anchor));
                }
            }
            contributions.iter().sum()
        })
    }

    /// Calls `then` with the row in thousandths of a robust standard deviation.
    fn with_steps<T>(
        &self,
        row: ArrayView1<'_, F>,
        then: impl FnOnce(&[i16]) -> T,
    ) -> Result<T, ScoreError> {
        let (expected, found) = (self.columns(), row.len());
        if expected != found {
            return Err(ScoreError::Width { expected, found });
        }
        let mut stack = [0; STACK];
        let mut heap = Vec::new();
        let steps = if expected <= STACK {
            &mut stack[..expected]
        } else {
            heap.resize(expected, 0);
            &mut heap[..]
        };
        for (column, (step, value)) in steps.iter_mut().zip(row).enumerate() {
            if !value.is_finite() {
                return Err(ScoreError::NotFinite { column });
            }
            *step = step_of(&self.scaler, column, *value);
        }
        Ok(then(steps))
    }
}

/// Rows in thousandths of a robust standard deviation, one after the other.
fn steps_of<F: Float>(
    rows: ArrayView2<'_, F>,
    scaler: &RobustScaler<F>,
    threads: usize,
) -> Vec<i16> {
    let parts = parallel::chunks(rows.nrows(), threads, |range| {
        let mut steps = Vec::with_capacity(range.len() * rows.ncols());
        for place in range {
            let row = rows.row(place).into_iter().enumerate();
            steps.extend(row.map(|(column, value)| step_of(scaler, column, *value)));
        }
        steps
    });
    parts.concat()
}

/// A finite value of a column in thousandths of a robust standard deviation, rounded.
fn step_of<F: Float>(scaler: &RobustScaler<F>, column: usize, value: F) -> i16 {
    let steps = (scaler.scale(column, value) * F::cast(STEPS)).round();
    steps.to_i16().expect("values are clipped at 30")
}

impl<F: Float, D: Data<Elem = F>, T> Fit<ArrayBase<D, Ix2>, T, FitError> for NnEnsembleValidParams {
    type Object = NnEnsemble<F>;

    /// Fits an ensemble; targets are not looked at.
    ///
    /// # Errors
    /// [`FitError::TooFewRows`] below two rows, [`FitError::Columns`] without columns or with more
    /// than 65,535, [`FitError::NotFinite`] on NaN or infinity.
    fn fit(&self, dataset: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<Self::Object, FitError> {
        let records = dataset.records();
        check_rows(records.view(), 2, MOST_COLUMNS)?;
        let columns = records.ncols();
        let scaling = RobustScaler::<F>::params().sparse(self.sparse());
        let scaler: RobustScaler<F> = scaling.fit(&DatasetBase::from(records.view()))?;
        let steps = steps_of(records.view(), &scaler, self.threads());
        let mut rows: Vec<&[i16]> = steps.chunks_exact(columns).collect();
        rows.sort_unstable();
        let mut generator = ChaCha8Rng::seed_from_u64(self.seed());
        if self.trim() > 0.0 {
            if rows.len() > self.trim_rows() {
                let mut places = distinct(rows.len(), self.trim_rows(), &mut generator);
                places.sort_unstable();
                rows = places.into_iter().map(|place| rows[place]).collect();
            }
            rows = trimmed(self, rows, &mut generator);
        }
        let (anchors, _) = drawn(self, self.anchors(), &rows, &mut generator);
        Ok(NnEnsemble { scaler, anchors })
    }
}

/// The rows, in their order, without the share that lies farthest from samples of the others.
fn trimmed<'a>(
    params: &NnEnsembleValidParams,
    rows: Vec<&'a [i16]>,
    generator: &mut ChaCha8Rng,
) -> Vec<&'a [i16]> {
    let (anchors, places) = drawn(params, params.trim_anchors(), &rows, generator);
    let scored = parallel::chunks(rows.len(), params.threads(), |range| {
        let score = |place: usize| (anchors.distance(rows[place]), place);
        range.map(score).collect::<Vec<_>>()
    });
    let mut scored = scored.concat();
    // A row that is an anchor itself lies at distance 0 from its sample: there, the distance to the
    // nearest other anchor counts.
    for (sample, places) in places.iter().enumerate() {
        for (anchor, place) in places.iter().enumerate() {
            if let Some((_, distance)) = anchors.nearest(sample, rows[*place], Some(anchor)) {
                scored[*place].0 += u64::from(distance);
            }
        }
    }
    scored.sort_unstable();
    let kept = ((rows.len() as f64) * (1.0 - params.trim())).ceil() as usize;
    scored.truncate(kept.clamp(1, rows.len()));
    let mut kept: Vec<usize> = scored.into_iter().map(|(_, place)| place).collect();
    kept.sort_unstable();
    kept.into_iter().map(|place| rows[place]).collect()
}

/// Samples of rows (at least one), and the places of their anchors.
fn drawn(
    params: &NnEnsembleValidParams,
    anchors: usize,
    rows: &[&[i16]],
    generator: &mut ChaCha8Rng,
) -> (Anchors, Vec<Vec<usize>>) {
    let size = anchors.min(rows.len());
    let draw = |_| distinct(rows.len(), size, generator);
    let places: Vec<Vec<usize>> = (0..params.samples()).map(draw).collect();
    let samples = places
        .iter()
        .map(|places| -> Vec<&[i16]> { places.iter().map(|place| rows[*place]).collect() });
    let anchors = Anchors::new(samples).expect("samples are equally many rows of one dataset");
    (anchors, places)
}

/// `size` distinct places below `rows`, every set of them equally likely (Floyd's algorithm:
/// Bentley & Floyd, Communications of the ACM 30(9), 1987).
pub(super) fn distinct(rows: usize, size: usize, generator: &mut ChaCha8Rng) -> Vec<usize> {
    let mut chosen = Vec::with_capacity(size);
    let mut seen = hashbrown::HashSet::with_capacity(size);
    for last in rows - size..rows {
        let place = below(last + 1, generator);
        let place = if seen.insert(place) { place } else { last };
        seen.insert(place);
        chosen.push(place);
    }
    chosen
}

/// A number below a bound above 0, without bias and the same on machines of any word size.
pub(super) fn below(bound: usize, generator: &mut ChaCha8Rng) -> usize {
    let bound = bound as u64;
    let limit = u64::MAX - u64::MAX % bound;
    loop {
        let word = generator.next_u64();
        if word < limit {
            return (word % bound) as usize;
        }
    }
}

impl<F: Float, D: Data<Elem = F>> PredictInplace<ArrayBase<D, Ix2>, Array1<F>> for NnEnsemble<F> {
    /// Scores rows: see [`NnEnsemble::score_row`]. A row that cannot be scored gets NaN.
    ///
    /// # Panics
    /// If there is not one target a row, as linfa's own estimators do.
    fn predict_inplace<'a>(&'a self, rows: &'a ArrayBase<D, Ix2>, scores: &mut Array1<F>) {
        assert_eq!(
            rows.nrows(),
            scores.len(),
            "there must be one target for each row"
        );
        for (row, score) in rows.rows().into_iter().zip(scores) {
            *score = self.score_row(row).unwrap_or_else(|_| F::nan());
        }
    }

    fn default_target(&self, rows: &ArrayBase<D, Ix2>) -> Array1<F> {
        Array1::zeros(rows.nrows())
    }
}

#[cfg(test)]
#[path = "nn_ensemble_tests.rs"]
mod tests;
