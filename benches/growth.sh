#!/usr/bin/env bash
# growth.sh: what a replay costs as its input grows: CPU, wall and memory against citizens, claims a citizen, days, and corrections
# that come late, each at sizes that double; and by workers and processes.
#
# Countries are made with `fundwatch synth`. For claims a citizen, a share of one country's claims is kept, and no register changes;
# for late corrections, a share of its claims comes again sixty days later with another time of discharge. Each size is replayed in
# daily epochs. Of each cost is taken away what the same takes with nearly nothing of what grows (1,000 citizens, one day, no
# claim, no correction), and the exponent is fitted in log-log by least squares. Prints a Markdown table, and which
# exponents are above 1.1, which is worse than n log n is between such sizes. Fails where workers or processes change an alert.
#
#   FUNDWATCH=target/release/fundwatch   the binary          SCRATCH=             where everything is made
#   GROW="citizens claims days late"     only these          REPEATS=3            runs of each size, of which the median counts
#   CITIZENS="50000 100000 200000 400000 800000"             with a history of CITIZENS_DAYS=120
#   CLAIMS="0.0625 0.125 0.25 0.5 1"     shares of a country of BASE=100000 citizens and BASE_DAYS=960
#   DAYS="60 120 240 480 960"            of BASE citizens    LATE="0.025 0.05 0.1 0.2 0.4"  shares of the claims of BASE
#   WORKERS="1 2"                        for citizens; all else with the first
#   PROCESSES=                           such as "1 2 3": the largest of CITIZENS on so many processes of this machine, with
#                                        `replay --processes N --process I --hosts FILE`, each LIMIT=1800 seconds at most
#   FORMAT=csv                           of citizens and days; the others are text. One format, so that runs can be fitted together
#   EPOCH=1d SEED=1                      KEEP=               a file that gets each run, a JSON object a line, for plan.py
#   RESULTS=                             a file that gets all of it as a page, with machine, commit and date
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
binary=${FUNDWATCH:-${CARGO_TARGET_DIR:-$root/target}/release/fundwatch}
[[ -x $binary ]] || { echo "$binary: build it first: cargo build --release" >&2; exit 1; }
scratch=$(mktemp -d -p "${SCRATCH:-${TMPDIR:-/tmp}}")
trap 'rm -rf "$scratch"' EXIT
# shellcheck source=benches/measuring.sh
source "$root/benches/measuring.sh"
base=${BASE:-100000} base_days=${BASE_DAYS:-960} workers=${WORKERS:-1 2} epoch=${EPOCH:-1d}
sizes=${CITIZENS:-50000 100000 200000 400000 800000} citizens_days=${CITIZENS_DAYS:-120}
grow=" ${GROW:-citizens claims days late} "
has() { [[ $grow == *" $1 "* ]]; }
kept=${KEEP:-$scratch/kept}
: > "$kept"
begin_page 'cost against size' table

make() { took "$binary" synth --output "$1" --citizens "$2" --days "$3" --seed "${SEED:-1}" --format "$4"; }

# Replays a directory, and keeps what it took: of what grows, by which size, of which country, on how many workers.
replay() {
  local what=$1 size=$2 input=$3 worker=$4 repeat
  for ((repeat = 1; repeat <= ${REPEATS:-3}; repeat++)); do
    took "$binary" replay --input "$input" --output "$scratch/out" --epoch "$epoch" --workers "$worker"
    python3 "$root/benches/growth.py" keep "$kept" "$scratch/out" "$what" "$size" "$worker" 1 "$seconds" "$cpu" "$peak"
    rm -rf "$scratch/out"
  done
  line "$what $size, workers $worker" "$seconds s, $cpu CPU s, peak $((peak / 1024)) MiB" >&2
}

