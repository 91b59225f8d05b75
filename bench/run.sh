#!/bin/sh
# Measures nnc and PyTorch side by side and prints a page in Markdown.
#
# usage: bench/run.sh [MNIST_FOLDER] > bench/RESULTS.md
#
# Needs a build (scripts/build.sh); PyTorch is Debian's python3-torch with
# libopenblas0-pthread, and is left out where one of them is missing. README.md
# says what each number means.
set -eu
[ $# = 0 ] || mnist=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
if [ -z "${mnist-}" ] && [ -d ../shared/data/mnist ]; then
  mnist=$(cd ../shared/data/mnist && pwd)
fi
nnc=build/tools/nnc
work=build/bench
mkdir -p $work
python=/usr/bin/python3
rounds=5

# The minimum and the median of the numbers in a file.
summary() {
  sort -g "$1" | awk '{ v[NR] = $1 }
    END { printf "%.3f | %.3f", v[1], (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}

[ -f $work/data/t10k-labels-idx1-ubyte.gz ] ||
  scripts/make_digits.py $work/data 6400 100 >&2
$nnc build bench/mlp.nn -o $work/mlp
$nnc build examples/mnist.nn -o $work/mnist

echo "# Results"
echo
echo "$(date +%F), commit $(git rev-parse --short HEAD)"
echo
lscpu | sed -n 's/^Model name: */- /p'
echo "- $(nproc) cores; load when the run began: $(cut -d' ' -f1-3 /proc/loadavg)"
lscpu | grep -o -w -e avx2 -e avx512f | sed 's/^/- /'
echo "- $(. /etc/os-release && echo "$PRETTY_NAME"), Linux $(uname -r)"
echo
echo "## An Adam step: 784-512-512-10, batch 64, one thread"
echo
torches=
if $python -c 'import torch' 2>/dev/null; then
  # With the reference BLAS it takes ten times as long.
  case $(readlink -f /usr/lib/*/libblas.so.3) in
  *openblas*) torches="torch torch-tuned" ;;
  esac
fi
rm -f $work/nnc $work/torch $work/torch-tuned
round=0
while [ $round -lt $rounds ]; do
  # In turn, so that a busy neighbour meets all of them.
  $work/mlp train --data-dir $work/data --threads 1 --epochs 10 2>/dev/null |
    sed -n 's/^epoch.*  \([0-9]*\) examples.s.*/\1/p' |
    awk '{ printf "%.4f\n", 64000 / $1 }' >>$work/nnc
  for peer in $torches; do
    case $peer in
    torch) $python -W ignore bench/torch_step.py 1 5 ;;
    *) OPENBLAS_CORETYPE=SKYLAKEX ATEN_CPU_CAPABILITY=avx512 \
      $python -W ignore bench/torch_step.py 1 5 ;;
    esac >>"$work/$peer"
  done
  round=$((round + 1))
done
echo "| | ms, minimum | ms, median |"
echo "|---|---|---|"
for peer in nnc $torches; do
  echo "| $peer | $(summary "$work/$peer") |"
done
[ -n "$torches" ] ||
  echo "(python3-torch with OpenBLAS is not installed: nothing to compare with)"

echo
echo "## Whole processes"
echo
echo "| | ms, minimum | ms, median |"
echo "|---|---|---|"
process() { # title, command...
  title=$1
  shift
  echo "| $title | $($python bench/time_process.py 21 "$@" | sed 's/ / | /') |"
}
process '`nnc test` of XOR, training included' $nnc test examples/xor.nn
process '`nnc build` of the MLP' $nnc build examples/mnist.nn -o $work/again
$work/mlp train --data-dir $work/data --epochs 1 -o $work/w.safetensors >/dev/null
process 'the built program starts, reads its weights and predicts' \
  $work/mnist run Predict --weights $work/w.safetensors \
  --image "$work/data/t10k-images-idx3-ubyte.gz[0]"
echo
echo "The program has $(stat -c %s $work/mnist) bytes."

echo
echo "## Compiling, with the step of training and the gradient"
echo
echo "| | ms, minimum | ms, median | bytes |"
echo "|---|---|---|---|"
compiled() { # title, file, options...
  title=$1
  shift
  echo "| $title | $($python bench/time_process.py 5 $nnc build "$@" \
    -o $work/built | sed 's/ / | /') | $(stat -c %s $work/built) |"
}
deep() { # layers
  echo 'dim B'
  echo 'net Deep(x: f32[B, 64]) -> f32[B, 64] {'
  echo '  h = x'
  yes '  h = h |> Dense[64, 64] |> relu' | head -n "$1"
  echo '  return h'
  echo '}'
  echo 'train Deep {'
  echo '  data x: f32[B, 64], y: f32[B, 64] = npz("data.npz")'
  echo '  loss mse(Deep(x), y)  optimizer Adam(lr = 0.1)'
  echo '  batch 2  epochs 1  seed 1'
  echo '}'
}
for layers in 10 100 1000; do
  deep $layers >$work/deep.nn
  compiled "MLP of $layers layers, for AVX-512" $work/deep.nn \
    --march x86-64-v4
done
compiled 'ResNet-50, for AVX-512' bench/rewrites/resnet50.nn --march x86-64-v4
compiled 'ResNet-50' bench/rewrites/resnet50.nn
compiled 'encoder of 6 blocks' bench/rewrites/encoder.nn

echo
echo "## Programs that only predict, without weights"
echo
echo "| | bytes |"
echo "|---|---|"
cp examples/imagenet/resnet.nn $work
for name in bench/mlp examples/imagenet/resnet50; do
  sed -e '/^train /,$d' -e '/^test /,$d' $name.nn >$work/net.nn
  for march in '' '--march x86-64-v4'; do
    # shellcheck disable=SC2086
    $nnc build $work/net.nn $march -o $work/built
    echo "| $name.nn ${march:-"for three instruction sets"} | $(stat -c %s $work/built) |"
  done
done

echo
echo "## What the rewrites save"
echo
python3 bench/rewrites.py | tail -n +3

echo
echo "## Determinism"
echo
for threads in 1 2 7; do
  $work/mlp train --data-dir $work/data --epochs 3 --threads $threads \
    --log $work/log$threads.csv -o $work/w$threads.safetensors >/dev/null
done
same=yes
for threads in 2 7; do
  cmp -s $work/log1.csv $work/log$threads.csv &&
    cmp -s $work/w1.safetensors $work/w$threads.safetensors || same=no
done
echo "Losses and weights after 3 epochs with 1, 2 and 7 threads are the same to" \
  "the last bit: $same"

echo
echo "## Accuracy"
echo
if [ -n "${mnist-}" ]; then
  echo '```'
  $work/mnist train --data-dir "$mnist"
  echo '```'
else
  echo "(no MNIST here)"
fi
