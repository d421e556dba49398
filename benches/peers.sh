#!/usr/bin/env bash
# peers.sh PEERS DATA: fundwatch beside other engines, on the same Parquet, the same seven reasons, in one run, in turns.
#
# PEERS holds the others' programs: gen_scale.py, duckdb_w.py, dbsp_w/ with prep_bin.py, pathway_w.py, flink_w.py, and
# digest.py. DATA is a directory of streams in Parquet as gen_scale.py makes them; it is made where it has no claims. Each
# turn is one run of every engine, one after the other, from files to alerts: DuckDB once over everything; dbsp in batches of 1,
# 30 and 1000 days; Pathway (three of the reasons); Flink (two, of claims of one card); fundwatch in epochs of 1 day, 30 days
# and all. Prints for each wall and CPU seconds and peak memory of the process, all claim rows over wall seconds, and the rate
# that the engine tells of itself. Then late deaths and one day's batch, as each engine tells them. Then how many alerts of
# each reason each engine has, and a digest of their subjects; fails where one differs.
#
# What is not alike: dbsp reads rows that were packed before, and Pathway and Flink CSV that was; the time of that is told and not
# in theirs. dbsp's wall includes 300 late deaths. Only fundwatch writes history, evidence and measures. Pathway and Flink answer a part.
#
#   FUNDWATCH=target/release/fundwatch   the binary          REPEATS=3             turns
#   PY=python3                           has duckdb, numpy, pyarrow, orjson, and pathway where that is to run
#   FLINK_PY=                            has apache-flink; empty: without Flink
#   DBSP=                                the built dbsp_w; empty: it is built in SCRATCH from a copy of PEERS/dbsp_w
#   ENGINES="duckdb dbsp pathway flink fundwatch"             only these
#   THREADS="1 2"                        of each engine      BATCHES="1 30 1000"   days of a batch of dbsp
#   EPOCHS="1d 30d all"                  of fundwatch        CITIZENS=1000000 CLAIMS=2000000  where DATA is made
#   TOUCHED=4                            days for which DuckDB computes touched persons alone; 0: none, and no late deaths of it
#   STREAM=                              days of Pathway's streaming mode; empty: none
#   LATE_DEATH=                          1: `cargo bench --bench late_death` as well, which builds
#   LIMIT=1200                           seconds for one run; an engine that takes longer, or fails, is left out from then on
#   SCRATCH=                             where everything is made
#   RESULTS=                             a file that gets all of it as a page, with machine, commit and date
set -euo pipefail
usage='usage: peers.sh PEERS DATA'
peers=$(cd "${1:?$usage}" && pwd) data=${2:?$usage}
root=$(cd "$(dirname "$0")/.." && pwd)
binary=${FUNDWATCH:-${CARGO_TARGET_DIR:-$root/target}/release/fundwatch}
engines=" ${ENGINES:-duckdb dbsp pathway flink fundwatch} " py=${PY:-python3} threads=${THREADS:-1 2} repeats=${REPEATS:-3}
has() { [[ $engines == *" $1 "* ]]; }
if has fundwatch && [[ ! -x $binary ]]; then echo "$binary: build it first: cargo build --release" >&2; exit 1; fi
scratch=$(mktemp -d -p "${SCRATCH:-${TMPDIR:-/tmp}}")
trap 'rm -rf "$scratch"' EXIT
# shellcheck source=benches/measuring.sh
source "$root/benches/measuring.sh"
reasons=service_after_death,card_not_valid,unknown_card,duplicate_identity,overlapping_stay,same_day_facilities,frequent_visits

if ! compgen -G "$data/claims*" > /dev/null; then
  "$py" "$peers/gen_scale.py" --citizens "${CITIZENS:-1000000}" --claims "${CLAIMS:-2000000}" --out "$data"
