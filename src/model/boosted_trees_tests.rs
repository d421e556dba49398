use linfa::traits::{Fit, Predict};
use linfa::{DatasetBase, ParamGuard};
use ndarray::{Array2, Axis, array};
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use super::super::boosted_params::Monotone;
use super::super::fit_error::FitError;
use super::*;

type Labelled = DatasetBase<Array2<f64>, Array1<bool>>;

/// Parameters that fit a handful of rows.
fn small() -> BoostedTreesParams {
    let params = BoostedTrees::<f64>::params().trees(20).learning_rate(0.3);
    params.least_leaf(1).l2(1.0)
}

fn json(model: &BoostedTrees<f64>) -> String {
    serde_json::to_string(model).unwrap()
}

/// Rows of uniform columns between 0 and 1, in steps of 1/50, and labels of a probability that the
/// row gives.
fn drawn(rows: usize, columns: usize, seed: u64, share: impl Fn(&[f64]) -> f64) -> Labelled {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let mut below = |bound: u32| f64::from(generator.next_u32() % bound);
    let records = Array2::from_shape_simple_fn((rows, columns), || below(51) / 50.0);
    let rows = records.rows().into_iter();
    let targets = rows.map(|row| below(10_000) / 10_000.0 < share(&row.to_vec()));
    let targets = targets.collect();
    DatasetBase::new(records, targets)
}

/// Rows of both classes.
fn labelled() -> impl Strategy<Value = Labelled> {
    (4usize..80, 1usize..8).prop_flat_map(|(height, width)| {
        let value = prop_oneof![
            4 => -3.0..3.0,
            4 => (0i32..4).prop_map(f64::from),
            1 => -1e308..1e308,
        ];
        let values = proptest::collection::vec(value, height * width);
        let targets = proptest::collection::vec(proptest::bool::weighted(0.3), height);
        (values, targets).prop_map(move |(values, mut targets)| {
            targets[0] = true;
            targets[1] = false;
            let records = Array2::from_shape_vec((height, width), values).unwrap();
            DatasetBase::new(records, Array1::from(targets))
        })
    })
}

/// Mean loss of a row, in nats.
fn loss(log_odds: impl IntoIterator<Item = i32>, targets: &Array1<bool>) -> f64 {
    let losses = log_odds.into_iter().zip(targets).map(|(log_odds, target)| {
        let margin = f64::from(log_odds) / 1000.0;
        (1.0 + (if *target { -margin } else { margin }).exp()).ln()
    });
    losses.sum::<f64>() / targets.len() as f64
}

#[test]
fn it_behaves_as_an_estimator_of_any_float() {
    fn assert_traits<T: Send + Sync + Unpin + Clone>() {}
    assert_traits::<BoostedTrees<f32>>();
    let rows = array![[0.1f32], [0.2], [0.7], [0.9]];
    let dataset = DatasetBase::new(rows.clone(), array![false, false, true, true]);
    let model: BoostedTrees<f32> = small().fit(&dataset).unwrap();
    assert_eq!(model.predict(&dataset), dataset.targets);
    let predicted: DatasetBase<_, Array1<bool>> = model.predict(rows.clone());
    assert_eq!(predicted.targets, dataset.targets);
    let stored = serde_json::to_string(&model).unwrap();
    let again: BoostedTrees<f32> = serde_json::from_str(&stored).unwrap();
    assert_eq!(again, model);
    let log_odds = model.log_odds(&rows).unwrap();
    assert_eq!(log_odds[0], model.log_odds_row(rows.row(0)).unwrap());
    assert!(model.probability_row(rows.row(0)).unwrap() < 5000);
    // Views are records and targets too.
    let view = DatasetBase::new(rows.view(), dataset.targets.view());
    assert_eq!(small().fit(&view).unwrap(), model);
    assert_eq!(small().check().unwrap().fit(&view).unwrap(), model);
}

