#!/bin/sh
# Installs what nnc is built from, on Debian 12. Does nothing, and asks for no
# rights, where all of it is there. --sanitize: also clang, which checks.
# --cross: also what programs for AArch64 and WebAssembly are made and tried
# with.
# shellcheck disable=SC2086 # Lists of packages are meant to be split.
set -eu

packages="build-essential cmake ninja-build
  llvm-19-dev liblld-19-dev libffi-dev libxml2-dev libz3-dev
  zlib1g-dev libzstd-dev libmimalloc-dev
  antlr4 libantlr4-runtime-dev uuid-dev libcli11-dev python3"
[ "${1-}" != --sanitize ] || packages="$packages clang-19 libclang-rt-19-dev"
[ "${1-}" != --cross ] ||
  packages="$packages g++-aarch64-linux-gnu qemu-user
    clang-19 wasi-libc libclang-rt-19-dev-wasm32 libc++-19-dev-wasm32 nodejs"
# A compiler cache makes a second build fast; a build needs none.
helpful="ccache"

missing() {
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null |
      grep -q '^install ok installed$' || printf '%s ' "$package"
  done
}

if ! command -v apt-get >/dev/null; then
  echo "note: this is no Debian; install the likes of:" $packages >&2
  exit 0
fi
wanted=$(missing $packages)
if [ -z "$wanted" ] && [ -e /proc/self/exe ]; then
  exit 0
fi

root=
if [ "$(id -u)" != 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "error: as root, run: apt-get install $wanted" >&2
    exit 1
  fi
  root=sudo
fi
# Java (which runs antlr4) and nnc ask /proc where they are; a bare chroot has
# none.
if [ ! -e /proc/self/exe ]; then
  echo "mounting /proc, which is missing here"
  $root mount -t proc proc /proc
  [ -n "$wanted" ] || exit 0
fi
apt() {
  $root env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 apt-get -qq \
    -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 -o Acquire::Retries=3 "$@"
}
# The output is shown only where something goes wrong.
quietly() {
  "$@" >"$log" 2>&1 || {
    cat "$log" >&2
    echo "error: '$*' failed" >&2
    return 1
  }
}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

echo "installing: $wanted"
# A list that cannot be read (another source is down) may still do.
quietly apt update || echo "note: going on with the package lists as they are"
quietly apt install --no-install-recommends $wanted
helpful=$(missing $helpful)
[ -z "$helpful" ] || quietly apt install --no-install-recommends $helpful ||
  echo "note: going on without $helpful"
