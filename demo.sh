#!/bin/sh
# Installs what is missing, builds nnc, and shows what it is for.
#
# usage: ./demo.sh [MNIST_FOLDER]
#
# The digits are MNIST's where its four files are in MNIST_FOLDER or in
# ../shared/data/mnist, and generated ones elsewhere.
set -eu
if [ $# -gt 1 ] || [ "${1-}" = --help ]; then
  sed -n '2,/^set/s/^# \{0,1\}//p' "$0"
  [ "${1-}" = --help ] && exit 0 || exit 1
fi
[ $# = 0 ] || case $1 in
/*) given=$1 ;;
*) given=$PWD/$1 ;;
esac
cd "$(dirname "$0")"

printf '\n=== Building nnc\n'
scripts/install.sh
scripts/build.sh
PATH=$PWD/build/tools:$PATH exec scripts/show.sh build/demo "${given-}"
