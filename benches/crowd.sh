#!/usr/bin/env bash
# What it costs that many people share one name and year of birth.
#
#   benches/crowd.sh [CITIZENS] [CROWD]
#
# Makes a synthetic country (100,000 citizens), and beside it the same with a crowd (1,000 people) of one
# name, sex, year of birth and province, a tenth of whom have no personal id. Replays both, three times each
# in turn, and prints seconds, what linking took and left out, and whether anybody of the crowd was taken for
# another. `FUNDWATCH` names the binary.
set -euo pipefail
cd "$(dirname "$0")/.."

citizens="${1:-100000}" crowd="${2:-1000}"
fundwatch="${FUNDWATCH:-${CARGO_TARGET_DIR:-target}/release/fundwatch}"
[[ -x "$fundwatch" ]] || { echo "$fundwatch: build it first: cargo build --release" >&2; exit 1; }
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT

"$fundwatch" synth --output "$scratch/without" --citizens "$citizens" --days 90 --seed 1 --format csv >/dev/null
cp -r "$scratch/without" "$scratch/with"
awk -v crowd="$crowd" -v to="$scratch/with" 'BEGIN {
    for (n = 0; n < crowd; n++) {
        id = sprintf("098%09d", n)
        birth = sprintf("1980-%02d-%02d", 1 + n % 12, 1 + int(n / 12) % 28)
        person = "Nguyễn Văn Hùng," birth ",1"
        known = "2025-01-20T08:00:00+07:00"
        named = n % 10 == 3 ? "" : id
        print known "," sprintf("99%08d", n) "," named "," person ",79" >> (to "/participants.csv")
        print known "," id "," person ",alive,,,,79" >> (to "/crowd.csv")
    }
}'
head -n 1 "$scratch/with/participants.csv" | grep -qx 'recorded_at,si_number,personal_id,full_name,birth_date,sex,province'
{ echo 'recorded_at,personal_id,full_name,birth_date,sex,life_status,death_date,superseded_by,old_id,province'
  cat "$scratch/with/crowd.csv"; } > "$scratch/with/citizens-crowd.csv"
rm "$scratch/with/crowd.csv"

for turn in 1 2 3; do
    for country in without with; do
        run="$scratch/run-$country"
        "$fundwatch" replay --input "$scratch/$country" --output "$run" --strict >/dev/null 2>&1
        merged="$(grep '"reason":"probable_duplicate"' "$run/history.ndjson" |
            grep -cE '"kind":"participant","id":"990000[0-9]{4}"' || true)"
        python3 - "$country" "$run" "$merged" <<'PY'
import json, sys
country, run, merged = sys.argv[1:]
summary = json.load(open(f"{run}/summary.json"))
linkage = summary["linkage"]
left_out = linkage["left_out"][0]
print(f"{country:8} {summary['elapsed_seconds']:7.2f} s  {linkage['pairs_compared']:8} pairs compared, "
      f"{linkage['pairs_ruled_out']:8} ruled out  {left_out['participants']:5} left out under "
      f"{left_out['keys']} names and years  {merged} events of the crowd")
PY
    done
done