#[test]
fn what_cannot_be_fitted_is_a_typed_error() {
    let fit = |params: BoostedTreesParams, records: Array2<f64>, targets: Array1<bool>| {
        params.fit(&DatasetBase::new(records, targets)).unwrap_err()
    };
    let (rows, targets) = (array![[0.0, 1.0], [1.0, 0.0]], array![false, true]);
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let error = fit(small(), array![[0.0, 1.0], [bad, 1.0]], targets.clone());
        assert!(matches!(error, FitError::NotFinite { row: 1, column: 0 }));
    }
    let error = fit(small(), Array2::zeros((2, 0)), targets.clone());
    assert!(matches!(error, FitError::Columns { found: 0, .. }));
    let error = fit(small().least_leaf(2), rows.clone(), targets.clone());
    let FitError::TooFewRows { found, needed } = error else {
        panic!("{error}")
    };
    assert_eq!((found, needed), (2, 4));
    let error = fit(small(), Array2::zeros((0, 2)), array![]);
    assert!(matches!(error, FitError::TooFewRows { found: 0, .. }));
    for labelled in [true, false] {
        let error = fit(small(), rows.clone(), array![labelled, labelled]);
        assert!(matches!(error, FitError::OneClass { rows: 2, .. }));
    }
    for targets in [array![true], array![], array![true, false, true]] {
        let error = fit(small(), rows.clone(), targets);
        assert!(matches!(error, FitError::Linfa(_)));
    }
    let error = fit(
        small().monotone([Monotone::Increasing]),
        rows.clone(),
        targets.clone(),
    );
    assert!(matches!(error, FitError::Parameter { .. }), "{error}");
    let dataset = DatasetBase::new(rows, targets);
    for (weights, is_of_linfa) in [
        (array![1.0], true),
        (array![1.0, 1.0, 1.0], true),
        (array![1.0, -1.0], false),
        (array![f32::NAN, 1.0], false),
        (array![f32::INFINITY, 1.0], false),
    ] {
        let weighted = dataset.clone().with_weights(weights);
        let error = small().fit(&weighted).unwrap_err();
        assert_eq!(matches!(error, FitError::Linfa(_)), is_of_linfa, "{error}");
    }
    let weighted = dataset.clone().with_weights(array![0.0, 0.0]);
    let error = small().fit(&weighted).unwrap_err();
    assert!(matches!(error, FitError::TooFewRows { found: 0, .. }));
    let weighted = dataset.with_weights(array![2.0, 0.0]);
    let error = small().fit(&weighted).unwrap_err();
    assert!(matches!(error, FitError::TooFewRows { found: 1, .. }));
}

#[test]
fn what_cannot_be_scored_is_a_typed_error() {
    let dataset = drawn(50, 2, 1, |row| row[0]);
    let model = small().fit(&dataset).unwrap();
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let error = ScoreError::NotFinite { column: 1 };
        let row = array![0.0, bad];
        assert_eq!(model.log_odds_row(row.view()), Err(error));
        assert_eq!(model.probability_row(row.view()), Err(error));
        assert_eq!(model.contributions_row(row.view(), &mut [0, 0]), Err(error));
        assert_eq!(model.log_odds(&array![[0.0, 0.0], [0.0, bad]]), Err(error));
        let targets: Array1<bool> = model.predict(&array![[1.0, bad], [1.0, 0.5]]);
        assert_eq!(targets, array![false, true]);
    }
    let width = |found| ScoreError::Width { expected: 2, found };
    assert_eq!(model.log_odds_row(array![0.0].view()), Err(width(1)));
    let mut three = [0; 3];
    let row = array![0.0, 0.0];
    assert_eq!(
        model.contributions_row(row.view(), &mut three),
        Err(width(3))
    );
    let row = array![0.0, 0.0, 0.0];
    assert_eq!(
        model.contributions_row(row.view(), &mut [0, 0]),
        Err(width(3))
    );
}

#[test]
fn constant_columns_leave_the_share_of_positives() {
    let records = Array2::from_elem((100, 3), 7.0);
    let targets = Array1::from_shape_fn(100, |row| row < 4);
    let model = small().fit(&DatasetBase::new(records, targets)).unwrap();
    assert_eq!((model.trees(), model.columns()), (0, 3));
    let row = array![1.0, 2.0, 3.0];
    assert_eq!(model.log_odds_row(row.view()), Ok(-3178));
    assert_eq!(model.probability_row(row.view()), Ok(400));
    let mut parts = [1; 3];
    assert_eq!(model.contributions_row(row.view(), &mut parts), Ok(-3178));
    assert_eq!(parts, [0; 3]);
    // One column of three says something, and is drawn for every tree.
    let records = Array2::from_shape_fn((100, 3), |(row, column)| (row * (column / 2)) as f64);
    let targets = Array1::from_shape_fn(100, |row| row < 4);
    let model = small().columns(0.01);
    let model = model.fit(&DatasetBase::new(records, targets)).unwrap();
    assert_eq!(model.trees(), 20);
}

