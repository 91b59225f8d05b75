# An MLP of so many layers, with its training step: the lines of each stage grow
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


for stage in "graph", "grad", "opt", "kernels", "loops", "llvm":
    texts = [emit(stage, layers) for layers in (20, 40, 80)]
    lines = [text.count("\n") for text in texts]
    print(stage, "linear" if lines[2] - lines[1] <= 3 * (lines[1] - lines[0])
          else f"grows faster than the layers: {lines}")
    if stage == "llvm":
        kernels = [len(re.findall(r"^define .*\.kernel", text, re.M)) for text in texts]
        print("kernels", "do not become more" if kernels[2] <= kernels[0] else kernels)
