#!/usr/bin/env python3
"""What the optimiser saves: multiply-adds, bytes that kernels move and memory,
with all rewrites and with one left out at a time. Prints a page in Markdown.

usage: bench/rewrites.py [TEXT...] > bench/REWRITES.md

Of the work whose name has a text. bench/run.sh puts the table into RESULTS.md.
These are counts, the same on every machine; where leaving a rewrite out changes
none of them it has no row. Memory is that of one thread. Where PyTorch is installed, a row has what it takes.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NNC = os.environ.get("NNC", os.path.join(ROOT, "build/tools/nnc"))
TORCH = ["/usr/bin/python3", "-W", "ignore",
         os.path.join(ROOT, "bench/torch_memory.py")]
# Name, file, net, sizes of the forward pass.
WORK = [
    ("three linear layers", "bench/rewrites/linear.nn", "Linear", {"B": 512}),
    ("bottleneck", "bench/rewrites/bottleneck.nn", "Bottleneck", {"B": 1}),
    ("ResNet-50", "bench/rewrites/resnet50.nn", "Residual", {"B": 1}),
    ("LSTM, T = 64, H = 256", "bench/rewrites/lstm.nn", "Sequence", {"B": 32}),
    ("encoder of 6 blocks", "bench/rewrites/encoder.nn", "Encoder", {"B": 8}),
    ("MLP with Adam", "bench/mlp.nn", "Digits", {"B": 64}),
]
REWRITES = [
    ["reassociate"], ["hoist-from-loops"], ["sink-from-loops"],
    ["merge-products"],
    ["conv-pointwise", "conv-pointwise-input-grad", "conv-pointwise-weight-grad"],
    ["cse"], ["compose-nests"], ["fuse-kernels"], ["merge-nests"],
]


def run(*command):
    return subprocess.run(command, cwd=ROOT, check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def memory(text):
    """Bytes of "memory: 2.13 MB" and the like."""
    number, unit = re.search(r"([\d.]+) (B|kB|MB|GB)\b", text).groups()
    return float(number) * {"B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9}[unit]


def measure(file, net, sizes, left_out, folder):
    options = [word for rule in left_out for word in ("--disable-rule", rule)]
    given = [word for size in sizes.items()
             for word in ("--size", f"{size[0]}={size[1]}")]
    told = json.loads(run(NNC, "explain", file, net, "--json", "--peak", "100,20",
                          *given, *options).splitlines()[0])
    kernels = told["kernels"]
    program = os.path.join(folder, "program")
    run(NNC, "build", file, "-o", program, "--march", "x86-64-v3", *options)
    info = run(program, "info", "--threads", "1", *(word for size in sizes.items()
                                  for word in (f"--{size[0]}", str(size[1]))))
    of_net = info[info.index(f"net {net}("):]
    step = re.search(r"memory of a step: .*", info)
    table = run(NNC, "explain", file, "--peak", "100,20", *given, *options)
    products = int(re.search(r"([\d,]+) multiply-adds a step", table)
                   .group(1).replace(",", ""))
    return [sum(k["multiplyAdds"] for k in kernels), products,
            sum(k["bytesMoved"] for k in kernels),
            memory(re.search(r"memory: .*", of_net).group()),
            memory(step.group())]


def of_torch(name):
    """Memory, forward and of a step, as PyTorch's allocator counts it."""
    try:
        done = subprocess.run(TORCH + [name], text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL)
    except OSError:
        return None
    if done.returncode:
        return None
    _, forward, step = done.stdout.strip().split("\t")
    return [None, None, None, float(forward), float(step)]


def shown(value):
    if value is None:
        return ""
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= limit:
            return f"{value / limit:.3g} {unit}"
    return f"{value:.3g}"


def main():
    texts = sys.argv[1:] or [""]
    work = [row for row in WORK if any(text in row[0] for text in texts)]
    if not work:
        sys.exit("no work has such a name; there are "
                 + "; ".join(row[0] for row in WORK))
    print("# What the rewrites save\n")
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT,
                            capture_output=True, text=True).stdout.strip()
    print(f"`bench/rewrites.py`, commit {commit}. Counts, not times.\n")
    print("| | left out | multiply-adds, forward | multiply-adds, training step "
          "| bytes moved, forward | memory, forward | memory, training step |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name, file, net, sizes in work:
            whole = measure(file, net, sizes, [], folder)
            rows = [("", whole)]
            if torch := of_torch(name):
                rows.append(("*PyTorch*", torch))
            for left_out in REWRITES:
                found = measure(file, net, sizes, left_out, folder)
                if found != whole:
                    rows.append((f"`{left_out[0]}`", found))
            for left_out, values in rows:
                print(f"| {name if not left_out else ''} | {left_out} | "
                      + " | ".join(map(shown, values)) + " |")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
