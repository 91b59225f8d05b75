"""What PyTorch takes beside the parameters for the networks of rewrites.py, which
runs this: prints "NETWORK FORWARD STEP", the most bytes that its allocator had
given out at a time, inputs included, `-` for a step that is not taken.

usage: torch_memory.py NETWORK...
"""
import sys

import torch
from torch import nn
from torch.nn import functional as F
from torch.profiler import ProfilerActivity, profile


class Residual(nn.Module):
    """Three convolutions beside the identity or a 1x1, each with its norm."""

    def __init__(self, before, middle, after, stride):
        super().__init__()

        def norm(i, o, kernel, stride=1):
            return nn.Sequential(nn.Conv2d(i, o, kernel, stride, kernel // 2,
                                           bias=False), nn.BatchNorm2d(o))
        self.long = nn.Sequential(
            norm(before, middle, 1), nn.ReLU(inplace=True),
            norm(middle, middle, 3, stride), nn.ReLU(inplace=True),
            norm(middle, after, 1))
        self.short = (nn.Identity() if before == after
                      else norm(before, after, 1, stride))

    def forward(self, x):
        return F.relu(self.long(x) + self.short(x), inplace=True)


def resnet50():
    blocks, before = [], 64
    for count, middle, stride in ((3, 64, 1), (4, 128, 2), (6, 256, 2),
                                  (3, 512, 2)):
        for i in range(count):
            blocks.append(Residual(before, middle, 4 * middle,
                                   1 if i else stride))
            before = 4 * middle
    return nn.Sequential(
        nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64),
        nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1), *blocks,
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2048, 1000))


class Sequence(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(256, 256, batch_first=True)

    def forward(self, x):
        return self.lstm(x)[0]


def encoder():
    return nn.Sequential(*(
        nn.TransformerEncoderLayer(256, 8, 1024, 0.0, "gelu", batch_first=True,
                                   norm_first=True)
        for _ in range(6)))


def linear():
    return nn.Sequential(nn.Linear(256, 256), nn.Linear(256, 256),
                         nn.Linear(256, 64))


def bottleneck():
    return nn.Sequential(nn.Conv2d(192, 16, 1), nn.Conv2d(16, 32, 5, padding=2))


def mlp():
    return nn.Sequential(nn.Linear(784, 512), nn.ReLU(inplace=True),
                         nn.Linear(512, 512), nn.ReLU(inplace=True),
                         nn.Linear(512, 10))


# What makes it, its input, how it is trained.
NETWORKS = {
    "three linear layers": (linear, (512, 256), "sgd"),
    "bottleneck": (bottleneck, (1, 192, 28, 28), None),
    "ResNet-50": (resnet50, (1, 3, 224, 224), None),
    "LSTM, T = 64, H = 256": (Sequence, (32, 64, 256), "sgd"),
    "encoder of 6 blocks": (encoder, (8, 128, 256), "sgd"),
    "MLP with Adam": (mlp, (64, 784), "adam"),
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
        step = None
        if how:
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
        print(f"{name}\t{peak(forward, x)}\t"
              f"{peak(step, x, y) if step else '-'}", flush=True)


if __name__ == "__main__":
    main()
