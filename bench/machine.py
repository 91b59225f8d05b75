"""What the machine can do while networks.py measures: its peaks, and whether two
cores are two."""
import csv
import json
import os
import subprocess
import time

APART = 1.9  # That much more two cores must do than one.
PATIENCE = 60  # Seconds to wait for it.


def cores():
    """The first two."""
    return sorted(os.sched_getaffinity(0))[:2]


def started(command, on):
    return subprocess.Popen(
        command, text=True, stdout=subprocess.PIPE,
        preexec_fn=lambda: os.sched_setaffinity(0, on))


def together(matmul, on):
    """Calls a second of a product, one program on each of these cores."""
    command = [matmul, "bench", "Matmul512", "--csv", "--ms", "150",
               "--threads", "1", "--batch", "1"]
    running = [started(command, {core}) for core in on]
    rows = [next(csv.DictReader(each.communicate()[0].splitlines()))
            for each in running]
    return sum(1 / float(row["median_seconds"]) for row in rows)


def wait_until_apart(matmul):
    """Whether the first two cores are two, as it seems."""
    end = time.monotonic() + PATIENCE
    while len(cores()) == 2 and time.monotonic() < end:
        if together(matmul, cores()) >= APART * together(matmul, cores()[:1]):
            return True
        time.sleep(1)
    return False


def peak(nnc, file, threads):
    """GFLOP/s and GB/s, as `nnc explain` measures them on so many cores."""
    out = started([nnc, "explain", "--json", file],
                  set(cores()[:int(threads)])).communicate()[0]
    found = json.loads(out.splitlines()[0])["peak"]
    return found["gflops"], found["gbytes"]


def work(nnc, file, workload):
    """Multiply-adds of one call, and the bytes that its kernels read and write
    (of a step of training not known: None)."""
    kind, name, batch = workload.split(":")
    out = subprocess.run(
        [nnc, "explain", "--json", "--peak", "1,1", "--size", f"B={batch}", file],
        check=True, text=True, stdout=subprocess.PIPE).stdout
    for line in out.splitlines():
        row = json.loads(line)
        if kind == "train" and row.get("train") == name:
            return row["multiplyAdds"], None
        if kind == "net" and row.get("net") == name:
            return tuple(sum(kernel[what] for kernel in row["kernels"])
                         for what in ("multiplyAdds", "bytesMoved"))
    raise SystemExit(f"{file} has no {workload}")
