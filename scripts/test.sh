#!/usr/bin/env bash
# Everything that is checked, in the order that tells about a mistake soonest. Without arguments all steps run; with
# arguments only those named: format hygiene policy assets lint unit doc browser promises torture; torture runs only when named.
set -uo pipefail
cd "$(dirname "$0")/.."
steps=("$@")
[ "${#steps[@]}" -gt 0 ] || steps=(setup format hygiene assets types policy lint unit doctest doc browser promises)

failed=() report=()
export PATH="$PWD/target/tools/bin:$PATH"
# Lints are looked at by the compiler that builds, so nothing is compiled once for them and once more to run. A warning is an error.
export RUSTC_WORKSPACE_WRAPPER=clippy-driver CLIPPY_ARGS=-Dwarnings__CLIPPY_HACKERY__

step_setup() { scripts/setup.sh build test; }
step_format() { cargo fmt --all --check; }
step_hygiene() { scripts/hygiene.sh; }
step_assets() { scripts/assets.sh; }
step_types() { (cd crates/web && npm run --silent check); }

step_policy() {
  [ -x target/tools/bin/cargo-deny ] || scripts/setup.sh test || return 1
  cargo fetch --locked --quiet && target/tools/bin/cargo-deny --offline --log-level error check --hide-inclusion-graph licenses bans sources
}

# The second looks at the features of the program alone: everything below is built together with those of the tests.
step_lint() {
  cargo build --locked --quiet --workspace --all-targets && cargo check --locked --quiet -p moloko
}

# The program as the unit step built it. The features that tests add switch nothing on by themselves, and building it once more takes minutes.
program() { cargo build --locked --quiet --workspace --bins --tests; }

# Databases and files of tests live for seconds: in memory where there is plenty of it, or every commit waits for a disk.
in_memory() {
  local free; free=$(df --output=avail -k /dev/shm 2>/dev/null | tail -1)
  [ "${free:-0}" -gt 4000000 ] && [ -w /dev/shm ] || return 1
  # Some tests put programs there.
  findmnt -no OPTIONS -T /dev/shm 2>/dev/null | grep -qw noexec && return 1
  mktemp -d /dev/shm/moloko-test.XXXXXX
}

step_unit() {
  memory=""
  if memory=$(in_memory); then chmod 755 "$memory"; export TMPDIR=$memory; fi
  # A step is a shell of its own, so this also holds for a run that is broken off.
  trap 'scripts/postgres.sh stop >/dev/null 2>&1; [ -z "$memory" ] || rm -rf "$memory"' EXIT
  scripts/postgres.sh start || return 1
  MOLOKO_TEST_POSTGRES_URL=$(scripts/postgres.sh url)
  # Pages drawn from samples, for the story that takes pictures of them.
  export MOLOKO_TEST_POSTGRES_URL MOLOKO_REQUIRE_POSTGRES=1 MOLOKO_SAMPLES=$PWD/target/samples
  rm -rf "$MOLOKO_SAMPLES"
  cargo nextest run --locked --workspace --profile ci
}

step_doctest() { cargo test --locked --workspace --doc --quiet 2>&1 | grep -v '^$' | grep -v 'running 0 tests' | grep -v '^test result: ok. 0 passed' ; return "${PIPESTATUS[0]}"; }
step_doc() { RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps --quiet; }

step_browser() {
  program || return 1
  cd tests/e2e || return 1
  local lock; lock=$(sha256sum < package-lock.json)
  if [ ! -f node_modules/.moloko-stamp ] || [ "$(cat node_modules/.moloko-stamp)" != "$lock" ]; then
    npm ci --no-audit --no-fund --loglevel=error || return 1
    echo "$lock" > node_modules/.moloko-stamp
  fi
  # Stories run two at a time, and more than one of them has a PostgreSQL: it is ended with this script.
  ../../scripts/postgres.sh start || return 1
  MOLOKO_TEST_POSTGRES_KEPT=1 npm run --silent test
}

# Each clause of the privacy policy needs a test that passed above; needs the reports of unit and browser.
step_promises() {
  program || return 1
  node scripts/promises.mjs target/promises.json target/nextest/ci/junit.xml target/e2e-junit.xml || return 1
  target/debug/moloko policy check --program-only --evidence target/promises.json > target/promises.txt && { tail -1 target/promises.txt; return 0; }
  grep -A3 BROKEN target/promises.txt
  return 1
}

# Optimised, because ten thousand stories in the development profile take half an hour.
step_torture() {
  cargo build --locked --quiet --release -p moloko || return 1
  target/release/moloko torture --systematic --seeds "${MOLOKO_TORTURE_SEEDS:-1000}"
}

trap 'scripts/postgres.sh stop >/dev/null 2>&1 || true' EXIT

for step in "${steps[@]}"; do
  declare -F "step_$step" >/dev/null || { echo "test: no step called '$step'" >&2; exit 2; }
  echo "== $step"
  began=$SECONDS
  if (set -o pipefail; "step_$step"); then verdict=ok; else verdict=FAILED; failed+=("$step"); fi
  report+=("$(printf '%-8s %-7s %4d s' "$step" "$verdict" $((SECONDS - began)))")
  # Without these nothing later can mean anything.
  if [ "$verdict" = FAILED ]; then case "$step" in setup | assets) break ;; esac; fi
done

echo "== summary"
printf '%s\n' "${report[@]}"
echo "total $SECONDS s"
if [ "${#failed[@]}" -gt 0 ]; then echo "FAILED: ${failed[*]}"; exit 1; fi
echo "all checks passed"
