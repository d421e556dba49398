//! Outlier estimators of any kind, as one.
//!
//! In: rows of finite numbers. Out: how surprising a row is to all components. Must hold: a score is
//! a function of the row, the training rows and the seed alone, on any number of threads; what
//! columns contribute and what no column is charged with add up to it.

use linfa::Float;
use linfa::dataset::DatasetBase;
use linfa::traits::{Fit, PredictInplace};
use ndarray::{Array1, ArrayBase, ArrayView1, ArrayView2, Data, Ix2};
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::fit_error::{FitError, ScoreError};
use super::histogram_score::HistogramScore;
use super::isolation_forest::IsolationForest;
use super::nn_ensemble::NnEnsemble;
use super::outlier_params::{
    ComponentParams, MOST_COMPONENTS, OutlierEnsembleParams, OutlierEnsembleValidParams,
};
use super::tail::Tail;
use crate::parallel;

/// The widest row that is explained without allocation.
const STACK: usize = 256;

/// An ensemble of outlier estimators, as a linfa estimator.
///
/// Each component's raw score is turned into its surprise, `-ln p`, where `p` is the share of the
/// training rows that the component scores at least as high; the score of a row is the weighted sum
/// of the surprises. With one component of weight 1, which is the default, a score `s` says that
/// about one in `e^s` training rows is as far from the others. Adding logarithms of tail
/// probabilities is Fisher's way of combining tests (*Statistical Methods for Research Workers*,
/// 1925), used for outliers by COPOD (Li, Zhao, Botta, Ionescu & Hu, ICDM 2020); components need no
/// common scale. Above the highest training score, surprise is extrapolated, so that rows there are
/// still ordered.
///
/// # Components
/// [`NnEnsemble`], [`IsolationForest`] and [`HistogramScore`], in any number and with any weights:
/// see [`OutlierEnsembleParams`]. What the default is, is a matter of measurement: see
/// `benches/results.md`.
///
/// # Contributions
/// A component whose raw score is a sum over columns - all but the isolation forest - divides its
/// surprise among the columns as its raw score is divided. What is left is
/// [`Attribution::unattributed`].
///
/// # Cost
/// That of the components, and one search among about a thousand numbers each.
///
/// ```
/// use fundwatch::model::OutlierEnsemble;
/// use linfa::DatasetBase;
/// use linfa::traits::{Fit, Predict};
/// use ndarray::Array2;
///
/// let rows = Array2::from_shape_fn((101, 2), |(row, column)| match (row, column) {
///     (100, _) => 40.0,
///     (_, 0) => (row % 10) as f64,
///     _ => (row / 10) as f64,
/// });
/// let dataset = DatasetBase::from(rows);
/// let model = OutlierEnsemble::<f64>::params().seed(7).fit(&dataset)?;
/// let scores = model.predict(&dataset);
/// assert!(scores.iter().take(100).all(|score| *score < scores[100]));
/// # Ok::<(), fundwatch::model::FitError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound(
    serialize = "F: Float + Serialize",
    deserialize = "F: Float + Deserialize<'de>"
))]
#[serde(try_from = "Stored<F>", into = "Stored<F>")]
pub struct OutlierEnsemble<F> {
    members: Vec<Member<F>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(bound(
    serialize = "F: Float + Serialize",
    deserialize = "F: Float + Deserialize<'de>"
))]
struct Member<F> {
    weight: f64,
    tail: Tail,
    component: Component<F>,
}

/// A fitted component.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[serde(bound(
    serialize = "F: Float + Serialize",
    deserialize = "F: Float + Deserialize<'de>"
))]
enum Component<F> {
    Nearest(NnEnsemble<F>),
    Isolation(IsolationForest<F>),
    Histogram(HistogramScore<F>),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(bound(
    serialize = "F: Float + Serialize",
    deserialize = "F: Float + Deserialize<'de>"
))]
struct Stored<F> {
    components: Vec<Member<F>>,
}

impl<F: Float> TryFrom<Stored<F>> for OutlierEnsemble<F> {
    type Error = &'static str;

    fn try_from(stored: Stored<F>) -> Result<Self, Self::Error> {
        let members = stored.components;
        if !(1..=MOST_COMPONENTS).contains(&members.len()) {
            return Err("an ensemble has 1 to 100 components");
        }
        let columns = members[0].component.columns();
        let equal = |member: &Member<F>| member.component.columns() == columns;
        if !members.iter().all(equal) {
            return Err("the components of an ensemble have equally many columns");
        }
        let positive = |member: &Member<F>| member.weight.is_finite() && member.weight > 0.0;
        if !members.iter().all(positive) {
            return Err("the weights of an ensemble are finite numbers above 0");
        }
        Ok(Self { members })
    }
}

