use linfa::traits::Predict;
use ndarray::{Array2, array};
use proptest::prelude::*;

use super::*;

fn fit<F: Float>(rows: Array2<F>, seed: u64) -> NnEnsemble<F> {
    let params = NnEnsemble::<F>::params().samples(20).anchors(5).seed(seed);
    params.fit(&DatasetBase::from(rows)).unwrap()
}

fn rows() -> impl Strategy<Value = Array2<f64>> {
    (2usize..40, 1usize..20).prop_flat_map(|(height, width)| {
        let value = prop_oneof![
            4 => -3.0..3.0,
            2 => (0i32..4).prop_map(f64::from),
            1 => -1e308..1e308,
        ];
        proptest::collection::vec(value, height * width)
            .prop_map(move |values| Array2::from_shape_vec((height, width), values).unwrap())
    })
}

#[test]
fn it_behaves_as_an_estimator_of_any_float_and_any_targets() {
    fn assert_traits<T: Send + Sync + Unpin + Clone>() {}
    assert_traits::<NnEnsemble<f32>>();
    let rows = array![[1.0f32], [1.5], [2.0], [90.0]];
    let labelled = DatasetBase::new(rows.clone(), array!["a", "b", "c", "d"]);
    let params = NnEnsemble::<f32>::params().anchors(2);
    let model: NnEnsemble<f32> = params.fit(&labelled).unwrap();
    let scores: Array1<f32> = model.predict(&labelled);
    assert!(scores[3] > scores[0]);
    let predicted: DatasetBase<_, Array1<f32>> = model.predict(rows);
    assert_eq!(predicted.targets, scores);
    let json = serde_json::to_string(&model).unwrap();
    assert_eq!(
        serde_json::from_str::<NnEnsemble<f32>>(&json).unwrap(),
        model
    );
}

#[test]
fn what_is_not_finite_is_a_typed_error() {
    let params = NnEnsemble::<f64>::params();
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let dataset = DatasetBase::from(array![[0.0, 1.0], [bad, 1.0], [2.0, 2.0]]);
        let error = params.fit(&dataset).unwrap_err();
        assert!(matches!(error, FitError::NotFinite { row: 1, column: 0 }));
        let model = fit(array![[0.0, 1.0], [1.0, 2.0]], 1);
        let row = array![0.0, bad];
        assert_eq!(
            model.score_row(row.view()),
            Err(ScoreError::NotFinite { column: 1 })
        );
        let scores: Array1<f64> = model.predict(&array![[0.0, bad], [0.0, 1.0]]);
        assert!(scores[0].is_nan() && scores[1].is_finite());
    }
}

#[test]
fn widths_and_heights_are_checked() {
    let params = NnEnsemble::<f64>::params();
    let few = params.fit(&DatasetBase::from(array![[1.0]])).unwrap_err();
    assert!(matches!(
        few,
        FitError::TooFewRows {
            found: 1,
            needed: 2
        }
    ));
    let none = params
        .fit(&DatasetBase::from(Array2::<f64>::zeros((5, 0))))
        .unwrap_err();
    assert!(matches!(none, FitError::Columns { found: 0, .. }));
    let model = fit(array![[0.0, 1.0], [1.0, 2.0]], 1);
    let error = Err(ScoreError::Width {
        expected: 2,
        found: 1,
    });
    assert_eq!(model.distance_row(array![0.0].view()), error);
    assert_eq!(
        model.contributions_row(array![0.0, 0.0].view(), &mut [0]),
        error
    );
    let scores: Array1<f64> = model.predict(&array![[0.0], [1.0]]);
    assert!(scores.iter().all(|score| score.is_nan()));
}

#[test]
fn far_rows_and_constant_columns_are_scored() {
    let model = fit(
        Array2::from_shape_fn((50, 2), |(row, column)| (row * column) as f64),
        1,
    );
    let score = |value: f64| model.score_row(array![0.0, value].view()).unwrap();
    assert_eq!(score(1e300), score(1e6));
    assert!(score(1e6) > 20.0);
    let constant = model.score_row(array![1e6, 25.0].view()).unwrap();
    assert!((30.0..31.0).contains(&constant), "{constant}");
}

#[test]
fn a_wide_row_is_scored_like_a_narrow_one() {
    let rows = Array2::from_shape_fn((30, 400), |(row, column)| ((row * 7 + column) % 11) as f64);
    let model = fit(rows.clone(), 1);
    let mut parts = vec![0; 400];
    let distance = model.contributions_row(rows.row(3), &mut parts).unwrap();
    assert_eq!(distance, model.distance_row(rows.row(3)).unwrap());
    assert_eq!(parts.iter().sum::<u64>(), distance);
}

#[test]
fn a_stored_ensemble_is_checked() {
    let json = serde_json::to_string(&fit(array![[0.0], [1.0]], 1)).unwrap();
    for (from, to) in [
        ("\"samples\":[[", "\"samples\":[[[1,2],"),
        ("\"clip\":30", "\"clip\":40"),
    ] {
        let spoiled = json.replacen(from, to, 1);
        assert_ne!(spoiled, json);
        assert!(
            serde_json::from_str::<NnEnsemble<f64>>(&spoiled).is_err(),
            "{spoiled}"
        );
    }
    let mut distant: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!(serde_json::from_value::<NnEnsemble<f64>>(distant.clone()).is_ok());
    distant["samples"][0][0][0] = i16::MIN.into();
    assert!(serde_json::from_value::<NnEnsemble<f64>>(distant).is_err());
}

#[test]
fn draws_are_distinct_and_even() {
    let mut generator = ChaCha8Rng::seed_from_u64(3);
    let mut times = [0; 10];
    for _ in 0..3000 {
        let mut places = distinct(10, 4, &mut generator);
        places.iter().for_each(|place| times[*place] += 1);
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), 4);
    }
    assert!(
        times.iter().all(|times| (1100..1300).contains(times)),
        "{times:?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn contributions_add_up_and_storage_keeps_every_bit(rows in rows(), seed: u64) {
        let model = fit(rows.clone(), seed);
        let mut parts = vec![0; rows.ncols()];
        for row in rows.rows() {
            let distance = model.contributions_row(row, &mut parts).unwrap();
            prop_assert_eq!(parts.iter().sum::<u64>(), distance);
            prop_assert_eq!(model.distance_row(row).unwrap(), distance);
        }
        let json = serde_json::to_string(&model).unwrap();
        prop_assert_eq!(&serde_json::from_str::<NnEnsemble<f64>>(&json).unwrap(), &model);
        prop_assert_eq!(fit(rows, seed), model);
    }

    #[test]
    fn neither_the_order_of_rows_nor_the_batch_matters(rows in rows(), seed: u64) {
        let height = rows.nrows();
        let mut order: Vec<usize> = (0..height).collect();
        order.sort_by_key(|place| (*place as u64).wrapping_mul(seed | 1));
        let shuffled = rows.select(ndarray::Axis(0), &order);
        let model = fit(rows.clone(), seed);
        prop_assert_eq!(&fit(shuffled.clone(), seed), &model);
        let scores: Array1<f64> = model.predict(&rows);
        let moved: Array1<f64> = model.predict(&shuffled);
        for (place, from) in order.into_iter().enumerate() {
            prop_assert_eq!(scores[from].to_bits(), moved[place].to_bits());
            let alone = model.score_row(rows.row(from)).unwrap();
            prop_assert_eq!(alone.to_bits(), scores[from].to_bits());
        }
    }
}
