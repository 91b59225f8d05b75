//===- ir/interpreter.h - The reference meaning of the graph --------------===//
//
// Runs a function of the graph, op by op, in f64. Slow and plain: it is what
// compiled code is compared with.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_INTERPRETER_H
#define NNC_IR_INTERPRETER_H

#include "ir/op.h"
#include "ir/tensor.h"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>

namespace nnc {

/// The value of each size symbol.
using DimBinding = std::map<std::string, int64_t, std::less<>>;

/// The value of `dim`. Requires that every symbol is bound.
int64_t evaluateDim(const Dim &dim, const DimBinding &dims);
Extents evaluateShape(const Shape &shape, const DimBinding &dims);

/// Rounds to what an element of this type can hold: bool to 0 or 1, integers
/// truncated towards zero, f32 and f64 unchanged (the reference is exact).
double convertTo(Elem elem, double value);

struct RunResult {
  std::vector<Tensor> values;
  std::string error; ///< Why the program stopped, in the form of a sentence.
  Location location; ///< Where.
  bool ok() const { return error.empty(); }
};

/// Runs `function` on `arguments`, whose shapes must be those of its
/// parameters under `dims`.
RunResult interpret(const Function &function, std::span<const Tensor> arguments,
                    const DimBinding &dims);

/// Finds the sizes by matching `arguments` with the function's parameters.
/// Nothing if they do not fit.
std::optional<DimBinding> bindDims(const Function &function,
                                   std::span<const Tensor> arguments);

/// What an op's reference rule sees. Results come filled with zeros in the
/// right shape.
class EvaluationContext {
public:
  const Op &op;
  std::vector<const Tensor *> operands;
  std::vector<Tensor> results;

  int64_t dim(const Dim &value) const { return evaluateDim(value, dims); }
  /// Gives an axis symbol its value, for the regions that `run` runs.
  void bind(const std::string &axis, int64_t value) { dims[axis] = value; }
  /// Runs a region of the op; gives what its terminator hands on.
  std::vector<Tensor> run(const Block &region, std::vector<Tensor> arguments);
  /// Stops the program: "index 7 is out of range for an axis of size 4".
  void stop(std::string why);
  bool stopped() const;

private:
  friend class Interpreter;
  EvaluationContext(const Op &op, class Interpreter &interpreter,
                    DimBinding &dims)
      : op(op), interpreter(interpreter), dims(dims) {}
  class Interpreter &interpreter;
  DimBinding &dims;
};

} // namespace nnc

#endif // NNC_IR_INTERPRETER_H
