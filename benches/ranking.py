#!/usr/bin/env python3
"""How early misuse stands in the queue, on synthetic countries that the model was not trained on.

usage: ranking.py [SEED...]        (11 12 13)

For each seed a country is made, replayed, and its alerts put in the order of `priority`:

    fundwatch synth --citizens CITIZENS --days 365 --seed SEED --flagged-per-million RATE --output DIR
    fundwatch replay --input DIR --output RUN --epoch all

Of the alerts about visits after death and duplicated identities (`service_after_death`, `duplicate_identity`), truth.csv
says which are misuse. Printed are, for the queue and for two naive orders - as they were raised, and by amount -, how
many of the first 100 are misuse, and which share of all misuse lies in the first 15 %; then the same for
`service_after_death` alone, which the published split of causes is of: 88 % register errors, 4 % misuse. The rate of such
claims is raised (RATE in a million, where 5 to 6 are real), so that there are enough of them.

The script fails where fewer than 60 of the first 100 are misuse, or less than 90 % of it lies in the first 15 %.

  FUNDWATCH=target/release/fundwatch   the binary     CITIZENS=120000   RATE=20000   MODEL=FILE   instead of the built-in one
"""
import csv, json, os, random, subprocess, sys, tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BINARY = os.environ.get("FUNDWATCH") or os.path.join(
    os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target")), "release", "fundwatch")
CITIZENS = os.environ.get("CITIZENS", "120000")
RATE = os.environ.get("RATE", "20000")
POOL = ("service_after_death", "duplicate_identity")
FIRST, SHARE = 100, 0.15


def run(*arguments):
    subprocess.run([BINARY, *arguments], check=True, stdout=subprocess.DEVNULL)


def country(seed, folder):
    """The alerts of the pool, each with whether it is misuse, and what the truth says of visits after death."""
    streams, out = os.path.join(folder, "country"), os.path.join(folder, "run")
    run("synth", "--citizens", CITIZENS, "--days", "365", "--seed", seed, "--flagged-per-million", RATE,
        "--output", streams)
    model = ["--model", os.environ["MODEL"]] if "MODEL" in os.environ else []
    run("replay", "--input", streams, "--output", out, "--epoch", "all", "--reasons", ",".join(POOL), *model)
    truth = {}
    with open(os.path.join(streams, "truth.csv"), encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            truth[row["reason"], row["subject_kind"], row["subject"]] = row["label"]
    alerts = []
    with open(os.path.join(out, "alerts.ndjson"), encoding="utf-8") as lines:
        for line in lines:
            alert = json.loads(line)
            subject = alert["subject"]
            label = truth.get((alert["reason"], subject["kind"], subject["id"]))
            if alert["reason"] in POOL and label is not None:
                alert["label"] = label
                alerts.append(alert)
    return alerts


def figures(ordered):
    """Misuse among the first 100, and the share of all misuse in the first 15 %."""
    misuse = [alert["label"] == "misuse" for alert in ordered]
    first = int(len(misuse) * SHARE)
    return sum(misuse[:FIRST]), sum(misuse[:first]) / max(1, sum(misuse))


def main():
    failed = False
    print("| seed | alerts | misuse | order | misuse in the first 100 | share of misuse in the first 15 % |")
    print("|---|---|---|---|---|---|")
    for seed in sys.argv[1:] or ["11", "12", "13"]:
        with tempfile.TemporaryDirectory() as folder:
            alerts = country(seed, folder)
        random.Random(0).shuffle(alerts)
        for name, pool in (("both reasons", POOL), ("after death alone", POOL[:1])):
            of_pool = [alert for alert in alerts if alert["reason"] in pool]
            misuse = sum(alert["label"] == "misuse" for alert in of_pool)
            orders = {
                "queue": lambda alert: -alert["priority"],
                "as raised": lambda alert: alert["evidence"][0]["recorded_at"],
                "by amount": lambda alert: -float(alert["amount_vnd"]),
            }
            for order, key in orders.items():
                top, share = figures(sorted(of_pool, key=key))
                print(f"| {seed}, {name} | {len(of_pool)} | {misuse} | {order} | {top} | {share:.3f} |", flush=True)
                if order == "queue" and (top < 60 or share < 0.9):
                    failed = True
    sys.exit("too little misuse at the head of the queue" if failed else 0)


main()
