"""What a service says of itself on /metrics, as time goes by; serve_load.py uses it."""
import http.client, math, os, re, threading, time, urllib.parse

SAMPLE = 0.5
TICK = os.sysconf("SC_CLK_TCK")


class Watch(threading.Thread):
    """What /metrics says, and when."""

    def __init__(self, options):
        super().__init__(daemon=True)
        self.address, self.pid = urllib.parse.urlsplit(options.ops), options.pid
        self.samples = [self.sample()]
        self.start()

    def run(self):
        while True:
            time.sleep(SAMPLE)
            try:
                self.samples.append(self.sample())
            except (OSError, http.client.HTTPException) as error:
                print(f"/metrics was not answered: {type(error).__name__}", flush=True)

    def sample(self):
        connection = http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=60)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        connection.close()
        values = dict(line.rsplit(" ", 1) for line in text.splitlines() if line and line[0] != "#")
        values = {name: float(value) for name, value in values.items()}
        with open(f"/proc/{self.pid}/stat", encoding="utf-8") as stat:
            of_process = stat.read().rsplit(")", 1)[1].split()
        # The counter of /metrics has whole seconds, which is too coarse for a short run.
        values["cpu"] = (int(of_process[11]) + int(of_process[12])) / TICK
        values["at"] = time.monotonic()
        return values

    def mark(self):
        """The place of a sample of now."""
        self.samples.append(self.sample())
        return len(self.samples) - 1

    def peak(self, first, last):
        return max(sample["process_resident_memory_bytes"] for sample in self.samples[first:last + 1])


class Histogram:
    """What a histogram counted between two samples."""

    def __init__(self, name, before, after):
        pattern = re.compile(re.escape(name) + r'_bucket\{le="([^"]+)"\}')
        ends = ((math.inf if found[1] == "+Inf" else float(found[1]), after[key] - before.get(key, 0))
                for key in after if (found := pattern.fullmatch(key)))
        self.classes = sorted(ends)
        self.count = after[f"{name}_count"] - before.get(f"{name}_count", 0)
        self.sum = after[f"{name}_sum"] - before.get(f"{name}_sum", 0)

    def quantile(self, share):
        """Interpolated within its class, and the ends of the class."""
        if not self.count:
            return math.nan, (math.nan, math.nan)
        rank, low, below = share * self.count, 0.0, 0.0
        for high, until in self.classes:
            if until >= rank and until > below:
                at = high if math.isinf(high) else low + (high - low) * (rank - below) / (until - below)
                return at, (low, high)
            low, below = high, until
        return math.inf, (low, math.inf)

    def keeps(self, share, bound):
        """Whether so large a share is at most `bound`; None where the classes do not tell."""
        surely = max((until for high, until in self.classes if high <= bound), default=0)
        maybe = min(until for high, until in self.classes if high >= bound)
        return True if surely >= share * self.count else False if maybe < share * self.count else None
