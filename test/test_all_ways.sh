#!/bin/sh
# usage: test_all_ways.sh FILE [OPTION...]: the tests inside a file pass with and
# without optimisation, in single and in double precision.
set -eu
for ways in "-O2 --precision f32" "-O0 --precision f32" \
    "-O2 --precision f64" "-O0 --precision f64"; do
  # shellcheck disable=SC2086 # Two options.
  said=$(nnc test $ways "$@") || {
    echo "$said"
    echo "error: nnc test $ways $*"
    exit 1
  }
  case $said in
  *" 0 failed"*) ;;
  *)
    echo "error: nnc test $ways $*: $said"
    exit 1
    ;;
  esac
done