fi
data=$(cd "$data" && pwd)
# The others write what they pack beside the streams.
mkdir "$scratch/data" "$scratch/answers"
ln -s "$data"/*.parquet "$scratch/data/"
rows=$("$py" -c 'import pyarrow.parquet as p, sys; print(p.ParquetFile(sys.argv[1]).metadata.num_rows)' "$data/claims.parquet")

left_out=()
without() { engines=${engines/" $1 "/ }; left_out+=("$1: $2"); }
if has duckdb && ! "$py" -c 'import duckdb' 2> /dev/null; then without duckdb "$py has no duckdb"; fi
if has pathway && ! "$py" -c 'import pathway' 2> /dev/null; then without pathway "$py has no pathway"; fi
if has flink && [[ -z ${FLINK_PY:-} ]]; then without flink 'FLINK_PY names no Python that has apache-flink'; fi
if has flink && ! "$FLINK_PY" -c 'import pyflink' 2> /dev/null; then without flink "$FLINK_PY has no apache-flink"; fi
dbsp=${DBSP:-}
if has dbsp && [[ -z $dbsp ]]; then
  cp -r "$peers/dbsp_w" "$scratch/dbsp_w"
  chmod -R u+w "$scratch/dbsp_w"
  (cd "$scratch/dbsp_w" && CARGO_TARGET_DIR=$scratch/dbsp-target cargo build --release --locked --quiet) || without dbsp 'it does not build'
  dbsp=$scratch/dbsp-target/release/dbsp_w
fi

begin_page 'fundwatch beside other engines'
line 'data' "$(basename "$data"), $rows claim rows, $(du -smL "$scratch/data" | cut -f 1) MiB of Parquet"
for engine in "${left_out[@]}"; do line 'left out' "$engine"; done
wrong=0

# One run: the engine, what the run is called, then the command, which names the file of its answers. Another engine that fails
# or takes too long is left out from then on, so that the others are still measured; fundwatch is not.
run() {
  local engine=$1 name=$2 told
  shift 2
  has "$engine" || return 0
  if ! took timeout --kill-after 10 "${LIMIT:-1200}" "$@"; then
    [[ $engine != fundwatch ]] || exit 1
    without "$engine" "$name failed, or took longer than ${LIMIT:-1200} s"
    line 'left out from here on' "${left_out[-1]}"
    return 0
  fi
  told=$(sed -nE 's/.*rate=([0-9,]+) claims.*/\1/p' "$scratch/said" | head -n 1)
  if [[ -f $scratch/out/summary.json ]]; then
    told=$("$py" -c 'import json, sys; print(f"{json.load(open(sys.argv[1]))[sys.argv[2]]:,.0f}")' "$scratch/out/summary.json" claims_per_second)
  fi
  printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$name" "$seconds" "$cpu" "$peak" "${told:--}" "$(cut -d ' ' -f 1 /proc/loadavg)" >> "$scratch/runs"
  # What an engine says of days and late deaths is kept of its last turn.
  grep -E '^(batches |late death|duckdb.*late death|duckdb.*daily|pathway.*streaming)' "$scratch/said" > "$scratch/told.${name//[ \/]/_}" || true
}
packed() { took "${@:2}"; line "packed for $1, not counted" "$seconds s, $cpu CPU s"; }
fundwatch_run() {
  rm -rf "$scratch/out"
  run fundwatch "fundwatch --epoch $1 --workers $2" "$binary" replay --input "$data" --output "$scratch/out" --epoch "$1" --workers "$2" --reasons "$reasons"
  # Epochs are in flight together, so that a mean is all that a replay can tell of one.
  "$py" - "$scratch/out/summary.json" > "$scratch/told.fundwatch_--epoch_$1_--workers_$2" <<'PYTHON'
import json, sys
summary = json.load(open(sys.argv[1], encoding="utf-8"))
print(f"{summary['epochs']} epochs, {summary['elapsed_seconds'] / summary['epochs'] * 1e3:.1f} ms in the mean, reading and outputs included")
PYTHON
  "$py" - "$scratch/out/alerts.ndjson" > "$scratch/answers/fundwatch_$1_$2.csv" <<'PYTHON'
import json, sys
print("reason,subject")
for row in open(sys.argv[1], encoding="utf-8"):
    alert = json.loads(row)
    print(f"{alert['reason']},{alert['subject']['id']}")
PYTHON
  rm -rf "$scratch/out"
}

