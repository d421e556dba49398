#!/usr/bin/env python3
"""Parts of a country, and how costs grow; benches/growth.sh starts it.

usage: growth.py thin VISITS OUTPUT SHARE       the claims, or check-ins, of a share of the visits, all rows of each
       growth.py late CLAIMS OUTPUT SHARE       corrections of a share of the claims, sixty days later
       growth.py keep KEPT OUT WHAT SIZE WORKERS PROCESSES SECONDS CPU PEAK     one run, as a line of JSON
       growth.py tell KEPT                      the tables

CLAIMS and VISITS are CSV files in order of `recorded_at`.
"""
import csv, datetime, hashlib, json, math, statistics, sys

LATER = datetime.timedelta(days=60)
# Between sizes of some thousands and millions that double, n log n has an exponent of 1.06 to 1.09.
WORSE = 1.1
MIB = 2**20
WHAT = {"citizens": "citizens", "claims": "claims a citizen", "days": "days", "late": "late corrections"}


def is_drawn(facility, visit, share):
    draw = hashlib.blake2b(f"{facility}/{visit}".encode(), digest_size=8).digest()
    return int.from_bytes(draw, "big") < share * 2**64


def thin(claims, output, share):
    with open(claims, newline="", encoding="utf-8") as source, open(output, "w", newline="", encoding="utf-8") as target:
        rows, written = csv.DictReader(source), csv.writer(target, lineterminator="\n")
        written.writerow(rows.fieldnames)
        for row in rows:
            if is_drawn(row["facility"], row["visit_id"], share):
                written.writerow(row.values())


def moment(text):
    return datetime.datetime.fromisoformat(text)


def late(claims, output, share):
    last, chosen, seen = None, [], {}
    with open(claims, newline="", encoding="utf-8") as source:
        rows = csv.DictReader(source)
        names = rows.fieldnames
        for row in rows:
            last = row["recorded_at"]
            if is_drawn(row["facility"], row["visit_id"], share):
                seen[(row["facility"], row["visit_id"])] = row
    for row in seen.values():
        at = moment(row["recorded_at"]) + LATER
        # Within the time of the others, so that there is no epoch more; what is withdrawn stays so.
        if at <= moment(last) and row.get("op") != "delete" and row["object_code"] != "8":
            until = moment(row["discharged_at"]) + datetime.timedelta(hours=1)
            row |= {"recorded_at": at.isoformat(), "discharged_at": until.strftime("%Y-%m-%dT%H:%M")}
            chosen.append(row)
    chosen.sort(key=lambda row: moment(row["recorded_at"]))
    with open(output, "w", newline="", encoding="utf-8") as target:
        written = csv.DictWriter(target, names, lineterminator="\n")
        written.writeheader()
        written.writerows(chosen)


def keep(kept, out, what, size, workers, processes, seconds, cpu, peak):
    with open(f"{out}/summary.json", encoding="utf-8") as file:
        summary = json.load(file)
    digest = hashlib.sha256()
    with open(f"{out}/alerts.ndjson", "rb") as file:
        for line in file:
            digest.update(line)
    accepted = {stream["stream"]: stream["accepted"] for stream in summary["streams"]}
    run = {"what": what, "size": float(size), "workers": int(workers), "processes": int(processes), "seconds": float(seconds),
           "cpu": float(cpu), "peak": int(peak) * 1024, "rows": sum(accepted.values()), "claims": accepted.get("claims", 0),
           "check_ins": accepted.get("check_ins", 0),
           "epochs": summary["epochs"], "alerts": summary["alerts"], "digest": digest.hexdigest()[:12],
           "held": sum(sum(one["bytes"]) / 2 for one in summary["arrangements"] if one["bytes"])}
    with open(kept, "a", encoding="utf-8") as file:
        file.write(json.dumps(run) + "\n")


def fit(points):
    """The exponent of y = c x^k, half of its 95 % interval, and the exponent between the last two."""
    points = [(math.log(x), math.log(y)) for x, y in points if x > 0 and y > 0]
    if len(points) < 3:
        return None
    n, mx, my = len(points), statistics.mean(x for x, _ in points), statistics.mean(y for _, y in points)
    of_x = sum((x - mx) ** 2 for x, _ in points)
    k = sum((x - mx) * (y - my) for x, y in points) / of_x
    rest = sum((y - my - k * (x - mx)) ** 2 for x, y in points)
    (ax, ay), (bx, by) = points[-2:]
    return k, 1.96 * math.sqrt(rest / (n - 2) / of_x), (by - ay) / (bx - ax)


