#!/usr/bin/env bash
# nation.sh [SCALE]: a part of a nation - 95 M citizens, a year of 183 M claims - is made, replayed, and what the whole would
# take is told by proportion.
#
# Makes SCALE (0.05 when left out) of the nation with `fundwatch synth`, or takes DATA, and replays it in daily epochs. Then
# late deaths are fed one by one after all claims of LATE_SCALE, and a service of RESTART_SCALE is started again, both for every
# reason: who feeds deaths holds every key itself, and a service takes its rows at the rate at which it stores. Prints rows and claims a
# second, peak memory and bytes a row of the replay, the same for the whole nation by proportion, how long a late death
# takes (p50, p99), and how long a start takes.
#
#   FUNDWATCH=target/release/fundwatch   the binary           WORKERS=1            dataflow threads
#   DATA=                                a directory of streams that is there already, of SCALE of the nation
#   SCRATCH=                             where everything is made: about 20 GB for SCALE 0.25
#   SEED=1                               of the country       EPOCH=1d             how knowledge time is cut
#   REASONS=                             what is computed, separated by commas, or `all`; left out, the fourteen of claims that rest
#                                        on who the person is, the card, other claims and diagnoses
#   STREAMS=                             what is read, separated by commas, or `all`; left out, what those fourteen rest on
#   LATE_SCALE=                          as SCALE, 0.05 at most; 0: none
#   RESTART_SCALE=                       as SCALE, 0.02 at most; 0: none
#   RESULTS=                             a file that gets all of it as a page, with machine, commit and date
set -euo pipefail
scale=${1:-0.05}
root=$(cd "$(dirname "$0")/.." && pwd)
binary=${FUNDWATCH:-${CARGO_TARGET_DIR:-$root/target}/release/fundwatch}
[[ -x $binary ]] || { echo "$binary: build it first: cargo build --release" >&2; exit 1; }
# A citizen of a synthetic country has some 0.0056 rows of claims a day, so that a year of the nation's claims is 345 days of it.
citizens() { awk -v scale="$1" 'BEGIN { printf "%d", 95e6 * scale }'; }
days=345
(($(citizens "$scale") >= 1000)) || { echo "$scale: name a part of the nation, from 0.00002 to 1" >&2; exit 2; }
scratch=$(mktemp -d -p "${SCRATCH:-${TMPDIR:-/tmp}}")
trap 'rm -rf "$scratch"' EXIT
# shellcheck source=benches/measuring.sh
source "$root/benches/measuring.sh"
begin_page "$scale of a nation"

calculate() { awk "BEGIN { printf \"$1\", $2 }"; }

# Makes a part of the nation.
make() {
  took "$binary" synth --output "$country" --citizens "$(citizens "$1")" --days "$days" --seed "${SEED:-1}" --format parquet
}

country=${DATA:-$scratch/country}
if [[ -z ${DATA:-} ]]; then
  make "$scale"
  line 'made' "$(citizens "$scale") citizens, $days days, $(du -sm "$country" | cut -f 1) MiB in $seconds s, $cpu CPU s, peak $((peak / 1024)) MiB"
  line '' "of itself $(grep 'rows/s' "$scratch/said")"
fi

out=$scratch/out
core=service_after_death,death_on_living_card,unknown_card,card_not_valid,card_withdrawn,duplicate_identity,identity_mismatch
core+=,overlapping_stay,visit_during_stay,duplicate_claim,same_day_facilities,frequent_visits
core+=,sex_diagnosis_conflict,age_diagnosis_conflict
reasons=${REASONS:-$core}
streams=${STREAMS:-$([[ $reasons == "$core" ]] && echo citizens,death_reports,participants,cards,claims || echo all)}
input=$country
if [[ $streams != all ]]; then
  input=$scratch/input
  mkdir "$input"
  for stream in ${streams//,/ }; do
    find "$(realpath "$country")" -maxdepth 1 -type f \( -name "$stream.*" -o -name "$stream-*" \) -exec ln -s {} "$input" \;
  done
fi
asked=()
what='every reason'
if [[ $reasons != all ]]; then
  asked=(--reasons "$reasons")
  what="$(tr ',' '\n' <<< "$reasons" | wc -l) reasons"
fi
took "$binary" replay --input "$input" --output "$out" --epoch "${EPOCH:-1d}" --workers "${WORKERS:-1}" "${asked[@]}"
read -r rows claims alerts < <(python3 - "$out" <<'PYTHON'
import json, sys
summary = json.load(open(sys.argv[1] + "/summary.json", encoding="utf-8"))
accepted = {stream["stream"]: stream["accepted"] for stream in summary["streams"]}
print(sum(accepted.values()), accepted["claims"], sum(1 for _ in open(sys.argv[1] + "/alerts.ndjson", "rb")))
PYTHON
)
line "replayed for $what" "$rows rows, $claims claims, $alerts alerts in $seconds s, $cpu CPU s"
line '' "$(calculate '%d rows and %d claims a second' "$rows / $seconds, $claims / $seconds")"
line 'peak memory' "$((peak / 1024)) MiB, $(calculate '%.1f bytes a row' "$peak * 1024 / $rows")"
line 'the nation by proportion' "$(calculate '%.1f min, %.1f GiB' "183e6 / $claims * $seconds / 60, 183e6 / $claims * $peak / 1048576")"
python3 - "$out" <<'PYTHON'
import json, sys
arrangements = json.load(open(sys.argv[1] + "/summary.json", encoding="utf-8"))["arrangements"]
print(f"\n{'arrangement':52} {'records':>13} {'bytes a record':>15}")
for arrangement in sorted(arrangements, key=lambda a: -a["records"])[:8]:
    records, sizes = arrangement["records"], arrangement["bytes"]
    if records:
        least, most = (round(size / records) for size in sizes) if sizes else (0, 0)
        width = "boxed" if not sizes else str(most) if least == most else f"{least}-{most}"
        print(f"{arrangement['name']:52} {records:>13,} {width:>15}")
PYTHON
rm -rf "$out"

at_most() { calculate '%s' "$scale < $1 ? $scale : $1"; }
late_scale=${LATE_SCALE:-$(at_most 0.05)}
if [[ $late_scale != 0 ]]; then
  if [[ $late_scale != "$scale" ]]; then
    [[ -n ${DATA:-} ]] || rm -rf "$country"
    country=$scratch/country
    make "$late_scale"
    claims=$(calculate '%d' "183e6 * $late_scale")
  fi
  printf '\none late death, from input to findings\n'
  cargo bench --quiet --manifest-path "$root/Cargo.toml" --bench late_death -- "$country" --claims "$claims"
fi
rm -rf "$scratch/country"

restart_scale=${RESTART_SCALE:-$(at_most 0.02)}
if [[ $restart_scale != 0 ]]; then
  printf '\na service of %s of a nation, from its start until it is ready\n' "$restart_scale"
  CITIZENS=$(citizens "$restart_scale") CLAIMS=$(calculate '%d' "183e6 * $restart_scale") RESULTS='' \
    FUNDWATCH=$binary SCRATCH=$scratch "$root/benches/restart.sh"
fi
end_page
