#!/usr/bin/env bash
# three_years.sh [COUNTRY]: the memory of the live service over three years of a country, with a window of claims.
#
# Makes a synthetic country (or takes COUNTRY, of NDJSON streams in order of recorded_at), starts `fundwatch serve` with
# `[retention] claims`, and pushes what became known on each day, day by day, while the service's clock is on that day:
# shifted_clock.c is preloaded for that, since the program has no setting for its clock. Every few days, once all is stored, it
# looks at the process' memory, and on the first of a month at what /metrics says of arrangements. Prints memory by month, the slope of memory in the last year
# in bytes a claim with its 95 % interval, whether that is flat, and what grew meanwhile: each arrangement, alerts, and what
# none of these explains. Fails where the service did not take a row, or its clock did not move.
#
#   FUNDWATCH=target/release/fundwatch   the binary         SCRATCH=             where everything is made: some 8 GB for 500,000
#   CITIZENS=500000 DAYS=1095 SEED=1     of the country     WORKERS=1            dataflow threads
#   RETENTION=400d                       the window; none: every claim is decided on for ever, to compare with
#   EVERY=5                              days between two looks
#   KEEP=                                a file that gets every look, a JSON object a line
#   RESULTS=                             a file that gets all of it as a page, with machine, commit and date
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
binary=${FUNDWATCH:-${CARGO_TARGET_DIR:-$root/target}/release/fundwatch}
[[ -x $binary ]] || { echo "$binary: build it first: cargo build --release" >&2; exit 1; }
citizens=${CITIZENS:-500000} days=${DAYS:-1095} retention=${RETENTION:-400d}
scratch=$(mktemp -d -p "${SCRATCH:-${TMPDIR:-/tmp}}")
service=
trap clean_up EXIT
# shellcheck source=benches/measuring.sh
source "$root/benches/measuring.sh"
begin_page 'memory over years, with a window of claims'

country=${1:-$scratch/country}
if [[ $# == 0 ]]; then
  echo "country: $citizens citizens, $days days, seed ${SEED:-1}"
  took "$binary" synth --output "$country" --citizens "$citizens" --days "$days" --seed "${SEED:-1}" --format ndjson
else
  echo "country: $(basename "$country")"
fi

cc -O2 -shared -fPIC -o "$scratch/shifted_clock.so" "$root/benches/shifted_clock.c"
python3 "$root/benches/three_years.py" clock "$country" "$scratch/clock"
# From the first call on, so that nothing in the data directory is of a later time.
on_its_clock() { SHIFTED_CLOCK=$scratch/clock LD_PRELOAD=$scratch/shifted_clock.so exec "$@"; }
data=$scratch/data
(on_its_clock "$binary" token create --data "$data" --role feed --name country) > "$scratch/feed" 2> /dev/null
{
  printf '[epoch]\nmax_wait = "2ms"\n[log]\nlevel = "warn"\n[snapshot]\nevery = "30d"\n[self_replay]\nat = "off"\n'
  printf '[detector]\nworkers = %s\n' "${WORKERS:-1}"
  [[ $retention == none ]] || printf '[retention]\nclaims = "%s"\n' "$retention"
} > "$scratch/fundwatch.toml"
begin_service on_its_clock

wrong=0
python3 "$root/benches/three_years.py" feed "$country" "$scratch/clock" --api "$api" --ops "$ops" --pid "$service" --feed "$scratch/feed" \
  --window "$retention" --every "${EVERY:-5}" --output "${KEEP:-$scratch/looks}" || wrong=1
printf '\n'
line 'journal, store, snapshots' "$(du -sm "$data/journal" | cut -f 1), $(du -sm "$data/alerts.db" | cut -f 1), $(du -sm "$data/snapshots" 2> /dev/null | cut -f 1) MiB"
# The row log has no name: it is what the process holds open and nobody else can see.
line 'row log' "$(find "/proc/$service/fd" -lname '*(deleted)' -exec stat -L -c '%s' {} + 2> /dev/null | awk '{ if ($1 > most) most = $1 } END { printf "%d MiB", most / 1048576 }')"
show_log
end_service
end_page
exit "$wrong"
