//===- tools/check_graphs.h - Many graphs, and what fails reduced ---------===//
#ifndef NNC_TOOLS_CHECK_GRAPHS_H
#define NNC_TOOLS_CHECK_GRAPHS_H

#include "tools/reference_run.h"

namespace nnc {

/// Has `checkGraph` (tools/graph_check.h) check each function of a module, in
/// other processes, so that a crash is one failure. What fails is reduced. All
/// that is printed reads as one module: of the failures, with what is wrong in
/// comments, and with how many elements could not be compared. If `everyOp`,
/// each op of the graph stage must occur. Returns the exit code.
int checkGraphs(const Module &module, const DimChoices &chosen, bool everyOp);

} // namespace nnc

#endif // NNC_TOOLS_CHECK_GRAPHS_H
