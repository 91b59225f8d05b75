//===- ir/error_bound.h - How far compiled elements may lie from exact ----===//
//
// The interpreter computes exactly, but for the roundings of f64. Compiled code
// rounds each element. Beside each element the interpreter keeps a bound of the
// error that such roundings make, to first order (N. J. Higham, "Accuracy and
// Stability of Numerical Algorithms", chapters 2 and 3), so that two programs
// can be compared element by element: a small element beside a large one has a
// bound of its own, and a sum whose terms cancel has that of its terms.
//
// Bounds count in units of the rounding of a float, 2^-24 of f32 and 2^-53 of
// f64: they are the same numbers for both. The rule of an op follows from its
// kind (Note [Bounds by moving operands]). An infinite bound says that there is
// nothing to compare: what a comparison decides hangs on a rounding.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_ERROR_BOUND_H
#define NNC_IR_ERROR_BOUND_H

#include "ir/op.h"
#include "ir/tensor.h"

#include <functional>
#include <limits>

namespace nnc {

/// The step by which the analysis moves operands: the rounding of f32.
inline constexpr double roundingUnit = 0x1p-24;
/// The bound of an element that cannot be compared.
inline constexpr double unbounded = std::numeric_limits<double>::infinity();

/// The bound of a number that is known exactly: that of writing it as an f32.
double representationBound(double value);
/// Gives elements without a bound theirs.
void boundRepresentation(Tensor &tensor);

/// Computes an op with other operands in the place of its own.
using Evaluate =
    std::function<std::vector<Tensor>(const std::vector<const Tensor *> &)>;

/// Adds to the bounds of an op's results what follows from those of its
/// operands and from its own roundings. Ops that are neither elementwise, nor
/// indexing, nor reductions, nor contractions do so themselves: they move
/// elements and run regions.
void boundErrors(const Op &op, const std::vector<const Tensor *> &operands,
                 std::vector<Tensor> &results, const Evaluate &evaluate);

/// The product of two elements.
Element multiply(Element a, Element b);

/// Elements of one type that are combined by `add`, `mul`, `max` or `min`. The
/// value is that of the order in which they come, the bound that of any order.
class Combination {
public:
  static bool isKnown(std::string_view how);
  Combination(const std::string &how, Elem elem);
  void take(Element element);
  Element result() const;

private:
  double combined(double a, double b) const;

  enum { Add, Mul, Max, Min } how;
  Elem elem;
  int64_t count = 0;
  double value;
  /// Of magnitudes, for sums and products: as they are, and with bounds added.
  /// Else of elements, less and plus their bounds.
  double low, high;
};

/// How `found` differs from `expected`, which has bounds, where both are
/// rounded as `precision` is; empty if it does not. Counts
/// elements without a bound, which it passes over.
std::string difference(const Tensor &expected, const Tensor &found,
                       Elem precision, int64_t &passedOver);

} // namespace nnc

#endif // NNC_IR_ERROR_BOUND_H
