#!/bin/sh
# How far the elementary functions lie from the exact result, for every one of the
# 2^32 floats (pow: with one exponent for each), by hand:
#   bench/vector_math.sh [x86-64 | x86-64-v3 | x86-64-v4]... > bench/VECTOR_MATH.md
# Some ten minutes for each instruction set. CI takes a sample,
# test/codegen/math.test.
set -eu
check=$(dirname "$0")/../build/test/codegen-check
[ $# != 0 ] || set -- x86-64 x86-64-v3 x86-64-v4
cat <<'END'
# The error of the elementary functions

`bench/vector_math.sh` compares each with its f64 version, rounded, for all 2^32 floats; the f64 versions are
held to the C library's long double on samples by `test/codegen/math.test`. The greatest error in units of the last
place; zeros, infinities, NaN and subnormals count.

END
head="|" line="|---"
for target in "$@"; do
  head="$head | $target" line="$line|---"
done
echo "$head |"
echo "$line|"
for function in exp log tanh sigmoid erf sin cos pow floor round sqrt; do
  row="| $function"
  for target in "$@"; do
    case $target in
    *-v4) lanes=16 ;;
    *-v3) lanes=8 ;;
    *) lanes=4 ;;
    esac
    said=$("$check" math $function f32 "$target" $lanes 1) || true
    row="$row | $(echo "$said" | sed -E 's/.*: ([0-9.]+|inf) ULP.*/\1/')"
  done
  echo "$row |"
done
