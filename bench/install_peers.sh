#!/bin/sh
# Installs what networks.py compares with, in a folder of its own: PyTorch from
# Debian, ONNX Runtime from npm, and libraries.cpp with Debian's OpenBLAS, oneDNN
# and libxsmm. Needs root and the network.
#
# usage: bench/install_peers.sh [FOLDER]    ~/.cache/nnc-peers unless given
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-$HOME/.cache/nnc-peers}
# A Node.js from elsewhere has npm in it and conflicts with Debian's package of that name.
command -v npm > /dev/null && npm='' || npm='nodejs npm'
# shellcheck disable=SC2086
apt-get -o DPkg::Lock::Timeout=600 install -y --no-install-recommends \
  python3-torch python3-onnx libopenblas-pthread-dev libdnnl-dev \
  libxsmm-dev g++ $npm
mkdir -p "$folder"
cd "$folder"
[ -f package.json ] || npm init -y > /dev/null
# The script would fetch what only a GPU needs.
npm install --ignore-scripts onnxruntime-node@1.30.0
g++ -O2 -std=c++20 -fopenmp -o libraries "$here/libraries.cpp" \
  -ldnnl -lopenblas -lxsmm -lxsmmext -lxsmmnoblas -lpthread -ldl
