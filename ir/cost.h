//===- ir/cost.h - What each layer of a function takes --------------------===//
#ifndef NNC_IR_COST_H
#define NNC_IR_COST_H

#include "ir/program.h"

#include <unordered_map>

namespace nnc {

/// Ops that follow each other and belong to one layer (Location::layer); in
/// the net itself, to one line.
struct LayerCost {
  std::string name;       ///< "Net.conv1", "relu", or the ops: "div, reshape"
  Location location;      ///< Of its first op.
  Type result;            ///< Of its last op.
  Dim times = 1;          ///< How often a loop runs it.
  int64_t depth = 0;      ///< How many loops it is in.
  Dim multiplyAdds;       ///< In all those times.
  Dim bytes;              ///< That it moves, in all those times.
  int64_t parameters = 0; ///< That it is the first to use.
  /// What it takes, each once: rows before it, or inputs of the function,
  /// which count down from -1.
  std::vector<int64_t> inputs;
};

struct LayerTable {
  /// In the order of the graph. A loop's own row comes before those of its
  /// body.
  std::vector<LayerCost> rows;
  std::unordered_map<const Op *, size_t> rowOf;
};

LayerTable costsOf(const Function &function,
                   const std::vector<Variable> &variables);

/// What stands by itself says nothing: constants and changes of shape that a
/// layer's other ops need.
bool isPlumbing(const Op &op);

/// Sets `bytes`: what a row must read (inputs, parameters, results of other
/// rows) and what others need of it, each once in a turn of its loop. Constants
/// of one value take no memory, and a new shape moves nothing; of a table a
/// gather reads as much as it gives.
void addBytes(const Function &function, LayerTable &table);

/// The memory that a value of this type takes.
Dim bytesOf(const Type &type);

/// The products that a whole function adds up.
Dim multiplyAddsOf(const Function &function);

} // namespace nnc

#endif // NNC_IR_COST_H