impl<F: Float> From<OutlierEnsemble<F>> for Stored<F> {
    fn from(ensemble: OutlierEnsemble<F>) -> Self {
        Self {
            components: ensemble.members,
        }
    }
}

/// The score of a row and how it comes about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attribution<F> {
    /// The score.
    pub score: F,
    /// What no column is charged with: the surprise of components without contributions.
    pub unattributed: F,
}

impl<F: Float> Component<F> {
    fn columns(&self) -> usize {
        match self {
            Self::Nearest(nearest) => nearest.columns(),
            Self::Isolation(forest) => forest.columns(),
            Self::Histogram(histogram) => histogram.columns(),
        }
    }

    #[inline]
    fn score_row(&self, row: ArrayView1<'_, F>) -> Result<f64, ScoreError> {
        let double = |score: F| score.to_f64().expect("a float is a double");
        Ok(match self {
            // In whole thousandths, which are more precise than `F` may be.
            Self::Nearest(nearest) => {
                nearest.distance_row(row)? as f64 / nearest.resolution() as f64
            }
            Self::Isolation(forest) => double(forest.score_row(row)?),
            Self::Histogram(histogram) => double(histogram.score_row(row)?),
        })
    }
}

impl<F: Float> OutlierEnsemble<F> {
    /// The parameters, to be fitted.
    pub fn params() -> OutlierEnsembleParams {
        OutlierEnsembleParams::new()
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.members[0].component.columns()
    }

    /// Number of components.
    pub fn components(&self) -> usize {
        self.members.len()
    }

    /// The score of a row, 0 or more.
    ///
    /// # Errors
    /// [`ScoreError`] if the row has another width than the training rows, NaN or infinity.
    pub fn score_row(&self, row: ArrayView1<'_, F>) -> Result<F, ScoreError> {
        let mut sum = 0.0;
        for member in &self.members {
            sum += member.surprise(member.component.score_row(row)?);
        }
        Ok(F::cast(sum))
    }

    /// What each column adds to the [score](Self::score_row) of a row. The contributions and what is
    /// unattributed add up to the score, up to the rounding of sums.
    ///
    /// # Errors
    /// As [`score_row`](Self::score_row); also [`ScoreError::Width`] if `contributions` is not as
    /// wide as the row.
    pub fn contributions_row(
        &self,
        row: ArrayView1<'_, F>,
        contributions: &mut [F],
    ) -> Result<Attribution<F>, ScoreError> {
        if contributions.len() != self.columns() {
            let (expected, found) = (self.columns(), contributions.len());
            return Err(ScoreError::Width { expected, found });
        }
        contributions.fill(F::zero());
        let (mut sum, mut unattributed) = (0.0, 0.0);
        for member in &self.members {
            let (raw, surprise);
            match &member.component {
                Component::Nearest(nearest) => {
                    let mut parts: SmallVec<[u64; STACK]> = SmallVec::new();
                    parts.resize(contributions.len(), 0);
                    let distance = nearest.contributions_row(row, &mut parts)?;
                    raw = distance as f64 / nearest.resolution() as f64;
                    surprise = member.surprise(raw);
                    let parts = parts.iter().map(|part| *part as f64);
                    divide(surprise, distance as f64, parts, contributions);
                }
                Component::Histogram(histogram) => {
                    let mut parts: SmallVec<[F; STACK]> = SmallVec::new();
                    parts.resize(contributions.len(), F::zero());
                    let score = histogram.contributions_row(row, &mut parts)?;
                    raw = score.to_f64().expect("a float is a double");
                    surprise = member.surprise(raw);
                    let parts = parts.iter().map(|part| part.to_f64().unwrap_or(0.0));
                    divide(surprise, raw, parts, contributions);
                }
                Component::Isolation(forest) => {
                    raw = forest
                        .score_row(row)?
                        .to_f64()
                        .expect("a float is a double");
                    surprise = member.surprise(raw);
                    unattributed += surprise;
                }
            }
            sum += surprise;
        }
        Ok(Attribution {
            score: F::cast(sum),
            unattributed: F::cast(unattributed),
        })
    }

