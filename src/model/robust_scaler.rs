//! Robust scaling as a linfa transformer: median and interquartile range in place of mean and
//! standard deviation, and a limit to how far a value can lie.
//!
//! In: rows of finite numbers. Out: the same rows in robust standard deviations from the median,
//! clipped. Must hold: what is fitted depends on the set of rows alone, not on their order.

use std::cmp::Ordering;

use linfa::dataset::DatasetBase;
use linfa::traits::{Fit, Transformer};
use linfa::{Float, ParamGuard};
use ndarray::{Array2, ArrayBase, Data, Ix2};
use serde::{Deserialize, Serialize};

use super::fit_error::FitError;

/// The interquartile range of a normal distribution in standard deviations.
const IQR_OF_NORMAL: f64 = 1.349;

/// What a column is divided by whose interquartile range is 0: one that holds mostly one value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SparseSpread {
    /// Its standard deviation. Of a column of 0 and, in a share `p` of the rows, 1, the ones lie
    /// about `p^(-1/2)` away: the rarest are the farthest, up to the clip.
    #[default]
    Deviation,
    /// The geometric mean of its standard deviation and of the mean distance from the median of the
    /// values that are not the median, where that is more. The ones of such a column lie about
    /// `p^(-1/4)` away, which for shares from 1/2 to 1/1000 grows as their information, `-ln p`,
    /// does. It suits tables of many columns that are indicators or counts.
    Balanced,
}

/// Checked parameters of a [`RobustScaler`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RobustScalerValidParams {
    clip: f64,
    sparse: SparseSpread,
}

/// Parameters of a [`RobustScaler`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RobustScalerParams(RobustScalerValidParams);

impl RobustScalerParams {
    /// The defaults: values are clipped at 30, columns of mostly one value are divided by their
    /// standard deviation.
    pub fn new() -> Self {
        Self(RobustScalerValidParams {
            clip: 30.0,
            sparse: SparseSpread::Deviation,
        })
    }

    /// How many robust standard deviations from the median a value is clipped at.
    pub fn clip(mut self, clip: f64) -> Self {
        self.0.clip = clip;
        self
    }

    /// What columns of mostly one value are divided by.
    pub fn sparse(mut self, sparse: SparseSpread) -> Self {
        self.0.sparse = sparse;
        self
    }
}

impl Default for RobustScalerParams {
    fn default() -> Self {
        Self::new()
    }
}

impl ParamGuard for RobustScalerParams {
    type Checked = RobustScalerValidParams;
    type Error = FitError;

    fn check_ref(&self) -> Result<&Self::Checked, FitError> {
        if self.0.clip.is_finite() && self.0.clip > 0.0 {
            return Ok(&self.0);
        }
        Err(FitError::Parameter {
            name: "clip",
            value: self.0.clip,
            expected: "a finite number above 0",
        })
    }

    fn check(self) -> Result<Self::Checked, FitError> {
        self.check_ref().copied()
    }
}

/// Medians and spreads of columns.
///
/// A value `x` becomes `(x - median) / spread`, clipped, where the spread is the interquartile
/// range over 1.349, so that it equals the standard deviation of normal data. Where the
/// interquartile range is 0 the standard deviation takes its place, or what
/// [`SparseSpread`] says, and where that is 0 too, the column is constant and the spread is 1.
/// Quartiles are interpolated linearly.
///
/// ```
/// use fundwatch::model::RobustScaler;
/// use linfa::DatasetBase;
/// use linfa::traits::{Fit, Transformer};
/// use ndarray::array;
///
/// let rows = array![[1.0, 7.0], [2.0, 7.0], [3.0, 7.0], [4.0, 7.0], [1e9, 7.0]];
/// let scaler = RobustScaler::<f64>::params().fit(&DatasetBase::from(rows.clone()))?;
/// assert_eq!(scaler.centre(), [3.0, 7.0]);
/// let scaled = scaler.transform(rows);
/// assert_eq!(scaled[[2, 0]], 0.0);
/// assert_eq!(scaled[[4, 0]], 30.0);
/// # Ok::<(), fundwatch::model::FitError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound(
    serialize = "F: Float + Serialize",
    deserialize = "F: Float + Deserialize<'de>"
))]
#[serde(try_from = "Stored<F>", into = "Stored<F>")]
pub struct RobustScaler<F> {
    centre: Vec<F>,
    spread: Vec<F>,
    clip: F,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored<F> {
    clip: F,
    centre: Vec<F>,
    spread: Vec<F>,
}

impl<F: Float> TryFrom<Stored<F>> for RobustScaler<F> {
    type Error = &'static str;

