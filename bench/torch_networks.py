"""PyTorch's times for the networks of networks.py, which runs this: prints
"WORKLOAD MILLISECONDS" for each, the fastest call of those in half a second.
With --onnx it writes FOLDER/NAME.BATCH.onnx instead of taking the time.

usage: torch_networks.py THREADS KIND:NAME:BATCH...
       torch_networks.py --onnx FOLDER KIND:NAME:BATCH...
"""
import os
import sys
import time

THREADS = sys.argv[1] if sys.argv[1].isdigit() else "1"
# Debian's PyTorch calls a BLAS that torch.set_num_threads does not reach.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = THREADS
import torch  # noqa: E402
from torch.nn import functional as F  # noqa: E402

import torch_models  # noqa: E402

torch.set_num_threads(int(THREADS))
MOMENTUM = {"Mlp", "ResNet18At64"}  # The others are trained with Adam.


def prediction(model, inputs):
    traced = torch.jit.trace(model.eval(), inputs)
    if any(True for _ in model.parameters()):
        traced = torch.jit.freeze(traced)
    for _ in range(5):  # While it decides what to fuse.
        traced(*inputs)
    return lambda: traced(*inputs)


def target_of(model, inputs):
    """Labels where the model tells ten classes apart, else numbers."""
    with torch.no_grad():
        target = torch.rand_like(model(*inputs))
    return target.argmax(1) if target.shape[1:] == (10,) else target


def training(name, model, inputs, target, rate=1e-3):
    parameters = model.train().parameters()
    optimizer = (torch.optim.SGD(parameters, lr=rate, momentum=0.9)
                 if name in MOMENTUM else torch.optim.Adam(parameters, lr=rate))
    error = F.mse_loss if target.is_floating_point() else F.cross_entropy

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = error(model(*inputs), target)
        loss.backward()
        optimizer.step()
        return loss
    return step


def fastest(run):
    run()
    best, count, end = 1e9, 0, time.perf_counter() + 0.5
    while count < 3 or time.perf_counter() < end:
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
        count += 1
    return best * 1e3


def main():
    folder = sys.argv[2] if sys.argv[1] == "--onnx" else None
    for workload in sys.argv[3 if folder else 2:]:
        kind, name, batch = workload.split(":")
        model, inputs = torch_models.build(name, int(batch))
        if folder:
            torch.onnx.export(
                model.eval(), tuple(inputs), f"{folder}/{name}.{batch}.onnx",
                input_names=[f"x{i}" for i in range(len(inputs))],
                output_names=["y"], opset_version=13)
        elif kind == "net":
            with torch.no_grad():
                print(workload, fastest(prediction(model, inputs)), flush=True)
        else:
            step = training(name, model, inputs, target_of(model, inputs))
            print(workload, fastest(step), flush=True)


if __name__ == "__main__":
    main()
