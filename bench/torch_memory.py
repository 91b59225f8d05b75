"""What PyTorch takes beside the parameters for the networks of rewrites.py, which
runs this: prints "NETWORK FORWARD STEP", the most bytes that its allocator had
given out at a time, inputs included.

usage: torch_memory.py NETWORK...
"""
import sys

import torch
from torch import nn
from torch.nn import functional as F
from torch.profiler import ProfilerActivity, profile

from torch_models import MODELS, EncoderBlock, Sequence


# What makes it, its input, how it is trained.
NETWORKS = {
    "three linear layers": (lambda: nn.Sequential(
        nn.Linear(256, 256), nn.Linear(256, 256), nn.Linear(256, 64)),
        (512, 256), "sgd"),
    "bottleneck": (lambda: nn.Sequential(
        nn.Conv2d(192, 16, 1), nn.Conv2d(16, 32, 5, padding=2)),
        (1, 192, 28, 28), "sgd"),
    "ResNet-50": (MODELS["ResNet50"][0], (1, 3, 224, 224), "sgd"),
    "LSTM, T = 64, H = 256": (lambda: Sequence(nn.LSTM, 256, 256),
                              (32, 64, 256), "sgd"),
    "encoder of 6 blocks": (lambda: nn.Sequential(
        *(EncoderBlock(256, 8, 1024) for _ in range(6))),
        (8, 128, 256), "sgd"),
    "MLP with Adam": (MODELS["Digits"][0], (64, 784), "adam"),
}


def peak(work, *inputs):
    """The most that is allocated at a time, with the inputs, beyond what was."""
    work()
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as seen:
        work()
    held = most = sum(x.numel() * x.element_size() for x in inputs)
    for event in sorted((event for event in seen.profiler.kineto_results.events()
                         if event.name() == "[memory]"),
                        key=lambda event: event.start_us()):
        held += event.nbytes()
        most = max(most, held)
    return most


def main():
    torch.manual_seed(1)
    for name in sys.argv[1:]:
        make, shape, how = NETWORKS[name]
        model, x = make(), torch.randn(shape)

        def forward():
            with torch.inference_mode():
                model.eval()(x)
        y = model(x).detach()
        if how == "adam":
            y = y.argmax(1)
        optimizer = (torch.optim.Adam if how == "adam" else torch.optim.SGD)(
            model.parameters(), lr=1e-3)

        def step():
            optimizer.zero_grad(set_to_none=True)
            out = model.train()(x)
            loss = (F.cross_entropy if how == "adam" else F.mse_loss)(out, y)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        print(f"{name}\t{peak(forward, x)}\t{peak(step, x, y)}", flush=True)


if __name__ == "__main__":
    main()
