//===- tools/explain_table.h - What nnc explain prints --------------------===//
#ifndef NNC_TOOLS_EXPLAIN_TABLE_H
#define NNC_TOOLS_EXPLAIN_TABLE_H

#include "tools/net_costs.h"

namespace nnc {

/// "12,443,648"
std::string grouped(int64_t value);

/// ", for B = 1, T = 100"; nothing if all sizes are constant.
std::string forSizes(const Function &function, const Sizes &sizes);

/// The layers, the kernels that they became, and what that saves. Requires
/// `costs.compiled`.
void printTables(const NetCosts &costs);

} // namespace nnc

#endif // NNC_TOOLS_EXPLAIN_TABLE_H
