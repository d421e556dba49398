#!/usr/bin/env bash
# restart.sh [COUNTRY]: how long the live service takes to be ready again, after a stop and after kill -9.
#
# Makes a synthetic country (or takes COUNTRY, a directory of streams), drops it into a directory that a
# service reads - registers, then claims - and stops the service; starts it, kills it with signal 9, and
# starts it again; then takes its snapshots away and does so once more. Prints seconds from each start to the
# first 200 of /readyz, rows a second, CPU seconds and peak memory. Fails where the alerts or their history are not
# those from before.
#
#   FUNDWATCH=target/release/fundwatch   the binary         SCRATCH=             where everything is made
#   CITIZENS=1000000 CLAIMS=5000000      of the country     SEED=1 FORMAT=parquet
#   REPEATS=1                            kills              PATIENCE=3600        seconds for each wait
#   RESULTS=                             a file that gets all of it as a page, with machine, commit and date
#
# The journal is read from the page cache here, since it has just been written.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
binary=${FUNDWATCH:-${CARGO_TARGET_DIR:-$root/target}/release/fundwatch}
[[ -x $binary ]] || { echo "$binary: build it first: cargo build --release" >&2; exit 1; }
citizens=${CITIZENS:-1000000} claims=${CLAIMS:-5000000} patience=${PATIENCE:-3600}
scratch=$(mktemp -d -p "${SCRATCH:-${TMPDIR:-/tmp}}")
service=
trap clean_up EXIT
# shellcheck source=benches/measuring.sh
source "$root/benches/measuring.sh"
begin_page 'starts of the live service'

country=${1:-$scratch/country}
if [[ $# == 0 ]]; then
  days=$(awk -v claims="$claims" -v citizens="$citizens" 'BEGIN { printf "%d", claims / citizens / 0.0049 + 1 }')
  echo "country: $citizens citizens, $days days, seed ${SEED:-1}, ${FORMAT:-parquet}"
  "$binary" synth --output "$country" --citizens "$citizens" --days "$days" --seed "${SEED:-1}" \
    --format "${FORMAT:-parquet}" > "$scratch/synth" 2>&1 || { cat "$scratch/synth" >&2; exit 1; }
else
  echo "country: $(basename "$country")"
fi

data=$scratch/data
"$binary" token create --data "$data" --role auditor --name check > "$scratch/auditor" 2> /dev/null
mkdir "$scratch/incoming" "$scratch/done"
cat > "$scratch/fundwatch.toml" <<TOML
[log]
level = "warn"
[snapshot]
every = "1m"
[[source]]
name = "files"
kind = "directory"
path = "incoming"
done = "done"
poll_interval = "100ms"
settle_time = "100ms"
TOML

# Sum of a metric over its labels.
metric() { curl --fail --silent "$ops/metrics" | awk -v name="$1" '{ split($1, at, "{") } at[1] == name { sum += $2 } END { printf "%d\n", sum }'; }

# Waits until a command succeeds.
await() {
  local until=$((SECONDS + patience))
  until "$@"; do
    kill -0 "$service" 2> /dev/null || fail "the service ended"
    ((SECONDS < until)) || fail "it took longer than $patience s: $*"
    sleep "${pause:-0.02}"
  done
}
is_empty() { [[ -z $(find "$scratch/incoming" -type f -print -quit) ]]; }
is_stored() { [[ $(metric fundwatch_store_committed_epoch) == "$(metric fundwatch_journal_sealed_epoch)" ]]; }
is_ready() { curl --fail --silent --output /dev/null "$ops/readyz"; }
seconds_since() { awk -v from="$1" -v to="$(date +%s%N)" 'BEGIN { printf "%.2f", (to - from) / 1e9 }'; }

# What the process took: CPU seconds and peak memory.
used() {
  local cpu peak
  cpu=$(sed 's/.*) //' "/proc/$service/stat" | awk -v tick="$(getconf CLK_TCK)" '{ printf "%.1f", ($12 + $13) / tick }')
  peak=$(awk '/VmHWM/ { printf "%d", $2 / 1024 }' "/proc/$service/status")
  echo "$cpu CPU s, peak $peak MiB"
}

# The alerts and their history, as the API tells them.
export_to() {
  mkdir -p "$1"
  for export in alerts history; do
    curl --fail --silent --show-error --header "Authorization: Bearer $(cat "$scratch/auditor")" \
      --output "$1/$export.ndjson" "$api/v1/$export.ndjson"
  done
}

begin_service
await is_ready
from=$(date +%s%N)
# In the order of names, in which the directory is read: citizens come before participants, who would each be taken
# for somebody unknown until then.
drop() { for file in "$@"; do ln "$file" "$scratch/incoming/" 2> /dev/null || cp "$file" "$scratch/incoming/"; done; pause=0.2 await is_empty; }
mapfile -t registers < <(find "$country" -maxdepth 1 -type f ! -name 'claims*' ! -name 'truth*' | sort)
mapfile -t visits < <(find "$country" -maxdepth 1 -type f -name 'claims*' | sort)
drop "${registers[@]}"
drop "${visits[@]}"
pause=0.2 await is_stored
took=$(seconds_since "$from")
rows=$(metric fundwatch_input_records_total)
line 'rows taken from a directory until stored' "$rows in $took s, $(awk -v r="$rows" -v s="$took" 'BEGIN { printf "%d a second", r / s }')"
line '' "$(used)"
line 'journal, store' "$(du -sm "$data/journal" | cut -f 1) MiB, $(du -sm "$data/alerts.db" | cut -f 1) MiB"
# The last minutes of rows may be of no snapshot yet: wait for one that has most.
from=$(date +%s%N)
has_snapshot() { (($(metric fundwatch_snapshot_epoch) * 100 >= $(metric fundwatch_journal_sealed_epoch) * 99)); }
pause=0.2 await has_snapshot
line 'until a snapshot has 99 % of the epochs' "$(seconds_since "$from") s"
line 'snapshots' "$(du -sm "$data/snapshots" | cut -f 1) MiB, $(find "$data/snapshots" -name '*.parquet' | wc -l) files, $(used)"
export_to "$scratch/before"
from=$(date +%s%N)
end_service
line 'stopped within' "$(seconds_since "$from") s"

wrong=0
# Starts, waits until it is ready, and compares.
again() {
  local from took expected
  from=$(date +%s%N)
  begin_service
  await is_ready
  took=$(seconds_since "$from")
  expected=$(metric fundwatch_recovery_rows_expected)
  line "$1" "ready after $took s, $(awk -v r="$expected" -v s="$took" 'BEGIN { printf "%d rows a second", r / s }'), $(used)"
  if [[ $expected != "$rows" ]]; then
    echo "$expected rows were read again, $rows were accepted"
    wrong=1
  fi
  export_to "$scratch/after"
  for export in alerts history; do
    if cmp "$scratch/before/$export.ndjson" "$scratch/after/$export.ndjson"; then
      line "  $export as before" "$(wc -l < "$scratch/after/$export.ndjson") lines  ok"
    else
      wrong=1
    fi
  done
}
again 'start after a stop'
for ((repeat = 1; repeat <= ${REPEATS:-1}; repeat++)); do
  kill -9 "$service"
  wait "$service" 2> /dev/null || true
  again 'start after kill -9'
done
end_service
mv "$data/snapshots" "$scratch/snapshots"
again 'start without a snapshot'
end_service
end_page
exit "$wrong"
