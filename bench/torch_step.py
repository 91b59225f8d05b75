"""PyTorch's Adam step on the network of mlp.nn: ms for each of some blocks of
100 steps, one a line, as nnc's epochs of 100 steps are.

usage: torch_step.py THREADS BLOCKS
"""
import os
import sys
import time

threads, blocks = int(sys.argv[1]), int(sys.argv[2])
# Debian's PyTorch calls a BLAS that torch.set_num_threads does not reach.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = str(threads)
import torch  # noqa: E402
from torch import nn  # noqa: E402

torch.set_num_threads(threads)
torch.manual_seed(1)
model = nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512),
                      nn.ReLU(), nn.Linear(512, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
images = torch.rand(64, 784)
labels = torch.randint(0, 10, (64,))


def step():
    optimizer.zero_grad(set_to_none=True)
    loss = nn.functional.cross_entropy(model(images), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


for _ in range(50):
    step()
for _ in range(blocks):
    start = time.perf_counter()
    for _ in range(100):
        step()
    print(f"{(time.perf_counter() - start) * 10:.4f}", flush=True)
