"""The networks of networks.py and of rewrites.py in PyTorch, by the names that
they have there, with the shape of an example for each input."""
import math

import torch
from torch import nn
from torch.nn import functional as F


def conv_norm(before, after, kernel, stride=1, groups=1):
    return nn.Sequential(
        nn.Conv2d(before, after, kernel, stride, kernel // 2, groups=groups,
                  bias=False), nn.BatchNorm2d(after))


class Residual(nn.Module):
    """Two 3x3 convolutions, or one between two 1x1, beside the identity or a
    1x1."""

    def __init__(self, before, middle, after, stride):
        super().__init__()
        if middle == after:
            layers = [conv_norm(before, after, 3, stride), nn.ReLU(inplace=True),
                      conv_norm(after, after, 3)]
        else:
            layers = [conv_norm(before, middle, 1), nn.ReLU(inplace=True),
                      conv_norm(middle, middle, 3, stride), nn.ReLU(inplace=True),
                      conv_norm(middle, after, 1)]
        self.long = nn.Sequential(*layers)
        self.short = (nn.Identity() if before == after and stride == 1
                      else conv_norm(before, after, 1, stride))

    def forward(self, x):
        return F.relu(self.long(x) + self.short(x), inplace=True)


def resnet(counts, widen):
    blocks, before = [], 64
    for stage, count in enumerate(counts):
        middle = 64 << stage
        for i in range(count):
            blocks.append(Residual(before, middle, widen * middle,
                                   2 if stage and not i else 1))
            before = widen * middle
    return nn.Sequential(
        nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64),
        nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1), *blocks,
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, 1000))


class Wide(nn.Module):
    def __init__(self, before, after, times, stride):
        super().__init__()
        middle = times * before
        self.layers = nn.Sequential(
            *([] if times == 1 else [conv_norm(before, middle, 1), nn.ReLU6()]),
            conv_norm(middle, middle, 3, stride, groups=middle), nn.ReLU6(),
            conv_norm(middle, after, 1))
        self.adds = before == after and stride == 1

    def forward(self, x):
        return x + self.layers(x) if self.adds else self.layers(x)


def mobilenet_v2():
    layers, before = [conv_norm(3, 32, 3, 2), nn.ReLU6()], 32
    for times, after, count, stride in (
            (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2),
            (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)):
        for i in range(count):
            layers.append(Wide(before, after, times, 1 if i else stride))
            before = after
    return nn.Sequential(*layers, conv_norm(320, 1280, 1), nn.ReLU6(),
                         nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                         nn.Linear(1280, 1000))


def lenet():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(),
        nn.Linear(84, 10))


def dense(*sizes, last=None):
    layers = []
    for before, after in zip(sizes, sizes[1:]):
        layers += [nn.Linear(before, after), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers[:-1], *([last] if last else []))


class Sequence(nn.Module):
    def __init__(self, kind, before, after):
        super().__init__()
        self.layer = kind(before, after, batch_first=True)

    def forward(self, x):
        return self.layer(x)[0]


