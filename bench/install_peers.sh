#!/bin/sh
# Installs what networks.py compares with, in a folder of its own: PyTorch from
# Debian, ONNX Runtime from npm. Needs root and the network.
#
# usage: bench/install_peers.sh [FOLDER]    ~/.cache/nnc-peers unless given
set -eu
folder=${1:-$HOME/.cache/nnc-peers}
# A Node.js from elsewhere has npm in it and conflicts with Debian's package of that name.
command -v npm > /dev/null && npm='' || npm='nodejs npm'
# shellcheck disable=SC2086
apt-get -o DPkg::Lock::Timeout=600 install -y --no-install-recommends \
  python3-torch python3-onnx libopenblas0-pthread $npm
mkdir -p "$folder"
cd "$folder"
[ -f package.json ] || npm init -y > /dev/null
# The script would fetch what only a GPU needs.
npm install --ignore-scripts onnxruntime-node@1.30.0
