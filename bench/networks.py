#!/usr/bin/env python3
"""How long networks take to predict and to take a training step, beside PyTorch
and ONNX Runtime where they are installed. Prints a page in Markdown.

usage: bench/networks.py [TEXT] > bench/NETWORKS.md     of names with TEXT alone

Each number is the fastest call of half a second; the programs and the peers run
in turn, a few workloads at a time, three rounds; the median of these is shown.
Two virtual cores may share a real one, now and then: before two threads are
measured it is waited until two programs at once run as fast as one; where that
did not come, the page says so. PyTorch is told of AVX-512; predictions are traced and frozen there. ONNX Runtime
is where install_peers.sh puts it, or in $NNC_PEERS.
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
BENCH = os.path.join(ROOT, "bench")
NNC = os.path.join(ROOT, "build/tools/nnc")
PEERS = os.environ.get("NNC_PEERS", os.path.expanduser("~/.cache/nnc-peers"))
ENVIRONMENT = dict(os.environ, OPENBLAS_CORETYPE="SKYLAKEX",
                   ATEN_CPU_CAPABILITY="avx512", NNC_PEERS=PEERS)
TORCH = ["/usr/bin/python3", "-W", "ignore",
         os.path.join(BENCH, "torch_networks.py")]
ONNX = ["node", os.path.join(BENCH, "onnx_networks.js")]
# File, what of it.
WORK = {
    "bench/mlp.nn": ["net:Digits:1", "net:Digits:64", "train:Digits:64"],
    "examples/convolution/lenet.nn": [
        "net:LeNet:1", "net:LeNet:64", "train:LeNet:64"],
    "examples/imagenet/resnet18.nn": ["net:ResNet18:1"],
    "examples/imagenet/resnet50.nn": ["net:ResNet50:1"],
    "examples/imagenet/mobilenet_v2.nn": ["net:MobileNetV2:1"],
    "bench/basket.nn": [
        *(f"net:Matmul{size}:1" for size in (64, 128, 256, 512, 1024, 2048)),
        "net:Bottleneck:1", "net:Direct5x5:1", "net:Conv3x3:1",
        "net:Depthwise:1", "net:Softmax:512", "net:Normed:128",
        "net:GeluChain:1024", "net:Attention:1",
        "net:Rnn:1", "net:Rnn:32", "net:Lstm:1", "net:Lstm:32",
        "net:Encoder512:1", "net:Encoder512:8", "net:Encoder6:1",
        "train:Lstm:32", "train:Encoder512:8", "train:Autoencoder:64",
        "train:ResNet18At64:16"],
}
ROUNDS = 3
TOGETHER = 6
APART = 1.9  # That much more two cores must do than one.
PATIENCE = 60  # Seconds to wait for it.


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
    return found


def of_nets(workloads):
    return [workload for workload in workloads if workload.startswith("net")]


def ours(program, workload, threads):
    """The fastest call in ms."""
    kind, name, batch = workload.split(":")
    lines = run([program, "bench", name, "--csv", "--ms", "500", "--threads",
                 threads, "--batch", batch]).splitlines()
    for row in csv.DictReader(lines):
        if row["what"] == f"{kind} {name}" and row["batch"] == batch:
            return float(row["min_seconds"]) * 1e3
    sys.exit(f"{program} has no {workload}")


def together(matmul, cores):
    """Calls a second of a product, one program on each of these cores."""
    command = [matmul, "bench", "Matmul512", "--csv", "--ms", "150",
               "--threads", "1", "--batch", "1"]
    running = [subprocess.Popen(
        command, text=True, stdout=subprocess.PIPE,
        preexec_fn=lambda core=core: os.sched_setaffinity(0, {core}))
               for core in cores]
    rows = [next(csv.DictReader(each.communicate()[0].splitlines()))
            for each in running]
    return sum(1 / float(row["median_seconds"]) for row in rows)


def wait_until_apart(matmul):
    """Whether the first two cores are two, as it seems."""
    cores = sorted(os.sched_getaffinity(0))[:2]
    end = time.monotonic() + PATIENCE
    while len(cores) == 2 and time.monotonic() < end:
        if together(matmul, cores) >= APART * together(matmul, cores[:1]):
            return True
        time.sleep(1)
    return False


def measure(programs, found, threads, times, matmul, shared):
    """One round, some workloads at a time. Those that were measured while two
    cores may have been one go into `shared`."""
    workloads = list(programs)
    for start in range(0, len(workloads), TOGETHER):
        group = workloads[start:start + TOGETHER]
        if threads != "1" and not wait_until_apart(matmul):
            shared.update(group)
        for workload in group:
            times[workload, "nnc", threads].append(
                ours(programs[workload], workload, threads))
        for peer, command in found.items():
            mine = group if peer == "PyTorch" else of_nets(group)
            lines = run(command(threads) + mine).splitlines() if mine else []
            for line in lines:
                workload, ms = line.split()
                times[workload, peer, threads].append(float(ms))


def table(workloads, found, times):
    columns = ["nnc", *found]
    heads = [f"{name}, {threads} thread{'s' * (threads != '1')}"
             for threads in ("1", "2") for name in [*columns, "ratio"]]
    yield "| | " + " | ".join(heads) + " |"
    yield "|---" * (len(heads) + 1) + "|"
    for workload in workloads:
        kind, name, batch = workload.split(":")
        cells = [f"{name}, {'training step, ' * (kind == 'train')}batch {batch}"]
        for threads in ("1", "2"):
            medians = {column: statistics.median(times[workload, column, threads])
                       for column in columns if times[workload, column, threads]}
            cells += [f"{medians[column]:.3g}" if column in medians else "-"
                      for column in columns]
            others = [ms for column, ms in medians.items() if column != "nnc"]
            cells.append(f"{min(others) / medians['nnc']:.2f}" if others else "-")
        yield "| " + " | ".join(cells) + " |"


def main():
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    times = collections.defaultdict(list)
    shared = set()
    with tempfile.TemporaryDirectory() as folder:
        programs = {}
        for file, workloads in WORK.items():
            chosen = [each for each in workloads if wanted in each]
            program = os.path.join(folder, os.path.basename(file)[:-3])
            if chosen:
                run([NNC, "build", os.path.join(ROOT, file), "-o", program])
            programs.update((each, program) for each in chosen)
        matmul = os.path.join(folder, "matmul")
        run([NNC, "build", os.path.join(BENCH, "basket.nn"), "-o", matmul])
        found = peers(programs, folder)
        for _ in range(ROUNDS):
            for threads in ("1", "2"):
                measure(programs, found, threads, times, matmul, shared)
    commit = run(["git", "rev-parse", "--short", "HEAD"]).strip()
    print(f"# Networks\n\n{time.strftime('%F')}, commit {commit}, "
          f"{os.cpu_count()} cores; ms, median of the fastest calls of {ROUNDS} "
          "rounds; ratio: the best peer's time by ours\n")
    print("\n".join(table(programs, found, times)))
    if shared:
        print("\nWith two threads, measured while two cores may have been one: "
              + ", ".join(sorted(shared)))
    for peer in ("PyTorch", "ONNX Runtime"):
        if peer not in found:
            print(f"\n{peer} is not installed: not compared with.")


if __name__ == "__main__":
    sys.exit(main())
