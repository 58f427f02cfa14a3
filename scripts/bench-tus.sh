#!/usr/bin/env bash
# Upload ingest of the release binary against two public servers of the same protocol, in turns: one PATCH over loopback by curl, one client.
# Ours asks who is there, writes with fdatasync every 16 MiB and hashes on the way; the other two do none of it.
# Usage: bench-tus.sh [MiB] [ROUNDS]. MOLOKO_TEST_BINARY names the binary; needs node, npm, curl, and some minutes to build rustus once.
set -euo pipefail
cd "$(dirname "$0")/.."
mib=${1:-512} rounds=${2:-5}
binary=${MOLOKO_TEST_BINARY:-$PWD/target/release/moloko}
[ -x "$binary" ] || { echo "bench-tus: no $binary; run: cargo build --locked --release -p moloko" >&2; exit 1; }
tools=$PWD/target/tools/tus
[ -x "$tools/bin/rustus" ] || cargo install --quiet --root "$tools" rustus@0.5.10
mkdir -p "$tools/node"
[ -d "$tools/node/node_modules/@tus/server" ] || npm install --silent --no-audit --no-fund --prefix "$tools/node" @tus/server@2.4.5 @tus/file-store@2.1.1

folder=$(mktemp -d "$PWD/target/bench-tus.XXXXXX")
pids=()
finish() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$folder" "$source_file"
}
source_file=$(mktemp /dev/shm/moloko-bench.XXXXXX) # in memory, so that reading it costs nobody anything
trap finish EXIT
head -c "$((mib * 1024 * 1024))" /dev/zero > "$source_file"

free_port() { python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])'; }
memory() { awk -v what="$2:" '$1 == what {print int($2 / 1024)}' "/proc/$1/status"; }
median() { sort -g | awk '{all[NR] = $1} END {print all[int((NR + 1) / 2)]}'; }

node_port=$(free_port)
mkdir -p "$folder/node"
cat > "$tools/node/serve.mjs" <<'JS'
import { FileStore } from "@tus/file-store";
import { Server } from "@tus/server";
const [port, directory] = process.argv.slice(2);
new Server({ path: "/files", datastore: new FileStore({ directory }) }).listen({ host: "127.0.0.1", port: Number(port) });
JS
node "$tools/node/serve.mjs" "$node_port" "$folder/node" > "$folder/node.log" 2>&1 & node_pid=$!
pids+=("$node_pid")

rustus_port=$(free_port)
mkdir -p "$folder/rustus"
(cd "$folder/rustus" && exec "$tools/bin/rustus" --host 127.0.0.1 --port "$rustus_port" --max-body-size $((4 * 1024 * 1024 * 1024)) > "$folder/rustus.log" 2>&1) & rustus_pid=$!
pids+=("$rustus_pid")

"$binary" demo --json --listen 127.0.0.1:0 --data "$folder/moloko" > "$folder/facts" & moloko_pid=$!
pids+=("$moloko_pid")
for _ in $(seq 200); do [ -s "$folder/facts" ] && break; sleep 0.1; done
fact() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$folder/facts" "$1"; }
url=$(fact url) token=$(fact token)
for port in "$node_port" "$rustus_port"; do
  for _ in $(seq 100); do curl -s -o /dev/null "http://127.0.0.1:$port/" && break; sleep 0.05; done
done

# One upload to an endpoint: prints the seconds of its PATCH. What was stored is removed, so that each round writes a new file.
upload() {
  local endpoint=$1 base=$2 place
  place=$(curl -sS -f -D - -o /dev/null -X POST -H "authorization: Bearer $token" -H 'tus-resumable: 1.0.0' \
    -H "upload-length: $((mib * 1024 * 1024))" -H "upload-metadata: filename $(printf bench.mp4 | base64)" "$endpoint" \
    | tr -d '\r' | awk 'tolower($1) == "location:" {print $2}')
  case "$place" in http*) ;; //*) place=http:$place ;; *) place=$base$place ;; esac
  curl -sS -f -o /dev/null -X PATCH -H Expect: -w '%{time_total}\n' -H "authorization: Bearer $token" -H 'tus-resumable: 1.0.0' \
    -H 'upload-offset: 0' -H 'content-type: application/offset+octet-stream' -T "$source_file" "$place"
  find "$folder" -size +"$((mib - 1))"M -type f -delete
}
to_node() { upload "http://127.0.0.1:$node_port/files" "http://127.0.0.1:$node_port"; }
to_rustus() { upload "http://127.0.0.1:$rustus_port/files" "http://127.0.0.1:$rustus_port"; }
to_us() { upload "$url/api/v1/uploads" "$url"; }

declare -A pid=([node]=$node_pid [rustus]=$rustus_pid [us]=$moloko_pid) idle
for side in "${!pid[@]}"; do idle[$side]=$(memory "${pid[$side]}" VmRSS); done
to_node > /dev/null; to_rustus > /dev/null; to_us > /dev/null # once each to warm up
for _ in $(seq "$rounds"); do
  for side in node rustus us; do "to_$side" >> "$folder/$side.times"; done
done
rate() { awk -v mib="$mib" '{printf "%.0f\n", mib / $1}' "$1"; }
spread() { rate "$1" | sort -g | awk 'NR == 1 {low = $1} {high = $1} END {print low "-" high}'; }
tell() {
  local side=$1 name=$2
  echo "$name: $(rate "$folder/$side.times" | median) MiB/s ($(spread "$folder/$side.times")); resident ${idle[$side]} MiB idle, $(memory "${pid[$side]}" VmHWM) MiB at most"
}
tell node "@tus/server, no sync"
tell rustus "rustus, no sync"
tell us "ours, fdatasync each 16 MiB, SHA-256"
echo "$rounds rounds of $mib MiB, in turns"
