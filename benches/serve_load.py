#!/usr/bin/env python3
"""Load for a running service, and what it answers; benches/serve.sh starts it.

usage: serve_load.py COUNTRY --api URL --ops URL --pid PID --feed FILE --output FILE [options]

COUNTRY holds streams as NDJSON, as `fundwatch synth` writes them. FILE of --feed holds a token. Four phases:

  fill      the registers and check-ins, as fast as the service takes them
  steady    claims at --rate rows a second for --seconds, while registers change at --changes rows a second
  overload  as before, and --times as many claims beside it for --overload seconds
  after     as steady, until what was held up is taken and the latency is what it was, or --patience is over

The load is open: a push has a time at which it should leave, and its latency counts from then, however late it left. A
push that is told to wait (429) waits as `Retry-After` says and is sent again under its key. Everything else that is not
200 is a failure. Prints what it measured, writes what was acknowledged to --output as JSON, and exits with 1 where a
budget is not kept.
"""
import argparse, json, math, multiprocessing, os, re, sys, time

from serve_clients import Lines, Load, View
from serve_watch import Histogram, Watch

REGISTERS = ["enterprises", "citizens", "participants", "cards", "employments", "beneficiaries", "health_profiles",
             "death_reports", "check_ins"]
CHANGING = ["citizens", "death_reports", "cards"]
FILL_ROWS = 5_000
FILL_CONNECTIONS = 8
SETTLED = 5.0
LATENCY = "fundwatch_processing_latency_seconds"


def quantile(values, share):
    values = sorted(values)
    return values[max(0, math.ceil(share * len(values)) - 1)] if values else math.nan


def milliseconds(seconds):
    return "-" if math.isnan(seconds) else f"{seconds * 1e3:,.0f} ms"


