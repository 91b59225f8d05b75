#!/bin/sh
# Builds everything that tests and users run, in build/ (with --sanitize, with
# AddressSanitizer and UBSan in build-sanitize/, by clang 19 where it is there).
set -eu
cd "$(dirname "$0")/.."

folder=build
options=
for argument in "$@"; do
  case $argument in
  --sanitize)
    folder=build-sanitize
    options="-DNNC_SANITIZE=ON"
    if command -v clang++-19 >/dev/null; then
      export CC=clang-19 CXX=clang++-19
    fi
    ;;
  *)
    echo "usage: scripts/build.sh [--sanitize]" >&2
    exit 1
    ;;
  esac
done
if command -v ccache >/dev/null; then
  options="$options -DCMAKE_CXX_COMPILER_LAUNCHER=ccache"
  # So that two checkouts share what they compile.
  export CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=1
fi
# CMake looks for new files by itself; what it says matters when it fails.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086
cmake -S . -B "$folder" -G Ninja $options >"$log" 2>&1 || {
  cat "$log" >&2
  exit 1
}
exec ninja -C "$folder" -j "$(nproc)"