#[test]
fn boosting_starts_from_a_prior_that_is_given() {
    let dataset = drawn(2000, 2, 5, |row| 0.2 + 0.6 * row[0]);
    let given = small().prior_log_odds(Some(-3000)).trees(1).depth(1);
    let given = given.learning_rate(1e-6).fit(&dataset).unwrap();
    assert_eq!(given.base(), -3000);
    // Trees correct for what is wrong with it.
    let trees = small().prior_log_odds(Some(-3000)).trees(200);
    let trees = trees.fit(&dataset).unwrap();
    assert!(trees.base().abs() < 300, "{}", trees.base());
    // So do those that cannot be split.
    let unsplit = small().prior_log_odds(Some(-3000)).least_leaf(1000);
    let unsplit = unsplit.trees(200).fit(&dataset).unwrap();
    assert!(unsplit.base().abs() < 300, "{}", unsplit.base());
}

#[test]
fn columns_that_act_together_are_learned_from_depth_2_on() {
    let dataset = drawn(2000, 4, 2, |row| {
        f64::from((row[1] > 0.5) != (row[3] > 0.5))
    });
    let wrong = |depth| {
        let model = small().trees(100).depth(depth).columns(1.0);
        let model = model.fit(&dataset).unwrap();
        let predicted: Array1<bool> = model.predict(&dataset);
        let pairs = predicted.iter().zip(&dataset.targets);
        pairs.filter(|(a, b)| a != b).count()
    };
    assert!(wrong(1) > 600);
    assert_eq!(wrong(2), 0);
}

#[test]
fn rare_positives_are_told_from_others() {
    let share = |row: &[f64]| 0.01 + 0.5 * f64::from(row[0] > 0.8 && row[1] > 0.7);
    let (train, test) = (drawn(8000, 12, 3, share), drawn(8000, 12, 4, share));
    let model = BoostedTrees::<f64>::params().fit(&train).unwrap();
    let constant = small().least_leaf(4000).fit(&train).unwrap();
    assert_eq!(constant.trees(), 0);
    let of = |model: &BoostedTrees<f64>| {
        let log_odds = model.log_odds(&test.records).unwrap();
        loss(log_odds, &test.targets)
    };
    assert!(
        of(&model) < 0.75 * of(&constant),
        "{} {}",
        of(&model),
        of(&constant)
    );
    // Probabilities are those of the rows.
    let rows = test.records.rows().into_iter();
    let expected: i64 = rows
        .map(|row| i64::from(model.probability_row(row).unwrap()))
        .sum();
    let found = test.targets.iter().filter(|target| **target).count() as i64;
    assert!(
        (expected / 10_000 - found).abs() < found / 5,
        "{expected} {found}"
    );
    // What makes a row positive is what it is explained by.
    let mut parts = vec![0; 12];
    let mut row = Array1::from_elem(12, 0.5);
    (row[0], row[1]) = (0.9, 0.9);
    model.contributions_row(row.view(), &mut parts).unwrap();
    let others: i32 = parts[2..].iter().map(|part| part.abs()).sum();
    assert!(parts[0] + parts[1] > 4 * others, "{parts:?}");
}

#[test]
fn what_is_separable_stays_within_bounds() {
    let records = Array2::from_shape_fn((64, 1), |(row, _)| row as f64);
    let targets = Array1::from_shape_fn(64, |row| row >= 32);
    let dataset = DatasetBase::new(records, targets);
    for depth in [1, 6] {
        let params = small().l2(0.0).learning_rate(1.0).trees(500).depth(depth);
        let model = params.fit(&dataset).unwrap();
        assert_eq!(model.predict(&dataset), dataset.targets);
        // Derivatives vanish where a probability is 1 to 30 bits, and trees with them.
        let log_odds = model.log_odds(&dataset.records).unwrap();
        assert!(log_odds.iter().all(|log_odds| log_odds.abs() < 100_000));
    }
}

