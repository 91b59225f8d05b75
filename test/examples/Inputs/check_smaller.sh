#!/bin/sh
# Takes an example with other sizes through every pass and through machine code:
#   check_smaller.sh NAME SED-SCRIPT
# The sizes of a run are small too; those of nets that generate are theirs.
set -eu
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
cp -r "$EXAMPLES/." "$folder"
sed -E "$2" "$EXAMPLES/$1.nn" > "$folder/$1.nn"
nnc emit graph --full-constants "$folder/$1.nn" > "$folder/graph.ir"
nnc-opt --check-graphs --dim B=2 --dim T=3 --dim S=4 --dim P=2 --dim M=5 \
  "$folder/graph.ir" > "$folder/failed" || {
  echo "$1:"
  cat "$folder/failed"
  exit 1
}
