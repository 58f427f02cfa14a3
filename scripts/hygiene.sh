#!/usr/bin/env bash
# What must not be in the repository: large files, paths of somebody's machine, addresses of package registries, key material,
# source files past the size where nobody reads them. Looks at tracked and new files, never at ignored ones.
set -euo pipefail
cd "$(dirname "$0")/.."
status=0
bad() { echo "hygiene: $*" >&2; status=1; }

mapfile -d '' files < <(git ls-files -z --cached --others --exclude-standard)

for file in "${files[@]}"; do
  [ -f "$file" ] || continue
  bytes=$(stat -c %s "$file")
  [ "$bytes" -le $((300 * 1024)) ] || [ "$file" = Cargo.lock ] || bad "$file has $bytes bytes; the limit is 300 KiB"
  case "$file" in
    *.rs | *.ts | *.mjs | *.css | *.sql | *.sh)
      lines=$(wc -l < "$file")
      [ "$lines" -le 800 ] || bad "$file has $lines lines; split it by meaning (limit 800)" ;;
  esac
done

# The patterns are put together from pieces so that this file does not match itself.
registries="registry\\.npm""js|crates\\.i""o|static\\.crates|files\\.python""hosted|py""pi\\.org|deb\\.debian""\\.org|npm""mirror|registry\\.yarn"
machine="/ro""ot/|/wo""rk/|/home/[a-z]+/|C:\\\\Users"
keys="-----BEGIN [A-Z ]*PRIVATE K""EY"

look() { # look PATTERN WHAT [excluded paths...]
  local pattern=$1 what=$2; shift 2
  local hits
  hits=$(printf '%s\0' "${files[@]}" | grep -zvxE "$(printf '%s|' "$@")scripts/hygiene\\.sh" \
    | xargs -0 grep -IlE -- "$pattern" 2>/dev/null || true)
  [ -z "$hits" ] || bad "$what in: $(echo "$hits" | tr '\n' ' ')"
}
# Cargo writes the index's name into its lock file; there is no way to leave it out.
look "$registries" "the address of a package registry" 'Cargo\.lock'
look "$machine" "a path of somebody's machine"
look "$keys" "key material"

# A lock file with download addresses would pin everybody to one mirror.
for lock in $(printf '%s\n' "${files[@]}" | grep 'package-lock\.json$' || true); do
  if grep -q '"resolved"' "$lock"; then bad "$lock holds download addresses; run npm with omit-lockfile-registry-resolved=true"; fi
done

[ "$status" = 0 ] && echo "hygiene: ${#files[@]} files are clean"
exit "$status"
