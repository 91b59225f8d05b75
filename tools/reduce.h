//===- tools/reduce.h - Makes a function that fails small -----------------===//
#ifndef NNC_TOOLS_REDUCE_H
#define NNC_TOOLS_REDUCE_H

#include "ir/op.h"

#include <functional>
#include <memory>

namespace nnc {

/// A part of the function, of the graph stage, for which `fails` is still true,
/// as it is for the whole; in the manner of delta debugging (Zeller and
/// Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002).
/// Results go, values become arguments or give way to an operand, sizes become
/// smaller, until nothing more can go.
std::unique_ptr<Function>
reduceFunction(const Function &function,
               const std::function<bool(const Function &)> &fails);

} // namespace nnc

#endif // NNC_TOOLS_REDUCE_H