def register_pieces(options, changes):
    """What fills the registers, and what changes them afterwards: the last rows of those that change, mixed."""
    pieces, later = [], []
    share = changes // len(CHANGING)
    for stream in REGISTERS:
        path = os.path.join(options.country, f"{stream}.ndjson")
        if not os.path.exists(path):
            continue
        total = Lines(path, 1 << 62).rows
        # At most half, so that most people are known when claims come.
        held = min(share if stream != "death_reports" else changes, total // 2 if stream != "death_reports" else total)
        lines = Lines(path, FILL_ROWS, total - held if stream in CHANGING else None)
        pieces += [(stream, lines, place) for place in range(len(lines))]
        if stream in CHANGING:
            rest = lines.text[lines.cuts[-1]:].splitlines(keepends=True)
            later += [(number / max(1, len(rest)), stream, row) for number, row in enumerate(rest)]
    later.sort(key=lambda row: row[0])
    return pieces, [(stream, [row], 0) for _, stream, row in later[:changes]]


class Report:
    """Lines for people, and whether the budgets were kept."""

    def __init__(self):
        self.wrong = 0

    def line(self, name, value):
        print(f"{name:52} {value}", flush=True)

    def check(self, name, is_kept, value):
        self.line(name, f"{value}  {'ok' if is_kept else 'NOT KEPT'}")
        self.wrong += not is_kept


def processing(report, before, after, budget):
    """What the service says of itself."""
    latency = Histogram(LATENCY, before, after)
    middle, p99 = latency.quantile(0.5)[0], latency.quantile(0.99)
    report.line("arrival to stored alert: epochs, mean",
                f"{latency.count:,.0f}, {milliseconds(latency.sum / latency.count if latency.count else math.nan)}")
    report.line("arrival to stored alert: p50, p99 (interpolated)", f"{milliseconds(middle)}, {milliseconds(p99[0])}")
    if budget is not None:
        kept, (low, high) = latency.keeps(0.99, budget), p99[1]
        told = "" if kept is not None else f", of which is known: {milliseconds(low)} to {milliseconds(high)}"
        what = f"p99 of arrival to stored alert at most {milliseconds(budget)}"
        report.check(what, kept, milliseconds(p99[0]) + told)
    for name, what in [("journal_append", "journal append"), ("store_commit", "store commit")]:
        histogram = Histogram(f"fundwatch_{name}_seconds", before, after)
        report.line(f"{what}: p50, p99 (interpolated)",
                    f"{milliseconds(histogram.quantile(0.5)[0])}, {milliseconds(histogram.quantile(0.99)[0])}")


def of_clients(report, pushes, since, until, name):
    took = [push.took for push in pushes if since <= push.due < until]
    report.line(f"{name}: pushes, p50, p99, max", f"{len(took):,}, {milliseconds(quantile(took, 0.5))}, "
                f"{milliseconds(quantile(took, 0.99))}, {milliseconds(max(took, default=math.nan))}")


def used(report, watch, first, last, claims):
    before, after = watch.samples[first], watch.samples[last]
    seconds = after["cpu"] - before["cpu"]
    report.line("CPU of the service, a second; a million claims",
                f"{seconds / (after['at'] - before['at']):.2f} s; {seconds / max(1, claims) * 1e6:.0f} s")
    report.line("peak resident memory", f"{watch.peak(first, last) / 2**20:,.0f} MiB")


def main(options):
    report = Report()
    with open(options.feed, encoding="utf-8") as file:
        token = file.read().strip()
    watch = Watch(options)
    start = watch.mark()

    changes = int(options.changes * (options.seconds + options.overload + options.patience))
    pieces, later = register_pieces(options, changes)
    began, fill = time.monotonic(), []
    # One after the other: a participant of whom no citizen is known yet is an alert, which is then withdrawn.
    for stream in dict.fromkeys(stream for stream, _, _ in pieces):
        of_stream = [piece for piece in pieces if piece[0] == stream]
        fill += Load(options, token, f"fill-{stream}", of_stream, 0, FILL_CONNECTIONS, options.processes).finish()
    took = time.monotonic() - began
    rows = sum(push.accepted for push in fill)
    print("\nfill")
    report.line("rows of registers, a second until durable", f"{rows:,}, {rows / took:,.0f}")
    while watch.samples[-1]["fundwatch_store_committed_epoch"] < watch.samples[-1]["fundwatch_journal_sealed_epoch"]:
        watch.mark()
        time.sleep(0.05)
    filled = watch.mark()
    stored = watch.samples[filled]["at"] - began
    report.line("a second until their alerts are stored", f"{rows / stored:,.0f}")
    report.line("429 answers", f"{sum(push.refused for push in fill):,}")
    report.line("peak resident memory", f"{watch.peak(start, filled) / 2**20:,.0f} MiB")

    every = options.batch / options.rate
    claims = Lines(os.path.join(options.country, "claims.ndjson"), options.batch)
    extra = int((options.times - 1) * options.overload / every)
    if (len(claims) - extra) * every < options.seconds + options.overload:
        sys.exit(f"{options.country}: {claims.rows:,} claims are too few for {options.rate} a second; make more days")
    beginning = View(claims, 0, len(claims) - extra)
    together = max(1, options.over_batch // options.batch)
    ending = View(claims, len(claims) - extra, len(claims), together)
    steady_first = watch.mark()
    steady = Load(options, token, "steady", beginning, every, options.connections, options.processes, "claims")
    changing = None
    if options.changes:
        # A push takes an epoch and some more: with half as many connections as pushes a second, none waits for another.
        changing = Load(options, token, "change", later, 1 / options.changes, math.ceil(options.changes / 2), 1)
    time.sleep(max(0, steady.begun + options.seconds - time.monotonic()))
    steady_last = watch.mark()

    over, over_began, over_last = None, steady.begun + options.seconds, steady_last
    backlog = normal = None
    if options.overload:
        over = Load(options, token, "over", ending, every * together / (options.times - 1), options.over_connections,
                    options.processes, "claims")
        over_began = over.begun
        time.sleep(max(0, over.begun + options.overload - time.monotonic()))
        over_last = watch.mark()
        backlog, normal = settle(options, watch, steady, over)
    after_last = watch.mark()
    steady.stop.set()
    if changing:
        changing.stop.set()
    # What was pushed and not yet answered is: the load ends, the service does not.
    claimed, changed = steady.finish(), changing.finish() if changing else []
    overloaded = over.finish() if over else []
    end = steady.begun + options.seconds

    in_steady = [push for push in claimed if push.due < end]
    accepted = sum(push.accepted for push in in_steady)
    print(f"\nsteady: {options.rate:,} claims/s in pushes of {options.batch} over {options.connections} connections, "
          f"{options.seconds:g} s")
    late = max(0.0, max(push.received for push in in_steady) - end)
    report.check("claims accepted, a second", accepted / (options.seconds + late) >= 0.98 * options.rate,
                 f"{accepted:,}, {accepted / (options.seconds + late):,.0f}")
    of_clients(report, claimed, steady.begun, end, "client, from its time to the receipt")
    of_clients(report, changed, steady.begun, end, "register changes")
    processing(report, watch.samples[steady_first], watch.samples[steady_last], options.epoch + options.slack)
    used(report, watch, steady_first, steady_last, accepted)
    report.check("429 answers and failures", not any(push.refused or push.failed for push in in_steady),
                 f"{sum(push.refused for push in in_steady):,} and {sum(len(push.failed) for push in in_steady):,}")

    if over:
        over_end = over_began + options.overload
        both = overloaded + [push for push in claimed if over_began <= push.due]
        got = sum(push.accepted for push in overloaded + claimed if over_began <= push.received < over_end)
        offered = options.rate * options.times
        print(f"\noverload: {offered:,} claims/s, those above {options.rate:,} in pushes of "
              f"{together * options.batch} over {options.over_connections} connections, {options.overload:g} s")
        report.line("claims accepted a second", f"{got / options.overload:,.0f}")
        of_clients(report, overloaded, over_began, over_end, "client, from its time to the receipt")
        of_clients(report, claimed, over_began, over_end, "client of the steady load")
        of_clients(report, changed, over_began, over_end, "register changes")
        processing(report, watch.samples[steady_last], watch.samples[over_last], None)
        used(report, watch, steady_last, over_last, got)
        refused = sum(push.refused for push in both + changed if push.due >= over_began)
        waited = sum(push.waited for push in both + changed if push.due >= over_began)
        report.line("429 answers, waited as Retry-After said", f"{refused:,}, {waited:,.0f} s")
        failed = [why for push in both + changed for why in push.failed]
        report.check("pushes that failed", not failed, f"{len(failed)} {' '.join(sorted(set(failed)))}")
        counted = sum(value - watch.samples[steady_last].get(name, 0) for name, value in watch.samples[-1].items()
                      if name.startswith("fundwatch_source_refused_total") and 'reason="full"' in name)
        report.check("429 answers that the service counted", counted == refused, f"{counted:,.0f}")
        grew = watch.peak(steady_last, after_last) - watch.peak(steady_first, steady_last)
        may = f"{options.waiting / 2**20:,.0f} MiB may wait"
        report.line("memory grew over the steady peak by", f"{grew / 2**20:,.0f} MiB; {may}")
        if options.memory:
            peak = watch.peak(start, after_last)
            report.check(f"peak resident memory at most {options.memory / 2**20:,.0f} MiB", peak <= options.memory,
                         f"{peak / 2**20:,.0f} MiB")
        print("\nafter")
        tell = lambda at: f"{at - over_end:.1f} s after the overload" if at else f"not within {options.patience:g} s"
        report.check("what was held up was taken", backlog is not None, tell(backlog))
        report.check("p99 of arrival to stored alert is in its budget again", normal is not None, tell(normal))

    pushes = fill + changed + claimed + overloaded
    totals = {}
    for push in pushes:
        of = totals.setdefault(push.stream, [0, 0])
        of[0] += push.accepted
        of[1] += push.rejected
    while True:
        now = watch.samples[watch.mark()]
        if now["fundwatch_store_committed_epoch"] >= now["fundwatch_journal_sealed_epoch"]:
            break
        time.sleep(0.1)
    with open(options.output, "w", encoding="utf-8") as file:
        json.dump({"accepted": {stream: of[0] for stream, of in totals.items()},
                   "rejected": {stream: of[1] for stream, of in totals.items()}}, file)
    sys.exit(report.wrong > 0)


def settle(options, watch, steady, over):
    """When what was held up was taken, and when the latency was what it was, for SETTLED seconds on end."""
    until, backlog = time.monotonic() + options.patience, None
    bound = options.epoch + options.slack
    while time.monotonic() < until and not steady.is_over():
        time.sleep(0.2)
        if backlog is None and over.is_over():
            backlog = time.monotonic()
        if backlog is None or time.monotonic() < backlog + SETTLED:
            continue
        # The earliest time since which every sample keeps the bound.
        samples = [sample for sample in watch.samples if sample["at"] >= over.begun + options.overload]
        since = len(samples) - 1
        while since > 0 and is_calm(samples[since - 1], samples[-1], bound):
            since -= 1
        if samples[-1]["at"] - samples[since]["at"] >= SETTLED:
            return backlog, samples[since]["at"]
    return backlog, None


def is_calm(before, after, bound):
    # Where the classes do not tell, the check of the steady phase has said so.
    return Histogram(LATENCY, before, after).keeps(0.99, bound) is not False


def bytes_of(text):
    number, unit = re.fullmatch(r"(\d+)(KiB|MiB|GiB)", text).groups()
    return int(number) << {"KiB": 10, "MiB": 20, "GiB": 30}[unit]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("country")
    for name in ["api", "ops", "feed", "output"]:
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--pid", type=int, required=True)
    parser.add_argument("--rate", type=int, default=5_000)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--changes", type=float, default=50)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--overload", type=float, default=30)
    parser.add_argument("--patience", type=float, default=120)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--over-connections", type=int, default=128)
    parser.add_argument("--over-batch", type=int, default=1_000)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--epoch", type=float, default=0.1)
    parser.add_argument("--slack", type=float, default=0.05)
    parser.add_argument("--waiting", type=bytes_of, default="256MiB")
    parser.add_argument("--memory", type=bytes_of)
    multiprocessing.set_start_method("fork")
    main(parser.parse_args())
