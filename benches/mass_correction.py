#!/usr/bin/env python3
"""Live claims beside a mass correction of cards; benches/mass_correction.sh starts it, and says what is measured.

usage: mass_correction.py COUNTRY --api URL --ops URL --pid PID --feed FILE --register FILE --operator FILE --binary FILE --data DIR
                          --incoming DIR --scratch DIR --cards N [options]

COUNTRY holds streams as NDJSON, as `fundwatch synth` writes them. Files of --feed (claims), --register (the correction) and --operator hold tokens.
"""
import argparse, bisect, collections, datetime, http.client, itertools, json, math, os, subprocess, sys, threading, time, urllib.parse

from serve_clients import Lines, Load, Sender
from serve_load import FILL_CONNECTIONS, FILL_ROWS, LATENCY, REGISTERS, Report, milliseconds, quantile
from serve_watch import Histogram, Watch

CONNECTIONS = 16
# How often the service is asked which epoch is stored: as exact are latencies.
ASKED = 0.01
SETTLED = 3.0
UTC_7 = datetime.timezone(datetime.timedelta(hours=7))


def now():
    return datetime.datetime.now(UTC_7).isoformat(timespec="seconds")


def corrected_cards(options):
    """The last row of each card of as many provinces as come to so many cards, changed; and the provinces."""
    cards = {}
    with open(os.path.join(options.country, "cards.ndjson"), "rb") as file:
        for line in file:
            row = json.loads(line)
            if row.get("op") == "delete":
                cards.pop(row["card_number"], None)
            else:
                cards[row["card_number"]] = line
    # DN4 79 …: the province that issued it.
    by_province = collections.Counter(number[3:5] for number in cards)
    # The province that comes closest, or several.
    chosen, total = set(), 0
    for province, count in by_province.most_common():
        if total < options.cards and (not chosen or total + count <= options.cards * 1.2):
            chosen.add(province)
            total += count
    at, rows = now(), []
    for number, line in cards.items():
        if number[3:5] in chosen:
            row = json.loads(line) | {"recorded_at": at}
            if options.shift and row.get("valid_to"):
                until = datetime.date.fromisoformat(row["valid_to"]) + datetime.timedelta(days=options.shift)
                row["valid_to"] = max(until, datetime.date.fromisoformat(row["valid_from"])).isoformat()
            rows.append(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    return rows, chosen


class Stored(threading.Thread):
    """Which epoch is stored, and when; and the most that the service says of its lag."""

    def __init__(self, options, token):
        super().__init__(daemon=True)
        self.address, self.headers = urllib.parse.urlsplit(options.api), {"Authorization": f"Bearer {token}"}
        self.epochs, self.times, self.lags = [], [], []
        self.start()

    def run(self):
        connection, asked = None, 0.0
        while True:
            time.sleep(max(0.0, asked + ASKED - time.monotonic()))
            asked = time.monotonic()
            try:
                connection = connection or http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=60)
                connection.request("GET", "/v1/status", headers=self.headers)
                answer = connection.getresponse()
                status = json.loads(answer.read())
            except (OSError, http.client.HTTPException, ValueError):
                connection = None
                continue
            if answer.status != 200:
                sys.exit(f"/v1/status: {answer.status}")
            at, epoch = time.monotonic(), status["committed_epoch"] or 0
            self.lags.append((at, status["lag_seconds"]))
            if not self.epochs or epoch > self.epochs[-1]:
                self.times.append(at)
                self.epochs.append(epoch)

    def at(self, epoch):
        """When an epoch was first seen to be stored."""
        place = bisect.bisect_left(self.epochs, epoch)
        return self.times[place] if place < len(self.epochs) else None