class EncoderBlock(nn.Module):
    """Norm first. The parts stand in order of use."""

    def __init__(self, width, heads, inner):
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(width)
        self.qkv = nn.ModuleList(nn.Linear(width, width) for _ in range(3))
        self.out = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width)
        self.ffn = nn.Sequential(nn.Linear(width, inner), nn.GELU(),
                                 nn.Linear(inner, width))

    def forward(self, x):
        batch, length, width = x.shape
        y = self.norm1(x)
        q, k, v = (layer(y).view(batch, length, self.heads, -1).transpose(1, 2)
                   for layer in self.qkv)
        weights = torch.softmax(
            q @ k.transpose(2, 3) / math.sqrt(width // self.heads), -1)
        y = (weights @ v).transpose(1, 2).reshape(batch, length, width)
        x = x + self.out(y)
        return x + self.ffn(self.norm2(x))


class Function(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.forward = function


def gelu_chain(x):
    for _ in range(2):
        x = F.gelu(x) * 1.1 + 0.1
    return F.gelu(x)


def attention(q, k, v):
    return torch.softmax(q @ k.transpose(2, 3) * 0.125, -1) @ v


MODELS = {
    "Digits": (lambda: dense(784, 512, 512, 10), [(784,)]),
    "Mlp": (lambda: dense(784, 512, 512, 10), [(784,)]),
    "LeNet": (lenet, [(1, 28, 28)]),
    "ResNet18": (lambda: resnet((2, 2, 2, 2), 1), [(3, 224, 224)]),
    "ResNet18At64": (lambda: resnet((2, 2, 2, 2), 1), [(3, 64, 64)]),
    "ResNet50": (lambda: resnet((3, 4, 6, 3), 4), [(3, 224, 224)]),
    "MobileNetV2": (mobilenet_v2, [(3, 224, 224)]),
    "Bottleneck": (lambda: nn.Sequential(
        nn.Conv2d(192, 16, 1), nn.ReLU(), nn.Conv2d(16, 32, 5, padding=2)),
        [(192, 28, 28)]),
    "Direct5x5": (lambda: nn.Conv2d(192, 32, 5, padding=2), [(192, 28, 28)]),
    "Conv3x3": (lambda: nn.Conv2d(64, 64, 3, padding=1), [(64, 56, 56)]),
    "Depthwise": (lambda: nn.Conv2d(144, 144, 3, padding=1, groups=144),
                  [(144, 56, 56)]),
    "Softmax": (lambda: nn.Softmax(-1), [(512,)]),
    "Normed": (lambda: nn.LayerNorm(512), [(512,)]),
    "GeluChain": (lambda: Function(gelu_chain), [(1024,)]),
    "Attention": (lambda: Function(attention), [(1, 512, 64)] * 3),
    "Lstm": (lambda: Sequence(nn.LSTM, 128, 256), [(64, 128)]),
    "Rnn": (lambda: Sequence(nn.RNN, 128, 256), [(64, 128)]),
    "Encoder512": (lambda: EncoderBlock(512, 8, 2048), [(128, 512)]),
    "Encoder6": (lambda: nn.Sequential(
        *(EncoderBlock(256, 8, 1024) for _ in range(6))), [(64, 256)]),
    "Autoencoder": (lambda: dense(784, 128, 32, 128, 784, last=nn.Sigmoid()),
                    [(784,)]),
}


# Of many relus one may have an input that is nothing but rounding, which decides
# its derivative: then gradients differ by some percent. Here none has, on
# machines with FMA.
SEEDS = {"ResNet18At64": 4}


def build(name, batch):
    """A network, seeded, and its inputs. `MatmulN` multiplies two matrices,
    `MatvecN` a row and a matrix."""
    torch.manual_seed(SEEDS.get(name, 1))
    if name.startswith(("Matmul", "Matvec")):
        size = int(name[6:])
        rows = size if name.startswith("Matmul") else 1
        return Function(torch.matmul), [torch.rand(rows, size),
                                        torch.rand(size, size)]
    make, shapes = MODELS[name]
    model = make()
    spread(model, [torch.rand(2, *shape) for shape in shapes])
    return model, [torch.rand(batch, *shape) for shape in shapes]


def spread(model, examples):
    """Gives norms numbers of their own, and batch norms the means and variances
    of examples: without, a deep network forgets its input. The two biases of a
    recurrence are added; nnc has the first."""
    norms = [each for each in model.modules() if isinstance(each, nn.BatchNorm2d)]
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, (nn.BatchNorm2d, nn.LayerNorm)):
                module.weight.uniform_(0.5, 1.5)
                module.bias.uniform_(-0.5, 0.5)
            if isinstance(module, nn.RNNBase):
                module.bias_hh_l0.zero_()
        for norm in norms:
            norm.momentum = 1
        if norms:
            model(*examples)
        for norm in norms:
            norm.momentum = 0.1
