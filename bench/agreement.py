"""Whether nnc's programs compute what the peers do: prints "WORKLOAD DIFFERENCE
WHAT" for each thing that is compared. networks.py runs this.

usage: agreement.py FOLDER PROGRAM KIND:NAME:BATCH...

A prediction: both have the same weights and inputs, and their outputs are
compared. A step of training: the loss, the gradients, and how far the step moved
the weights. Differences are relative to the largest element of the tensor; a
gradient that is nothing beside the others (that of a key's bias is 0, but for
rounding) is compared with a thousandth of the largest of all. Adam's first step goes
by the sign of the gradient, so weights are compared where there is one.
Running variances are not compared after a step: PyTorch divides by n - 1.
ONNX Runtime gets the models that torch_networks.py has left in FOLDER.
"""
import gzip
import os
import re
import struct
import subprocess
import sys

import numpy
import torch

import torch_models
import torch_networks
import weights

BENCH = os.path.dirname(os.path.abspath(__file__))
# What nnc's nets do to an image first, backwards.
PIXELS = {"Digits": lambda x: 255 * x.reshape(-1, 28, 28),
          "LeNet": lambda x: 255 * (x.reshape(-1, 28, 28) + numpy.float32(0.1307))}
# Else 1e-3. Momentum's step is the gradient's size: it must be seen in the weights.
RATE = {"LeNet": 2e-3, "Mlp": 0.1, "ResNet18At64": 0.5}
SMALL = 1e-3


def run(*command):
    return subprocess.run(command, check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def relative(ours, theirs, least=1e-30):
    if ours.shape != theirs.shape or not numpy.isfinite(ours).all():
        return float("inf")
    return float(abs(ours - theirs).max() / max(abs(theirs).max(), least))


class Program:
    def __init__(self, path, folder):
        self.path, self.folder = path, folder
        self.info = run(path, "info")
        self.tensors = weights.tensors(path)
        self.weights = self.file("safetensors")
        arrays = {}
        for net, names in self.tensors.items():
            model = torch_models.build(net, 1)[0]
            arrays.update(weights.named(names["parameters"], weights.values(model)))
            arrays.update(weights.named(names["state"], weights.running(model)))
        self.before = arrays
        weights.write_safetensors(self.weights, arrays)

    def file(self, suffix):
        return os.path.join(self.folder, f"{os.path.basename(self.path)}.{suffix}")


def shaped(name, inputs):
    return [PIXELS.get(name, lambda x: x)(each.numpy()) for each in inputs]


def predictions(program, workload):
    _, name, batch = workload.split(":")
    model, inputs = torch_models.build(name, int(batch))
    with torch.no_grad():
        wanted = model.eval()(*inputs).numpy()
    names = re.findall(r"(\w+): ", re.search(
        rf"^net {name}\((.*?)\) ->", program.info, re.M).group(1))
    command = [program.path, "run", name, "--out", program.file("y.npy")]
    if name in program.tensors:
        command += ["--weights", program.weights]
    for i, (value, array) in enumerate(zip(names, shaped(name, inputs))):
        numpy.save(program.file(f"x{i}.npy"), array)
        command += [f"--{value}", program.file(f"x{i}.npy")]
    run(*command)
    ours = numpy.load(program.file("y.npy"))
    yield "output beside PyTorch", relative(ours, wanted)
    stem = os.path.join(program.folder, f"{name}.{batch}")
    if os.path.exists(stem + ".onnx"):
        for i, each in enumerate(inputs):
            each.numpy().tofile(f"{stem}.x{i}.f32")
        run("node", os.path.join(BENCH, "onnx_networks.js"), program.folder,
            "--outputs", workload)
        yield "output beside ONNX Runtime", relative(
            ours.ravel(), numpy.fromfile(stem + ".y.f32", numpy.float32))


def save_idx(path, array):
    """As gzip where MNIST's is."""
    kind, order = (8, "u1") if array.dtype == numpy.int64 else (13, ">f4")
    data = (bytes([0, 0, kind, array.ndim])
            + struct.pack(f">{array.ndim}i", *array.shape)
            + array.astype(order).tobytes())
    with open(path, "wb") as file:
        file.write(gzip.compress(data, 1) if path.endswith(".gz") else data)


def save_data(program, block, arrays):
    """The examples where --data-dir finds them."""
    text = re.search(rf"^train {block}:.*\n((?: .*\n)+)", program.info, re.M)
    lines = re.findall(r"^ +(?:data|on) (\w+): .*, from (?:.*/)?(\S+)$",
                       text.group(1), re.M)
    for (_, file), array in zip(lines, 2 * arrays):
        path = os.path.join(program.folder, file)
        if file.endswith(".npz"):
            numpy.savez(path, **dict(zip((name for name, _ in lines), arrays)))
        else:
            save_idx(path, array)


def train(program):
    """A step of every block of the program, as it runs them all; what PyTorch has
    then, by block: the loss, the gradients and the weights."""
    found = {}
    for block, batch in re.findall(r"^train (\w+): batch (\d+)", program.info, re.M):
        model, inputs = torch_models.build(block, int(batch))
        targets = [torch_networks.target_of(model.train(), inputs)]
        if block == "Autoencoder":  # It shows its input again.
            targets = inputs
        save_data(program, block, shaped(block, inputs) + [
            each.numpy() for each in targets if each is not inputs[0]])
        step = torch_networks.training(block, model, inputs, targets[0],
                                       RATE.get(block, 1e-3))
        loss = step().item()
        names = program.tensors[block]["parameters"]
        found[f"train:{block}:{batch}"] = (
            loss, weights.named(names, weights.values(model, lambda p: p.grad)),
            weights.named(names, weights.values(model)))
    run(program.path, "train", "--init", program.weights, "--epochs", "1",
        "--data-dir", program.folder, "-o", program.file("after.safetensors"))
    return found


def step(program, workload, wanted):
    _, name, batch = workload.split(":")
    loss, gradients, after = wanted
    text = run(program.path, "grad", name, "--weights", program.weights, "--batch",
               batch, "--data-dir", program.folder, "-o",
               program.file("grad.safetensors"))
    ours = float(re.search(r"the loss at \S+ is (\S+)", text).group(1))
    yield "loss", abs(ours - loss) / abs(loss)
    ours = weights.read_safetensors(program.file("grad.safetensors"))
    largest = {key: abs(each).max() for key, each in gradients.items()}
    noise = SMALL * max(largest.values())
    yield "gradients", max(relative(ours[key], each, noise)
                           for key, each in gradients.items())
    ours = weights.read_safetensors(program.file("after.safetensors"))
    worst = 0.0
    for key, each in gradients.items():
        known = abs(each) > SMALL * max(largest[key], noise)
        if known.any():
            worst = max(worst, relative(
                (ours[key] - program.before[key])[known],
                (after[key] - program.before[key])[known]))
    yield "step of the weights", worst


def main():
    folder, path, *workloads = sys.argv[1:]
    program = Program(path, folder)
    trained = {}
    if any(each.startswith("train") for each in workloads):
        trained = train(program)
    for workload in workloads:
        results = (step(program, workload, trained[workload])
                   if workload.startswith("train")
                   else predictions(program, workload))
        for what, difference in results:
            print(workload, f"{difference:.2g}", what, flush=True)


if __name__ == "__main__":
    main()
