//===- ir/step_cost.h - What each layer takes in a step of training -------===//
#ifndef NNC_IR_STEP_COST_H
#define NNC_IR_STEP_COST_H

#include "ir/cost.h"

namespace nnc {

/// To the loss; the derivative, and what else no loss needs; a parameter's new
/// value.
enum StepPart { Forward, Backward, Update };
inline constexpr int64_t stepParts = 3;

struct StepLayer {
  std::string name; ///< As in LayerCost.
  Location location;
  int64_t depth = 0;
  Dim multiplyAdds[stepParts], bytes[stepParts];
};

struct StepTable {
  /// A row is of one part of one layer.
  LayerTable rows;
  std::vector<StepLayer> layers; ///< In the order of the graph.
  std::vector<int64_t> layerOf;  ///< Of each row: into `layers`.
  std::vector<StepPart> partOf;  ///< Of each row.
};

/// Of a step that is differentiated. The locations of its ops say afterwards
/// which row they are of.
StepTable stepCostsOf(Function &step, const std::vector<Variable> &variables);

} // namespace nnc

#endif // NNC_IR_STEP_COST_H
