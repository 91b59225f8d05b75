#!/usr/bin/env python3
"""How long networks take to predict and to take a training step, beside PyTorch,
ONNX Runtime, OpenBLAS, oneDNN and libxsmm where they are installed, and whether all compute the same.
Prints a page in Markdown; exit code 1 where they do not.

usage: bench/networks.py [TEXT] [--chart FILE] > bench/NETWORKS.md

TEXT: only workloads whose name has it. FILE: for a chart (SVG).

Each number is the fastest call of half a second; the programs and the peers run
in turn, a few workloads at a time, three rounds; the median of these is shown,
and the least. Two virtual cores may share a real one, now and then: before two
threads are measured it is waited until two programs at once run as fast as one;
where that did not come, the page says so. PyTorch is told of AVX-512; predictions
are traced and frozen there. ONNX Runtime and libraries.cpp are where install_peers.sh
puts them, or in $NNC_PEERS.
"""
import argparse
import collections
import csv
import os
import subprocess
import sys
import tempfile
import time

import machine
import networks_chart
import networks_page

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BENCH = os.path.join(ROOT, "bench")
NNC = os.path.join(ROOT, "build/tools/nnc")
PEERS = os.environ.get("NNC_PEERS", os.path.expanduser("~/.cache/nnc-peers"))
ENVIRONMENT = dict(os.environ, OPENBLAS_CORETYPE="SKYLAKEX",
                   ATEN_CPU_CAPABILITY="avx512", NNC_PEERS=PEERS)
TORCH = ["/usr/bin/python3", "-W", "ignore",
         os.path.join(BENCH, "torch_networks.py")]
AGREEMENT = [*TORCH[:-1], os.path.join(BENCH, "agreement.py")]
ONNX = ["node", os.path.join(BENCH, "onnx_networks.js")]
LIBRARIES = os.path.join(PEERS, "libraries")
# File, what of it.
WORK = {
    "bench/mlp.nn": ["net:Digits:1", "net:Digits:64", "train:Digits:64"],
    "examples/convolution/lenet.nn": [
        "net:LeNet:1", "net:LeNet:64", "train:LeNet:64"],
    "examples/imagenet/resnet18.nn": ["net:ResNet18:1"],
    "examples/imagenet/resnet50.nn": ["net:ResNet50:1"],
    "examples/imagenet/mobilenet_v2.nn": ["net:MobileNetV2:1"],
    "bench/basket.nn": [
        *(f"net:Matmul{size}:1" for size in (8, 16, 64, 128, 256, 512, 1024, 2048)),
        "net:Matvec1024:1", "net:Bottleneck:1", "net:Direct5x5:1", "net:Conv3x3:1",
        "net:Depthwise:1", "net:Softmax:512", "net:Normed:128",
        "net:GeluChain:1024", "net:Attention:1",
        "net:Rnn:1", "net:Rnn:32", "net:Lstm:1", "net:Lstm:32",
        "net:Encoder512:1", "net:Encoder512:8", "net:Encoder6:1",
        "train:Mlp:64", "train:Lstm:32", "train:Encoder512:8", "train:Autoencoder:64",
        "train:ResNet18At64:8"],
}
ROUNDS = 3
TOGETHER = 6


def run(command):
    return subprocess.run(command, check=True, text=True, env=ENVIRONMENT,
                          cwd=BENCH, stdout=subprocess.PIPE).stdout