    fn try_from(stored: Stored<F>) -> Result<Self, Self::Error> {
        let Stored {
            clip,
            centre,
            spread,
        } = stored;
        let positive = |value: F| value.is_finite() && value > F::zero();
        if centre.len() != spread.len() {
            return Err("a scaler has as many centres as spreads");
        }
        if !positive(clip) || !spread.iter().all(|value| positive(*value)) {
            return Err("the spreads and the clip of a scaler are finite numbers above 0");
        }
        if !centre.iter().all(|value| value.is_finite()) {
            return Err("the centres of a scaler are finite numbers");
        }
        Ok(Self {
            centre,
            spread,
            clip,
        })
    }
}

impl<F: Float> From<RobustScaler<F>> for Stored<F> {
    fn from(scaler: RobustScaler<F>) -> Self {
        let RobustScaler {
            centre,
            spread,
            clip,
        } = scaler;
        Self {
            clip,
            centre,
            spread,
        }
    }
}

impl<F: Float> RobustScaler<F> {
    /// The parameters, to be fitted.
    pub fn params() -> RobustScalerParams {
        RobustScalerParams::new()
    }

    /// The median of each column.
    pub fn centre(&self) -> &[F] {
        &self.centre
    }

    /// What each column is divided by, above 0.
    pub fn spread(&self) -> &[F] {
        &self.spread
    }

    /// The largest magnitude of a scaled value.
    pub fn clip(&self) -> F {
        self.clip
    }

