"""The weights of torch_models.py in files that nnc's programs read, and back.
Both sides list what they learn in order of use; a layer that is repeated has
one tensor with a first axis more in nnc, and modules of its own in PyTorch."""
import json
import re
import subprocess

import numpy
from torch import nn


def learned(model):
    """The parameters as nnc has them: Dense and recurrences multiply from the
    right, and the second bias of a recurrence, which is 0, is missing. The gates
    of an LSTM have the same order in both."""
    for module in model.modules():
        if isinstance(module, nn.RNNBase):
            yield module.weight_ih_l0, True
            yield module.bias_ih_l0, False
            yield module.weight_hh_l0, True
        else:
            for tensor in module.parameters(recurse=False):
                yield tensor, isinstance(module, nn.Linear) and tensor.dim() == 2


def values(model, of=lambda parameter: parameter):
    """What is `of` each parameter: its value, or say its gradient."""
    return [(of(tensor).t() if transposed else of(tensor)).detach().numpy()
            for tensor, transposed in learned(model)]


def running(model):
    """The means and variances of batch norms."""
    return [tensor.numpy().copy() for module in model.modules()
            if isinstance(module, nn.BatchNorm2d)
            for tensor in (module.running_mean, module.running_var)]


def tensors(program):
    """From `info`: for each net two lists of names and shapes, of what it learns
    and of its state."""
    found, section = {}, ""
    for line in subprocess.run([program, "info"], check=True, text=True,
                               stdout=subprocess.PIPE).stdout.splitlines():
        one = re.fullmatch(r"  (\w+)\.(\S+): f32(?:\[(.*)\])?", line)
        if not line.startswith(" "):
            section = line.split(":")[0]
        elif one and section in ("parameters", "state"):
            net, name, shape = one.groups()
            found.setdefault(net, {"parameters": [], "state": []})[section].append(
                (f"{net}.{name}", [int(n) for n in shape.split(",")]))
    return found


def named(names, arrays):
    """The arrays, in order of use, under nnc's names."""
    result, first = {}, 0
    while names:
        times = int(numpy.prod(names[0][1])) // arrays[first].size
        layer = ".".join(names[0][0].split(".")[:2]) + "."
        count = 1
        if times > 1:
            count = sum(name.startswith(layer) for name, _ in names)
        for i, (name, shape) in enumerate(names[:count]):
            result[name] = numpy.stack(
                [arrays[first + time * count + i] for time in range(times)]
            ).reshape(shape)
        names, first = names[count:], first + times * count
    if first != len(arrays):
        raise SystemExit(f"{len(arrays) - first} tensors too many in PyTorch")
    return result


def write_safetensors(path, arrays):
    header, end = {}, 0
    for name, array in arrays.items():
        header[name] = {"dtype": "F32", "shape": list(array.shape),
                        "data_offsets": [end, end + array.nbytes]}
        end += array.nbytes
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for array in arrays.values():
            file.write(array.astype("<f4").tobytes())


def read_safetensors(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    return {name: numpy.frombuffer(data[slice(*one["data_offsets"])], "<f4")
                       .reshape(one["shape"])
            for name, one in header.items()
            if name != "__metadata__" and one["dtype"] == "F32"}