    /// The scores of rows, on so many threads, which do not change them.
    ///
    /// # Errors
    /// The place of the first row that cannot be scored, and why.
    pub fn score_rows(
        &self,
        rows: ArrayView2<'_, F>,
        threads: usize,
    ) -> Result<Vec<F>, (usize, ScoreError)> {
        let parts = parallel::chunks(rows.nrows(), threads, |range| {
            let score = |place| {
                self.score_row(rows.row(place))
                    .map_err(|error| (place, error))
            };
            range.map(score).collect::<Result<Vec<F>, _>>()
        });
        Ok(parts.into_iter().collect::<Result<Vec<_>, _>>()?.concat())
    }
}

/// Adds to each contribution its share of a surprise.
fn divide<F: Float>(
    surprise: f64,
    whole: f64,
    parts: impl Iterator<Item = f64>,
    contributions: &mut [F],
) {
    // A raw score of 0 is the least there is and surprises nobody.
    if whole > 0.0 {
        for (contribution, part) in contributions.iter_mut().zip(parts) {
            *contribution += F::cast(surprise * (part / whole));
        }
    }
}

impl<F> Member<F> {
    #[inline]
    fn surprise(&self, raw: f64) -> f64 {
        self.weight * self.tail.surprise(raw)
    }
}

impl<F: Float, D: Data<Elem = F>, T> Fit<ArrayBase<D, Ix2>, T, FitError>
    for OutlierEnsembleValidParams
{
    type Object = OutlierEnsemble<F>;

    /// Fits all components and scores the training rows with each; targets are not looked at.
    ///
    /// # Errors
    /// As the components': [`FitError::TooFewRows`] below two rows, [`FitError::Columns`] without
    /// columns or with too many, [`FitError::NotFinite`] on NaN or infinity.
    fn fit(&self, dataset: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<Self::Object, FitError> {
        let (ensemble, _) = self.fit_scored(dataset.records().view())?;
        Ok(ensemble)
    }
}

impl OutlierEnsembleValidParams {
    /// Fits an ensemble as [`Fit::fit`] does, and gives the scores of the training rows, which are
    /// computed on the way: they equal those that the ensemble gives.
    ///
    /// # Errors
    /// As [`Fit::fit`].
    pub fn fit_scored<F: Float>(
        &self,
        rows: ArrayView2<'_, F>,
    ) -> Result<(OutlierEnsemble<F>, Vec<F>), FitError> {
        let mut members = Vec::with_capacity(self.components().len());
        let mut sums = vec![0.0; rows.nrows()];
        for (component, weight) in self.components() {
            let component = self.fitted(component, rows)?;
            let raw = raw_scores(&component, rows, self.threads());
            let member = Member {
                weight: *weight,
                tail: Tail::new(raw.clone()),
                component,
            };
            for (sum, raw) in sums.iter_mut().zip(raw) {
                *sum += member.surprise(raw);
            }
            members.push(member);
        }
        let scores = sums.into_iter().map(F::cast).collect();
        Ok((OutlierEnsemble { members }, scores))
    }

    fn fitted<F: Float>(
        &self,
        component: &ComponentParams,
        rows: ArrayView2<'_, F>,
    ) -> Result<Component<F>, FitError> {
        let dataset = DatasetBase::from(rows);
        let (seed, threads) = (self.seed(), self.threads());
        Ok(match component {
            ComponentParams::Nearest(params) => {
                let params = params.seed(seed).threads(threads);
                Component::Nearest(params.fit(&dataset)?)
            }
            ComponentParams::Isolation(params) => {
                let params = params.seed(seed).threads(threads);
                Component::Isolation(params.fit(&dataset)?)
            }
            ComponentParams::Histogram(params) => Component::Histogram(params.fit(&dataset)?),
        })
    }
}

/// The raw scores of the rows that a component was fitted on.
fn raw_scores<F: Float>(
    component: &Component<F>,
    rows: ArrayView2<'_, F>,
    threads: usize,
) -> Vec<f64> {
    let parts = parallel::chunks(rows.nrows(), threads, |range| {
        let score = |place| {
            let score = component.score_row(rows.row(place));
            score.expect("rows that were fitted are finite and as wide as the model")
        };
        range.map(score).collect::<Vec<f64>>()
    });
    parts.concat()
}

impl<F: Float, D: Data<Elem = F>> PredictInplace<ArrayBase<D, Ix2>, Array1<F>>
    for OutlierEnsemble<F>
{
    /// Scores rows: see [`OutlierEnsemble::score_row`]. A row that cannot be scored gets NaN.
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
