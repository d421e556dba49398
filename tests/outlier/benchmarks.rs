//! The default outlier estimator on 16 public data sets of ADBench (Han et al., NeurIPS Datasets and
//! Benchmarks 2022): fitted on all rows of a set, scored on all rows, labels for the metric only.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::time::Instant;

use fundwatch::model::{OutlierEnsemble, auroc, average_precision};
use linfa::ParamGuard;
use ndarray::Array2;

const SETS: [&str; 16] = [
    "breastw",
    "WBC",
    "WDBC",
    "cardio",
    "thyroid",
    "annthyroid",
    "mammography",
    "pendigits",
    "satellite",
    "satimage-2",
    "optdigits",
    "vowels",
    "musk",
    "shuttle",
    "letter",
    "campaign",
];
const SEEDS: [u64; 3] = [1, 2, 3];

/// Rows and labels of a set: a CSV file with a header, whose last column is the label.
fn read(folder: &Path, set: &str) -> (Array2<f64>, Vec<bool>) {
    let plain = folder.join(format!("{set}.csv"));
    let text = if plain.exists() {
        fs::read_to_string(plain).unwrap()
    } else {
        let packed = fs::File::open(folder.join(format!("{set}.csv.gz"))).unwrap();
        let mut text = String::new();
        flate2::read::GzDecoder::new(packed)
            .read_to_string(&mut text)
            .unwrap();
        text
    };
    let (mut values, mut labels) = (Vec::new(), Vec::new());
    for line in text.lines().skip(1) {
        let mut row: Vec<f64> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
        labels.push(row.pop().unwrap() == 1.0);
        values.extend(row);
    }
    let width = values.len() / labels.len();
    (
        Array2::from_shape_vec((labels.len(), width), values).unwrap(),
        labels,
    )
}

#[test]
fn it_ranks_outliers_of_public_data_sets() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/adbench");
    if !folder.exists() {
        eprintln!("SKIPPED: no data sets at ../shared/data/adbench");
        return;
    }
    let (mut sum_auroc, mut sum_ap) = (0.0, 0.0);
    println!(
        "{:12} {:>6} {:>4} {:>6} {:>6} {:>9}",
        "set", "rows", "wide", "AUROC", "AP", "rows/s"
    );
    for set in SETS {
        let (rows, labels) = read(&folder, set);
        let (mut area, mut precision, mut seconds) = (0.0, 0.0, 0.0);
        for seed in SEEDS {
            let params = OutlierEnsemble::<f64>::params().seed(seed).check().unwrap();
            let (model, scores) = params.fit_scored(rows.view()).unwrap();
            let start = Instant::now();
            let again = model.score_rows(rows.view(), 1).unwrap();
            seconds += start.elapsed().as_secs_f64();
            assert_eq!(again, scores);
            area += auroc(&scores, &labels).unwrap() / SEEDS.len() as f64;
            precision += average_precision(&scores, &labels).unwrap() / SEEDS.len() as f64;
        }
        let (height, width) = rows.dim();
        let speed = (height * SEEDS.len()) as f64 / seconds;
        println!("{set:12} {height:6} {width:4} {area:6.3} {precision:6.3} {speed:9.0}");
        sum_auroc += area / SETS.len() as f64;
        sum_ap += precision / SETS.len() as f64;
    }
    println!("mean AUROC {sum_auroc:.4}, mean AP {sum_ap:.4}");
    assert!(sum_auroc >= 0.90, "mean AUROC {sum_auroc}");
    assert!(sum_ap >= 0.55, "mean AP {sum_ap}");
}
