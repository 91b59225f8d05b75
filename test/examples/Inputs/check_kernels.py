"""usage: nnc explain FILE --json | check_kernels.py

Says what the kernels of nets lack of their layers: products, and layers that no
kernel holds.
"""
import json
import sys

for line in sys.stdin:
    net = json.loads(line)
    layers, kernels = net["layers"], net["kernels"]
    lost = (sum(layer["multiplyAdds"] for layer in layers)
            - sum(kernel["multiplyAdds"] for kernel in kernels))
    held = {i for kernel in kernels for i in kernel["layers"] + kernel["indexed"]}
    missing = [layer["name"] for i, layer in enumerate(layers) if i not in held]
    moved = [sum(each["bytesMoved"] for each in part)
             for part in (layers, kernels)]
    print(f"{net['net']}: {lost} products lost, layers in no kernel: {missing}, "
          f"{'less' if moved[1] < moved[0] else 'no less'} is moved")
