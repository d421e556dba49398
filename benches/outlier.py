#!/usr/bin/env python3
"""Outliers of labelled data sets: AUROC, average precision and time, beside scikit-learn and PyOD in one run.

usage: outlier.py DIR [SET...]

A DIR holds NAME.csv or NAME.csv.gz with a header, numbers, and a label in the last column, 1 for outliers; such as the
16 sets of ADBench (Han et al., NeurIPS Datasets and Benchmarks 2022) that `tests/outlier/benchmarks.rs` reads. Every
method is fitted on all rows of a set and scores all of them; labels are for the metrics alone. fundwatch is run by one
command with its defaults:

    fundwatch model score --input SET --output SCORES --label COLUMN --seed SEED

and the others with theirs: scikit-learn's IsolationForest, and ECOD, COPOD, HBOS, KNN and LOF of PyOD, on columns that
are scaled to 0..1 (MinMaxScaler), as ADBench does; PyOD's scores of the rows that were fitted are its
`decision_scores_`. What is random is run with SEEDS seeds and the mean is told. The metrics of all are computed here,
by scikit-learn. Times are seconds of fitting and of scoring without reading the file: fundwatch's as it prints them - its
fit scores the rows it is fitted on - and the others' on the same threads (THREADS).

The default of fundwatch was chosen on these sets, so no claim about other data rests on this table: it is a check that
nothing got worse. The script fails where fundwatch's mean AUROC is below 0.90, its mean AP below 0.55, or one of them
below that of the best single other.

  FUNDWATCH=target/release/fundwatch   the binary     SEEDS=3     THREADS=1
"""
import os, re, statistics, subprocess, sys, tempfile, time, warnings

THREADS = os.environ.get("THREADS", "1")
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = THREADS

import numpy as np
import pandas as pd
from pyod.models.copod import COPOD
from pyod.models.ecod import ECOD
from pyod.models.hbos import HBOS
from pyod.models.knn import KNN
from pyod.models.lof import LOF
from sklearn.ensemble import IsolationForest
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.preprocessing import MinMaxScaler

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BINARY = os.environ.get("FUNDWATCH") or os.path.join(
    os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target")), "release", "fundwatch")
SEEDS = range(1, 1 + int(os.environ.get("SEEDS", "3")))
OURS = "fundwatch"
LEAST = {"AUROC": 0.90, "AP": 0.55}


def isolation_forest(rows, seed):
    start = time.perf_counter()
    model = IsolationForest(random_state=seed).fit(rows)
    fitted = time.perf_counter()
    scores = -model.score_samples(rows)
    return scores, fitted - start, time.perf_counter() - fitted


def pyod(make):
    def run(rows, _):
        start = time.perf_counter()
        model = make().fit(rows)
        # Fitting scores the rows; what scoring them once more takes is not told.
        return model.decision_scores_, time.perf_counter() - start, 0.0
    return run


# The method, and whether it is random.
OTHERS = {
    "skl IForest": (isolation_forest, True),
    "ECOD": (pyod(ECOD), False),
    "COPOD": (pyod(COPOD), False),
    "HBOS": (pyod(HBOS), False),
    "KNN": (pyod(KNN), False),
    "LOF": (pyod(LOF), False),
}
METHODS = [OURS, *OTHERS]


def ours(file, label, seed, scratch):
    written = os.path.join(scratch, "scores.csv")
    command = [BINARY, "model", "score", "--input", file, "--output", written, "--label", label,
               "--seed", str(seed), "--threads", THREADS]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True).stdout
    fitted, scored = re.search(r"fitted in ([\d.]+) s, scored in ([\d.]+) s", told).groups()
    return pd.read_csv(written)["score"].to_numpy(), float(fitted), float(scored)


def measure(run, labels, seeds):
    """Mean AUROC, mean AP, and median seconds of fitting and scoring."""
    rows = []
    for seed in seeds:
        scores, fitting, scoring = run(seed)
        scores = np.nan_to_num(scores, nan=np.nanmin(scores))
        rows.append((roc_auc_score(labels, scores), average_precision_score(labels, scores), fitting, scoring))
    auroc, ap, fitting, scoring = zip(*rows)
    return {"AUROC": statistics.fmean(auroc), "AP": statistics.fmean(ap),
            "seconds": statistics.median(fitting) + statistics.median(scoring)}


def ranks(values):
    """1 for the greatest; equal values share the mean of their ranks."""
    return pd.Series(values).rank(ascending=False).to_dict()


def table(title, results, key, digits):
    print(f"\n{title}\n\n| set | rows | columns | {' | '.join(METHODS)} |\n|---|---:|---:|{'---:|' * len(METHODS)}")
    for name, (shape, found) in results.items():
        cells = " | ".join(f"{found[method][key]:.{digits}f}" for method in METHODS)
        print(f"| {name} | {shape[0]} | {shape[1]} | {cells} |")
    means = {method: statistics.fmean(found[method][key] for _, found in results.values()) for method in METHODS}
    print(f"| **mean** | | | {' | '.join(f'{means[method]:.{max(digits, 4)}f}' for method in METHODS)} |")
    if key != "seconds":
        all_ranks = [ranks({method: found[method][key] for method in METHODS}) for _, found in results.values()]
        mean_ranks = (statistics.fmean(of[method] for of in all_ranks) for method in METHODS)
        print(f"| mean rank | | | {' | '.join(f'{rank:.2f}' for rank in mean_ranks)} |")
    return means


def main(arguments):
    if not arguments:
        sys.exit(__doc__)
    warnings.simplefilter("ignore")
    directory, wanted = arguments[0], set(arguments[1:])
    results = {}
    with tempfile.TemporaryDirectory() as scratch:
        for held in sorted(os.listdir(directory), key=str.lower):
            name = re.sub(r"\.csv(\.gz)?$", "", held)
            if name == held or (wanted and name not in wanted):
                continue
            file = os.path.join(directory, held)
            data = pd.read_csv(file)
            labels = data.iloc[:, -1].to_numpy().astype(int)
            rows = MinMaxScaler().fit_transform(data.iloc[:, :-1].to_numpy(dtype=float))
            found = {OURS: measure(lambda seed: ours(file, data.columns[-1], seed, scratch), labels, SEEDS)}
            for method, (run, is_random) in OTHERS.items():
                seeds = SEEDS if is_random else SEEDS[:1]
                found[method] = measure(lambda seed: run(rows, seed), labels, seeds)
            results[name] = (rows.shape, found)
            told = ", ".join(f"{method} {found[method]['AUROC']:.3f}/{found[method]['AP']:.3f}" for method in METHODS)
            print(f"{name}: {told}", file=sys.stderr, flush=True)
    wrong = 0
    for title, key in [("AUROC", "AUROC"), ("Average precision", "AP")]:
        means = table(title, results, key, 3)
        best = max(means[method] for method in OTHERS)
        if means[OURS] < LEAST[key] or means[OURS] < best:
            print(f"\nmean {key} {means[OURS]:.4f}: below {LEAST[key]} or the best single other, {best:.4f}", file=sys.stderr)
            wrong += 1
    table(f"Seconds of fitting and scoring all rows, on {THREADS} thread(s)", results, "seconds", 3)
    sys.exit(wrong > 0)


main(sys.argv[1:])
