#!/usr/bin/env bash
# Upload ingest of the release binary against nginx's WebDAV PUT, in turns: 512 MiB over loopback by curl, one client.
# Ours writes with fdatasync every 16 MiB and hashes on the way; nginx writes a temporary file, syncs nothing and renames.
# Usage: bench-ingest.sh [MiB] [ROUNDS]. MOLOKO_TEST_BINARY names the binary; needs the Debian packages nginx and curl.
set -euo pipefail
cd "$(dirname "$0")/.."
mib=${1:-512} rounds=${2:-5}
binary=${MOLOKO_TEST_BINARY:-target/release/moloko}
[ -x "$binary" ] || { echo "bench-ingest: no $binary; run: cargo build --locked --release -p moloko" >&2; exit 1; }
nginx=$(command -v nginx || echo /usr/sbin/nginx)
[ -x "$nginx" ] || { echo "bench-ingest: nginx is not installed (Debian package nginx)" >&2; exit 1; }

folder=$(mktemp -d "$PWD/target/bench-ingest.XXXXXX")
pids=()
finish() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$folder" "$source_file"
}
source_file=$(mktemp /dev/shm/moloko-bench.XXXXXX) # in memory, so that reading it costs both sides nothing
trap finish EXIT
head -c "$((mib * 1024 * 1024))" /dev/zero > "$source_file"

free_port() { python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])'; }
peak() { awk '/VmHWM/ {print int($2 / 1024)}' "/proc/$1/status"; }
median() { sort -g | awk '{all[NR] = $1} END {print all[int((NR + 1) / 2)]}'; }

port=$(free_port)
mkdir -p "$folder/nginx/files" "$folder/nginx/temp"
cat > "$folder/nginx.conf" <<CONF
daemon off;
$([ "$(id -u)" = 0 ] && echo "user root;")
worker_processes 2;
pid $folder/nginx/pid;
error_log $folder/nginx/error.log;
events { worker_connections 64; }
http {
  access_log off;
  client_max_body_size 0;
  client_body_temp_path $folder/nginx/temp;
  proxy_temp_path $folder/nginx/temp; fastcgi_temp_path $folder/nginx/temp; uwsgi_temp_path $folder/nginx/temp; scgi_temp_path $folder/nginx/temp;
  server { listen 127.0.0.1:$port; root $folder/nginx/files; location / { dav_methods PUT DELETE; } }
}
CONF
"$nginx" -c "$folder/nginx.conf" -e "$folder/nginx/error.log" & nginx_pid=$!
pids+=("$nginx_pid")

"$binary" demo --json --listen 127.0.0.1:0 --data "$folder/moloko" > "$folder/facts" & moloko_pid=$!
pids+=("$moloko_pid")
for _ in $(seq 200); do [ -s "$folder/facts" ] && break; sleep 0.1; done
fact() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$folder/facts" "$1"; }
url=$(fact url) token=$(fact token)
for _ in $(seq 100); do curl -s -o /dev/null "http://127.0.0.1:$port/" && break; sleep 0.05; done

# Seconds of one upload to nginx, and of one to us. The file is removed between rounds, so that both always write a new one.
to_nginx() {
  curl -sS -f -o /dev/null -H Expect: -w '%{time_total}\n' -T "$source_file" "http://127.0.0.1:$port/file"
  curl -sS -f -o /dev/null -X DELETE "http://127.0.0.1:$port/file"
}
to_us() {
  local name place
  name=$(printf bench.mp4 | base64)
  place=$(curl -sS -f -D - -o /dev/null -X POST -H "authorization: Bearer $token" -H 'tus-resumable: 1.0.0' \
    -H "upload-length: $((mib * 1024 * 1024))" -H "upload-metadata: filename $name" "$url/api/v1/uploads" \
    | tr -d '\r' | awk 'tolower($1) == "location:" {print $2}')
  case "$place" in http*) ;; *) place=$url$place ;; esac
  curl -sS -f -o /dev/null -X PATCH -H Expect: -w '%{time_total}\n' -H "authorization: Bearer $token" -H 'tus-resumable: 1.0.0' \
    -H 'upload-offset: 0' -H 'content-type: application/offset+octet-stream' -T "$source_file" "$place"
  find "$folder/moloko" -size +"$((mib - 1))"M -type f -delete
}

to_nginx > /dev/null; to_us > /dev/null # once each to warm up
before=$(awk '/VmRSS/ {print int($2 / 1024)}' "/proc/$moloko_pid/status")
for _ in $(seq "$rounds"); do
  to_nginx >> "$folder/nginx.times"
  to_us >> "$folder/us.times"
done
rate() { awk -v mib="$mib" '{printf "%.0f\n", mib / $1}' "$1"; }
spread() { rate "$1" | sort -g | awk 'NR == 1 {low = $1} {high = $1} END {print low "-" high}'; }
theirs=$(rate "$folder/nginx.times" | median) ours=$(rate "$folder/us.times" | median)
echo "nginx PUT, no sync:                 $theirs MiB/s ($(spread "$folder/nginx.times"))"
echo "ours, fdatasync each 16 MiB, SHA-256: $ours MiB/s ($(spread "$folder/us.times"))"
awk -v a="$ours" -v b="$theirs" 'BEGIN {printf "ratio: %.2f (bar: 0.60)\n", a / b}'
echo "resident: $before MiB after the warm-up, $(peak "$moloko_pid") MiB at most; $rounds rounds of $mib MiB, in turns"
