#!/usr/bin/env python3
"""Linkage of data sets whose truth is known: best pairwise F1 over thresholds, precision, recall, time.

usage: link.py DIR... [--peer SCRIPT]

A DIR holds dataset1.csv, dataset2.csv, dataset3.csv, dataset4a.csv and dataset4b.csv of FEBRL, where records of
one person have one number in `rec_id`, or fake_1000.csv and the like of Splink, where they have one `cluster` or
`group`; what is absent is passed over. Every file is linked by one command with its defaults:

    fundwatch link --input FILE [--against FILE] --output PAIRS

SCRIPT is run as `PYTHON SCRIPT DIR` for each DIR in the same run, and prints a line a set: `NAME: best F1 F precision P
recall R at T; S s; ...`. The time of fundwatch is that of its whole process, the median of REPEATS runs; that of the
other is the one that it prints. The script fails where fundwatch has a lower F1, or is not FASTER times as fast.

  FUNDWATCH=target/release/fundwatch   the binary     PYTHON=python3   that runs SCRIPT
  REPEATS=5   FASTER=5
"""
import csv, itertools, os, re, statistics, subprocess, sys, tempfile, time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BINARY = os.environ.get("FUNDWATCH") or os.path.join(
    os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target")), "release", "fundwatch")
REPEATS = int(os.environ.get("REPEATS", "5"))
FASTER = float(os.environ.get("FASTER", "5"))


def truth(files):
    """The pairs of ids of one person; of two files, one of each."""
    people = {}
    for number, file in enumerate(files):
        with open(file, encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines, skipinitialspace=True):
                row = {name.strip(): (cell or "").strip() for name, cell in row.items() if name}
                if "rec_id" in row:
                    person = re.match(r"rec-(\d+)-", row["rec_id"]).group(1)
                    people.setdefault(person, []).append((number, row["rec_id"]))
                else:
                    person = row["cluster"] if "cluster" in row else row["group"]
                    people.setdefault(person, []).append((number, row["unique_id"]))
    pairs = (pair for records in people.values() for pair in itertools.combinations(records, 2))
    return {frozenset((a[1], b[1])) for a, b in pairs if len(files) == 1 or a[0] != b[0]}


def best(written, true):
    """F1, precision, recall and threshold where F1 is best; equal probabilities stand or fall together."""
    with open(written, encoding="utf-8", newline="") as lines:
        found = [(float(r["probability"]), frozenset((r["left_id"], r["right_id"]))) for r in csv.DictReader(lines)]
    found.sort(key=lambda pair: -pair[0])
    right, top = 0, (0.0, 0.0, 0.0, 1.0)
    for place, (probability, pair) in enumerate(found):
        right += pair in true
        if place + 1 < len(found) and found[place + 1][0] == probability:
            continue
        precision, recall = right / (place + 1), right / len(true)
        f1 = 2 * right / (place + 1 + len(true))
        top = max(top, (f1, precision, recall, probability))
    return top


def sets(directory):
    held = sorted(os.listdir(directory))
    for name in held:
        if re.fullmatch(r"dataset[1-3]\.csv", name) or re.fullmatch(r"fake_\d+\.csv", name):
            yield name.removesuffix(".csv"), [os.path.join(directory, name)]
    if {"dataset4a.csv", "dataset4b.csv"} <= set(held):
        yield "febrl4", [os.path.join(directory, f"dataset4{side}.csv") for side in "ab"]


def ours(files, scratch):
    written = os.path.join(scratch, "pairs.csv")
    command = [BINARY, "link", "--input", files[0], "--output", written]
    command += ["--against", files[1]] if len(files) == 2 else []
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    return (*best(written, truth(files)), statistics.median(times))


def theirs(script, directory):
    told = subprocess.run([os.environ.get("PYTHON", sys.executable), script, directory], check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    line = re.compile(r"(\S+?)(?:\.csv(?:\.gz)?)?: best F1 ([\d.]+) precision ([\d.]+) recall ([\d.]+) at ([\d.]+); ([\d.]+) s")
    return {m.group(1): tuple(map(float, m.groups()[1:])) for m in map(line.match, told.splitlines()) if m}


def main(arguments):
    peer = None
    if "--peer" in arguments:
        place = arguments.index("--peer")
        peer = arguments[place + 1]
        del arguments[place:place + 2]
    if not arguments:
        sys.exit(__doc__)
    print(f"{'set':12} {'by':10} {'F1':>7} {'precision':>10} {'recall':>7} {'threshold':>10} {'seconds':>8} {'faster':>7}")
    wrong = 0
    with tempfile.TemporaryDirectory() as scratch:
        for directory in arguments:
            others = theirs(peer, directory) if peer else {}
            for name, files in sets(directory):
                own, other = ours(files, scratch), others.get(name)
                faster = f"{other[4] / own[4]:6.1f}x" if other else ""
                for by, row, told in [("fundwatch", own, faster), ("peer", other, "")]:
                    if row:
                        f1, precision, recall, threshold, seconds = row
                        print(f"{name:12} {by:10} {f1:7.4f} {precision:10.4f} {recall:7.4f} {threshold:10.3f}"
                              f" {seconds:8.2f} {told:>7}", flush=True)
                if other and (own[0] < other[0] or other[4] < FASTER * own[4]):
                    print(f"{name}: a lower F1, or less than {FASTER:g} times as fast")
                    wrong += 1
    sys.exit(wrong > 0)


main(sys.argv[1:])