#[test]
fn parameters_and_weights_at_their_ends_are_fitted() {
    let dataset = drawn(200, 3, 10, |row| row[0]);
    for (l2, rate, weight) in [
        (0.0, 1e-6, f32::MAX),
        (5e-324, 1e-6, f32::from_bits(1)),
        (5e-324, 1.0, f32::MAX),
        (f64::MAX, 1.0, 1.0),
    ] {
        let weights = Array1::from_elem(200, weight);
        let weighted = dataset.clone().with_weights(weights);
        let params = small().l2(l2).learning_rate(rate).depth(6).trees(100);
        let model = params.monotone([Monotone::Increasing; 3]).fit(&weighted);
        let log_odds = model.unwrap().log_odds(&dataset.records).unwrap();
        assert!(log_odds.iter().all(|log_odds| log_odds.abs() < 100_000));
    }
}

#[test]
fn rows_without_weight_do_not_count_and_heavy_ones_count_more() {
    let dataset = drawn(500, 3, 6, |row| row[0] * row[1]);
    let weights = Array1::from_shape_fn(500, |row| [0.0, 1.0, 2.0, 4.0][row % 4]);
    let weighted = small().fit(&dataset.clone().with_weights(weights.clone()));
    let weighted = weighted.unwrap();
    // Without the rows of weight 0.
    let kept: Vec<usize> = (0..500).filter(|row| weights[*row] > 0.0).collect();
    let select = |places: &[usize]| {
        let targets = dataset.targets.select(Axis(0), places);
        DatasetBase::new(dataset.records.select(Axis(0), places), targets)
    };
    let without = select(&kept).with_weights(weights.select(Axis(0), &kept));
    assert_eq!(small().fit(&without).unwrap(), weighted);
    // Each row as often as its weight says.
    let repeated = kept
        .iter()
        .flat_map(|row| vec![*row; weights[*row] as usize]);
    let repeated = select(&repeated.collect::<Vec<_>>());
    let repeated = small().fit(&repeated).unwrap();
    for row in dataset.records.rows() {
        let [a, b] = [&weighted, &repeated].map(|model| model.log_odds_row(row).unwrap());
        assert!((a - b).abs() <= 20, "{a} {b}");
    }
    // Equal weights are as good as none where there is no penalty.
    let equal = dataset.clone().with_weights(Array1::from_elem(500, 0.25));
    let equal = small().l2(0.0).fit(&equal).unwrap();
    assert_eq!(equal, small().l2(0.0).fit(&dataset).unwrap());
}

#[test]
fn the_seed_draws_the_columns() {
    let dataset = drawn(500, 10, 7, |row| row.iter().sum::<f64>() / 10.0);
    let fit = |params: BoostedTreesParams| params.fit(&dataset).unwrap();
    assert_ne!(fit(small().seed(1)), fit(small().seed(2)));
    let all = small().columns(1.0);
    assert_eq!(fit(all.clone().seed(1)), fit(all.seed(2)));
}

/// Grows trees as they are defined: no bins, no sums of integers, no subtraction.
struct Naive<'a> {
    dataset: &'a Labelled,
    depth: usize,
    rate: f64,
    l2: f64,
    least: usize,
    log_odds: Vec<f64>,
}

impl Naive<'_> {
    fn step_and_gain(&self, rows: &[usize]) -> (f64, f64) {
        let (mut gradient, mut curvature) = (0.0, self.l2);
        for row in rows {
            let p = 1.0 / (1.0 + (-self.log_odds[*row]).exp());
            gradient += p - f64::from(self.dataset.targets[*row]);
            curvature += p * (1.0 - p);
        }
        (-gradient / curvature, gradient * gradient / curvature)
    }

    /// Gain, and both halves, of every split that is allowed.
    fn splits(&self, rows: &[usize]) -> Vec<(f64, [Vec<usize>; 2])> {
        let mut splits = Vec::new();
        let (_, whole) = self.step_and_gain(rows);
        for column in self.dataset.records.columns() {
            let mut rows = rows.to_vec();
            // Of equal splits, the first one counts.
            rows.sort_by(|a, b| column[*a].total_cmp(&column[*b]));
            for row in &rows {
                let halves: (Vec<usize>, Vec<usize>) = rows
                    .iter()
                    .partition(|other| column[**other] <= column[*row]);
                let halves = [halves.0, halves.1];
                if halves.iter().all(|half| half.len() >= self.least) {
                    let [left, right] = [0, 1].map(|half| self.step_and_gain(&halves[half]).1);
                    splits.push((left + right - whole, halves));
                }
            }
        }
        splits
    }

    fn steps(&self, rows: &[usize], level: usize, steps: &mut [f64]) {
        let best = (level < self.depth)
            .then(|| self.splits(rows))
            .into_iter()
            .flatten()
            .reduce(|best, split| if split.0 > best.0 + 1e-7 { split } else { best })
            .filter(|best| best.0 > 1e-6);
        if let Some((_, halves)) = best {
            halves
                .iter()
                .for_each(|half| self.steps(half, level + 1, steps));
        } else {
            let (step, _) = self.step_and_gain(rows);
            rows.iter()
                .for_each(|row| steps[*row] = (1000.0 * self.rate * step).round() / 1000.0);
        }
    }

    fn boost(&mut self, trees: usize) {
        let rows: Vec<usize> = (0..self.log_odds.len()).collect();
        for _ in 0..trees {
            let mut steps = vec![0.0; rows.len()];
            self.steps(&rows, 0, &mut steps);
            rows.iter()
                .for_each(|row| self.log_odds[*row] += steps[*row]);
        }
    }
}

