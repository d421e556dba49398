#!/usr/bin/env bash
# The review queue under work: the page of 100,000 open alerts, and 50 reviewers at a time who take, note and close, for two
# minutes with a second of thought between requests. Prints times and sizes, and fails when an update is lost, or a page
# takes 100 ms or weighs 100 KB alone, or one request of a hundred takes 300 ms when all work.
#
# usage: benches/queue.sh
#   FUNDWATCH=target/release/fundwatch  the program, built when it is not there
#   ALERTS=100000 REVIEWERS=50 WORK_SECONDS=120 THINK_MS=1000
set -euo pipefail
cd "$(dirname "$0")/.."

# An absolute path, since the bench runs elsewhere.
export FUNDWATCH=${FUNDWATCH:-${CARGO_TARGET_DIR:-target}/release/fundwatch}
[[ -x $FUNDWATCH ]] || cargo build --release --quiet
exec cargo bench --quiet --bench queue