    /// A finite value of a column, scaled.
    ///
    /// # Panics
    /// If there is no such column.
    #[inline]
    pub fn scale(&self, column: usize, value: F) -> F {
        // The difference may overflow to infinity, which is clipped; it is never NaN.
        let scaled = (value - self.centre[column]) / self.spread[column];
        if scaled > self.clip {
            self.clip
        } else if scaled < -self.clip {
            -self.clip
        } else {
            scaled
        }
    }
}

impl<F: Float, D: Data<Elem = F>, T> Fit<ArrayBase<D, Ix2>, T, FitError>
    for RobustScalerValidParams
{
    type Object = RobustScaler<F>;

    /// Fits a scaler; targets are not looked at.
    ///
    /// # Errors
    /// [`FitError::TooFewRows`] without rows, [`FitError::NotFinite`] on NaN or infinity.
    fn fit(&self, dataset: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<Self::Object, FitError> {
        let records = dataset.records();
        if records.nrows() == 0 {
            return Err(FitError::TooFewRows {
                found: 0,
                needed: 1,
            });
        }
        let (mut centre, mut spread) = (Vec::new(), Vec::new());
        for (column, values) in records.columns().into_iter().enumerate() {
            if let Some(row) = values.iter().position(|value| !value.is_finite()) {
                return Err(FitError::NotFinite { row, column });
            }
            let mut values = values.to_vec();
            centre.push(quantile(&mut values, 2));
            spread.push(spread_of(&mut values, self.sparse));
        }
        Ok(RobustScaler {
            centre,
            spread,
            clip: F::cast(self.clip),
        })
    }
}

fn compare<F: Float>(a: &F, b: &F) -> Ordering {
    a.partial_cmp(b).expect("finite numbers compare")
}

/// The `quarter`-th quartile of values (at least one), interpolated linearly; they are reordered.
fn quantile<F: Float>(values: &mut [F], quarter: usize) -> F {
    let place = (values.len() - 1) * quarter;
    let (_, below, others) = values.select_nth_unstable_by(place / 4, compare);
    let (below, part) = (*below, F::cast(place % 4) / F::cast(4));
    let above = others.iter().copied().min_by(compare).unwrap_or(below);
    // Not `below + part * (above - below)`, whose difference may overflow.
    below * (F::one() - part) + above * part
}

/// The spread of finite values, which are reordered, finite and above 0. Nothing in here is NaN:
/// quotients are of finite numbers, and differences overflow to infinity at worst.
fn spread_of<F: Float>(values: &mut [F], sparse: SparseSpread) -> F {
    let (first, third) = (quantile(values, 1), quantile(values, 3));
    let iqr_of_normal = F::cast(IQR_OF_NORMAL);
    let mut spread = third / iqr_of_normal - first / iqr_of_normal;
    if spread <= F::zero() {
        // Summed in order, so that the order of the rows does not matter.
        values.sort_unstable_by(compare);
        spread = standard_deviation(values);
        let off = match sparse {
            SparseSpread::Deviation => F::zero(),
            SparseSpread::Balanced => mean_off_median(values),
        };
        if off > spread {
            spread = spread.sqrt() * off.sqrt();
        }
    }
    if spread <= F::zero() {
        return F::one();
    }
    if spread.is_finite() {
        spread
    } else {
        F::max_value()
    }
}

fn standard_deviation<F: Float>(sorted: &[F]) -> F {
    let (first, last) = (sorted[0], sorted[sorted.len() - 1]);
    let largest = if -first > last { -first } else { last };
    if first == last || largest <= F::zero() {
        return F::zero();
    }
    // Relative to the largest magnitude, so that no square overflows.
    let count = F::cast(sorted.len());
    let sum = sorted
        .iter()
        .fold(F::zero(), |sum, value| sum + *value / largest);
    let mean = sum / count;
    let squares = sorted.iter().fold(F::zero(), |sum, value| {
        let difference = *value / largest - mean;
        sum + difference * difference
    });
    (squares / count).sqrt() * largest
}

/// The mean distance from the median of the sorted values that are not the median; 0 without any.
fn mean_off_median<F: Float>(sorted: &[F]) -> F {
    let (first, last) = (sorted[0], sorted[sorted.len() - 1]);
    let largest = if -first > last { -first } else { last };
    let median = sorted[sorted.len() / 2];
    if first == last || largest <= F::zero() {
        return F::zero();
    }
    let off = sorted.iter().filter(|value| **value != median);
    // Relative to the largest magnitude, so that no difference overflows.
    let distance = |value: &F| (*value / largest - median / largest).abs();
    let (sum, count) = off.fold((F::zero(), 0usize), |(sum, count), value| {
        (sum + distance(value), count + 1)
    });
    sum / F::cast(count) * largest
}

impl<F: Float> Transformer<Array2<F>, Array2<F>> for RobustScaler<F> {
    /// Scales finite rows in place.
    ///
    /// # Panics
    /// If there are more columns than were fitted.
    fn transform(&self, mut rows: Array2<F>) -> Array2<F> {
        for mut row in rows.rows_mut() {
            for (column, value) in row.iter_mut().enumerate() {
                *value = self.scale(column, *value);
            }
        }
        rows
    }
}

impl<F: Float, T> Transformer<DatasetBase<Array2<F>, T>, DatasetBase<Array2<F>, T>>
    for RobustScaler<F>
{
    fn transform(&self, dataset: DatasetBase<Array2<F>, T>) -> DatasetBase<Array2<F>, T> {
        let DatasetBase {
            records,
            targets,
            weights,
            ..
        } = dataset;
        DatasetBase::new(self.transform(records), targets).with_weights(weights)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn fit(rows: Array2<f64>) -> Result<RobustScaler<f64>, FitError> {
        RobustScaler::<f64>::params().fit(&DatasetBase::from(rows))
    }

    #[test]
    fn columns_of_every_kind_have_a_spread() {
        let rows = array![
            [0.0, 5.0, 0.0, -1.7e308, 1.0],
            [1.0, 5.0, 0.0, 1.7e308, 2.0],
            [2.0, 5.0, 0.0, 1.7e308, 3.0],
            [3.0, 5.0, 0.0, -1.7e308, 4.0],
            [4.0, 5.0, 9.0, 0.0, 5e-324],
        ];
        let scaler = fit(rows.clone()).unwrap();
        assert!((scaler.spread()[0] - 2.0 / 1.349).abs() < 1e-12);
        assert_eq!(scaler.spread()[1], 1.0);
        assert!((scaler.spread()[2] - 3.6).abs() < 1e-12);
        let scaled = scaler.transform(rows);
        assert!(scaled.iter().all(|value| value.abs() <= 30.0));
    }

    #[test]
    fn rare_values_lie_as_far_as_is_asked_for() {
        // One in a hundred rows deviates, by 5.
        let rows = Array2::from_shape_fn((100, 1), |(row, _)| if row == 3 { 5.0 } else { 0.0 });
        let distance = |sparse| {
            let params = RobustScaler::<f64>::params().sparse(sparse);
            let scaler: RobustScaler<f64> = params.fit(&DatasetBase::from(rows.clone())).unwrap();
            scaler.scale(0, 5.0)
        };
        let far = distance(SparseSpread::Deviation);
        assert!((far - 10.05).abs() < 0.01, "{far}");
        let balanced = distance(SparseSpread::Balanced);
        assert!((balanced - far.sqrt()).abs() < 1e-9, "{balanced}");
        let extreme = array![
            [0.0],
            [0.0],
            [0.0],
            [0.0],
            [f64::MAX],
            [f64::MIN],
            [0.0],
            [0.0]
        ];
        let params = RobustScaler::<f64>::params().sparse(SparseSpread::Balanced);
        let scaler: RobustScaler<f64> = params.fit(&DatasetBase::from(extreme)).unwrap();
        assert!(scaler.spread()[0].is_finite());
    }

    #[test]
    fn what_cannot_be_fitted_is_an_error() {
        assert!(matches!(
            fit(array![[0.0, 1.0], [0.0, f64::NAN]]),
            Err(FitError::NotFinite { row: 1, column: 1 })
        ));
        assert!(matches!(
            fit(Array2::zeros((0, 3))),
            Err(FitError::TooFewRows { .. })
        ));
        let clipped = RobustScalerParams::new().clip(f64::NAN);
        assert!(matches!(
            clipped.check(),
            Err(FitError::Parameter { name: "clip", .. })
        ));
    }

    #[test]
    fn a_stored_scaler_is_checked() {
        let scaler = fit(array![[0.1], [0.7], [1.0 / 3.0]]).unwrap();
        let json = serde_json::to_string(&scaler).unwrap();
        assert_eq!(
            serde_json::from_str::<RobustScaler<f64>>(&json).unwrap(),
            scaler
        );
        for bad in [
            r#"{"clip":30,"centre":[0],"spread":[0]}"#,
            r#"{"clip":30,"centre":[0],"spread":[]}"#,
            r#"{"clip":-1,"centre":[0],"spread":[1]}"#,
        ] {
            assert!(
                serde_json::from_str::<RobustScaler<f64>>(bad).is_err(),
                "{bad}"
            );
        }
    }
}