#[test]
fn trees_are_those_of_the_definition() {
    for seed in 0..8 {
        let dataset = drawn(150, 3, seed, |row| 0.1 + 0.8 * row[0] * row[2]);
        let mut naive = Naive {
            dataset: &dataset,
            depth: 3,
            rate: 0.2,
            l2: 1.5,
            least: 4,
            log_odds: vec![-1.25; 150],
        };
        naive.boost(12);
        let params = small().trees(12).learning_rate(0.2).l2(1.5).least_leaf(4);
        let params = params.columns(1.0).prior_log_odds(Some(-1250));
        let model = params.fit(&dataset).unwrap();
        let expected = naive.log_odds.iter();
        let expected = expected.map(|log_odds| (1000.0 * log_odds).round() as i32);
        let found = model.log_odds(&dataset.records).unwrap();
        assert_eq!(found, expected.collect::<Array1<i32>>());
    }
}

#[test]
fn the_same_rows_give_the_same_bytes_on_every_machine() {
    let dataset = drawn(60, 4, 9, |row| row[1] * row[2]);
    let params = small().trees(2).depth(2).least_leaf(5);
    let expected = r#"{"columns":4,"bias":-1609,"trees":[{"columns":[3,3,-1,-1,-1],"thresholds":[0.79,0.45],"values":[4,77,-87,291,-238]},{"columns":[1,-1,0,-1,-1],"thresholds":[0.31,0.83],"values":[-27,-254,79,11,357]}]}"#;
    assert_eq!(json(&params.fit(&dataset).unwrap()), expected);
}

