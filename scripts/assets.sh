#!/usr/bin/env bash
# Bundles the browser's files (npm packages by lock file, then esbuild) into crates/web/assets/dist.
# Does nothing when the result is newer than every input: the stamp is a hash of the inputs.
set -euo pipefail
cd "$(dirname "$0")/../crates/web"

[ -f package.json ] || { echo "assets: crates/web/package.json is missing" >&2; exit 1; }

inputs_hash() {
  { find assets -path assets/dist -prune -o -type f -print0
    find . -maxdepth 1 -type f \( -name 'package*.json' -o -name '*.mjs' -o -name 'tsconfig*.json' -o -name .npmrc \) -print0
  } | sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1
}

lock_hash() { cat package.json package-lock.json | sha256sum | cut -d' ' -f1; }

if [ ! -f node_modules/.moloko-stamp ] || [ "$(cat node_modules/.moloko-stamp)" != "$(lock_hash)" ]; then
  echo "assets: installing npm packages"
  npm ci --no-audit --no-fund --loglevel=error
  lock_hash > node_modules/.moloko-stamp
fi

stamp=node_modules/.moloko-bundle-stamp
if [ ! -f assets/dist/manifest.json ] || [ ! -f "$stamp" ] || [ "$(cat "$stamp")" != "$(inputs_hash)" ]; then
  echo "assets: bundling"
  npm run --silent build
  inputs_hash > "$stamp"
fi
