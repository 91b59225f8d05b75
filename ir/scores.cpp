#include "ir/scores.h"

#include "ir/cost.h"
#include "ir/op_def.h"

#include <algorithm>

namespace nnc {

/// How many matrices of scores there are: over the axes that both operands and
/// the result have.
static Dim batchOf(const Op &product) {
  Shape left = product.attr("left").asDims(),
        right = product.attr("right").asDims(),
        result = product.attr("result").asDims();
  Dim batch = 1;
  for (size_t i = 0; i < result.size(); ++i)
    if (std::ranges::count(left, result[i]) &&
        std::ranges::count(right, result[i]))
      batch = batch * product.result()->type().dim(static_cast<int64_t>(i));
  return batch;
}

bool isScores(const Op &op) {
  // Some 2 ns of a core of 128 GFLOP/s, as to write and read back an element of
  // two matrices at 8 GB/s.
  constexpr int64_t fewTerms = 128;
  if (!op.is("contract") || batchOf(op).isConstant(1))
    return false;
  const Type &result = op.result()->type();
  Dim most = elementCount(result.shape()) * fewTerms;
  // Two matrices of theirs are kept otherwise.
  Dim less = bytesOf(op.operand(0)->type()) + bytesOf(op.operand(1)->type()) -
             2 * bytesOf(result);
  return (most - op.def().multiplyAdds(op)).isKnownNonNegative() &&
         !less.isKnownNonNegative();
}

bool isForFewThreads(const Op &scores) {
  constexpr int64_t fewHeads = 4;
  Dim heads = batchOf(scores);
  return heads.isConstant() && heads.value() < fewHeads;
}

} // namespace nnc