class Told(Sender):
    """A sender that also tells the epoch of its receipt."""

    def send(self, stream, body, key):
        headers = self.headers | {"Idempotency-Key": key}
        while True:
            if self.connection is None:
                self.connection = http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=120)
            self.connection.request("POST", f"/v1/streams/{stream}", body, headers)
            answer = self.connection.getresponse()
            said = answer.read()
            if answer.will_close:
                self.close()
            if answer.status == 200:
                return json.loads(said)
            if answer.status != 429:
                raise OSError(f"{answer.status}")
            time.sleep(float(answer.headers.get("Retry-After") or 1))


class Live:
    """Claims at a rate, until it is stopped: each push has a time at which it should leave."""

    def __init__(self, options, token, claims):
        self.options, self.token, self.claims = options, token, claims
        self.places, self.lock, self.pushes, self.failed = itertools.count(), threading.Lock(), [], []
        self.stop, self.begun = threading.Event(), time.monotonic() + 0.2
        self.every = options.batch / options.rate
        self.threads = [threading.Thread(target=self.run, daemon=True) for _ in range(CONNECTIONS)]
        for thread in self.threads:
            thread.start()

    def body(self, place):
        lap, place = divmod(place, len(self.claims))
        body = self.claims[place]
        # What was sent before comes again as other visits, so that every push has work.
        return body if not lap else body.replace(b'"visit_id":"', b'"visit_id":"' + str(lap).encode() + b"-")

    def run(self):
        sender = Told(self.options.api, self.token)
        while not self.stop.is_set():
            with self.lock:
                place = next(self.places)
            due = self.begun + place * self.every
            if self.stop.wait(max(0.0, due - time.monotonic())):
                break
            try:
                receipt = sender.send("claims", self.body(place), f"live-{place}")
            except (OSError, http.client.HTTPException) as error:
                self.failed.append(str(error))
                sender.close()
                continue
            self.pushes.append((due, time.monotonic(), receipt["epoch"], receipt["accepted"], len(receipt["rejected"])))

    def finish(self):
        self.stop.set()
        for thread in self.threads:
            thread.join()


def phase(report, name, options, live, stored, samples, since, until):
    of_phase = [push for push in live.pushes if since <= push[0] < until]
    receipts = [received - due for due, received, *_ in of_phase]
    kept = [(stored.at(epoch) or math.inf) - due for due, _, epoch, *_ in of_phase]
    print(f"\n{name}: {until - since:.1f} s")
    report.line("live claims a second; pushes", f"{sum(push[3] for push in of_phase) / max(0.001, until - since):,.0f}; {len(of_phase):,}")
    for what, took in (("time to the receipt", receipts), ("time until its alerts are stored", kept)):
        report.line(f"  {what}: p50, p99, max",
                    f"{milliseconds(quantile(took, 0.5))}, {milliseconds(quantile(took, 0.99))}, {milliseconds(max(took, default=math.nan))}")
    latency = Histogram(LATENCY, *samples)
    report.line("  of all epochs, as the service tells: p50, p99",
                f"{latency.count:,.0f} epochs, {milliseconds(latency.quantile(0.5)[0])}, {milliseconds(latency.quantile(0.99)[0])}")
    cpu = samples[1]["cpu"] - samples[0]["cpu"]
    report.line("  CPU of the service, a second", f"{cpu / max(0.001, samples[1]['at'] - samples[0]['at']):.2f} s")
    return quantile(kept, 0.99)


def fill(options, token, watch, report):
    rows, began = 0, time.monotonic()
    for stream in REGISTERS:
        path = os.path.join(options.country, f"{stream}.ndjson")
        if os.path.exists(path):
            lines = Lines(path, FILL_ROWS)
            pieces = [(stream, lines, place) for place in range(len(lines))]
            rows += sum(push.accepted for push in Load(options, token, f"fill-{stream}", pieces, 0, FILL_CONNECTIONS, 2).finish())
    while True:
        values = watch.samples[watch.mark()]
        if values["fundwatch_store_committed_epoch"] >= values["fundwatch_journal_sealed_epoch"]:
            break
        time.sleep(0.1)
    report.line("rows of registers, stored within", f"{rows:,}, {time.monotonic() - began:.0f} s")