#[test]
fn a_stored_ensemble_is_checked() {
    let good = r#"{"columns":2,"bias":-3000,"trees":[{"columns":[1,-1,0,-1,-1],"thresholds":[0.5,2.5],"values":[0,-10,20,15,30]}]}"#;
    let model: BoostedTrees<f64> = serde_json::from_str(good).unwrap();
    assert_eq!(json(&model), good);
    assert_eq!(model.base(), -3000);
    let mut parts = [0; 2];
    for (row, log_odds, expected) in [
        (array![9.0, 0.5], -3010, [0, -10]),
        (array![2.5, 0.6], -2985, [-5, 20]),
        (array![2.6, 0.6], -2970, [10, 20]),
    ] {
        assert_eq!(model.log_odds_row(row.view()), Ok(log_odds));
        assert_eq!(model.contributions_row(row.view(), &mut parts), Ok(-3000));
        assert_eq!(parts, expected);
    }
    for (from, to) in [
        // Columns.
        ("\"columns\":2", "\"columns\":0"),
        ("\"columns\":2", "\"columns\":1"),
        ("\"columns\":2", "\"columns\":65536"),
        ("[1,-1,0", "[2,-1,0"),
        ("[1,-1,0", "[-2,-1,0"),
        ("[1,-1,0", "[65537,-1,0"),
        // Shapes.
        ("[1,-1,0,-1,-1]", "[]"),
        ("[1,-1,0,-1,-1]", "[1,-1,0,-1]"),
        ("[1,-1,0,-1,-1]", "[1,-1,0,-1,-1,-1]"),
        ("[1,-1,0,-1,-1]", "[1,-1,0,0,-1]"),
        ("[1,-1,0,-1,-1]", "[-1,-1,0,-1,-1]"),
        ("[0.5,2.5]", "[0.5]"),
        ("[0.5,2.5]", "[0.5,2.5,3.5]"),
        ("[0,-10,20,15,30]", "[0,-10,20,15]"),
        ("[0,-10,20,15,30]", "[0,-10,20,15,30,30]"),
        // Values.
        ("[0.5,2.5]", "[0.5,1e999]"),
        ("[0.5,2.5]", "[0.5,null]"),
        ("20,15,30", "20,15,10001"),
        ("20,15,30", "20,15,-10001"),
        ("20,15,30", "20,15,-2147483648"),
        ("20,15,30", "20,15,1.5"),
        ("-3000", "200000001"),
        ("-3000", "-2147483648"),
        ("\"bias\"", "\"extra\":1,\"bias\""),
    ] {
        let spoiled = good.replacen(from, to, 1);
        assert_ne!(spoiled, good);
        let read = serde_json::from_str::<BoostedTrees<f64>>(&spoiled);
        assert!(read.is_err(), "{spoiled}");
    }
    let chain = |splits: usize| {
        let list = |word: &str, count: usize| vec![word; count].join(",");
        format!(
            r#"{{"columns":1,"bias":0,"trees":[{{"columns":[{},{}],"thresholds":[{}],"values":[{}]}}]}}"#,
            list("0", splits),
            list("-1", splits + 1),
            list("0.5", splits),
            list("7", 2 * splits + 1),
        )
    };
    assert!(serde_json::from_str::<BoostedTrees<f64>>(&chain(6)).is_ok());
    assert!(serde_json::from_str::<BoostedTrees<f64>>(&chain(7)).is_err());
    assert!(serde_json::from_str::<BoostedTrees<f64>>(&chain(100_000)).is_err());
}

