//! What every outlier estimator promises, asked of each of them in turn.

use std::fmt::Debug;

use linfa::traits::{Fit, Predict};
use linfa::{DatasetBase, ParamGuard};
use ndarray::{Array1, Array2, ArrayView1, Axis, array};
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::*;

/// An estimator of doubles, small enough to be fitted often.
trait Estimator: Clone + Debug + PartialEq + Serialize + DeserializeOwned {
    fn fitted(rows: &Array2<f64>, seed: u64, threads: usize) -> Result<Self, FitError>;
    fn score(&self, row: ArrayView1<'_, f64>) -> Result<f64, ScoreError>;
    fn all(&self, rows: &Array2<f64>) -> Array1<f64>;
    /// The sum of the contributions and of what no column is charged with; the score, if there are
    /// no contributions.
    fn summed(&self, row: ArrayView1<'_, f64>) -> Result<f64, ScoreError>;
}

impl Estimator for NnEnsemble<f64> {
    fn fitted(rows: &Array2<f64>, seed: u64, threads: usize) -> Result<Self, FitError> {
        let params = Self::params().samples(20).anchors(5).trim_anchors(3);
        let params = params.sparse(SparseSpread::Balanced).seed(seed);
        params.threads(threads).fit(&DatasetBase::from(rows.view()))
    }

    fn score(&self, row: ArrayView1<'_, f64>) -> Result<f64, ScoreError> {
        self.score_row(row)
    }

    fn all(&self, rows: &Array2<f64>) -> Array1<f64> {
        self.predict(rows)
    }

    fn summed(&self, row: ArrayView1<'_, f64>) -> Result<f64, ScoreError> {
        let mut parts = vec![0; row.len()];
        self.contributions_row(row, &mut parts)?;
        Ok(parts.iter().sum::<u64>() as f64 / self.resolution() as f64)
    }
}

impl Estimator for IsolationForest<f64> {
    fn fitted(rows: &Array2<f64>, seed: u64, threads: usize) -> Result<Self, FitError> {
        let params = Self::params().trees(20).sample(16).seed(seed);
        params.threads(threads).fit(&DatasetBase::from(rows.view()))
    }

    fn score(&self, row: ArrayView1<'_, f64>) -> Result<f64, ScoreError> {
        self.score_row(row)
    }

    fn all(&self, rows: &Array2<f64>) -> Array1<f64> {
        self.predict(rows)
    }

    fn summed(&self, row: ArrayView1<'_, f64>) -> Result<f64, ScoreError> {
        self.score_row(row)
    }
}

impl Estimator for HistogramScore<f64> {
    fn fitted(rows: &Array2<f64>, _: u64, _: usize) -> Result<Self, FitError> {
        if rows.nrows() < 2 {
            // The others need two rows.
            return Err(FitError::TooFewRows {
                found: rows.nrows(),
                needed: 2,
            });
        }
        Self::params().fit(&DatasetBase::from(rows.view()))
    }

    fn score(&self, row: ArrayView1<'_, f64>) -> Result<f64, ScoreError> {
        self.score_row(row)
    }

    fn all(&self, rows: &Array2<f64>) -> Array1<f64> {
        self.predict(rows)
    }

    fn summed(&self, row: ArrayView1<'_, f64>) -> Result<f64, ScoreError> {
        let mut parts = vec![0.0; row.len()];
        self.contributions_row(row, &mut parts)?;
        Ok(parts.iter().sum())
    }
}

impl Estimator for OutlierEnsemble<f64> {
    fn fitted(rows: &Array2<f64>, seed: u64, threads: usize) -> Result<Self, FitError> {
        let nearest = NnEnsembleParams::new().samples(20).anchors(5);
        let forest = IsolationForestParams::new().trees(20).sample(16);
        let components = vec![
            (ComponentParams::Nearest(nearest), 1.0),
            (ComponentParams::Isolation(forest), 0.25),
            (ComponentParams::Histogram(HistogramScoreParams::new()), 0.5),
        ];
        let params = Self::params().components(components).seed(seed);
        params.threads(threads).fit(&DatasetBase::from(rows.view()))
    }

    fn score(&self, row: ArrayView1<'_, f64>) -> Result<f64, ScoreError> {
        self.score_row(row)
    }

    fn all(&self, rows: &Array2<f64>) -> Array1<f64> {
        self.predict(rows)
    }

    fn summed(&self, row: ArrayView1<'_, f64>) -> Result<f64, ScoreError> {
        let mut parts = vec![0.0; row.len()];
        let attribution = self.contributions_row(row, &mut parts)?;
        assert_eq!(attribution.score, self.score_row(row)?);
        Ok(parts.iter().sum::<f64>() + attribution.unattributed)
    }
}

fn rows() -> impl Strategy<Value = Array2<f64>> {
    (2usize..40, 1usize..12).prop_flat_map(|(height, width)| {
        let value = prop_oneof![
            4 => -3.0..3.0,
            3 => (0i32..3).prop_map(f64::from),
            1 => -1e308..1e308,
        ];
        proptest::collection::vec(value, height * width)
            .prop_map(move |values| Array2::from_shape_vec((height, width), values).unwrap())
    })
}

fn keeps_its_promises<E: Estimator>(rows: &Array2<f64>, seed: u64) -> Result<(), TestCaseError> {
    let model = E::fitted(rows, seed, 1).unwrap();
    prop_assert_eq!(&E::fitted(rows, seed, 3).unwrap(), &model);
    let json = serde_json::to_string(&model).unwrap();
    let stored: E = serde_json::from_str(&json).unwrap();
    prop_assert_eq!(&stored, &model);
    let mut order: Vec<usize> = (0..rows.nrows()).collect();
    order.sort_by_key(|place| (*place as u64).wrapping_mul(seed | 1));
    let shuffled = rows.select(Axis(0), &order);
    prop_assert_eq!(&E::fitted(&shuffled, seed, 2).unwrap(), &model);
    let (scores, moved) = (model.all(rows), stored.all(&shuffled));
    for (place, from) in order.into_iter().enumerate() {
        let row = rows.row(from);
        let score = model.score(row).unwrap();
        prop_assert!(score.is_finite() && score >= 0.0);
        prop_assert_eq!(scores[from].to_bits(), score.to_bits());
        prop_assert_eq!(moved[place].to_bits(), score.to_bits());
        let summed = model.summed(row).unwrap();
        prop_assert!((summed - score).abs() <= 1e-5 * score.max(1.0));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn nearest_neighbours_keep_their_promises(rows in rows(), seed: u64) {
        keeps_its_promises::<NnEnsemble<f64>>(&rows, seed)?;
    }

    #[test]
    fn isolation_forests_keep_their_promises(rows in rows(), seed: u64) {
        keeps_its_promises::<IsolationForest<f64>>(&rows, seed)?;
    }

    #[test]
    fn histograms_keep_their_promises(rows in rows(), seed: u64) {
        keeps_its_promises::<HistogramScore<f64>>(&rows, seed)?;
    }

    #[test]
    fn ensembles_keep_their_promises(rows in rows(), seed: u64) {
        keeps_its_promises::<OutlierEnsemble<f64>>(&rows, seed)?;
    }
}

fn refuses_what_is_no_row_of_numbers<E: Estimator>() {
    let model = E::fitted(&array![[0.0, 1.0], [1.0, 2.0], [2.0, 1.0]], 1, 1).unwrap();
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let error = E::fitted(&array![[0.0, 1.0], [bad, 1.0], [2.0, 2.0]], 1, 1).unwrap_err();
        assert!(matches!(error, FitError::NotFinite { row: 1, column: 0 }));
        let row = array![0.0, bad];
        let error = Err(ScoreError::NotFinite { column: 1 });
        assert_eq!(model.score(row.view()), error);
        assert_eq!(model.summed(row.view()), error);
        let scores = model.all(&array![[0.0, bad], [0.0, 1.0]]);
        assert!(scores[0].is_nan() && scores[1].is_finite());
    }
    let narrow = Err(ScoreError::Width {
        expected: 2,
        found: 1,
    });
    assert_eq!(model.score(array![0.0].view()), narrow);
    let few = E::fitted(&array![[1.0]], 1, 1).unwrap_err();
    assert!(matches!(
        few,
        FitError::TooFewRows {
            found: 1,
            needed: 2
        }
    ));
    let none = E::fitted(&Array2::zeros((5, 0)), 1, 1).unwrap_err();
    assert!(matches!(none, FitError::Columns { found: 0, .. }));
}

#[test]
fn every_estimator_refuses_what_is_no_row_of_numbers() {
    refuses_what_is_no_row_of_numbers::<NnEnsemble<f64>>();
    refuses_what_is_no_row_of_numbers::<IsolationForest<f64>>();
    refuses_what_is_no_row_of_numbers::<HistogramScore<f64>>();
    refuses_what_is_no_row_of_numbers::<OutlierEnsemble<f64>>();
}

/// A dense crowd beside a constant column, with one row far off.
fn crowd() -> Array2<f64> {
    Array2::from_shape_fn((200, 3), |(row, column)| match (row, column) {
        (_, 2) => 5.0,
        (199, _) => 90.0,
        _ => ((row * (column + 3)) % 17) as f64,
    })
}

fn tells_the_far_row<E: Estimator>() {
    let rows = crowd();
    let model = E::fitted(&rows, 1, 1).unwrap();
    let scores = model.all(&rows);
    assert!(scores.iter().take(199).all(|score| *score < scores[199]));
    // The interquartile range is about 8.
    for far in [8e6, 1e300, f64::MAX] {
        for row in [
            array![far, 0.0, 5.0],
            array![0.0, -far, 5.0],
            array![0.0, 0.0, far],
        ] {
            assert!(model.score(row.view()).unwrap().is_finite());
        }
    }
    let alike = E::fitted(&Array2::from_elem((20, 2), 7.0), 1, 1).unwrap();
    assert!(alike.score(array![7.0, 7.0].view()).unwrap().is_finite());
}

#[test]
fn every_estimator_tells_a_far_row_and_scores_constant_columns() {
    tells_the_far_row::<NnEnsemble<f64>>();
    tells_the_far_row::<IsolationForest<f64>>();
    tells_the_far_row::<HistogramScore<f64>>();
    tells_the_far_row::<OutlierEnsemble<f64>>();
}

#[test]
fn scores_that_come_with_a_fit_are_those_of_the_ensemble() {
    let rows = crowd();
    let params = OutlierEnsemble::<f64>::params().threads(2).check().unwrap();
    let (model, scores) = params.fit_scored(rows.view()).unwrap();
    assert_eq!(model.score_rows(rows.view(), 3).unwrap(), scores);
    assert_eq!(model.all(&rows).to_vec(), scores);
}

#[test]
fn rows_beyond_all_training_rows_are_still_ordered() {
    let model = OutlierEnsemble::<f64>::params();
    let model: OutlierEnsemble<f64> = model.fit(&DatasetBase::from(crowd())).unwrap();
    let score = |x: f64| model.score_row(array![x, 8.0, 5.0].view()).unwrap();
    assert!(score(100.0) < score(120.0) && score(120.0) < score(140.0));
}

#[test]
fn a_tree_is_no_deeper_than_its_cap_and_c_is_exact() {
    let rows = Array2::from_shape_fn((64, 1), |(row, _)| 2f64.powi(row as i32));
    let params = IsolationForest::<f64>::params().trees(50).sample(64);
    let model: IsolationForest<f64> = params.fit(&DatasetBase::from(rows)).unwrap();
    // The greatest row is mostly alone after one cut, which is a mean depth of little more than 1.
    let c = |n: usize| {
        2.0 * (1..n).map(|k| 1.0 / k as f64).sum::<f64>() - 2.0 * (n - 1) as f64 / n as f64
    };
    assert!((c(2) - 1.0).abs() < 1e-12);
    let depth = |x: f64| -model.score_row(array![x].view()).unwrap().log2() * c(64);
    let (high, low) = (depth(2f64.powi(63)), depth(1.0));
    assert!((1.0..3.0).contains(&high), "{high}");
    // Six cuts at most, and then c of those that are left.
    assert!(low > high && low <= 6.0 + c(64), "{low}");
}

#[test]
fn a_single_value_has_the_usual_score_of_a_forest() {
    let params = IsolationForest::<f64>::params().trees(5).sample(8);
    let rows = Array2::from_elem((30, 2), 1.0);
    let model: IsolationForest<f64> = params.fit(&DatasetBase::from(rows)).unwrap();
    assert_eq!(model.score_row(array![1.0, 1.0].view()), Ok(0.5));
}

#[test]
fn estimators_are_of_any_float_and_any_targets() {
    fn assert_traits<T: Send + Sync + Unpin + Clone>() {}
    assert_traits::<OutlierEnsemble<f32>>();
    let rows = array![[1.0f32], [1.5], [2.0], [90.0]];
    let labelled = DatasetBase::new(rows, array!["a", "b", "c", "d"]);
    let forest: IsolationForest<f32> = IsolationForest::<f32>::params().fit(&labelled).unwrap();
    let histogram: HistogramScore<f32> = HistogramScore::<f32>::params().fit(&labelled).unwrap();
    let ensemble: OutlierEnsemble<f32> = OutlierEnsemble::<f32>::params().fit(&labelled).unwrap();
    let scores: [Array1<f32>; 3] = [
        forest.predict(&labelled),
        histogram.predict(&labelled),
        ensemble.predict(&labelled),
    ];
    assert!(scores.iter().all(|scores| scores[3] >= scores[1]));
}

/// Every spoiling of a stored estimator is an error.
fn refuses<E: Estimator>(spoilings: &[(&str, &str)]) {
    let model = E::fitted(&array![[0.0, 1.0], [1.0, 2.0], [2.0, 1.0]], 1, 1).unwrap();
    let json = serde_json::to_string(&model).unwrap();
    for (from, to) in spoilings {
        let spoiled = json.replacen(from, to, 1);
        assert_ne!(spoiled, json, "{from}");
        assert!(serde_json::from_str::<E>(&spoiled).is_err(), "{spoiled}");
    }
    for end in (0..json.len()).step_by(json.len() / 50 + 1) {
        assert!(serde_json::from_str::<E>(&json[..end]).is_err());
    }
}

#[test]
fn broken_artefacts_are_errors() {
    refuses::<IsolationForest<f64>>(&[
        ("\"columns\":2", "\"columns\":0"),
        ("\"below\":[1", "\"below\":[0"),
        ("\"below\":[1", "\"below\":[4000000000"),
        ("\"column\":[", "\"column\":[7,"),
        (
            "\"trees\":[",
            "\"trees\":[{\"column\":[0],\"below\":[0],\"value\":[0]},",
        ),
        (
            "\"trees\":[",
            "\"trees\":[{\"column\":[],\"below\":[],\"value\":[]},",
        ),
        ("\"sample\":3", "\"sample\":1"),
    ]);
    refuses::<HistogramScore<f64>>(&[
        ("\"least\":[0.0", "\"least\":[9.0"),
        ("\"least\":[", "\"least\":[1.0,"),
        ("\"counts\":[[", "\"counts\":[[3,"),
        ("\"counts\":[[1", "\"counts\":[[18446744073709551615"),
    ]);
    refuses::<OutlierEnsemble<f64>>(&[
        ("\"weight\":1.0", "\"weight\":-1.0"),
        ("\"rows\":3", "\"rows\":2"),
        ("\"nearest\"", "\"farthest\""),
        ("\"columns\":2", "\"columns\":3"),
    ]);
    assert!(serde_json::from_str::<OutlierEnsemble<f64>>(r#"{"components":[]}"#).is_err());
}

#[test]
fn parameters_of_every_estimator_have_ranges() {
    let name = |error: FitError| match error {
        FitError::Parameter { name, .. } => name,
        other => panic!("{other}"),
    };
    let forest = IsolationForestParams::new;
    assert_eq!(name(forest().trees(0).check().unwrap_err()), "trees");
    assert_eq!(name(forest().sample(1).check().unwrap_err()), "sample");
    assert_eq!(name(forest().threads(0).check().unwrap_err()), "threads");
    let bins = HistogramScoreParams::new().bins(1).check().unwrap_err();
    assert_eq!(name(bins), "bins");
    let ensemble = OutlierEnsembleParams::new;
    let none = ensemble().components(Vec::new()).check().unwrap_err();
    assert_eq!(name(none), "the number of components");
    for weight in [0.0, f64::NAN, f64::INFINITY] {
        let components = vec![(ComponentParams::recommended(), weight)];
        let error = ensemble().components(components).check().unwrap_err();
        assert_eq!(name(error), "a weight");
    }
    let wrong = ComponentParams::Histogram(HistogramScoreParams::new().bins(0));
    let error = ensemble().components(vec![(wrong, 1.0)]).check();
    assert_eq!(name(error.unwrap_err()), "bins");
    assert!(ensemble().check().is_ok());
}
