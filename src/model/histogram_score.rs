//! Histograms of single columns: how rare the values of a row are, each for itself.
//!
//! In: rows of finite numbers. Out: the sum over columns of how rare a value is. Must hold: what is
//! fitted depends on the set of rows alone; contributions add up to the score.

use linfa::Float;
use linfa::dataset::DatasetBase;
use linfa::traits::{Fit, PredictInplace};
use ndarray::{Array1, ArrayBase, ArrayView1, Data, Ix2};
use serde::{Deserialize, Serialize};

use super::fit_error::{FitError, ScoreError};
use super::histogram_params::{HistogramScoreParams, HistogramScoreValidParams, MOST_BINS};
use super::rows::{check_row, check_rows};

/// The most columns.
const MOST_COLUMNS: usize = 1 << 24;

/// The histogram-based outlier score, as a linfa estimator.
///
/// Every column is cut into bins of equal width between its least and greatest training value; a
/// value counts `ln((highest + 1) / (count + 1))`, where `count` are the training rows of its bin
/// and `highest` those of the fullest, and the score is the sum over columns (HBOS: Goldstein &
/// Dengel: *Histogram-based Outlier Score (HBOS): A fast Unsupervised Anomaly Detection Algorithm*,
/// KI 2012). The one added keeps an empty bin finite; what lies outside of all bins is in an empty
/// one. Columns count as if they were independent: what only their combination shows is not seen.
/// A constant column counts 0 for its value and what an empty bin does for any other.
///
/// # Parameters
/// See [`HistogramScoreParams`]: `bins` (20).
///
/// # Cost
/// A score takes one subtraction and division a column and no allocation.
///
/// ```
/// use fundwatch::model::HistogramScore;
/// use linfa::DatasetBase;
/// use linfa::traits::Fit;
/// use ndarray::{Array2, array};
///
/// let rows = Array2::from_shape_fn((100, 2), |(row, column)| (row * (column + 1) % 10) as f64);
/// let model = HistogramScore::<f64>::params().fit(&DatasetBase::from(rows))?;
/// let mut parts = [0.0; 2];
/// let score = model.contributions_row(array![5.0, 99.0].view(), &mut parts)?;
/// assert_eq!(parts[0] + parts[1], score);
/// assert!(parts[1] > parts[0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound(
    serialize = "F: Float + Serialize",
    deserialize = "F: Float + Deserialize<'de>"
))]
#[serde(try_from = "Stored<F>", into = "Stored<F>")]
pub struct HistogramScore<F> {
    bins: usize,
    least: Vec<F>,
    greatest: Vec<F>,
    /// Rows by column and bin.
    counts: Vec<u64>,
    /// What a value counts, by column and bin.
    rarity: Vec<F>,
    /// What a value outside of all bins counts, by column.
    outside: Vec<F>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored<F> {
    least: Vec<F>,
    greatest: Vec<F>,
    /// Rows by column and bin.
    counts: Vec<Vec<u64>>,
}

impl<F: Float> TryFrom<Stored<F>> for HistogramScore<F> {
    type Error = &'static str;

    fn try_from(stored: Stored<F>) -> Result<Self, Self::Error> {
        let Stored {
            least,
            greatest,
            counts,
        } = stored;
        let columns = counts.len();
        if least.len() != columns || greatest.len() != columns {
            return Err("a histogram has a least and a greatest value for each column");
        }
        if !(1..=MOST_COLUMNS).contains(&columns) {
            return Err("a histogram has 1 to 2^24 columns");
        }
        let bins = counts[0].len();
        if !(2..=MOST_BINS).contains(&bins) || counts.iter().any(|column| column.len() != bins) {
            return Err("the columns of a histogram have equally many bins, 2 to 10,000");
        }
        let finite = |(least, greatest): (&F, &F)| {
            least.is_finite() && greatest.is_finite() && least <= greatest
        };
        if !least.iter().zip(&greatest).all(finite) {
            return Err(
                "the values of a histogram are finite, the least no more than the greatest",
            );
        }
        // So that one more can be added.
        if counts.iter().flatten().any(|count| *count > 1 << 53) {
            return Err("the counts of a histogram are at most 2^53");
        }
        Ok(Self::of_counts(
            bins,
            least,
            greatest,
            counts.into_iter().flatten().collect(),
        ))
    }
}

impl<F: Float> From<HistogramScore<F>> for Stored<F> {
    fn from(histogram: HistogramScore<F>) -> Self {
        let columns = histogram.counts.chunks_exact(histogram.bins);
        Self {
            counts: columns.map(<[u64]>::to_vec).collect(),
            least: histogram.least,
            greatest: histogram.greatest,
        }
    }
}

impl<F: Float> HistogramScore<F> {
    /// The parameters, to be fitted.
    pub fn params() -> HistogramScoreParams {
        HistogramScoreParams::new()
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.least.len()
    }

