#!/usr/bin/env bash
# crash.sh [KILLS] [SEEDS]: kills the service KILLS times (200) in each of SEEDS runs (1) on each store, while
# pushes, envelopes and files come in, and holds what is left to a replay of its journal and of the same rows
# from files. Prints a line a run: kills, pushes, rows, seconds, the median and the longest time from a start to
# ready, and what did not hold. The script fails where anything did not.
#
#   FUNDWATCH_SEED=1        the first seed           CRASH_TEST=   the test program, where it is built already
#   STORES="sqlite postgresql"                       RESULTS=      a file that gets all of it as a page, with
#                                                                  machine, commit and date
set -euo pipefail
kills=${1:-200} seeds=${2:-1}
root=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d -p "${SCRATCH:-${TMPDIR:-/tmp}}")
trap 'rm -rf "$scratch"' EXIT
if [[ -n ${RESULTS:-} ]]; then
  {
    printf '# Measured\n\n'
    printf 'Machine: %s, %s logical cores, %s\n' "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)" "$(nproc)" \
      "$(awk '/MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo)"
    printf 'Commit: %s\nDate: %s\n\n```\n' "$(git -C "$root" describe --always --dirty)" "$(date -u +%F)"
  } > "$RESULTS"
  exec > >(tee -a "$RESULTS")
fi

run=(cargo test --quiet --release --manifest-path "$root/Cargo.toml" --test crash --)
if [[ -n ${CRASH_TEST:-} ]]; then run=("$CRASH_TEST"); fi
# A bench without PostgreSQL is not one of both stores.
export FUNDWATCH_REQUIRE_POSTGRES=1 FUNDWATCH_KILLS=$kills FUNDWATCH_CRASH_RUNS=$scratch/runs
first=${FUNDWATCH_SEED:-1} failed=0
printf '%-11s %6s %6s %8s %8s %9s %12s %12s %11s\n' \
  store seed kills pushes rows seconds 'p50 ready ms' 'max ready ms' mismatches
for ((seed = first; seed < first + seeds; seed++)); do
  for store in ${STORES:-sqlite postgresql}; do
    : > "$FUNDWATCH_CRASH_RUNS"
    FUNDWATCH_SEED=$seed "${run[@]}" "killed_on_$store" > "$scratch/said" 2>&1 || { failed=1; cat "$scratch/said" >&2; }
    python3 - "$FUNDWATCH_CRASH_RUNS" <<'PYTHON'
import json, sys
for line in open(sys.argv[1], encoding="utf-8"):
    run = json.loads(line)
    print(f"{run['store']:11} {run['seed']:6} {run['kills']:6} {run['pushes']:8,} {run['rows']:8,} {run['seconds']:9.1f}"
          f" {run['recovery_p50_ms']:12,} {run['recovery_max_ms']:12,} {run['mismatches']:11}")
PYTHON
  done
done
if [[ -n ${RESULTS:-} ]]; then echo '```'; fi
exit "$failed"
