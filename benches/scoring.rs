//! Rows a second that the outlier estimators score one by one, on one thread: 20 columns, as a stream of
//! claims would come.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fundwatch::model::{HistogramScore, IsolationForest, OutlierEnsemble};
use linfa::DatasetBase;
use linfa::traits::Fit;
use ndarray::Array2;

const COLUMNS: usize = 20;
const FITTED: usize = 10_000;
const SCORED: usize = 1_000;

/// Sums of uniform numbers, the same on every machine.
fn rows(count: usize, mut state: u64) -> Array2<f64> {
    let mut uniform = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    Array2::from_shape_fn((count, COLUMNS), |_| uniform() + uniform() + uniform())
}

fn scoring(criterion: &mut Criterion) {
    let fitted = DatasetBase::from(rows(FITTED, 1));
    let scored = rows(SCORED, 2);
    let ensemble: OutlierEnsemble<f64> = OutlierEnsemble::<f64>::params()
        .fit(&fitted)
        .expect("rows of numbers");
    let forest: IsolationForest<f64> = IsolationForest::<f64>::params()
        .fit(&fitted)
        .expect("rows of numbers");
    let histogram: HistogramScore<f64> = HistogramScore::<f64>::params()
        .fit(&fitted)
        .expect("rows of numbers");
    let mut group = criterion.benchmark_group("rows of 20 columns");
    group
        .throughput(Throughput::Elements(SCORED as u64))
        .sample_size(20);
    group.bench_function("ensemble", |bench| {
        bench.iter(|| {
            for row in scored.rows() {
                black_box(ensemble.score_row(row).expect("a row of numbers"));
            }
        });
    });
    group.bench_function("ensemble, with contributions", |bench| {
        let mut parts = [0.0; COLUMNS];
        bench.iter(|| {
            for row in scored.rows() {
                let explained = ensemble.contributions_row(row, &mut parts);
                black_box(explained.expect("a row of numbers"));
            }
        });
    });
    group.bench_function("isolation forest", |bench| {
        bench.iter(|| {
            for row in scored.rows() {
                black_box(forest.score_row(row).expect("a row of numbers"));
            }
        });
    });
    group.bench_function("histograms", |bench| {
        bench.iter(|| {
            for row in scored.rows() {
                black_box(histogram.score_row(row).expect("a row of numbers"));
            }
        });
    });
    group.finish();
}

criterion_group!(benches, scoring);
criterion_main!(benches);
