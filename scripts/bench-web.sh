#!/usr/bin/env bash
# A signed-in queue page with 50 posts against an axum "Hello, World!", in turns, by wrk on the same machine.
# Usage: bench-web.sh [SECONDS] [ROUNDS]. Builds both in the release profile; needs the Debian package wrk.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v wrk >/dev/null || { echo "bench-web: wrk is not installed (Debian package wrk)" >&2; exit 1; }
[ -d tests/e2e/node_modules ] || (cd tests/e2e && npm ci --no-audit --no-fund --loglevel=error)
cargo build --locked --release -p moloko -p web --example hello --bin moloko
MOLOKO_TEST_BINARY=$PWD/target/release/moloko node tests/e2e/bench_web.mjs "$@"
