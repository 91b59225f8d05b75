# usage: check_gradients.sh EXAMPLES, in a folder with data/
examples=$1
losses=0
wrong=0

# FILE WHAT [OPTION...]: WHAT is what is trained, or -.
check() {
  file=$1
  shift
  [ "$1" != - ] || shift
  losses=$((losses + 1))
  nnc run "$examples/$file.nn" --precision f64 grad "$@" --check \
    --data-dir data >said.txt 2>&1 && grep -q differences said.txt || {
    wrong=$((wrong + 1))
    echo "$file $*:"
    cat said.txt
  }
}

check xor -
check tied_weights -
check mnist - --batch 2
check gan Disc
check gan Gen
check vanishing_gradient ByNorm
check vanishing_gradient ByValue
check recurrent/clipping Free
check recurrent/clipping Clipped
check iris - --x '[[5.1, 3.5, 1.4, 0.2], [6.2, 2.9, 4.3, 1.3]]' --species '[0, 1]'
check breast_cancer -
check fine_tuning/first -
nnc run "$examples/fine_tuning/first.nn" --precision f64 train \
  -o first.safetensors >/dev/null 2>&1
nnc run "$examples/fine_tuning/second.nn" --precision f64 train --epochs 1 \
  --start Features=first.safetensors -o second.safetensors >/dev/null 2>&1
check fine_tuning/second - --x '[[0, 1], [1, 1]]' --count '[1, 2]' \
  --weights second.safetensors
check convolution/lenet - --batch 2

# Biases of 0 under a black background are at relu's kink: one epoch moves them.
trained() {
  nnc run "$examples/$1.nn" --precision f64 train --epochs 1 --data-dir data \
    -o weights.safetensors >/dev/null 2>&1
}
trained convolution/small_networks
for net in ResNet Blocks MobileNet; do
  check convolution/small_networks $net --batch 2 --weights weights.safetensors
done
trained autoencoders/digits
for net in Deep Tied Clean Pictures "Encode, Decode"; do
  check autoencoders/digits "$net" --batch 2 --weights weights.safetensors
done
echo "$losses losses, $wrong wrong"