# The same on several processes of this machine. The first writes the outputs; what each took is added up.
replay_on() {
  local processes=$1 size=$2 input=$3 place repeat began running one failed
  for ((repeat = 1; repeat <= ${REPEATS:-3}; repeat++)); do
    if [[ $processes == 1 ]]; then
      replay processes "$size" "$input" 1
      return
    fi
    python3 - "$processes" > "$scratch/hosts" <<'PYTHON'
import socket, sys
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(sys.argv[1]))]
for one in held:
    print(f"127.0.0.1:{one.getsockname()[1]}")
PYTHON
    running=()
    began=$(date +%s%N)
    for ((place = processes - 1; place >= 0; place--)); do
      (
        mkdir -p "$scratch/process-$place"
        all=$scratch scratch=$scratch/process-$place
        # One that waits for another that failed does not wait for ever.
        took timeout "${LIMIT:-1800}" "$binary" replay --input "$input" --output "$all/out" --epoch "$epoch" --workers 1 \
          --processes "$processes" --process "$place" --hosts "$all/hosts"
      ) &
      running+=($!)
    done
    failed=0
    for one in "${running[@]}"; do wait "$one" || failed=1; done
    [[ $failed == 0 ]] || exit 1
    seconds=$(awk -v from="$began" -v to="$(date +%s%N)" 'BEGIN { printf "%.2f", (to - from) / 1e9 }')
    read -r cpu peak < <(awk '{ cpu += $2; peak += $3 } END { printf "%.2f %d\n", cpu, peak }' "$scratch"/process-*/used)
    python3 "$root/benches/growth.py" keep "$kept" "$scratch/out" processes "$size" 1 "$processes" "$seconds" "$cpu" "$peak"
    rm -rf "$scratch/out" "$scratch"/process-*
  done
  line "processes $processes, citizens $size" "$seconds s, $cpu CPU s, together $((peak / 1024)) MiB" >&2
}

largest=$(tr ' ' '\n' <<< "$sizes" | sort -n | tail -n 1)
if has citizens || [[ -n ${PROCESSES:-} ]]; then
  for size in $(if has citizens; then echo "1000 $sizes"; else echo "$largest"; fi); do
    make "$scratch/country" "$size" "$citizens_days" "${FORMAT:-csv}"
    if has citizens; then
      for worker in $workers; do replay citizens "$size" "$scratch/country" "$worker"; done
    fi
    if [[ $size == "$largest" ]]; then
      for processes in ${PROCESSES:-}; do replay_on "$processes" "$size" "$scratch/country"; done
    fi
    rm -rf "$scratch/country"
  done
fi
if has days; then
  for size in 1 ${DAYS:-60 120 240 480 960}; do
    make "$scratch/country" "$base" "$size" "${FORMAT:-csv}"
    replay days "$size" "$scratch/country" "${workers%% *}"
    rm -rf "$scratch/country"
  done
fi
if has claims || has late; then
  # As text, so that parts of it can be taken and changed here.
  make "$scratch/country" "$base" "$base_days" csv
  mkdir "$scratch/part"
  ln -s "$scratch/country"/*.csv "$scratch/part/"
  if has claims; then
    for size in 0 ${CLAIMS:-0.0625 0.125 0.25 0.5 1}; do
      # With the check-ins of the same visits.
      for stream in claims check_ins; do
        rm -f "$scratch/part/$stream.csv"
        python3 "$root/benches/growth.py" thin "$scratch/country/$stream.csv" "$scratch/part/$stream.csv" "$size"
      done
      replay claims "$size" "$scratch/part" "${workers%% *}"
    done
    ln -sf "$scratch/country/claims.csv" "$scratch/country/check_ins.csv" "$scratch/part/"
  fi
  if has late; then
    for size in 0 ${LATE:-0.025 0.05 0.1 0.2 0.4}; do
      python3 "$root/benches/growth.py" late "$scratch/country/claims.csv" "$scratch/part/claims-late.csv" "$size"
      replay late "$size" "$scratch/part" "${workers%% *}"
    done
  fi
fi

wrong=0
python3 "$root/benches/growth.py" tell "$kept" || wrong=1
end_page table
exit "$wrong"
