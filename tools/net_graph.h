//===- tools/net_graph.h - A net's layers as JSON -------------------------===//
#ifndef NNC_TOOLS_NET_GRAPH_H
#define NNC_TOOLS_NET_GRAPH_H

#include "tools/net_costs.h"

namespace nnc {

/// One line: the net, its inputs and its layers (`ir/cost.h`), with what each
/// takes, gives and costs:
///   {"net": "Xor", "sizes": "B = 4",
///    "inputs": [{"name": "x", "type": "f32[4, 2]"}],
///    "layers": [{"name": "Xor.dense1", "line": 5, "depth": 0, "inputs": [-1],
///                "type": "f32[4, 4]", "parameters": 12, "multiplyAdds": 32,
///                "bytes": 64, "bytesMoved": 144}]}
/// An input of a layer counts layers from 0, and the net's inputs down from -1.
/// `line` is 0 for a layer, which is defined elsewhere; `bytes` are those of
/// the result.
///
/// If its kernels are known (`ir/kernel_cost.h`), each layer also has
/// `seconds`, and there are
///    "peak": {"gflops": 100.0, "gbytes": 20.0, "source": "given by --peak"},
///    "compiled": "-O2 for x86-64-v3",
///    "kernels": [{"loop": false, "layers": [0, 1], "indexed": [], "depth": 0,
///                 "times": 1, "inputs": [-1], "type": "f32[4, 4]",
///                 "multiplyAdds": 32, "bytesMoved": 144, "seconds": 7.2e-09}]
///    "memory": {"least": "24*B", "scratch": "0", "bytes": 96,
///               "temporaries": 64, "alive": 64}
/// where an input counts kernels. Of memory, the least and the scratch of each
/// thread are formulas of the sizes; `bytes` is what a call needs beside the
/// variables, with one thread, of which temporaries share a part; the most of
/// them that is alive at once is at most that. What is too large is left out.
std::string netGraph(const NetCosts &costs);

/// One line, of a step or a metric:
///   {"train": "Xor", "sizes": "B = 4", "multiplyAdds": 144, "memory": {...},
///    "layers": [{"name": "Xor.dense1", "line": 5, "depth": 0,
///                "forward": {"multiplyAdds": 32, "bytesMoved": 144,
///                            "seconds": 7.2e-09},
///                "backward": {...}, "update": {...}}],
///    "kernels": [{"loop": false, "depth": 0, "type": "f32[4, 4]",
///                 "forward": [0, 1], "backward": [], "update": [],
///                 "multiplyAdds": 32, "bytesMoved": 144, "seconds": 7.2e-09}]}
/// where a kernel holds these parts of these layers (`ir/step_cost.h`). A
/// metric has its memory alone.
std::string stepGraph(const StepCosts &costs);

/// Sets the graph of each net, for the sizes that training has.
void addNetGraphs(Program &program);

} // namespace nnc

#endif // NNC_TOOLS_NET_GRAPH_H