def count(sample, stream):
    return sum(value for name, value in sample.items()
               if name.startswith("fundwatch_input_records_total{") and f'stream="{stream}"' in name)


def asked(options, token, path):
    address = urllib.parse.urlsplit(options.api)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    return json.loads(answer.read()) if answer.status == 200 else f"{answer.status}"


def main(options):
    report, read = Report(), lambda path: open(path, encoding="utf-8").read().strip()
    feed, register, operator = read(options.feed), read(options.register), read(options.operator)
    watch = Watch(options)
    print("\nfill")
    rows, provinces = corrected_cards(options)
    fill(options, feed, watch, report)
    report.line("cards to correct", f"{len(rows):,} of {len(provinces)} provinces")
    claims = Lines(os.path.join(options.country, "claims.ndjson"), options.batch)
    stored = Stored(options, operator)
    live = Live(options, feed, claims)
    # What the first epochs take that nothing was ready for is not measured.
    time.sleep(SETTLED)
    first, began = watch.mark(), time.monotonic()
    time.sleep(options.before)
    before_last = watch.mark()

    known = count(watch.samples[before_last], "cards")
    dropped, dropped_at = time.monotonic(), datetime.datetime.now(datetime.timezone.utc)
    if options.via == "inbox":
        path = os.path.join(options.scratch, "cards-correction.ndjson")
        with open(path, "wb") as file:
            file.writelines(rows)
        os.rename(path, os.path.join(options.incoming, "cards-correction.ndjson"))
        correcting = None
    else:
        path = os.path.join(options.scratch, "cards-correction.ndjson")
        with open(path, "wb") as file:
            file.writelines(rows)
        lines = Lines(path, options.push_rows)
        pieces = [("cards", lines, place) for place in range(len(lines))]
        correcting = Load(options, register, "correction", pieces, 0, options.pushers, 2)
    until, middle, seen = time.monotonic() + options.patience, None, []
    while True:
        sample = watch.samples[watch.mark()]
        done = count(sample, "cards") - known
        seen.append((done, sum(value for name, value in sample.items() if name.startswith("fundwatch_source_queue_rows")),
                     sample.get("fundwatch_epochs_in_flight", 0)))
        if middle is None and done > len(rows) / 3:
            middle = {path: asked(options, operator, path) for path in ("/v1/sources", "/v1/status")}
        is_stored = sample["fundwatch_store_committed_epoch"] >= sample["fundwatch_journal_sealed_epoch"] - 1
        if done >= len(rows) and is_stored:
            break
        if time.monotonic() > until:
            print(f"{done:,} of {len(rows):,} cards were taken within {options.patience:g} s")
            live.finish()
            sys.exit(1)
        time.sleep(0.1)
    during_last, ended = watch.mark(), time.monotonic()
    time.sleep(options.after)
    live.finish()
    refused = sum(push.refused for push in correcting.finish()) if correcting else 0
    time.sleep(1.0)
    last = watch.mark()

    sample = lambda place: watch.samples[place]
    phase(report, "before", options, live, stored, (sample(first), sample(before_last)), began, dropped)
    worst = phase(report, "during", options, live, stored, (sample(before_last), sample(during_last)), dropped, ended)
    phase(report, "after", options, live, stored, (sample(during_last), sample(last)), ended, ended + options.after)

    print("\nthe correction")
    report.line("took, from the first row offered to its alerts stored", f"{ended - dropped:.1f} s, {len(rows) / (ended - dropped):,.0f} rows a second")
    epochs, of_correction = loads(options, dropped_at)
    sizes = sorted(of_correction.values())
    report.line("epochs with rows of it; rows of it: median, largest", f"{len(sizes):,}; {quantile(sizes, 0.5):,}, {sizes[-1] if sizes else 0:,}")
    largest = max((epochs[epoch] for epoch in of_correction), default=0)
    # A delivery is whole in one epoch, and the live claims of a wait come beside it.
    may = options.epoch_rows + max(options.push_rows if options.via == "push" else options.epoch_rows, options.batch)
    report.check(f"rows of its largest epoch, live claims included: at most {may:,}", largest <= may, f"{largest:,}")
    report.check("all rows of it are in the journal", sum(sizes) == len(rows), f"{sum(sizes):,}")
    alerts = {kind: sum(sample(during_last).get(name, 0) - sample(before_last).get(name, 0) for name in sample(during_last)
                        if name.startswith(f"fundwatch_alerts_{kind}_total{{")) for kind in ("opened", "retracted", "changed")}
    report.line("alerts opened, withdrawn, changed meanwhile", ", ".join(f"{value:,.0f}" for value in alerts.values()))
    report.line("429 answers to its pushes", f"{refused:,}")
    report.line("peak resident memory before; during", f"{watch.peak(first, before_last) / 2**20:,.0f}; {watch.peak(before_last, during_last) / 2**20:,.0f} MiB")
    report.check(f"p99 of live claims until stored, meanwhile: at most {options.budget:g} ms", worst * 1e3 <= options.budget, milliseconds(worst))
    rejected = sum(push[4] for push in live.pushes)
    report.check("live pushes that failed; live claims rejected", not live.failed, f"{len(live.failed)} {' '.join(sorted(set(live.failed)))}; {rejected:,}")

    print("\nwhat an operator could see of it meanwhile")
    report.line("fundwatch_source_queue_rows, most", f"{max(row[1] for row in seen):,.0f}")
    report.line("fundwatch_epochs_in_flight, most", f"{max(row[2] for row in seen):,.0f}")
    report.line("lag of /v1/status, most", f"{max((lag for at, lag in stored.lags if dropped <= at <= ended), default=math.nan):.2f} s")
    rate = [b[0] - a[0] for a, b in zip(seen, seen[1:])]
    report.line('fundwatch_input_records_total{stream="cards"}', f"rose in {sum(one > 0 for one in rate)} of {len(rate)} looks")
    for path, answer in (middle or {}).items():
        report.line(f"{path}, after a third of it", json.dumps(answer, ensure_ascii=False)[:600])
    sys.exit(report.wrong > 0)


