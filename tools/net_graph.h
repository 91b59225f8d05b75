//===- tools/net_graph.h - A net's layers as JSON -------------------------===//
#ifndef NNC_TOOLS_NET_GRAPH_H
#define NNC_TOOLS_NET_GRAPH_H

#include "ir/program.h"
#include "tools/at_sizes.h"

namespace nnc {

/// One line: the net, its inputs and its layers (`ir/cost.h`), with what each
/// takes, gives and costs:
///   {"net": "Xor", "sizes": "B = 4",
///    "inputs": [{"name": "x", "type": "f32[4, 2]"}],
///    "layers": [{"name": "Xor.dense1", "line": 5, "depth": 0, "inputs": [-1],
///                "type": "f32[4, 4]", "parameters": 12, "multiplyAdds": 32,
///                "bytes": 64}]}
/// An input of a layer counts layers from 0, and the net's inputs down from -1.
/// `line` is 0 for a layer, which is defined elsewhere; `bytes` are those of
/// the result.
std::string netGraph(const NetEntry &net, const Program &program,
                     const Sizes &given);

/// Sets the graph of each net, for the sizes that training has.
void addNetGraphs(Program &program);

} // namespace nnc

#endif // NNC_TOOLS_NET_GRAPH_H