#[test]
fn no_sum_of_what_may_be_stored_overflows() {
    // The longest way, between the farthest values, on one column, in as many trees as there may be.
    for (sign, bias) in [("", "200000000"), ("-", "-200000000")] {
        let other = if sign.is_empty() { "-" } else { "" };
        let far = |sign: &str| format!("{sign}10000");
        let way = (0..6).map(|level| far(if level % 2 == 0 { other } else { sign }));
        let values: Vec<String> = way.chain(vec![far(sign); 7]).collect();
        let tree = format!(
            r#"{{"columns":[0,0,0,0,0,0,-1,-1,-1,-1,-1,-1,-1],"thresholds":[1,1,1,1,1,1],"values":[{}]}}"#,
            values.join(",")
        );
        let trees = vec![tree; 10_000].join(",");
        let stored = format!(r#"{{"columns":1,"bias":{bias},"trees":[{trees}]}}"#);
        let model: BoostedTrees<f64> = serde_json::from_str(&stored).unwrap();
        let mut parts = [0];
        let base = model.contributions_row(array![0.0].view(), &mut parts);
        let log_odds = model.log_odds_row(array![0.0].view());
        assert_eq!(base.unwrap() + parts[0], log_odds.unwrap());
        let more = stored.replacen("[{", &format!("[{},{{", &trees[..trees.len() / 10_000]), 1);
        assert!(serde_json::from_str::<BoostedTrees<f64>>(&more).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn contributions_add_up_and_storage_keeps_every_bit(
        dataset in labelled(), depth in 1usize..=6, seed: u64,
    ) {
        let params = small().depth(depth).seed(seed);
        let model = params.fit(&dataset).unwrap();
        let mut parts = vec![0; model.columns()];
        let mut sum = 0;
        for row in dataset.records.rows() {
            let base = model.contributions_row(row, &mut parts).unwrap();
            let log_odds = model.log_odds_row(row).unwrap();
            prop_assert_eq!(base, model.base());
            prop_assert_eq!(base + parts.iter().sum::<i32>(), log_odds);
            prop_assert_eq!(model.probability_row(row), Ok(probability(log_odds)));
            sum += log_odds;
        }
        // The base is the mean row, but for half a thousandth a tree.
        let mean = f64::from(sum) / dataset.targets.len() as f64;
        let base = f64::from(model.base());
        prop_assert!((mean - base).abs() <= 0.5 * model.trees() as f64 + 1e-6, "{mean} {base}");
        let stored = json(&model);
        let again: BoostedTrees<f64> = serde_json::from_str(&stored).unwrap();
        prop_assert_eq!(&again, &model);
        prop_assert_eq!(json(&again), stored);
        prop_assert_eq!(params.fit(&dataset).unwrap(), model);
    }

    #[test]
    fn the_order_of_rows_does_not_matter(
        dataset in labelled(), seed: u64, weights in proptest::collection::vec(0.1f32..9.0, 80),
    ) {
        let height = dataset.targets.len();
        let dataset = dataset.with_weights(Array1::from(weights[..height].to_vec()));
        let mut order: Vec<usize> = (0..height).collect();
        order.sort_by_key(|place| (*place as u64).wrapping_mul(seed | 1));
        let shuffled = DatasetBase::new(
            dataset.records.select(Axis(0), &order),
            dataset.targets.select(Axis(0), &order),
        )
        .with_weights(dataset.weights.select(Axis(0), &order));
        let params = small().seed(seed);
        let [model, moved] = [&dataset, &shuffled].map(|rows| params.fit(rows).unwrap());
        prop_assert_eq!(json(&model), json(&moved));
        let all = model.log_odds(&dataset.records).unwrap();
        let moved = model.log_odds(&shuffled.records).unwrap();
        for (place, from) in order.into_iter().enumerate() {
            prop_assert_eq!(all[from], moved[place]);
        }
    }

    #[test]
    fn directions_hold_for_all_rows(
        dataset in labelled(),
        depth in 1usize..=6,
        is_falling: bool,
        l2 in prop_oneof![Just(0.0), 0.0..3.0],
        rate in 0.1..1.0,
        other in 0usize..3,
    ) {
        let other = [Monotone::None, Monotone::Increasing, Monotone::Decreasing][other];
        let mut monotone = vec![other; dataset.records.ncols()];
        monotone[0] = if is_falling { Monotone::Decreasing } else { Monotone::Increasing };
        let params = small().depth(depth).monotone(monotone).columns(1.0).l2(l2);
        let model = params.learning_rate(rate).fit(&dataset).unwrap();
        let mut values = dataset.records.column(0).to_vec();
        values.extend([f64::MIN, f64::MAX]);
        values.sort_by(f64::total_cmp);
        if is_falling {
            values.reverse();
        }
        for row in dataset.records.rows() {
            let mut row = row.to_owned();
            let mut before = i32::MIN;
            for value in &values {
                row[0] = *value;
                let log_odds = model.log_odds_row(row.view()).unwrap();
                prop_assert!(before <= log_odds);
                before = log_odds;
            }
        }
    }

    #[test]
    fn a_stump_is_the_best_split_there_is(dataset in labelled(), least in 1usize..3) {
        // Few rows: all distinct values have a bin of their own.
        let height = dataset.targets.len();
        prop_assume!(height <= 64);
        let params = small().trees(1).depth(1).columns(1.0).least_leaf(least).learning_rate(1.0);
        let params = params.prior_log_odds(Some(0));
        let model = params.fit(&dataset).unwrap();
        let naive = Naive {
            dataset: &dataset,
            depth: 1,
            rate: 1.0,
            l2: 1.0,
            least,
            log_odds: vec![0.0; height],
        };
        let rows: Vec<usize> = (0..height).collect();
        let splits = naive.splits(&rows);
        let best = splits.iter().map(|split| split.0).fold(0.0, f64::max);
        let log_odds = model.log_odds(&dataset.records).unwrap();
        if model.trees() == 0 {
            // No split, or none whose leaves differ.
            let (step, _) = naive.step_and_gain(&rows);
            prop_assert!(best < 1e-3, "{best}");
            prop_assert!((f64::from(log_odds[0]) - 1000.0 * step).abs() <= 0.51);
            return Ok(());
        }
        let (left, right): (Vec<usize>, Vec<usize>) =
            rows.iter().partition(|row| log_odds[**row] == log_odds[0]);
        let (_, whole) = naive.step_and_gain(&rows);
        let mut gain = -whole;
        for half in [left, right] {
            let (step, part) = naive.step_and_gain(&half);
            prop_assert!((f64::from(log_odds[half[0]]) - 1000.0 * step).abs() <= 0.51);
            gain += part;
        }
        prop_assert!((gain - best).abs() < 1e-6, "{gain} {best}");
    }
}
