"""Clients that push rows to a service at times that were set before; serve_load.py uses them.

A push that is told to wait waits as `Retry-After` says, and is sent again under its key until it is taken.
"""
import array, http.client, itertools, json, mmap, multiprocessing, os, sys, threading, time, urllib.parse


class Lines:
    """A file of lines, cut into pieces of so many."""

    def __init__(self, path, rows, limit=None):
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            self.text = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
        self.cuts, self.rows, at = array.array("Q", [0]), 0, 0
        while at < size and (limit is None or self.rows < limit):
            end = self.text.find(b"\n", at) + 1
            at = end or size
            self.rows += 1
            if self.rows % rows == 0 or at == size or self.rows == limit:
                self.cuts.append(at)

    def __len__(self):
        return len(self.cuts) - 1

    def __getitem__(self, place):
        return self.text[self.cuts[place]:self.cuts[place + 1]]


class View:
    """Pieces of a file from one to another, so many at a time."""

    def __init__(self, lines, first, last, together=1):
        self.lines, self.first, self.last, self.together = lines, first, last, together

    def __len__(self):
        return -(-(self.last - self.first) // self.together)

    def __getitem__(self, place):
        first = self.first + place * self.together
        cuts = self.lines.cuts
        return self.lines.text[cuts[first]:cuts[min(first + self.together, self.last)]]


class Sender:
    """One connection that is kept, and what became of the pushes on it."""

    def __init__(self, api, token):
        self.address, self.connection = urllib.parse.urlsplit(api), None
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}

    def push(self, stream, body, key):
        """Sends until it is taken. Gives rows accepted and rejected, refusals, seconds told to wait, and failures."""
        refused, waited, failed = 0, 0.0, []
        while len(failed) < 10:
            try:
                if self.connection is None:
                    self.connection = http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=120)
                headers = self.headers | {"Idempotency-Key": key}
                self.connection.request("POST", f"/v1/streams/{stream}", body, headers)
                answer = self.connection.getresponse()
                said = answer.read()
                if answer.will_close:
                    self.close()
            except (OSError, http.client.HTTPException) as error:
                self.close()
                failed.append(type(error).__name__)
                time.sleep(0.5)
                continue
            if answer.status == 200:
                receipt = json.loads(said)
                return receipt["accepted"], len(receipt["rejected"]), refused, waited, failed
            pause = answer.headers.get("Retry-After")
            if answer.status == 429 and pause is not None:
                refused += 1
            else:
                failed.append(f"{answer.status}{'' if pause else ' without Retry-After'}")
            waited += float(pause or 1)
            time.sleep(float(pause or 1))
        return 0, 0, refused, waited, failed + ["given up"]

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class Load:
    """Pushes of one kind, one every `every` seconds, over connections of several processes.

    Pieces are bodies of `stream`, or, without one, each a stream, what holds the body, and its place there.
    """

    def __init__(self, options, token, name, pieces, every, connections, processes, stream=None):
        self.options, self.token, self.name, self.pieces, self.every = options, token, name, pieces, every
        self.stream, self.stop = stream, multiprocessing.Event()
        self.results, self.done = multiprocessing.SimpleQueue(), []
        self.begun = time.monotonic() + 0.2
        processes = max(1, min(processes, connections))
        shares = [connections // processes + (place < connections % processes) for place in range(processes)]
        self.running = [multiprocessing.Process(target=self.work, args=(place, processes, threads))
                        for place, threads in enumerate(shares)]
        for process in self.running:
            process.start()

    def work(self, first, step, threads):
        places, lock, records = itertools.count(first, step), threading.Lock(), []

        def run():
            sender = Sender(self.options.api, self.token)
            while not self.stop.is_set():
                with lock:
                    place = next(places)
                if place >= len(self.pieces):
                    break
                due = self.begun + place * self.every
                # In short sleeps, so that whoever is told to stop does not wait for its next push.
                while (left := due - time.monotonic()) > 0 and not self.stop.is_set():
                    time.sleep(min(left, 0.2))
                if self.stop.is_set():
                    break
                piece = self.pieces[place]
                stream, body = (self.stream, piece) if self.stream else (piece[0], piece[1][piece[2]])
                told = sender.push(stream, body, f"{self.name}-{place}")
                due = due if self.every else None
                records.append((stream, due, time.monotonic(), *told))
            sender.close()

        running = [threading.Thread(target=run) for _ in range(threads)]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()
        self.results.put(records)

    def is_over(self):
        """Whether every process has handed in; what was handed in is read here, since pipes are short."""
        while not self.results.empty():
            self.done.append(self.results.get())
        return len(self.done) == len(self.running)

    def finish(self):
        while not self.is_over():
            if not all(process.is_alive() or process.exitcode == 0 for process in self.running):
                sys.exit("a process of the load ended with an error")
            time.sleep(0.02)
        for process in self.running:
            process.join()
        return [Push(*record) for records in self.done for record in records]


class Push:
    def __init__(self, stream, due, received, accepted, rejected, refused, waited, failed):
        self.stream, self.due, self.received = stream, due, received
        self.accepted, self.rejected = accepted, rejected
        self.refused, self.waited, self.failed = refused, waited, failed

    @property
    def took(self):
        return self.received - self.due
