#!/bin/sh
# The show of demo.sh, with the nnc that is found first in PATH.
#
# usage: scripts/show.sh OUT_FOLDER [MNIST_FOLDER]
set -eu
cd "$(dirname "$0")/.."
out=$1
given=${2-}
mkdir -p "$out"

title() { printf '\n=== %s\n' "$*"; }
# Shows a command and runs it.
show() {
  printf '$'
  for word in "$@"; do
    case $word in
    *[\ \[\;]*) printf " '%s'" "$word" ;;
    *) printf ' %s' "$word" ;;
    esac
  done
  printf '\n'
  "$@"
}
isMnist() {
  for name in train-images-idx3 train-labels-idx1 t10k-images-idx3 \
    t10k-labels-idx1; do
    [ -f "$1/$name-ubyte.gz" ] || return 1
  done
}

title "The examples and the tests inside them"
for name in gates xor_by_hand sigmoid_circuit linear_collapse \
  universal_approximation vanishing_gradient; do
  show nnc test examples/$name.nn
done

title "XOR: compile, train, predict"
cat examples/xor.nn
show nnc build examples/xor.nn -o "$out"/xor
show "$out"/xor train -o "$out"/xor.safetensors
show "$out"/xor run Xor --x '[[0, 0], [0, 1], [1, 0], [1, 1]]' \
  --weights "$out"/xor.safetensors

title "Handwritten digits"
if [ -n "$given" ] && isMnist "$given"; then
  data=$given
elif [ -z "$given" ] && isMnist ../shared/data/mnist; then
  data=../shared/data/mnist
else
  [ -z "$given" ] || echo "note: $given has not the four .gz files of MNIST"
  data=$out/generated-digits
  echo "This is generated data, not MNIST: digits drawn with random strokes."
  isMnist "$data" || scripts/make_digits.py "$data"
fi
echo "data: $data"
show nnc build examples/mnist.nn -o "$out"/mnist
show "$out"/mnist train --data-dir "$data" -o "$out"/mnist.safetensors

title "A prediction from the saved weights"
scripts/show_digit.py "$data/t10k-images-idx3-ubyte.gz" \
  "$data/t10k-labels-idx1-ubyte.gz" 4
show "$out"/mnist run Predict --image "$data/t10k-images-idx3-ubyte.gz[4]" \
  --weights "$out"/mnist.safetensors

title "How nnc sees XOR: each layer is one kernel"
echo '$ nnc emit kernels examples/xor.nn    (the net; training is not shown)'
nnc emit kernels examples/xor.nn | sed -n '/^func @Xor/,/^}/p'
