#!/usr/bin/env python3
"""What machine a fund needs, by proportion from what a record costs: the tables of docs/planning.md.

usage: plan.py table [--figures FILE] [--people 10e6,95e6]     the tables, in Markdown
       plan.py write PAGE [--figures FILE]                     puts them into a page, between its two marks
       plan.py fit KEPT [--figures FILE]                       FILE's figures of a replay, fitted anew to runs of growth.sh

FILE is benches/plan.json where it is left out: what each figure is, its value, and where it comes from. KEPT is what
`KEEP=KEPT benches/growth.sh` wrote. A fit is by least squares: of memory, so that large runs count most, since small ones have not filled
their buffers; of CPU, so that all count alike. Where CLAIMS, CITIZENS or DAYS are small, a peak is mostly of buffers: runs of a million
rows and more tell something. It prints how far runs are from it, and writes nothing: put its output into FILE.
"""
import argparse, json, os, sys

GIB = 2**30
PEOPLE = [10e6, 30e6, 95e6, 300e6, 1e9]
ROW_LOG_BOUND = 128 * GIB
BEGIN, END = "<!-- plan: made by benches/plan.py -->", "<!-- plan: end -->"
HERE = os.path.dirname(os.path.abspath(__file__))


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def plan(figures, people):
    of = {name: figure["value"] for name, figure in figures.items()}
    held_claims = people * of["claims_a_person_year"] * of["window_days"] / 365
    # Everything that ever came, superseded and retired or not, is in the row log, the journal and the snapshots, and is read at
    # a start: here the registers and one year of claims.
    registers, year = people * of["register_rows_a_person"], people * of["claims_a_person_year"]
    replayed = registers + year * of["rows_a_claim"]
    # By layout, and the row index of all that ever came; what the process has beyond that is a share of it, and buffers.
    held = registers * of["register_row_bytes"] + held_claims * of["claim_bytes"] + replayed * of["index_bytes"]
    memory = of["fixed_bytes"] + held * of["memory_a_byte_held"]
    cpu = (registers * of["register_row_cpu"] + year * of["claim_cpu"]) / 1e6 + 365 * of["epoch_cpu"]
    row_log = replayed * of["row_log_bytes"]
    return {
        "people": people, "held_claims": held_claims, "registers": registers, "memory": memory,
        "machine": memory * (1 + of["headroom"]), "row_log": row_log,
        "row_log_years": (ROW_LOG_BOUND / of["row_log_bytes"] - registers) / year,
        "journal": replayed * of["journal_bytes"], "snapshots": replayed * of["snapshot_bytes"],
        "replay": cpu * of["wall_a_cpu_second"], "cpu": cpu,
        "snapshot_start": replayed / of["snapshot_start_rows"], "journal_start": replayed / of["journal_start_rows"],
        "claims_second": year / 365 / 86_400 * of["peak_factor"],
        "live_cores": year / 365 / 86_400 * of["peak_factor"] * of["live_claim_cpu"] / 1e6,
        "parts": max(1, -(-row_log // ROW_LOG_BOUND)),
    }


def gib(size):
    return f"{size / GIB:,.0f}" if size >= 10 * GIB else f"{size / GIB:,.1f}"


def span(seconds):
    return f"{seconds / 3600:.1f} h" if seconds >= 5400 else f"{seconds / 60:,.0f} min" if seconds >= 90 else f"{seconds:,.0f} s"


def millions(number):
    return f"{number / 1e6:,.0f}"


def tables(figures, people):
    plans = [plan(figures, number) for number in people]
    lines = ["| people, millions | rows of registers | claims decided on | memory, GiB | machine, GiB | row log, GiB | "
             "journal, GiB | snapshots, GiB |", "|---:|---:|---:|---:|---:|---:|---:|---:|"]
    for one in plans:
        log = gib(one["row_log"]) + (" **(over)**" if one["row_log"] > ROW_LOG_BOUND else "")
        lines.append(f"| {millions(one['people'])} | {millions(one['registers'])} M | {millions(one['held_claims'])} M | {gib(one['memory'])} | "
                     f"{gib(one['machine'])} | {log} | {gib(one['journal'])} | {gib(one['snapshots'])} |")
    lines += ["", "| people, millions | replay of a year, daily epochs | start from a snapshot | without a snapshot | "
              "claims a second at the peak | cores for these | years until the row log is full |", "|---:|---:|---:|---:|---:|---:|---:|"]
    for one in plans:
        years = one["row_log_years"]
        lines.append(f"| {millions(one['people'])} | {span(one['replay'])} | {span(one['snapshot_start'])} | {span(one['journal_start'])} | "
                     f"{one['claims_second']:,.0f} | {one['live_cores']:.2f} | {'registers alone fill it' if years <= 0 else f'{years:.1f}'} |")
    lines += ["", "| figure | value | how known | where from |", "|---|---:|---|---|"]
    for figure in figures.values():
        value = figure["value"]
        shown = f"{value:,.0f}" if value >= 1000 else f"{value:g}"
        lines.append(f"| {figure['what']} | {shown} {figure['unit']} | {figure['known']} | {figure['source']} |")
    return "\n".join(lines)


def solve(rows, values):
    """Least squares by the normal equations; no more than a handful of unknowns."""
    n = len(rows[0])
    matrix = [[sum(row[i] * row[j] for row in rows) for j in range(n)] + [sum(row[i] * y for row, y in zip(rows, values))] for i in range(n)]
    for i in range(n):
        pivot = max(range(i, n), key=lambda r: abs(matrix[r][i]))
        matrix[i], matrix[pivot] = matrix[pivot], matrix[i]
        if not matrix[i][i]:
            sys.exit("these runs do not tell the costs apart: GROW has to name citizens, claims and days")
        for r in range(n):
            if r != i:
                by = matrix[r][i] / matrix[i][i]
                matrix[r] = [a - by * b for a, b in zip(matrix[r], matrix[i])]
    return [matrix[i][n] / matrix[i][i] for i in range(n)]


def fitted(rows, values, by_value):
    # By value: an error counts in proportion. Scaled, so that the equations are well conditioned.
    scale = [max(row[i] for row in rows) or 1 for i in range(len(rows[0]))]
    weights = [1 / y if by_value else 1 / max(values) for y in values]
    weighted = [[cell / s * weight for cell, s in zip(row, scale)] for row, weight in zip(rows, weights)]
    found = [value / s for value, s in zip(solve(weighted, [y * weight for y, weight in zip(values, weights)]), scale)]
    errors = sorted(abs(sum(a * b for a, b in zip(row, found)) / y - 1) for row, y in zip(rows, values))
    return found, errors


def fit(figures, kept):
    with open(kept, encoding="utf-8") as file:
        runs = [json.loads(line) for line in file]
    runs = [run for run in runs if run["workers"] == 1 and run["processes"] == 1 and run["what"] in ("citizens", "claims", "days")]
    if len({(run["what"], run["size"]) for run in runs}) < 5:
        sys.exit("too few runs to fit")
    registers = [run["rows"] - run["claims"] - run["check_ins"] for run in runs]
    held, of_held = fitted([[r, run["claims"]] for r, run in zip(registers, runs)], [run["held"] for run in runs], False)
    index = figures["index_bytes"]["value"]
    known = [run["held"] + index * run["rows"] for run in runs]
    peak, of_peak = fitted([[1, size] for size in known], [run["peak"] for run in runs], False)
    cpu, of_cpu = fitted([[r, run["claims"], run["epochs"]] for r, run in zip(registers, runs)], [run["cpu"] for run in runs], True)
    values = {"register_row_bytes": held[0], "claim_bytes": held[1], "fixed_bytes": peak[0], "memory_a_byte_held": peak[1],
              "register_row_cpu": cpu[0] * 1e6,
              "claim_cpu": cpu[1] * 1e6, "epoch_cpu": cpu[2], "wall_a_cpu_second": sum(run["seconds"] for run in runs) / sum(run["cpu"] for run in runs)}
    for name, value in values.items():
        figures[name]["value"] = float(f"{value:.3g}")
    print(json.dumps(figures, ensure_ascii=False, indent=2))
    for name, errors in (("what is held", of_held), ("peak memory", of_peak), ("CPU", of_cpu)):
        print(f"{name}: {len(errors)} runs are off by {errors[len(errors) // 2]:.1%} in the middle, {errors[-1]:.1%} at most", file=sys.stderr)


def main(called):
    figures = read(called.figures)
    if called.what == "fit":
        return fit(figures, called.file)
    told = tables(figures, [float(one) for one in called.people.split(",")] if called.people else PEOPLE)
    if called.what == "table":
        return print(told)
    with open(called.file, encoding="utf-8") as file:
        before, rest = file.read().split(BEGIN)
    with open(called.file, "w", encoding="utf-8") as file:
        file.write(f"{before}{BEGIN}\n\n{told}\n\n{END}{rest.split(END)[1]}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("what", choices=["table", "write", "fit"])
    parser.add_argument("file", nargs="?")
    parser.add_argument("--figures", default=os.path.join(HERE, "plan.json"))
    parser.add_argument("--people")
    main(parser.parse_args())
