#!/usr/bin/env python3
"""How long networks take to predict and to take a training step, beside PyTorch
where it is installed. Prints a page in Markdown.

usage: bench/networks.py > bench/NETWORKS.md

Each number is the fastest call of half a second; the programs and PyTorch (traced
and frozen for predictions, and told of AVX-512) run in turn, three rounds; the
median of these is shown.
"""
import collections
import csv
import os
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NNC = os.path.join(ROOT, "build/tools/nnc")
TORCH = ["/usr/bin/python3", "-W", "ignore",
         os.path.join(ROOT, "bench/torch_networks.py")]
# File, what bench calls it, PyTorch's name for it (or none).
WORK = [
    ("bench/mlp.nn", "net Digits 1", "net:MLP:1"),
    ("bench/mlp.nn", "net Digits 64", "net:MLP:64"),
    ("bench/mlp.nn", "train Digits 64", "train:MLP:64"),
    ("examples/convolution/lenet.nn", "net LeNet 1", "net:LeNet:1"),
    ("examples/convolution/lenet.nn", "net LeNet 64", "net:LeNet:64"),
    ("examples/convolution/lenet.nn", "train LeNet 64", "train:LeNet:64"),
    ("examples/imagenet/resnet18.nn", "net ResNet18 1", "net:ResNet18:1"),
    ("examples/imagenet/resnet50.nn", "net ResNet50 1", None),
    ("examples/imagenet/mobilenet_v2.nn", "net MobileNetV2 1", None),
]
ROUNDS = 3


def has_torch():
    try:
        return subprocess.run([TORCH[0], "-c", "import torch"],
                              stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def run(*command, env=None):
    return subprocess.run(command, check=True, text=True, env=env,
                          stdout=subprocess.PIPE).stdout


def ours(program, names, threads):
    """The fastest calls of what `names` lists, in ms."""
    batches = sorted({name.split()[2] for name in names})
    found = {}
    for batch in batches if len(batches) == 1 else [None]:
        options = ["--batch", batch] if batch else []
        lines = run(program, "bench", "--csv", "--ms", "500", "--threads",
                    str(threads), *options).splitlines()
        for row in csv.DictReader(lines):
            name = f"{row['what']} {row['batch']}"
            if name in names:
                found[name] = float(row["min_seconds"]) * 1e3
    return found


def main():
    torch = has_torch()
    env = dict(os.environ, OPENBLAS_CORETYPE="SKYLAKEX",
               ATEN_CPU_CAPABILITY="avx512")
    times = collections.defaultdict(list)
    files = list(dict.fromkeys(file for file, _, _ in WORK))
    with tempfile.TemporaryDirectory() as folder:
        programs = {}
        for file in files:
            programs[file] = os.path.join(folder, os.path.basename(file)[:-3])
            run(NNC, "build", os.path.join(ROOT, file), "-o", programs[file])
        for _ in range(ROUNDS):
            for threads in (1, 2):
                for file in files:
                    rows = [row for row in WORK if row[0] == file]
                    for name, ms in ours(programs[file], [r[1] for r in rows],
                                         threads).items():
                        times[name, threads].append(ms)
                    peers = [row[2] for row in rows if row[2]]
                    if torch and peers:
                        for line in run(*TORCH, str(threads), "1", *peers,
                                        env=env).splitlines():
                            name, _, ms = line.split()
                            times[name, threads].append(float(ms))
    commit = run("git", "-C", ROOT, "rev-parse", "--short", "HEAD").strip()
    print(f"# Networks\n\n{time.strftime('%F')}, commit {commit}, "
          f"{os.cpu_count()} cores; ms, median of the fastest calls of {ROUNDS} "
          "rounds\n")
    print("| | nnc, 1 thread | PyTorch | ratio | nnc, 2 threads | PyTorch | "
          "ratio |\n|---|---|---|---|---|---|---|")
    for _, name, peer in WORK:
        cells = []
        for threads in (1, 2):
            mine = statistics.median(times[name, threads])
            cells.append(f"{mine:.3g}")
            if times[peer, threads]:
                other = statistics.median(times[peer, threads])
                cells += [f"{other:.3g}", f"{other / mine:.2f}"]
            else:
                cells += ["-", "-"]
        kind, net, batch = name.split()
        what = "training step" if kind == "train" else "prediction"
        print(f"| {net}, {what}, batch {batch} | " + " | ".join(cells) + " |")
    if not torch:
        print("\nPyTorch is not installed: nothing to compare with.")


if __name__ == "__main__":
    sys.exit(main())
