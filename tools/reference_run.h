//===- tools/reference_run.h - Runs IR on made-up inputs ------------------===//
#ifndef NNC_TOOLS_REFERENCE_RUN_H
#define NNC_TOOLS_REFERENCE_RUN_H

#include "ir/interpreter.h"

#include <map>
#include <string>
#include <vector>

namespace nnc {

/// Why the reference interpreter cannot run the function with these sizes; in
/// the form of a sentence. Empty if it can.
std::string whyNotRunnable(const Function &function, const DimBinding &dims);

/// Floats from -2 to 2; integers 0 or 1, so that they may be indices; those of
/// an optimizer positive, or all floats. The same for the same seed on every
/// machine.
enum class Sign { Any, Positive };
std::vector<Tensor> randomInputs(const Function &function,
                                 const DimBinding &dims, uint64_t seed,
                                 Sign sign = Sign::Any);

/// What a function gave on one set of inputs, with bounds.
struct ReferenceRun {
  DimBinding dims;
  std::vector<Tensor> inputs;
  RunResult result;
};

/// Sizes to take for a dimension, one after the other.
using DimChoices = std::map<std::string, std::vector<int64_t>, std::less<>>;

/// Runs the function for a few small sizes, or those chosen; those that do not
/// suit it (a negative extent) are left out. In the second run all floats are
/// positive: roots and logarithms have values there.
std::vector<ReferenceRun> referenceRuns(const Function &function,
                                        const DimChoices &chosen = {});

/// Winograd's convolution (ir/passes/winograd.cpp) rounds what a large element
/// of the image comes to in its neighbours too. So where `function`, which the
/// pass has rewritten, has larger bounds than the runs, they are taken.
void takeBoundsOf(const Function &function, std::vector<ReferenceRun> &runs);

struct Comparison {
  std::vector<std::string> differences;
  int results = 0;       ///< How many were compared,
  int64_t elements = 0;  ///< their elements,
  int64_t unbounded = 0; ///< and those of them that have no bound.
};

/// Runs `executor`, which rounds as `precision` is, on the inputs of `runs`,
/// and says how the results differ from theirs. A pass may remove what stops a
/// program, but not add it.
Comparison compareRuns(const Executor &executor,
                       const std::vector<ReferenceRun> &runs, Elem precision);

/// How coarsely a function rounds, once it is compiled.
Elem precisionOf(const Function &function);

} // namespace nnc

#endif // NNC_TOOLS_REFERENCE_RUN_H
