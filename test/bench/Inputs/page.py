"""The page and the chart of bench/networks.py for times that are made up; with
an argument, one output is wrong."""
import os
import sys
import types

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(sys.argv[1], "bench"))
import networks_chart  # noqa: E402
import networks_page  # noqa: E402
import wanted  # noqa: E402

net, training = "net:Wide:8", "train:Wide:64"
session = types.SimpleNamespace(
    workloads=[net, training], found=["PyTorch", "ONNX Runtime", "libraries"],
    times={(net, "nnc", "1"): [2.0, 1.0, 4.0], (net, "PyTorch", "1"): [8.0],
           (net, "ONNX Runtime", "1"): [5.0], (net, "nnc", "2"): [1.0],
           (net, "PyTorch", "2"): [0.5], (training, "nnc", "1"): [10.0],
           (training, "PyTorch", "1"): [20.0], (training, "nnc", "2"): [5.0],
           (training, "PyTorch", "2"): [5.0],
           (net, "OpenBLAS", "2"): [0.8], (net, "oneDNN", "2"): [0.9, 0.4, 0.4]},
    memory={net: 3000000, training: 40000000},
    peaks={"1": (100, 10), "2": (200, 15)}, built={"wide.nn": (123456, 0.789)})
agreement = {net: [("output beside PyTorch", 3e-7),
                   ("output beside ONNX Runtime", float(sys.argv[2]))],
             training: [("loss", 1e-8)]}
wanted.WANTED = {"net:Wide:8": (3, 0.4)}
wanted.HELD = {"net:Wide:8": "Its width."}
print("\n".join(networks_page.page("Title", session, agreement, {
    net: (25e6, 5e6), training: (75e6, None)}, "chart.svg")))
print(networks_chart.svg([
    (networks_page.label(each), {
        threads: networks_page.ratio(session.times, each, threads)
        for threads in session.peaks}) for each in session.workloads]))
