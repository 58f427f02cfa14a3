#!/usr/bin/env bash
# Feeds the parsers of files, of TikTok's answers and of upload headers with damaged input, round after round, each with a seed of its own.
# Ordinary tests do the same for a moment. It ends with the first finding, which is kept in target/fuzz, or after ROUNDS rounds.
# Usage: fuzz.sh [ROUNDS]   0, the default, is without end. CASES=N inputs for each target and round. SEED=N repeats one round.
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-0} cases=${CASES:-20000}
mkdir -p target/fuzz
# Built once: what is named here is what the rounds run.
run() { cargo nextest run --locked --profile fuzz -p app -p tiktok -p web --lib -E 'test(/(^|::)fuzz::/)' "$@"; }
run --no-run --cargo-quiet
for ((round = 1; rounds == 0 || round <= rounds; round++)); do
  seed=${SEED:-$(od -An -N6 -tu8 /dev/urandom | tr -d ' ')}
  report=target/fuzz/$seed.log began=$SECONDS
  # Findings stand in the report with the seed; files beside the sources would be a second memory.
  if PROPTEST_RNG_SEED=$seed PROPTEST_CASES=$cases PROPTEST_DISABLE_FAILURE_PERSISTENCE=true RUST_BACKTRACE=1 run --cargo-quiet > "$report" 2>&1; then
    rm "$report"
    echo "round $round: seed $seed, $cases inputs for each target, $((SECONDS - began)) s, nothing found"
  else
    grep -aE 'FAIL|minimal failing input|panicked at|Test failed' "$report" | head -20 || true
    echo "round $round: a finding. All of it: $report; once more: SEED=$seed CASES=$cases scripts/fuzz.sh 1" >&2
    exit 1
  fi
  [ -z "${SEED:-}" ] || break
done