def works(command):
    try:
        return subprocess.run(command, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def peers(workloads, folder):
    """The names of those that are installed, with how to run each."""
    found = {}
    if works([TORCH[0], "-c", "import torch"]):
        found["PyTorch"] = lambda threads: TORCH + [threads]
        if works(["node", "-e", "require(process.argv[1])", os.path.join(
                PEERS, "node_modules/onnxruntime-node")]):
            run(TORCH + ["--onnx", folder] + of_nets(workloads))
            found["ONNX Runtime"] = lambda threads: ONNX + [folder, threads]
    if works([LIBRARIES, "1"]):
        found["libraries"] = lambda threads: [
            "env", f"OMP_NUM_THREADS={threads}", f"OPENBLAS_NUM_THREADS={threads}",
            LIBRARIES, threads]
    return found


def of_nets(workloads):
    return [workload for workload in workloads if workload.startswith("net")]


class Session:
    """What is built, and what has been measured."""

    def __init__(self, folder, wanted):
        self.folder = folder
        self.program, self.file = {}, {}  # By workload.
        self.built = {}  # By file: bytes of the program, seconds to build it.
        for file, workloads in WORK.items():
            chosen = [each for each in workloads if wanted in each]
            if chosen:
                program = self.build(file)
            for each in chosen:
                self.program[each], self.file[each] = program, file
        self.workloads = list(self.program)
        self.matmul = self.path("bench/basket.nn")
        if not os.path.exists(self.matmul):
            run([NNC, "build", "basket.nn", "-o", self.matmul])
        self.found = peers(self.workloads, folder)
        self.times = collections.defaultdict(list)
        self.memory, self.peaks = {}, {"1": (0, 0), "2": (0, 0)}
        self.shared = set()  # Measured while two cores may have been one.

    def path(self, file):
        return os.path.join(self.folder, os.path.basename(file)[:-3])

    def build(self, file):
        start = time.perf_counter()
        run([NNC, "build", os.path.join(ROOT, file), "-o", self.path(file)])
        self.built[file] = (os.path.getsize(self.path(file)),
                            time.perf_counter() - start)
        return self.path(file)

    def agreement(self):
        """By workload, what was compared and how far apart it is."""
        found = {}
        for program in (dict.fromkeys(self.program.values())
                        if "PyTorch" in self.found else []):
            mine = [each for each in self.workloads
                    if self.program[each] == program]
            for line in run(AGREEMENT + [self.folder, program, *mine]).splitlines():
                workload, difference, what = line.split(" ", 2)
                found.setdefault(workload, []).append((what, float(difference)))
        return found

    def ours(self, workload, threads):
        kind, name, batch = workload.split(":")
        lines = run([self.program[workload], "bench", name, "--csv", "--ms", "500",
                     "--threads", threads, "--batch", batch]).splitlines()
        for row in csv.DictReader(lines):
            if row["what"] == f"{kind} {name}" and row["batch"] == batch:
                if threads == "1":
                    self.memory[workload] = int(row["bytes"])
                return float(row["min_seconds"]) * 1e3
        sys.exit(f"{self.program[workload]} has no {workload}")

    def measure(self, threads):
        """One round, some workloads at a time."""
        for start in range(0, len(self.workloads), TOGETHER):
            group = self.workloads[start:start + TOGETHER]
            if threads != "1" and not machine.wait_until_apart(self.matmul):
                self.shared.update(group)
            now = machine.peak(NNC, os.path.join(BENCH, "mlp.nn"), threads)
            self.peaks[threads] = tuple(map(max, self.peaks[threads], now))
            for workload in group:
                self.times[workload, "nnc", threads].append(
                    self.ours(workload, threads))
            for peer, command in self.found.items():
                mine = group if peer == "PyTorch" else of_nets(group)
                lines = run(command(threads) + mine).splitlines() if mine else []
                for line in lines:
                    workload, ms, *library = line.split()
                    self.times[workload, (library or [peer])[0], threads].append(
                        float(ms))

    def chart(self):
        rows = []
        for workload in self.workloads:
            ratios = {threads: networks_page.ratio(self.times, workload, threads)
                      for threads in self.peaks}
            if None not in ratios.values():
                rows.append((networks_page.label(workload), ratios))
        return networks_chart.svg(rows)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("text", nargs="?", default="")
    parser.add_argument("--chart")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        session = Session(folder, options.text)
        agreement = session.agreement()
        for _ in range(ROUNDS):
            for threads in session.peaks:
                session.measure(threads)
    if options.chart:
        with open(options.chart, "w", encoding="utf-8") as file:
            file.write(session.chart())
    commit = run(["git", "rev-parse", "--short", "HEAD"]).strip()
    print("\n".join(networks_page.page(
        f"{time.strftime('%F')}, commit {commit}, {os.cpu_count()} cores; ms, median "
        f"and least of the fastest calls of {ROUNDS} rounds; ratio: the best peer's "
        "median by ours", session, agreement,
        {each: machine.work(NNC, os.path.join(ROOT, session.file[each]), each)
         for each in session.workloads},
        os.path.basename(options.chart or ""))))
    if session.shared:
        print("\nWith two threads, measured while two cores may have been one: "
              + ", ".join(sorted(session.shared)))
    for peer, what in ("PyTorch", "PyTorch is not installed"), (
            "ONNX Runtime", "ONNX Runtime is not installed, or PyTorch, which "
            "writes its models, is not"), (
            "libraries", "OpenBLAS, oneDNN and libxsmm are not installed"):
        if peer not in session.found:
            print(f"\n{what}: not compared with.")
    return 1 if any(map(networks_page.differs, agreement.values())) else 0


if __name__ == "__main__":
    sys.exit(main())
