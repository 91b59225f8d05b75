#!/bin/sh
# Stands in for the C compiler: says how it was called and makes a program.
echo "cc $*"
while [ $# -gt 1 ]; do
  [ "$1" = -o ] && echo '#!/bin/sh' >"$2"
  shift
done