def tell(kept):
    with open(kept, encoding="utf-8") as file:
        runs = [json.loads(line) for line in file]
    groups, wrong, exponents = {}, 0, []
    for run in runs:
        groups.setdefault((run["what"], run["workers"], run["processes"]), {}).setdefault(run["size"], []).append(run)
    print("| what grows | size | rows | claims | epochs | wall s | CPU s | CPU s without the fixed | peak MiB | peak without the fixed | arrangements MiB | bytes a row |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for (what, workers, processes), by_size in groups.items():
        middle = {size: {name: statistics.median(run[name] for run in of) for name in ("seconds", "cpu", "peak", "held")} | {
            name: of[0][name] for name in ("rows", "claims", "epochs")} for size, of in sorted(by_size.items())}
        fixed = next(iter(middle.values()))
        grown = what if what == "processes" else f"{WHAT[what]}, {workers} worker{'s' * (workers > 1)}"
        # What a size is measured by: where a part was taken, how many there were.
        measure = {"claims": "claims", "late": "claims"}.get(what)
        points = []
        for size, one in middle.items():
            more = {name: one[name] - fixed[name] for name in ("cpu", "peak", "held")}
            is_fixed = one is fixed and what != "processes"
            shown = f"{processes} of {size:,.0f} citizens" if what == "processes" else f"{size:g}" if size < 1 else f"{size:,.0f}"
            print(f"| {grown} | {shown}{' (the fixed)' if is_fixed else ''} | {one['rows']:,} | {one['claims']:,} | {one['epochs']:,} | {one['seconds']:.2f} | "
                  f"{one['cpu']:.2f} | {'' if is_fixed or what == 'processes' else format(more['cpu'], '.2f')} | {one['peak'] / MIB:,.1f} | "
                  f"{'' if is_fixed or what == 'processes' else format(more['peak'] / MIB, ',.1f')} | {one['held'] / MIB:,.1f} | {one['peak'] / max(1, one['rows']):,.1f} |")
            if not is_fixed:
                points.append((one[measure] - fixed[measure] if measure else size - next(iter(middle)), more["cpu"], more["peak"], more["held"]))
        if what != "processes":
            exponents.append((grown, [fit([(point[0], point[place]) for point in points]) for place in (1, 2, 3)]))
    print("\nExponents, and in brackets that of the last doubling. The peak has buffers of a bounded size in it, which small runs have not "
          "filled: the arrangements tell better whether what is held grows faster than the input.\n")
    print("| what grows | CPU | peak memory | arrangements and tables | worse than n log n |")
    print("|---|---:|---:|---:|---|")
    for grown, fits in exponents:
        told = ["-" if one is None else f"{one[0]:.2f} ± {one[1]:.2f} ({one[2]:.2f})" for one in fits]
        worse = [name for name, one in zip(("CPU", "peak memory", "arrangements"), fits) if one and one[0] > WORSE]
        # Where the line does not fit, its exponent says little.
        worse = [f"{name}{' (uncertain)' if one[0] - one[1] <= WORSE else ''}" for name, one in zip(("CPU", "peak memory", "arrangements"), fits) if name in worse]
        print(f"| {grown} | {' | '.join(told)} | {', '.join(worse) or 'none'} |")
    for (what, size), of in same_input(runs).items():
        if len({run["digest"] for run in of}) > 1:
            print(f"\n{what} {size:g}: runs on other workers or processes have OTHER alerts")
            wrong += 1
    sys.exit(wrong > 0)


def same_input(runs):
    groups = {}
    for run in runs:
        groups.setdefault(("citizens" if run["what"] == "processes" else run["what"], run["size"]), []).append(run)
    return groups


if __name__ == "__main__":
    command, *rest = sys.argv[1:] or ["-"]
    commands = {"thin": thin, "late": late, "keep": keep, "tell": tell}
    if command not in commands:
        sys.exit(__doc__)
    if command in ("thin", "late"):
        rest[2] = float(rest[2])
    commands[command](*rest)
