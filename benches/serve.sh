#!/usr/bin/env bash
# serve.sh [COUNTRY]: the live service under load: claims while registers change, then ten times as many.
#
# Makes a synthetic country (or takes COUNTRY, of NDJSON streams), starts a service on it, and runs
# serve_load.py, which says what is measured. Then the exports of the store are compared with those of
# `fundwatch replay --journal`, and the rows of summary.json with those that were acknowledged. Fails where
# an answer differs, a row is missing or a budget is not kept: p99 from arrival to stored alert of EPOCH +
# SLACK milliseconds, no push failed, memory of MEMORY.
#
#   FUNDWATCH=target/release/fundwatch   the binary         SCRATCH=             where everything is made
#   CITIZENS=1000000                     of the country     SEED=1               of the country
#   RATE=5000 BATCH=100 SECONDS_=300     claims a second, in pushes of BATCH, for how long
#   CHANGES=50                           rows a second of registers meanwhile, each a push
#   TIMES=10 OVERLOAD=30 PATIENCE=120    the overload, its seconds, and those until all is as before
#   CONNECTIONS=32 PROCESSES=4           of the clients     OVER_CONNECTIONS=128 OVER_BATCH=1000  of the overload:
#                                        more rows at a time than queue.source_max_rows, so that it has to refuse
#   EPOCH=100 SLACK=50                   milliseconds       MEMORY=4GiB          bound of the service
#   RESULTS=                             a file that gets all of it as a page, with machine, commit and date
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
binary=${FUNDWATCH:-${CARGO_TARGET_DIR:-$root/target}/release/fundwatch}
[[ -x $binary ]] || { echo "$binary: build it first: cargo build --release" >&2; exit 1; }
citizens=${CITIZENS:-1000000} rate=${RATE:-5000} seconds=${SECONDS_:-300} epoch=${EPOCH:-100}
times=${TIMES:-10} overload=${OVERLOAD:-30} patience=${PATIENCE:-120} memory=${MEMORY:-4GiB}
scratch=$(mktemp -d -p "${SCRATCH:-${TMPDIR:-/tmp}}")
service=
trap clean_up EXIT
# shellcheck source=benches/measuring.sh
source "$root/benches/measuring.sh"
begin_page 'the live service under load'

country=${1:-$scratch/country}
if [[ $# == 0 ]]; then
  # A citizen has a claim in 200 days and a bit; a tenth more than are sent, so that none is sent twice.
  days=$(awk -v claims="$((rate * (seconds + overload + patience) + (times - 1) * rate * overload))" -v citizens="$citizens" \
    'BEGIN { days = claims * 1.1 / citizens / 0.0048; printf "%d", days < 30 ? 30 : days + 1 }')
  ((days <= 3650)) || { echo "so many claims take more than $citizens CITIZENS" >&2; exit 1; }
  echo "country: $citizens citizens, $days days, seed ${SEED:-1}"
  "$binary" synth --output "$country" --citizens "$citizens" --days "$days" --seed "${SEED:-1}" --format ndjson > "$scratch/synth" 2>&1 ||
    { cat "$scratch/synth" >&2; exit 1; }
else
  echo "country: $(basename "$country")"
fi

data=$scratch/data
"$binary" token create --data "$data" --role feed --name load > "$scratch/feed" 2> /dev/null
"$binary" token create --data "$data" --role auditor --name check > "$scratch/auditor" 2> /dev/null
cat > "$scratch/fundwatch.toml" <<TOML
[epoch]
max_wait = "${epoch}ms"
[queue]
max_bytes = "256MiB"
source_max_bytes = "128MiB"
[memory]
limit = "$memory"
[log]
level = "warn"
TOML
begin_service

wrong=0
# What may wait beside what is known: the queue of one source, and the bodies of one caller on their way into it.
python3 "$root/benches/serve_load.py" "$country" --api "$api" --ops "$ops" --pid "$service" --feed "$scratch/feed" \
  --output "$scratch/taken" --rate "$rate" --batch "${BATCH:-100}" --seconds "$seconds" --changes "${CHANGES:-50}" \
  --times "$times" --overload "$overload" --patience "$patience" --connections "${CONNECTIONS:-32}" \
  --over-connections "${OVER_CONNECTIONS:-128}" --over-batch "${OVER_BATCH:-1000}" --processes "${PROCESSES:-4}" --waiting 256MiB --memory "$memory" \
  --epoch "$(awk -v ms="$epoch" 'BEGIN { print ms / 1000 }')" --slack "$(awk -v ms="${SLACK:-50}" 'BEGIN { print ms / 1000 }')" ||
  wrong=1
[[ -s $scratch/taken ]] || { tail -n 20 "$scratch/log" >&2; exit 1; }

printf '\nwhat is stored\n'
for export in alerts history; do
  curl --fail --silent --show-error --header "Authorization: Bearer $(cat "$scratch/auditor")" \
    --output "$scratch/$export.ndjson" "$api/v1/$export.ndjson"
done
stopped=$(date +%s%N)
end_service
printf '%-52s %s s\n' 'stopped within' "$(awk -v ns="$(($(date +%s%N) - stopped))" 'BEGIN { printf "%.1f", ns / 1e9 }')"
"$binary" replay --journal "$data" --output "$scratch/run" > "$scratch/said" 2>&1 || { cat "$scratch/said" >&2; exit 1; }
for export in alerts history; do
  if cmp "$scratch/$export.ndjson" "$scratch/run/$export.ndjson"; then
    printf '%-52s %s lines  ok\n' "$export as a replay of the journal has them" "$(wc -l < "$scratch/$export.ndjson")"
  else
    wrong=1
  fi
done
python3 - "$scratch/taken" "$scratch/run/summary.json" "$data" <<'PYTHON' || wrong=1
import json, os, sys
taken, summary = (json.load(open(path, encoding="utf-8")) for path in sys.argv[1:3])
held = {stream["stream"]: stream["accepted"] for stream in summary["streams"]}
wrong = 0
for stream, rows in sorted(taken["accepted"].items()):
    if held.get(stream, 0) != rows:
        print(f"{stream}: {rows:,} rows were acknowledged, {held.get(stream, 0):,} are in the journal")
        wrong += 1
print(f"{'rows acknowledged and in the journal':52} {sum(taken['accepted'].values()):,}  {'NOT ALL' if wrong else 'ok'}")
size = lambda top: sum(os.path.getsize(os.path.join(at, name)) for at, _, names in os.walk(top) for name in names)
rows = sum(held.values())
print(f"{'journal; store':52} {size(sys.argv[3] + '/journal') / rows:.0f} bytes a row; "
      f"{os.path.getsize(sys.argv[3] + '/alerts.db') / 2**20:,.0f} MiB")
sys.exit(wrong > 0)
PYTHON
show_log
end_page
exit "$wrong"
