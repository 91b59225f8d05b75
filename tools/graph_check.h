//===- tools/graph_check.h - Many graphs through every pass and compiled --===//
#ifndef NNC_TOOLS_GRAPH_CHECK_H
#define NNC_TOOLS_GRAPH_CHECK_H

#include "tools/reference_run.h"

namespace nnc {

/// Takes each function of a module, all of the graph stage, through
///  - the pipelines at -O2: after each pass it must compute what it did before;
///  - those at -O0, at whose end it must compute the same;
///  - code generation, at -O2 and each second one at -O0, in f32 or f64, for
///  one
///    of this machine's instruction sets: all change from one function to the
///    next, since most of the time goes there.
/// Each function has a process of its own, so that a crash is one failure.
/// What fails is reduced. All that is printed reads as one module: of the
/// failures, with what is wrong in comments, and with how many elements could
/// not be compared. If `everyOp`, each op of the graph stage must occur.
/// Returns the exit code.
int checkGraphs(const Module &module, const DimChoices &chosen, bool everyOp);

} // namespace nnc

#endif // NNC_TOOLS_GRAPH_CHECK_H
