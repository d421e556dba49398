#!/usr/bin/env bash
# diff.sh [CITIZENS] [DAYS]: replays a made-up country (100,000 claims and more by default) under two sets of rules,
# compares the runs, and holds the states of all alerts to a set difference made by another program. Prints the claims, the
# alerts, the time and the memory of the comparison. The script fails where a state differs or an alert is unexplained.
#
#   FUNDWATCH=   the program, where it is built already        SCRATCH=   a directory with some gigabytes of room
set -euo pipefail
citizens=${1:-60000} days=${2:-365}
root=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d -p "${SCRATCH:-${TMPDIR:-/tmp}}")
trap 'rm -rf "$scratch"' EXIT
if [[ -z ${FUNDWATCH:-} ]]; then
  cargo build --quiet --release --manifest-path "$root/Cargo.toml"
  FUNDWATCH=$root/target/release/fundwatch
fi
cat > "$scratch/rules.toml" <<'TOML'
[overlapping_stay]
overlap_minutes = 600
[visit_during_stay]
minutes_after_admission = 300
minutes_before_discharge = 300
[same_day_facilities]
facilities = 2
[frequent_visits]
visits = 20
[card_not_valid]
stay_grace_days = 0
[service_after_death]
misuse_sources = 1
TOML
"$FUNDWATCH" synth --output "$scratch/country" --citizens "$citizens" --days "$days" > /dev/null
"$FUNDWATCH" replay --input "$scratch/country" --output "$scratch/a" > /dev/null 2>&1
"$FUNDWATCH" replay --input "$scratch/country" --output "$scratch/b" --rules "$scratch/rules.toml" > /dev/null 2>&1
python3 - "$FUNDWATCH" "$scratch" <<'PYTHON'
import json, resource, subprocess, sys, time

program, scratch = sys.argv[1:]
began = time.monotonic()
told = subprocess.run([program, "diff", f"{scratch}/a", f"{scratch}/b", "--format", "json", "--output",
                       f"{scratch}/rows.ndjson"], check=True, stdout=subprocess.PIPE)
seconds = time.monotonic() - began
memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
summary = json.loads(told.stdout)
same = subprocess.run([program, "diff", f"{scratch}/a", f"{scratch}/a", "--exit-code"], stdout=subprocess.DEVNULL)

def alerts(run):
    held = {}
    for line in open(f"{scratch}/{run}/alerts.ndjson", encoding="utf-8"):
        alert = json.loads(line)
        for field in "raised_at", "score_features", "misuse_features":
            alert.pop(field, None)
        for row in alert["evidence"]:
            del row["file"], row["row"]
        held[alert["alert_id"]] = alert
    return held

a, b = alerts("a"), alerts("b")
expected = {}
for alert in a.keys() | b.keys():
    if a.get(alert) != b.get(alert):
        expected[alert] = "new" if alert not in a else "absent" if alert not in b else "updated"
found = {}
for line in open(f"{scratch}/rows.ndjson", encoding="utf-8"):
    row = json.loads(line)
    found[row["alert_id"]] = row["state"]
claims = json.load(open(f"{scratch}/a/manifest.json", encoding="utf-8"))["predicate"]["result"]["accepted"]["claims"]
print(f"claims {claims:,}   alerts {len(a):,} and {len(b):,}   differ {len(found):,}   unexplained {summary['unexplained']}   "
      f"{seconds:.2f} s   {memory:.0f} MiB")
wrong = sum(found.get(alert) != state for alert, state in expected.items()) + len(found.keys() - expected.keys())
if wrong or summary["unexplained"] or same.returncode:
    sys.exit(f"{wrong} states are not those of the set difference; a run against itself ended with {same.returncode}")
PYTHON