if has dbsp; then packed dbsp "$py" "$peers/prep_bin.py" "$scratch/data"; fi
if has pathway; then packed Pathway "$py" "$peers/pathway_w.py" "$scratch/data" --prep; fi
for ((repeat = 1; repeat <= repeats; repeat++)); do
  for thread in $threads; do
    if has duckdb; then
      run duckdb "DuckDB, threads $thread" "$py" "$peers/duckdb_w.py" "$scratch/data" --threads "$thread" --out "$scratch/answers/duckdb_$thread.csv"
    fi
    if has dbsp; then
      for days in ${BATCHES:-1 30 1000}; do
        run dbsp "dbsp, days $days, workers $thread" "$dbsp" "$scratch/data" "$thread" "$scratch/answers/dbsp_${thread}_$days.csv" "$days"
      done
    fi
    if has fundwatch; then
      for epoch in ${EPOCHS:-1d 30d all}; do fundwatch_run "$epoch" "$thread"; done
    fi
    if has pathway; then
      run pathway "Pathway (3 reasons), threads $thread" env "PATHWAY_THREADS=$thread" "$py" "$peers/pathway_w.py" "$scratch/data" --out "$scratch/answers/pathway_$thread.csv"
    fi
    if has flink; then
      # What it answers is a part, so that it is held to what DuckDB says of that part.
      if [[ ! -d $scratch/data/flink ]]; then
        [[ -f $scratch/answers/duckdb_$thread.csv ]] ||
          "$py" "$peers/duckdb_w.py" "$scratch/data" --out "$scratch/answers/duckdb_$thread.csv" > "$scratch/said"
        packed Flink "$py" "$peers/flink_w.py" "$scratch/data" --prep --only "$scratch/answers/duckdb_$thread.csv"
      fi
      run flink "Flink (2 reasons), slots $thread" "$FLINK_PY" "$peers/flink_w.py" "$scratch/data" --slots "$thread" --out "$scratch/answers/flink_$thread.csv"
      # Its own word for the memory of its Java process.
      sed -nE 's/.*(java rss=[^ ]*).*/\1/p' "$scratch/said" | tail -n 1 > "$scratch/told.Flink_$thread"
    fi
  done
done

echo
"$py" - "$scratch/runs" "$rows" <<'PYTHON'
import statistics, sys
runs, rows = {}, int(sys.argv[2])
for row in open(sys.argv[1], encoding="utf-8"):
    name, *values = row.rstrip("\n").split("\t")
    runs.setdefault(name, []).append(values)
print(f"{'median of the turns':38} {'wall s':>8} {'(min-max)':>15} {'CPU s':>8} {'peak MiB':>9} {'claims/s':>10} {'of itself':>10} {'load':>5}")
for name, values in runs.items():
    wall, cpu, peak = ([float(value[place]) for value in values] for place in range(3))
    middle = statistics.median(wall)
    print(f"{name:38} {middle:8.2f} {f'{min(wall):.2f}-{max(wall):.2f}':>15} {statistics.median(cpu):8.2f} {max(peak) / 1024:9,.0f}"
          f" {rows / middle:10,.0f} {values[-1][3]:>10} {values[-1][4]:>5}")
PYTHON

echo
echo 'one day, and one late death, as each tells them'
tell() { sed "s|^|  |" "$1"; }
if has duckdb && [[ ${TOUCHED:-4} != 0 ]]; then
  took "$py" "$peers/duckdb_w.py" "$scratch/data" --touched "${TOUCHED:-4}"
  echo 'DuckDB, touched persons'; grep -E '^duckdb' "$scratch/said" > "$scratch/told"; tell "$scratch/told"
  took "$py" "$peers/duckdb_w.py" "$scratch/data" --late 20
  grep -E '^duckdb' "$scratch/said" > "$scratch/told"; tell "$scratch/told"
fi
if has pathway && [[ -n ${STREAM:-} ]]; then
  took "$py" "$peers/pathway_w.py" "$scratch/data" --stream --days "$STREAM"
  echo 'Pathway, streaming'; tail -n 1 "$scratch/said" > "$scratch/told"; tell "$scratch/told"
fi
for told in "$scratch"/told.*; do
  [[ -s $told ]] || continue
  echo "$(basename "${told#*told.}" | tr _ ' ')"
  tell "$told"
done
if has fundwatch; then
  if [[ -n ${LATE_DEATH:-} ]]; then
    echo 'fundwatch, late deaths'
    cargo bench --quiet --manifest-path "$root/Cargo.toml" --bench late_death -- "$data" --claims "$rows" > "$scratch/told"
    tell "$scratch/told"
  else
    echo 'fundwatch, late deaths: LATE_DEATH is not set'
  fi
fi

echo
echo 'alerts of each reason, and a digest of their subjects'
cd "$scratch/answers"
# Those of Flink are a part, and are held to the same part.
mapfile -t files < <(find . -name '*.csv' ! -name 'flink*' -printf '%P\n' | sort)
((${#files[@]} > 0)) || { echo 'no engine ran' >&2; exit 1; }
printf '%22s ' ''; printf ' %22s' "${files[@]%.csv}"; echo
"$py" "$peers/digest.py" "${files[@]}" || wrong=1
for flink in flink_*.csv; do
  [[ -f $flink ]] || continue
  echo "expected of Flink, and $flink"
  "$py" "$peers/digest.py" "$scratch/data/flink/expected.csv" "$flink" || wrong=1
done
if [[ $wrong == 0 ]]; then echo 'every engine has the same answers, where it answers'; else echo 'the answers DIFFER'; fi
end_page
exit "$wrong"
