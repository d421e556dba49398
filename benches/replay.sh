#!/usr/bin/env bash
# replay.sh DATA [EXPECTED]: replays a directory of streams at daily epochs and in one epoch, in turns,
# and prints claims a second, CPU seconds and peak memory; the records and bytes of each arrangement;
# how long one late death takes after three lengths of history; and what each reason found.
#
# EXPECTED has a line a reason: name, alerts, and the first 12 digits of the SHA-256 of their sorted
# subject ids, joined by newlines (see expected-1m-2m.txt). The script fails where an answer differs
# from it, or from one run to the next.
#
#   FUNDWATCH=target/release/fundwatch   the binary         REPEATS=3            runs of each epoch
#   EPOCHS="1d all"                      epochs             WORKERS="1 2"        dataflow threads
#   REASONS=                             only these         SCRATCH=             where outputs go
#   GEN=                                 a generator: run as `GEN --citizens N --claims M --out DATA`
#   CITIZENS=1000000 CLAIMS=2000000      its sizes          where DATA has no claims yet
#   LATE_DEATHS=500000,1000000,2000000   claims before late deaths; empty: none
#   RESULTS=                             a file that gets all of it as a page, with machine, commit and date
set -euo pipefail
data=${1:?usage: replay.sh DATA [EXPECTED]}
expected=${2:-}
root=$(cd "$(dirname "$0")/.." && pwd)
binary=${FUNDWATCH:-${CARGO_TARGET_DIR:-$root/target}/release/fundwatch}
scratch=$(mktemp -d -p "${SCRATCH:-${TMPDIR:-/tmp}}")
trap 'rm -rf "$scratch"' EXIT
if [[ -n ${RESULTS:-} ]]; then
  {
    printf '# Measured\n\n'
    printf 'Machine: %s, %s logical cores, %s\n' "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)" "$(nproc)" \
      "$(awk '/MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo)"
    printf 'Commit: %s\nDate: %s\nData: %s\nReasons: %s\n\n```\n' \
      "$(git -C "$root" describe --always --dirty)" "$(date -u +%F)" "$(basename "$data")" "${REASONS:-all}"
  } > "$RESULTS"
  exec > >(tee -a "$RESULTS")
fi

if [[ -n ${GEN:-} ]] && ! compgen -G "$data/claims*" > /dev/null; then
  "$GEN" --citizens "${CITIZENS:-1000000}" --claims "${CLAIMS:-2000000}" --out "$data"
fi

reasons=()
if [[ -n ${REASONS:-} ]]; then reasons=(--reasons "$REASONS"); fi
TIMEFORMAT='%U %S'
for ((repeat = 1; repeat <= ${REPEATS:-3}; repeat++)); do
  for epoch in ${EPOCHS:-1d all}; do
    for workers in ${WORKERS:-1 2}; do
      out=$scratch/out
      { time "$binary" replay --input "$data" --output "$out" --epoch "$epoch" --workers "$workers" \
          "${reasons[@]}" > "$scratch/said" 2>&1 || { cat "$scratch/said" >&2; exit 1; }; } 2> "$scratch/cpu"
      python3 - "$out" "$epoch" "$workers" "$(tail -n 1 "$scratch/cpu")" >> "$scratch/runs" <<'PYTHON'
import hashlib, json, sys
out, epoch, workers, cpu = sys.argv[1:]
summary = json.load(open(out + "/summary.json", encoding="utf-8"))
subjects = {}
for line in open(out + "/alerts.ndjson", encoding="utf-8"):
    alert = json.loads(line)
    subjects.setdefault(alert["reason"], []).append(alert["subject"]["id"])
digest = lambda ids: hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()[:12]
json.dump({
    "run": f"--epoch {epoch} --workers {workers}",
    "rate": summary["claims_per_second"],
    "cpu": sum(map(float, cpu.split())),
    "peak": summary["peak_memory_bytes"] or 0,
    "arrangements": summary["arrangements"],
    "answers": {reason: [len(ids), digest(ids)] for reason, ids in sorted(subjects.items())},
}, sys.stdout)
print()
PYTHON
      rm -rf "$out"
    done
  done
done

python3 - "$scratch/runs" "$expected" <<'PYTHON'
import json, statistics, sys
runs = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
print(f"{'':28} {'claims/s: min':>14} {'median':>10} {'max':>10} {'CPU s':>8} {'peak MiB':>9}")
for run in dict.fromkeys(run["run"] for run in runs):
    of_it = [r for r in runs if r["run"] == run]
    rates = [r["rate"] for r in of_it]
    print(f"{run:28} {min(rates):14,.0f} {statistics.median(rates):10,.0f} {max(rates):10,.0f}"
          f" {statistics.median(r['cpu'] for r in of_it):8.1f} {max(r['peak'] for r in of_it) / 2**20:9,.0f}")
print(f"\n{'arrangement, --epoch 1d or the first run':52} {'records':>11} {'bytes a record':>15}")
daily = next((r for r in runs if "1d" in r["run"]), runs[0])
for arrangement in sorted(daily["arrangements"], key=lambda a: -a["records"]):
    records, sizes = arrangement["records"], arrangement["bytes"]
    if records:
        least, most = (round(size / records) for size in sizes) if sizes else (0, 0)
        width = "boxed" if not sizes else str(most) if least == most else f"{least}-{most}"
        print(f"{arrangement['name']:52} {records:>11,} {width:>15}")
print()
answers, wrong = runs[0]["answers"], 0
for run in runs:
    if run["answers"] != answers:
        print(f"{run['run']}: other answers than {runs[0]['run']}")
        wrong += 1
expected = {}
if sys.argv[2]:
    for line in open(sys.argv[2], encoding="utf-8"):
        if line.strip() and not line.startswith("#"):
            reason, alerts, digest = line.split()
            expected[reason] = [int(alerts), digest]
for reason in sorted(set(answers) | set(expected)):
    found = answers.get(reason, [0, "-"])
    told = ""
    if reason in expected:
        told = "as expected" if found == expected[reason] else "EXPECTED {} {}".format(*expected[reason])
        wrong += found != expected[reason]
    print(f"{reason:26} {found[0]:>9,} {found[1]:12} {told}")
sys.exit(wrong > 0)
PYTHON

if [[ -n ${LATE_DEATHS-500000,1000000,2000000} ]]; then
  printf '\none late death, from input to findings\n'
  cargo bench --quiet --manifest-path "$root/Cargo.toml" --bench late_death -- "$data" --claims "${LATE_DEATHS:-500000,1000000,2000000}"
fi
if [[ -n ${RESULTS:-} ]]; then echo '```'; fi
