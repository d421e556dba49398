#!/usr/bin/env python3
"""Feeds a service with a country day by day and tells what its memory does; benches/three_years.sh starts it.

usage: three_years.py clock COUNTRY CLOCK
       three_years.py feed COUNTRY CLOCK --api URL --ops URL --pid PID --feed FILE --window SPAN --every DAYS --output FILE

COUNTRY holds streams as NDJSON in order of `recorded_at`. CLOCK is the file by which shifted_clock.c moves the clock of the
service; `clock` sets it to the morning of the country's first day. A country's first day is that of its first claim: what
registers knew before comes on it.
"""
import argparse, collections, datetime, http.client, json, math, os, re, struct, sys, time, urllib.parse

from serve_clients import Sender
from serve_load import REGISTERS

STREAMS = [*REGISTERS, "claims"]
ROWS = 4_000
RECORDED = re.compile(rb'"recorded_at":\s*"(\d{4})-(\d\d)-(\d\d)')
# The service tells of its arrangements at most so often, with an epoch (`TOLD_EVERY` in src/dataflow/engine.rs).
TOLD_EVERY = 5.2
# What the row index keeps of a key whose claim is retired (ARCHITECTURE.md).
INDEX_BYTES = 9
MIB = 2**20
VIETNAM = datetime.timezone(datetime.timedelta(hours=7))


def day_of(line):
    found = RECORDED.search(line)
    return datetime.date(*map(int, found.groups()))


def first_day(country):
    with open(os.path.join(country, "claims.ndjson"), "rb") as file:
        return day_of(file.readline())


def set_clock(path, day, hour):
    at = datetime.datetime(day.year, day.month, day.day, hour, tzinfo=VIETNAM).timestamp()
    with open(path, "r+b" if os.path.exists(path) else "wb") as file:
        file.write(struct.pack("=q", int((at - time.time()) * 1e9)))


class Days:
    """The rows of a stream, day by day."""

    def __init__(self, country, stream):
        path = os.path.join(country, f"{stream}.ndjson")
        self.file = open(path, "rb") if os.path.exists(path) else None
        self.stream, self.next = stream, self.file.readline() if self.file else b""

    def until(self, day):
        """Bodies of the rows that became known up to a day."""
        body = []
        while self.next and day_of(self.next) <= day:
            body.append(self.next)
            self.next = self.file.readline()
            if len(body) == ROWS:
                yield b"".join(body)
                body = []
        if body:
            yield b"".join(body)


class Service:
    def __init__(self, options):
        self.ops, self.pid = urllib.parse.urlsplit(options.ops), options.pid

    def metrics(self):
        connection = http.client.HTTPConnection(self.ops.hostname, self.ops.port, timeout=60)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        connection.close()
        values = (line.rsplit(" ", 1) for line in text.splitlines() if line and line[0] != "#")
        return {name: float(value) for name, value in values}

    def settled(self):
        """What it says once all that is sealed is stored."""
        while True:
            values = self.metrics()
            if values.get("fundwatch_store_committed_epoch", 0) >= values.get("fundwatch_journal_sealed_epoch", 1):
                return values
            time.sleep(0.02)

    def memory(self):
        held = {}
        with open(f"/proc/{self.pid}/status", encoding="utf-8") as status:
            for line in status:
                name, value = line.split(":", 1)
                if name in ("VmRSS", "RssAnon", "RssFile"):
                    held[name] = int(value.split()[0]) * 1024
        return held


def label(name, key):
    found = re.search(key + r'="([^"]*)"', name)
    return found[1] if found else ""


def look(service, day, claims, is_told):
    values = service.settled()
    time.sleep(0.2)
    of = lambda family: {label(name, "arrangement"): value for name, value in values.items() if name.startswith(family + "{")}
    rows = {outcome: sum(value for name, value in values.items() if name.startswith("fundwatch_input_records_total{") and
                         label(name, "outcome") == outcome) for outcome in ("accepted", "duplicate", "stale", "rejected")}
    alerts = {kind: sum(value for name, value in values.items() if name.startswith(f"fundwatch_alerts_{kind}_total{{"))
              for kind in ("opened", "retracted", "archived")}
    alerts["active"] = alerts["opened"] - alerts["retracted"] - alerts["archived"]
    return {"day": day.isoformat(), "claims": claims, "rows": rows, "alerts": alerts, "memory": service.memory(), "is_told": is_told,
            "records": of("fundwatch_arrangement_records"), "bytes": of("fundwatch_arrangement_size_bytes"),
            "clock": values.get('fundwatch_frontier_timestamp_seconds{probe="alerts"}', 0)}


def slope(xs, ys):
    """The slope of a line through points, and half of its 95 % interval."""
    n = len(xs)
    if n < 3:
        return math.nan, math.nan
    mx, my = sum(xs) / n, sum(ys) / n
    of_x = sum((x - mx) ** 2 for x in xs)
    if not of_x:
        return math.nan, math.nan
    b = sum((x - mx) * (y - my) for x, y in zip(xs, ys)) / of_x
    rest = sum((y - my - b * (x - mx)) ** 2 for x, y in zip(xs, ys))
    return b, 1.96 * math.sqrt(rest / (n - 2) / of_x)


