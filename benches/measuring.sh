# What scripts of this directory share that measure commands and services: sourced, not run. Needs `root`, `binary` and `scratch`.

# Where RESULTS is named: it gets all that is printed from here on, as a page, with machine, commit and date.
begin_page() {
  [[ -n ${RESULTS:-} ]] || return 0
  {
    printf '# Measured: %s\n\n' "$1"
    printf 'Machine: %s, %s logical cores, %s\n' "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)" "$(nproc)" \
      "$(awk '/MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo)"
    printf 'Commit: %s\nDate: %s\n' "$(git -C "$root" describe --always --dirty 2> /dev/null || echo -)" "$(date -u +%F)"
    printf 'Load of the machine at the start: %s\n' "$(cut -d ' ' -f 1-3 /proc/loadavg)"
    printf 'A load that no cache has: %s ns\n\n' "$(memory_latency)"
    [[ ${2:-fenced} == table ]] || printf '```\n'
  } > "$RESULTS"
  exec > >(tee -a "$RESULTS")
}
# Nanoseconds of a load from anywhere in 256 MiB.
memory_latency() { cc -O2 -o "$scratch/memory_latency" "$root/benches/memory_latency.c" 2> /dev/null && "$scratch/memory_latency" || echo -; }
end_page() { [[ -z ${RESULTS:-} || ${1:-fenced} == table ]] || echo '```'; }

# Runs a command, and keeps what it took: $seconds, $cpu, $peak in KiB - of the largest process, where it starts others -
# and what it said in $scratch/said. Gives its status; shows the end of what it said where it failed.
took() {
  local status=0
  python3 - "$scratch/used" "$@" > "$scratch/said" 2>&1 <<'PYTHON' || status=$?
import ctypes, os, resource, subprocess, sys, time
# What a command leaves behind, such as a Java that it talked to, becomes a child of this process, and counts.
PR_SET_CHILD_SUBREAPER, PATIENCE = 36, 20
ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
began = time.monotonic()
status = subprocess.run(sys.argv[2:]).returncode
seconds = time.monotonic() - began
until = time.monotonic() + PATIENCE
while time.monotonic() < until:
    try:
        if os.waitpid(-1, os.WNOHANG)[0] == 0:
            time.sleep(0.05)
    except ChildProcessError:
        break
used = resource.getrusage(resource.RUSAGE_CHILDREN)
open(sys.argv[1], "w", encoding="utf-8").write(f"{seconds:.2f} {used.ru_utime + used.ru_stime:.2f} {used.ru_maxrss}\n")
sys.exit(status != 0)
PYTHON
  [[ $status == 0 ]] || { echo "failed: $*" >&2; tail -n 20 "$scratch/said" >&2; return 1; }
  read -r seconds cpu peak < "$scratch/used"
}
line() { printf '%-44s %s\n' "$1" "$2"; }

# Starts a service on $data as $scratch/fundwatch.toml sets it, by way of a command where one is given. What it is asked
# afterwards goes to $api and $ops, its log to $scratch/log; $service is its process.
begin_service() {
  : > "$scratch/addresses"
  "$@" "$binary" serve --data "$data" --config "$scratch/fundwatch.toml" --listen 127.0.0.1:0 --ops-listen 127.0.0.1:0 \
    > "$scratch/addresses" 2>> "$scratch/log" &
  service=$!
  until read -r _ _ api _ _ _ _ ops < "$scratch/addresses"; do
    kill -0 "$service" 2> /dev/null || fail 'the service ended'
    sleep 0.01
  done
  api=${api%,}
}
# Stops it.
end_service() {
  local ended=$service
  service=
  kill "$ended"
  wait "$ended" || fail 'the service did not end well'
}
# The last of what it logged, and what is wrong.
fail() { echo "$1" >&2; tail -n 20 "$scratch/log" >&2; exit 1; }
# What it logged most.
show_log() {
  [[ -s $scratch/log ]] || return 0
  printf '\nof the log\n'
  sed 's/"timestamp":"[^"]*",//' "$scratch/log" | sort | uniq -c | sort -rn | head -n 10
}
# Kills a service that still runs, and removes everything.
clean_up() { [[ -z ${service:-} ]] || kill -9 "$service" 2> /dev/null || true; rm -rf "$scratch"; }
