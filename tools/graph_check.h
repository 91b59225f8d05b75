//===- tools/graph_check.h - A graph through every pass and compiled ------===//
#ifndef NNC_TOOLS_GRAPH_CHECK_H
#define NNC_TOOLS_GRAPH_CHECK_H

#include "tools/reference_run.h"

#include <optional>

namespace nnc {

struct GraphFailure {
  std::string kind; ///< Where: "pass cse". While reducing it stays the same.
  std::string what;
};

/// What was compared.
struct GraphCounts {
  long long results = 0, elements = 0;
  long long unbounded = 0; ///< Elements that could not be compared.
  long long stopped = 0;   ///< Runs of the reference that end early.

  GraphCounts &operator+=(const GraphCounts &other) {
    results += other.results;
    elements += other.elements;
    unbounded += other.unbounded;
    stopped += other.stopped;
    return *this;
  }
};

/// Takes a function of the graph stage through
///  - the pipelines at -O2: after each pass it must compute what it did before;
///  - those at -O0, at whose end it must compute the same;
///  - code generation, at -O2 and each second one at -O0, in f32 or f64, for
///  one
///    of this machine's instruction sets: all change with `turn`, since most of
///    the time goes there.
/// Gives the first failure, if there is one. A fault may end the process.
std::optional<GraphFailure> checkGraph(const Function &function, size_t turn,
                                       const DimChoices &chosen,
                                       GraphCounts &counts);

} // namespace nnc

#endif // NNC_TOOLS_GRAPH_CHECK_H