def feed(options):
    with open(options.feed, encoding="utf-8") as file:
        sender = Sender(options.api, file.read().strip())
    service, streams = Service(options), [Days(options.country, stream) for stream in STREAMS]
    day, number, looks, claims, refused, numbers = first_day(options.country), 0, [], 0, 0, collections.Counter()
    began = time.monotonic()
    with open(options.output, "w", encoding="utf-8") as kept:
        while any(stream.next for stream in streams):
            # Once a month it is waited for what the service tells of its arrangements.
            is_told = day.day == 1 or number == 0
            if is_told:
                time.sleep(TOLD_EVERY)
            set_clock(options.clock, day, 20)
            for stream in streams:
                for body in stream.until(day):
                    numbers[stream.stream] += 1
                    accepted, rejected, _, _, failed = sender.push(stream.stream, body, f"{stream.stream}-{numbers[stream.stream]}")
                    refused += rejected
                    claims += accepted if stream.stream == "claims" else 0
                    if failed:
                        sys.exit(f"a push of {stream.stream} failed: {' '.join(failed)}")
            if is_told or number % options.every == 0:
                looks.append(look(service, day, claims, is_told))
                kept.write(json.dumps(looks[-1]) + "\n")
                if abs(looks[-1]["clock"] - datetime.datetime(day.year, day.month, day.day, 20, tzinfo=VIETNAM).timestamp()) > 86_400:
                    sys.exit("the service's clock is not the country's: is it linked against the C library?")
            day, number = day + datetime.timedelta(days=1), number + 1
    print(f"fed {number} days, {claims:,} claims, {sum(looks[-1]['rows'].values()):,.0f} rows in {time.monotonic() - began:.0f} s; window: {options.window}")
    report(options, looks)
    if refused:
        print(f"{refused:,} rows were NOT TAKEN: see the log")
        sys.exit(1)


def report(options, looks):
    print(f"\n{'on':12} {'claims':>11} {'resident MiB':>13} {'anonymous':>10} {'arrangements: records':>22} {'MiB':>8} "
          f"{'alerts: active':>15} {'opened':>10} {'withdrawn':>10} {'archived':>10}")
    for one in looks:
        if one["is_told"]:
            alerts = " ".join(f"{one['alerts'][state]:{width},.0f}" for state, width in (("active", 15), ("opened", 10), ("retracted", 10), ("archived", 10)))
            print(f"{one['day']:12} {one['claims']:11,} {one['memory']['VmRSS'] / MIB:13,.1f} {one['memory']['RssAnon'] / MIB:10,.1f} "
                  f"{sum(one['records'].values()):22,.0f} {sum(one['bytes'].values()) / MIB:8,.1f} {alerts}")
    dated = [(datetime.date.fromisoformat(one["day"]), one) for one in looks]
    first, last = dated[0][0], dated[-1][0]
    length = min(365, (last - first).days // 3)
    tail = [one for at, one in dated if (last - at).days <= length]
    head = [one for at, one in dated if 0 < (at - first).days <= length]
    of = lambda part, value: slope([one["claims"] for one in part], [value(one) for one in part])
    resident, anonymous = (lambda one: one["memory"]["VmRSS"]), (lambda one: one["memory"]["RssAnon"])
    held = lambda one: sum(one["bytes"].values())
    print(f"\n{'bytes a claim that came':40} {'first ' + str(length) + ' days':>22} {'last ' + str(length) + ' days':>22}")
    told_of = lambda part: [one for one in part if one["is_told"]]
    for name, value, part in (("resident memory", resident, list), ("anonymous memory", anonymous, list), ("arrangements and tables, by layout", held, told_of)):
        told = [f"{b:,.1f} ± {half:,.1f}" for b, half in (of(part(head), value), of(part(tail), value))]
        print(f"{name:40} {told[0]:>22} {told[1]:>22}")
    came = tail[-1]["claims"] - tail[0]["claims"]
    rows = (tail[-1]["rows"]["accepted"] - tail[0]["rows"]["accepted"]) / max(1, came)
    print(f"\nwhat grew in the last {length} days, a claim that came ({came:,} claims, {rows:.2f} rows a claim)")
    grew = []
    for name in tail[-1]["records"]:
        records, size = (of(told_of(tail), lambda one: one[part].get(name, 0))[0] for part in ("records", "bytes"))
        grew.append((size, records, name))
    for size, records, name in sorted(grew, reverse=True):
        if abs(size) >= 0.05:
            print(f"  {name:50} {records:9.3f} records {size:9.1f} bytes")
    for state in ("active", "opened", "retracted", "archived"):
        alerts = of(tail, lambda one: one["alerts"][state])[0]
        print(f"  {'alerts ' + state:50} {alerts:9.3f}")
    (grows, half), layout = of(tail, anonymous), of(told_of(tail), held)[0]
    index = INDEX_BYTES * rows
    print(f"  {'arrangements and tables, by layout':50} {'':17} {layout:9.1f} bytes")
    print(f"  {'row index, at most: ' + str(INDEX_BYTES) + ' bytes a row that is a new key':50} {'':17} {index:9.1f} bytes")
    print(f"  {'neither':50} {'':17} {grows - layout - index:9.1f} bytes, ± {half:.1f}")
    if half > index:
        told = (f"NOT told to be flat or not: ± {half:.0f} bytes a claim is more than the row index keeps; take more CITIZENS. "
                "Memory that is given back late makes it rise and fall")
    elif grows - half <= 0:
        told = "flat: its slope is not above 0 with 95 % certainty"
    elif grows - half <= layout + index:
        told = "NOT flat, by no more than the arrangements of registers and the row index grow"
    else:
        told = "NOT flat, and something else than arrangements and the row index grows"
    print(f"\nanonymous memory is {told}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("what", choices=["clock", "feed"])
    parser.add_argument("country")
    parser.add_argument("clock")
    for name in ["api", "ops", "feed", "window", "output"]:
        parser.add_argument(f"--{name}")
    parser.add_argument("--pid", type=int)
    parser.add_argument("--every", type=int, default=5)
    called = parser.parse_args()
    if called.what == "clock":
        set_clock(called.clock, first_day(called.country), 8)
    else:
        feed(called)
