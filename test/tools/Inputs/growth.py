# An MLP of so many layers, with its training step: the text of each stage grows
# with the layers (a square would make it fourfold); the kernels do not become more.
import re, subprocess, sys


def program(layers):
    lines = ["dim B", "net Deep(x: f32[B, 8]) -> f32[B, 8] {", "  h = x"]
    lines += ["  h = h |> Dense[8, 8] |> relu"] * layers
    lines += ["  return h", "}", "train Deep {",
              '  data x: f32[B, 8], y: f32[B, 8] = npz("data.npz")',
              "  loss mse(Deep(x), y)", "  optimizer Adam(lr = 0.1)",
              "  batch 2  epochs 1  seed 1", "}"]
    return "\n".join(lines) + "\n"


def emit(stage, layers):
    with open(sys.argv[1], "w") as file:
        file.write(program(layers))
    return subprocess.run(["nnc", "emit", stage, "--march", "x86-64-v3", sys.argv[1]],
                          check=True, capture_output=True, text=True).stdout


# What is a table and no code from some length on is one in all three.
for stage, least in ("graph", 20), ("grad", 20), ("opt", 20), ("kernels", 20), \
        ("loops", 20), ("llvm", 80):
    texts = [emit(stage, layers) for layers in (least, 2 * least, 4 * least)]
    sizes = [len(text) for text in texts]
    print(stage, "linear" if sizes[2] - sizes[1] <= 3 * (sizes[1] - sizes[0])
          else f"grows faster than the layers: {sizes}")
    if stage == "llvm":
        kernels = [len(re.findall(r"^define .*\.kernel[.0-9]*\(", text, re.M)) for text in texts]
        print("kernels", "do not become more" if kernels[2] <= kernels[1] else kernels)
