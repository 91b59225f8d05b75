//===- ir/interpreter.h - The reference meaning of the IR -----------------===//
//
// Runs a function of any stage, op by op, in f64. Slow and plain: it is what
// compiled code is compared with. In loop IR it checks every access to memory.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_INTERPRETER_H
#define NNC_IR_INTERPRETER_H

#include "ir/executor.h"
#include "ir/memory.h"

#include <optional>

namespace nnc {

/// The value of `dim`. Requires that every symbol is bound.
int64_t evaluateDim(const Dim &dim, const DimBinding &dims);
Extents evaluateShape(const Shape &shape, const DimBinding &dims);

/// Rounds to what an element of this type can hold: bool to 0 or 1, integers
/// truncated towards zero, f32 and f64 unchanged (the reference is exact).
double convertTo(Elem elem, double value);

class Interpreter final : public Executor {
public:
  enum Bounds { Without, With };
  /// Keeps a reference to the function. With bounds, every element of a result
  /// says how far a compiled one may lie from it: see ir/error_bound.h.
  explicit Interpreter(const Function &function, Bounds bounds = Without)
      : function(function), bounds(bounds) {}
  RunResult run(std::span<const Tensor> inputs,
                const DimBinding &dims) const override;

private:
  const Function &function;
  Bounds bounds;
};

RunResult interpret(const Function &function, std::span<const Tensor> inputs,
                    const DimBinding &dims);

/// What an op's reference rule sees. Results come filled with zeros in the
/// right shape; a vector is a tensor of one axis.
class EvaluationContext {
public:
  const Op &op;
  std::vector<const Tensor *> operands; ///< Null for a buffer.
  std::vector<Tensor> results;

  int64_t dim(const Dim &value) const { return evaluateDim(value, dims); }
  Extents extents(const Shape &shape) const {
    return evaluateShape(shape, dims);
  }
  /// Gives an axis symbol its value, for the regions that `run` runs.
  void bind(const std::string &axis, int64_t value) { dims[axis] = value; }
  /// Runs a region of the op; gives what its terminator hands on.
  std::vector<Tensor> run(const Block &region, std::vector<Tensor> arguments);
  /// Stops the program: "index 7 is out of range for an axis of size 4".
  void stop(std::string why);
  bool stopped() const;

  // Memory, for ops of the loop IR.

  Team &team();
  /// All threads meet.
  void barrier();
  /// Operand `i`, a buffer.
  Memory &memory(int64_t i) const;
  /// Makes the result, a buffer, this memory.
  void giveMemory(Memory memory);
  /// Makes the result scratch memory, at an offset in bytes.
  void giveScratch(int64_t offset, bool isHeld);
  /// Reads or writes an element of operand `i` by its row-major place. An
  /// access that is not allowed stops the program.
  Element read(int64_t i, int64_t place);
  void write(int64_t i, int64_t place, Element element);
  /// The row-major place; nothing, and the program stops, if it lies outside.
  std::optional<int64_t> place(int64_t i, const Extents &index);

private:
  friend class Interpretation;
  EvaluationContext(const Op &op, class Interpretation &interpretation,
                    DimBinding &dims)
      : op(op), interpretation(interpretation), dims(dims) {}
  bool isInside(int64_t i, int64_t place);
  /// Stops the program at an access of operand `i`.
  void stopAt(int64_t i, const std::string &what);
  class Interpretation &interpretation;
  DimBinding &dims;
};

} // namespace nnc

#endif // NNC_IR_INTERPRETER_H
