#!/usr/bin/env bash
# A private PostgreSQL for the tests: own data folder, free port on loopback, own password; never touches a system cluster.
# Usage: postgres.sh start | url | crash | stop; crash ends it without warning and starts it again. Server programs refuse to run as root, so root hands over to the user "postgres".
set -euo pipefail
cd "$(dirname "$0")/.."
state=target/pg
mkdir -p "$state"

bin=""
for candidate in /usr/lib/postgresql/*/bin; do [ -x "$candidate/initdb" ] && bin=$candidate; done
[ -n "$bin" ] || bin=$(dirname "$(command -v initdb 2>/dev/null || echo /missing/initdb)")
[ -x "$bin/initdb" ] || { echo "postgres: initdb not found; install the Debian package postgresql" >&2; exit 1; }

as_server() { # run as somebody who is not root, in a folder that user can enter
  if [ "$(id -u)" = 0 ]; then
    local who=postgres
    id postgres >/dev/null 2>&1 || who=nobody
    (cd / && setpriv --reuid="$who" --regid="$(id -g "$who")" --clear-groups env HOME=/tmp PATH="$PATH" "$@")
  else
    (cd / && "$@")
  fi
}

running() { [ -f "$state/dir" ] && [ -d "$(cat "$state/dir")/data" ] && as_server "$bin/pg_ctl" -D "$(cat "$state/dir")/data" status >/dev/null 2>&1; }

start() {
  running && return 0
  forget
  # A short path outside the checkout: the server's user may not be allowed into it.
  local dir port password
  dir=$(mktemp -d "${TMPDIR:-/tmp}/moloko-pg.XXXXXX")
  echo "$dir" > "$state/dir"
  password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  (umask 077; echo "$password" > "$dir/password")
  chmod 711 "$dir"
  if [ "$(id -u)" = 0 ]; then
    local who=postgres; id postgres >/dev/null 2>&1 || who=nobody
    chown -R "$who" "$dir"
  fi
  as_server "$bin/initdb" -D "$dir/data" -U moloko --auth=scram-sha-256 --pwfile="$dir/password" --encoding=UTF8 --locale=C.UTF-8 \
    --no-sync >"$state/initdb.log" 2>&1 || { cat "$state/initdb.log" >&2; exit 1; }
  port=$(python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])')
  # Durability is off on purpose: these databases live for one test run. So is autovacuum: its launcher sleeps for a minute, and whoever drops a
  # database meanwhile may wait for it.
  as_server "$bin/pg_ctl" -D "$dir/data" -l "$dir/server.log" -w -t 30 start -o \
    "-h 127.0.0.1 -p $port -k $dir -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200 -c shared_buffers=64MB -c autovacuum=off" \
    >"$state/start.log" 2>&1 || { cat "$state/start.log" >&2; as_server cat "$dir/server.log" >&2; exit 1; }
  (umask 077; echo "postgres://moloko:$password@127.0.0.1:$port/postgres" > "$state/url")
}

forget() {
  if [ -f "$state/dir" ]; then
    local dir; dir=$(cat "$state/dir")
    case "$dir" in */moloko-pg.*) rm -rf "$dir" ;; esac
  fi
  rm -f "$state/dir" "$state/url"
}

case "${1:-}" in
  start) start ;;
  url) cat "$state/url" ;;
  crash)
    # The options of the first start are kept by the server in its folder.
    as_server "$bin/pg_ctl" -D "$(cat "$state/dir")/data" -l "$(cat "$state/dir")/server.log" -m immediate -w -t 30 restart >"$state/start.log" 2>&1 \
      || { cat "$state/start.log" >&2; exit 1; } ;;
  stop)
    if running; then as_server "$bin/pg_ctl" -D "$(cat "$state/dir")/data" -m immediate stop >/dev/null; fi
    forget ;;
  *) echo "usage: scripts/postgres.sh start | url | crash | stop" >&2; exit 2 ;;
esac
