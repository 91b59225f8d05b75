//===- tools/explain_table.h - What nnc explain prints --------------------===//
#ifndef NNC_TOOLS_EXPLAIN_TABLE_H
#define NNC_TOOLS_EXPLAIN_TABLE_H

#include "tools/net_costs.h"

namespace nnc {

/// ", for B = 1, T = 100"; nothing if all sizes are constant.
std::string forSizes(const Function &function, const Sizes &sizes);

/// The layers, the kernels that they became, and what that saves. Requires
/// `costs.compiled`.
void printTables(const NetCosts &costs);

/// The layers of a step, forward and backward, and its kernels. Requires
/// `costs.compiled`.
void printTables(const StepCosts &costs);

} // namespace nnc

#endif // NNC_TOOLS_EXPLAIN_TABLE_H
