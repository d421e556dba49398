#!/usr/bin/env bash
# mass_correction.sh [COUNTRY]: a running service, claims that come steadily, and all cards of a province at once.
#
# Makes a synthetic country (or takes COUNTRY, of NDJSON streams), starts a service, fills its registers, and pushes claims at RATE.
# Meanwhile every card of as many provinces as come to SCALE of 5 million is sent once more, as known now and with a validity that
# ends SHIFT days later: as a file into a directory that the service reads, or pushed. Prints the latency of the live claims
# before, during and after - from their time to the receipt, and from their time until the alerts of their epoch are stored, as
# seen from outside -, into how many epochs the correction was split, how many rows the largest had, how long it took, and
# what an operator could see of it meanwhile. Fails where a row was not taken, where an epoch has more rows than EPOCH_ROWS and
# the largest push allow, or where p99 of live claims until stored is above BUDGET meanwhile.
#
#   FUNDWATCH=target/release/fundwatch   the binary         SCRATCH=             where everything is made
#   SCALE=0.1                            of 5 M cards       CITIZENS=            of the country; as many as it takes, if empty
#   VIA=inbox                            or push            SHIFT=-30            days; 0: only recorded_at changes
#   RATE=1000 BATCH=50                   claims a second, in pushes of BATCH
#   BEFORE=60 AFTER=60                   seconds            PATIENCE=1800        seconds for the correction
#   EPOCH=100 EPOCH_ROWS=10000           milliseconds, rows: [epoch] max_wait and max_rows
#   PUSH_ROWS=5000 PUSHERS=4             of VIA=push        BUDGET=1000          milliseconds
#   SEED=1 WORKERS=1                     RESULTS=           a file that gets all of it as a page, with machine, commit and date
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
binary=${FUNDWATCH:-${CARGO_TARGET_DIR:-$root/target}/release/fundwatch}
[[ -x $binary ]] || { echo "$binary: build it first: cargo build --release" >&2; exit 1; }
scale=${SCALE:-0.1} rate=${RATE:-1000} before=${BEFORE:-60} after=${AFTER:-60} epoch=${EPOCH:-100} epoch_rows=${EPOCH_ROWS:-10000}
cards=$(awk -v scale="$scale" 'BEGIN { printf "%d", 5e6 * scale }')
citizens=${CITIZENS:-$(awk -v cards="$cards" 'BEGIN { all = cards * 4; printf "%d", all < 20000 ? 20000 : all }')}
scratch=$(mktemp -d -p "${SCRATCH:-${TMPDIR:-/tmp}}")
service=
trap clean_up EXIT
# shellcheck source=benches/measuring.sh
source "$root/benches/measuring.sh"
begin_page 'a mass correction beside live claims'

country=${1:-$scratch/country}
if [[ $# == 0 ]]; then
  # Enough claims for five minutes beside the two phases; when they are used up, they come again as other visits.
  days=$(awk -v claims="$((rate * (before + after + 300)))" -v citizens="$citizens" \
    'BEGIN { days = claims / citizens / 0.0048; printf "%d", (days < 30) ? 30 : (days > 720) ? 720 : days + 1 }')
  echo "country: $citizens citizens, $days days, seed ${SEED:-1}"
  took "$binary" synth --output "$country" --citizens "$citizens" --days "$days" --seed "${SEED:-1}" --format ndjson
else
  echo "country: $(basename "$country")"
fi

data=$scratch/data
"$binary" token create --data "$data" --role feed --name load > "$scratch/feed" 2> /dev/null
# Who keeps a register is not who sends claims: of each sender what waits is in a line of its own.
"$binary" token create --data "$data" --role feed --name register > "$scratch/register" 2> /dev/null
"$binary" token create --data "$data" --role operator --name watch > "$scratch/operator" 2> /dev/null
mkdir "$scratch/incoming" "$scratch/done"
cat > "$scratch/fundwatch.toml" <<TOML
[epoch]
max_wait = "${epoch}ms"
max_rows = $epoch_rows
[detector]
workers = ${WORKERS:-1}
[log]
level = "warn"
[self_replay]
at = "off"
[[source]]
name = "cards"
kind = "directory"
path = "incoming"
done = "done"
poll_interval = "100ms"
settle_time = "100ms"
TOML
begin_service

wrong=0
python3 "$root/benches/mass_correction.py" "$country" --api "$api" --ops "$ops" --pid "$service" --feed "$scratch/feed" \
  --register "$scratch/register" --operator "$scratch/operator" --binary "$binary" --data "$data" --incoming "$scratch/incoming" --scratch "$scratch" --cards "$cards" \
  --via "${VIA:-inbox}" --shift "${SHIFT:--30}" --rate "$rate" --batch "${BATCH:-50}" --before "$before" --after "$after" --patience "${PATIENCE:-1800}" \
  --epoch-rows "$epoch_rows" --push-rows "${PUSH_ROWS:-5000}" --pushers "${PUSHERS:-4}" --budget "${BUDGET:-1000}" || wrong=1
show_log
end_service
end_page
exit "$wrong"
