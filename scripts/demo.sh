#!/usr/bin/env bash
# Builds what is needed and starts the demo. Arguments go to `moloko demo` (for example: --listen 127.0.0.1:9000).
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh build
scripts/assets.sh
if [ ! -x target/debug/moloko ]; then
  echo "demo: the first build takes a few minutes (about 5 on two cores); the next start takes seconds"
fi
cargo build --locked --quiet -p moloko
exec target/debug/moloko demo "$@"