    /// Number of bins of a column.
    pub fn bins(&self) -> usize {
        self.bins
    }

    /// The score of a row: the sum over columns of how rare its value is, 0 or more.
    ///
    /// # Errors
    /// [`ScoreError`] if the row has another width than the training rows, NaN or infinity.
    pub fn score_row(&self, row: ArrayView1<'_, F>) -> Result<F, ScoreError> {
        check_row(row, self.columns())?;
        let rarities = row.iter().enumerate();
        let rarities = rarities.map(|(column, value)| self.rarity(column, *value));
        Ok(rarities.fold(F::zero(), |sum, rarity| sum + rarity))
    }

    /// What each column adds to the [score](Self::score_row) of a row, which is returned: it is the
    /// sum of the contributions in their order.
    ///
    /// # Errors
    /// As [`score_row`](Self::score_row); also [`ScoreError::Width`] if `contributions` is not as
    /// wide as the row.
    pub fn contributions_row(
        &self,
        row: ArrayView1<'_, F>,
        contributions: &mut [F],
    ) -> Result<F, ScoreError> {
        check_row(row, self.columns())?;
        if contributions.len() != self.columns() {
            let (expected, found) = (self.columns(), contributions.len());
            return Err(ScoreError::Width { expected, found });
        }
        let mut sum = F::zero();
        for (column, (part, value)) in contributions.iter_mut().zip(row).enumerate() {
            *part = self.rarity(column, *value);
            sum += *part;
        }
        Ok(sum)
    }

    #[inline]
    fn rarity(&self, column: usize, value: F) -> F {
        match bin(self.least[column], self.greatest[column], self.bins, value) {
            Some(bin) => self.rarity[column * self.bins + bin],
            None => self.outside[column],
        }
    }

    fn of_counts(bins: usize, least: Vec<F>, greatest: Vec<F>, counts: Vec<u64>) -> Self {
        let (mut rarity, mut outside) = (Vec::with_capacity(counts.len()), Vec::new());
        for column in counts.chunks_exact(bins) {
            let highest = column.iter().copied().max().unwrap_or(0);
            let of = |count: u64| F::cast(((highest + 1) as f64 / (count + 1) as f64).ln());
            rarity.extend(column.iter().copied().map(of));
            outside.push(of(0));
        }
        Self {
            bins,
            least,
            greatest,
            counts,
            rarity,
            outside,
        }
    }
}

/// The bin of a value; none outside of all bins.
#[inline]
fn bin<F: Float>(least: F, greatest: F, bins: usize, value: F) -> Option<usize> {
    if value < least || value > greatest {
        return None;
    }
    if least == greatest {
        return Some(0);
    }
    // Halves, since the whole difference may overflow. Of two subnormal numbers it may be 0 instead,
    // and the quotient NaN, which is no bin of its own.
    let half = F::cast(0.5);
    let part = (value * half - least * half) / (greatest * half - least * half);
    let bin = (part * F::cast(bins)).to_usize().unwrap_or(0);
    Some(bin.min(bins - 1))
}

impl<F: Float, D: Data<Elem = F>, T> Fit<ArrayBase<D, Ix2>, T, FitError>
    for HistogramScoreValidParams
{
    type Object = HistogramScore<F>;

    /// Fits histograms; targets are not looked at.
    ///
    /// # Errors
    /// [`FitError::TooFewRows`] without rows, [`FitError::Columns`] without columns or with more
    /// than 2^24, [`FitError::NotFinite`] on NaN or infinity.
    fn fit(&self, dataset: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<Self::Object, FitError> {
        let rows = dataset.records().view();
        check_rows(rows, 1, MOST_COLUMNS)?;
        let mut least = rows.row(0).to_vec();
        let mut greatest = least.clone();
        for row in rows.rows() {
            for ((least, greatest), value) in least.iter_mut().zip(&mut greatest).zip(row) {
                *least = if value < least { *value } else { *least };
                *greatest = if value > greatest { *value } else { *greatest };
            }
        }
        let bins = self.bins();
        let mut counts = vec![0; rows.ncols() * bins];
        for row in rows.rows() {
            for (column, value) in row.into_iter().enumerate() {
                if let Some(bin) = bin(least[column], greatest[column], bins, *value) {
                    counts[column * bins + bin] += 1;
                }
            }
        }
        Ok(HistogramScore::of_counts(bins, least, greatest, counts))
    }
}

impl<F: Float, D: Data<Elem = F>> PredictInplace<ArrayBase<D, Ix2>, Array1<F>>
    for HistogramScore<F>
{
    /// Scores rows: see [`HistogramScore::score_row`]. A row that cannot be scored gets NaN.
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
