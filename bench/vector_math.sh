#!/bin/sh
# How far the elementary functions lie from the exact result, for every one of the
# 2^32 floats (pow: with one exponent for each), by hand:
#   bench/vector_math.sh > bench/VECTOR_MATH.md
# Some minutes for each instruction set of this machine. CI takes a sample,
# test/codegen/math.test.
set -eu
check=$(dirname "$0")/../build/test/codegen-check
cat <<'END'
# The error of the elementary functions

`bench/vector_math.sh` compares each with its f64 version, rounded, for all 2^32 floats; the f64 versions are
held to the C library's long double on samples by `test/codegen/math.test`. In units of the last place; zeros,
infinities, NaN and subnormals count.

| | x86-64 | x86-64-v3 | x86-64-v4 |
|---|---|---|---|
END
for function in exp log tanh sigmoid erf sin cos pow floor round sqrt; do
  row="| $function |"
  for target in x86-64:4 x86-64-v3:8 x86-64-v4:16; do
    said=$("$check" math $function f32 ${target%:*} ${target#*:} 1) || true
    row="$row ${said:+$(echo "$said" | sed -E 's/.*: ([0-9.]+|inf) ULP.*/\1/')} |"
  done
  echo "$row"
done
