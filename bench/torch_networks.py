"""PyTorch's times for the networks of networks.py, which runs this: prints
"WORKLOAD THREADS MILLISECONDS" for each round of each workload.

usage: torch_networks.py THREADS ROUNDS WORKLOAD...
"""
import os
import sys
import time

threads, rounds, wanted = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
# Debian's PyTorch calls a BLAS that torch.set_num_threads does not reach.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = str(threads)
import torch  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

torch.set_num_threads(threads)
torch.manual_seed(1)


class Block(nn.Module):
    """Two 3x3 convolutions beside the identity, or beside a 1x1."""

    def __init__(self, before, after, stride):
        super().__init__()
        self.long = nn.Sequential(
            nn.Conv2d(before, after, 3, stride, 1, bias=False),
            nn.BatchNorm2d(after), nn.ReLU(),
            nn.Conv2d(after, after, 3, 1, 1, bias=False), nn.BatchNorm2d(after))
        self.short = nn.Sequential() if before == after else nn.Sequential(
            nn.Conv2d(before, after, 1, stride, bias=False),
            nn.BatchNorm2d(after))

    def forward(self, x):
        return F.relu(self.long(x) + self.short(x))


def resnet18():
    blocks, before = [], 64
    for after in (64, 128, 256, 512):
        blocks += [Block(before, after, 1 if after == 64 else 2),
                   Block(after, after, 1)]
        before = after
    return nn.Sequential(
        nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(),
        nn.MaxPool2d(3, 2, 1), *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(512, 1000))


def lenet():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(),
        nn.Linear(84, 10))


def mlp():
    return nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512),
                         nn.ReLU(), nn.Linear(512, 10))


MODELS = {"LeNet": (lenet, (1, 28, 28)), "ResNet18": (resnet18, (3, 224, 224)),
          "MLP": (mlp, (784,))}


def prediction(model, x):
    traced = torch.jit.freeze(torch.jit.trace(model.eval(), x))
    for _ in range(5):  # While it decides what to fuse.
        traced(x)
    return lambda: traced(x)


def training(model, x):
    optimizer = torch.optim.Adam(model.train().parameters(), lr=1e-3)
    labels = torch.randint(0, 10, (x.shape[0],))

    def step():
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(model(x), labels).backward()
        optimizer.step()
    return step


for workload in wanted:
    kind, name, batch = workload.split(":")
    make, shape = MODELS[name]
    x = torch.rand(int(batch), *shape)
    if kind == "net":
        with torch.no_grad():
            run = prediction(make(), x)
    else:
        run = training(make(), x)
    with torch.set_grad_enabled(kind == "train"):
        run()
        for _ in range(rounds):
            best, count, end = 1e9, 0, time.perf_counter() + 0.4
            while count < 3 or time.perf_counter() < end:
                start = time.perf_counter()
                run()
                best = min(best, time.perf_counter() - start)
                count += 1
            print(workload, threads, best * 1e3, flush=True)
