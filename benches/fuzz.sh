#!/usr/bin/env bash
# fuzz.sh [SECONDS] [TARGET...]: fuzzes targets of tests/fuzz for long; 60 seconds each, and all of them, by default.
#
# Prints a line a target: inputs tried, behaviours seen, inputs in the corpus and failures. A target that
# fails goes on with what is left of its time, up to FAILURES of them; each input that failed is kept, and the
# command that tries it again is printed. What made a target do something new is kept in CORPUS, and the next run goes
# on from it, after it tried all of that again. Ends with 1 where anything failed.
#
#   FUZZ=            the test binary, in the place of one that is built here        SEED=1, 2, ... of the first process
#   PROFILE=release  or dev, which is slower and checks debug assertions as well    FEATURES=     as `cargo --features`
#   CORPUS=          target/fuzz/corpus by default                                  FAILURES=5    of a target, then it ends
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
seconds=${1:-60}
[[ $seconds =~ ^[1-9][0-9]*$ ]] || { echo "$seconds: seconds are a whole number above 0" >&2; exit 2; }
shift || true
work=${CARGO_TARGET_DIR:-$root/target}/fuzz
export FUNDWATCH_FUZZ_CORPUS=${CORPUS:-$work/corpus}
mkdir -p "$work" "$FUNDWATCH_FUZZ_CORPUS"

binary=${FUZZ:-}
if [[ -z $binary ]]; then
  flags=(--profile "${PROFILE:-release}")
  [[ -z ${FEATURES:-} ]] || flags+=(--features "$FEATURES")
  cargo test "${flags[@]}" --test fuzz --no-run 2>&1 | tee "$work/build.log" >&2
  binary=$(sed -n 's/^ *Executable .*(\(.*\))$/\1/p' "$work/build.log" | tail -n 1)
fi
[[ -x $binary ]] || { echo "$binary: no test binary" >&2; exit 2; }

mapfile -t known < <("$binary" --list | sed -n 's/: test$//p' | grep -vx every_target_is_fuzzed)
targets=("$@")
((${#targets[@]})) || targets=("${known[@]}")
for target in "${targets[@]}"; do
  [[ " ${known[*]} " == *" $target "* ]] || { echo "$target: no target; there are ${known[*]}" >&2; exit 2; }
done

failed=0
seed=${SEED:-$(date +%s)}
echo "seeds from $seed on, $seconds s a target, corpus in $FUNDWATCH_FUZZ_CORPUS"
printf '%-10s %12s %12s %8s %9s\n' target inputs behaviours corpus failures
for target in "${targets[@]}"; do
  inputs=0 behaviours=0 corpus=0 failures=0 again=()
  end=$((SECONDS + seconds))
  while ((SECONDS < end && failures < ${FAILURES:-5})); do
    log=$work/$target.log code=0
    FUNDWATCH_FUZZ_SECONDS=$((end - SECONDS)) FUNDWATCH_FUZZ_SEED=$seed \
      "$binary" --exact "$target" --nocapture > "$log" 2>&1 || code=$?
    seed=$((seed + 1))
    # Not there where the process was ended from outside, or by an input that took for ever.
    if [[ $(grep "^$target: .* inputs" "$log") =~ :\ ([0-9]+)\ inputs,\ ([0-9]+)\ behaviours,\ ([0-9]+) ]]; then
      inputs=$((inputs + BASH_REMATCH[1])) behaviours=${BASH_REMATCH[2]} corpus=${BASH_REMATCH[3]}
    fi
    if ((code)); then
      failures=$((failures + 1))
      cp "$log" "$work/$target-$failures.log"
      again+=("$(grep -m 1 'try it again' "$log" || echo "  ended with $code and kept no input")  # $work/$target-$failures.log")
    fi
  done
  printf '%-10s %12s %12s %8s %9s\n' "$target" "$inputs" "$behaviours" "$corpus" "$failures"
  ((failures == 0)) || printf '%s\n' "${again[@]}"
  failed=$((failed + failures))
done
((failed == 0))
