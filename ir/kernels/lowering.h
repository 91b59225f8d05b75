//===- ir/kernels/lowering.h - What a lowering rule sees ------------------===//
//
// A lowering rule rewrites a graph op as nests. A nest is a perfect loop nest
// over named axes:
//
//   %y = nest %x, %w {parallel = {b = B, o = 512}, reduce = {i = 784},
//        combine = "add", maps = [[b, i], [i, o]], results = [[b, o]]}
//        : f32[B, 512] {
//   ^(%a: f32, %c: f32):
//     %p = mul %a, %c : f32
//     yield %p
//   }
//
// For every point of the axes the elements that the maps name are loaded, the
// body computes a scalar for each result, and the scalar is stored where the
// result's map says, combined over the reduced axes in ascending order, the
// last reduced axis fastest.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_KERNELS_LOWERING_H
#define NNC_IR_KERNELS_LOWERING_H

#include "ir/builder.h"

#include <functional>
#include <optional>

namespace nnc {

struct NestAxis {
  std::string name; ///< Lower case.
  Dim extent;
};

/// One operand of a nest: the tensor, and for each of its axes an expression
/// over the nest's axes: affine, or with floors of such (`floor(x/2)`).
struct NestOperand {
  Value *value;
  Shape map;
  /// If given, the map may point outside the tensor; this is loaded then.
  std::optional<double> fill = std::nullopt;
};

struct NestResult {
  Type type;
  Shape map; ///< Affine, injective over the parallel axes.
};

struct NestSpec {
  std::vector<NestAxis> parallel;
  std::vector<NestAxis> reduce = {};
  /// "add", "mul", "max" or "min"; empty if nothing is reduced.
  std::string combine = "";
  std::vector<NestOperand> operands;
  std::vector<NestResult> results;
  /// Names an index symbol after the value of an integer operand, so that a
  /// map may use it (gather): {symbol, operand}. Checked to lie in range.
  std::vector<std::pair<std::string, int64_t>> loaded = {};
  /// If set, elements that the result maps do not reach keep the value they
  /// have in this tensor (several nests may fill one tensor).
  Value *into = nullptr;
  /// From the loaded scalars, one scalar for each result.
  std::function<std::vector<Value *>(Builder &, std::span<Value *const>)> body;
};

/// Makes a nest; gives its results.
std::vector<Value *> buildNest(Builder &builder, NestSpec spec);
/// One whose one result is its operand's elements; `spec` without a body.
Value *buildCopy(Builder &builder, NestSpec spec);

class LoweringContext {
public:
  LoweringContext(Op &op, Builder &builder) : op(op), builder(builder) {}

  Op &op;
  Builder &builder;

  Value *operand(int64_t i) const { return op.operand(i); }
  std::vector<Value *> nest(NestSpec spec);
  /// States what stands for result `i` from now on.
  void replace(int64_t i, Value *value) {
    op.result(i)->replaceAllUsesWith(value);
  }

  /// Axes named i0, i1, ... for the axes of `shape`.
  static std::vector<NestAxis> axesOf(const Shape &shape,
                                      const std::string &prefix = "i");
  /// The map that takes these axes in order.
  static Shape identity(const std::vector<NestAxis> &axes);
};

} // namespace nnc

#endif // NNC_IR_KERNELS_LOWERING_H
