//===- ir/executor.h - What runs a function on tensors --------------------===//
//
// The interpreter (ir/interpreter.h), for the graph, kernels and loops, and
// compiled code (codegen/executor.h) are run and compared by one interface.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_EXECUTOR_H
#define NNC_IR_EXECUTOR_H

#include "ir/op.h"
#include "ir/tensor.h"

#include <map>
#include <span>
#include <string>
#include <vector>

namespace nnc {

/// The value of each size symbol.
using DimBinding = std::map<std::string, int64_t, std::less<>>;

struct RunResult {
  std::vector<Tensor> values;
  std::string error; ///< Why the program stopped, in the form of a sentence.
  Location location; ///< Where.
  bool ok() const { return error.empty(); }
};

class Executor {
public:
  virtual ~Executor() = default;
  /// Runs the function on tensors for its inputs, whose shapes are theirs under
  /// `dims`.
  virtual RunResult run(std::span<const Tensor> inputs,
                        const DimBinding &dims) const = 0;
};

// After `lower-to-loops` a function's arguments are buffers: first its inputs,
// then its results (attribute `result`) and what it needs in between
// (`temporary`). Attributes of the function say how many there are of the
// first two (`arguments`, `results`), and how many bytes of scratch memory each
// thread needs (`scratch`).

bool isLowered(const Function &function);
/// How many arguments the caller gives.
int64_t inputCount(const Function &function);
/// The argument in whose memory argument `i` of a lowered function lives: a
/// variable's new value stands where the old one stood.
int64_t memoryOf(const Function &lowered, int64_t i);

} // namespace nnc

#endif // NNC_IR_EXECUTOR_H