def loads(options, since):
    """Rows of each epoch since a time, and of the correction's."""
    listed = subprocess.run([options.binary, "loads", "--journal", options.data, "--from", since.isoformat(), "--format", "ndjson"],
                            check=True, capture_output=True, text=True).stdout
    epochs, of_correction = collections.Counter(), collections.Counter()
    for line in listed.splitlines():
        load = json.loads(line)
        epoch = load["load"].split(".")[0]
        accepted = sum(load["accepted"].values())
        epochs[epoch] += accepted + load["rejected"]
        if load["accepted"].get("cards"):
            of_correction[epoch] += load["accepted"]["cards"]
    return epochs, of_correction


if __name__ == "__main__":
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("country")
    for name in ["api", "ops", "feed", "register", "operator", "binary", "data", "incoming", "scratch"]:
        parser.add_argument(f"--{name}", required=True)
    for name in ["pid", "cards"]:
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--via", choices=["inbox", "push"], default="inbox")
    parser.add_argument("--shift", type=int, default=-30)
    parser.add_argument("--rate", type=int, default=1_000)
    parser.add_argument("--batch", type=int, default=50)
    parser.add_argument("--before", type=float, default=60)
    parser.add_argument("--after", type=float, default=60)
    parser.add_argument("--patience", type=float, default=1_800)
    parser.add_argument("--epoch-rows", type=int, default=10_000)
    parser.add_argument("--push-rows", type=int, default=5_000)
    parser.add_argument("--pushers", type=int, default=4)
    parser.add_argument("--budget", type=float, default=1_000)
    main(parser.parse_args())
