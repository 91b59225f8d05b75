#include "ir/op_def.h"
#include "ir/simplify/rules.h"

#include <algorithm>

namespace nnc::simplify {

static bool toSplat(Op &op, Rewriter &r) {
  return splatOf(op.operand(0)) &&
         r.replace(op, r.op("constant", {}, op.operand(0)->definingOp()->attrs,
                            {op.result()->type()}));
}

static bool sameType(Op &op, Rewriter &r) {
  return op.operand(0)->type() == op.result()->type() &&
         r.replace(op, op.operand(0));
}

static bool allEqual(const Shape &dims, int64_t value) {
  return std::all_of(dims.begin(), dims.end(),
                     [&](const Dim &dim) { return dim.isConstant(value); });
}

static bool broadcastOfBroadcast(Op &op, Rewriter &r) {
  Op *inner = operandOp(op, 0, "broadcast");
  if (!inner)
    return false;
  std::vector<int64_t> outer = op.attr("axes").asInts(), axes;
  for (int64_t axis : inner->attr("axes").asInts())
    axes.push_back(outer[axis]);
  return r.replace(op,
                   r.op("broadcast", {inner->operand(0)},
                        {{"axes", Attr::ints(axes)}}, {op.result()->type()}));
}

static bool identityTranspose(Op &op, Rewriter &r) {
  std::vector<int64_t> permutation = op.attr("permutation").asInts();
  return std::is_sorted(permutation.begin(), permutation.end()) &&
         r.replace(op, op.operand(0));
}

/// Axis i of the result is axis outer[i] of the middle, which is axis
/// inner[outer[i]] of the operand.
static bool transposeOfTranspose(Op &op, Rewriter &r) {
  Op *inner = operandOp(op, 0, "transpose");
  if (!inner)
    return false;
  std::vector<int64_t> first = inner->attr("permutation").asInts(), both;
  for (int64_t axis : op.attr("permutation").asInts())
    both.push_back(first[axis]);
  return r.replace(op, r.op("transpose", {inner->operand(0)},
                            {{"permutation", Attr::ints(both)}}));
}

/// If the axes longer than 1 keep their order, so do the elements.
static bool transposeOfOnes(Op &op, Rewriter &r) {
  int64_t last = -1;
  for (int64_t axis : op.attr("permutation").asInts()) {
    if (op.operand(0)->type().dim(axis).isConstant(1))
      continue;
    if (axis < last)
      return false;
    last = axis;
  }
  return r.replace(op,
                   r.op("reshape", {op.operand(0)}, {}, {op.result()->type()}));
}

static bool reshapeOfReshape(Op &op, Rewriter &r) {
  Op *inner = operandOp(op, 0, "reshape");
  return inner && r.replace(op, r.op("reshape", {inner->operand(0)}, {},
                                     {op.result()->type()}));
}

static bool wholeSlice(Op &op, Rewriter &r) {
  return allEqual(op.attr("starts").asDims(), 0) &&
         allEqual(op.attr("steps").asDims(), 1) && sameType(op, r);
}

static bool sliceOfSlice(Op &op, Rewriter &r) {
  Op *inner = operandOp(op, 0, "slice");
  if (!inner)
    return false;
  Shape starts = inner->attr("starts").asDims();
  Shape steps = inner->attr("steps").asDims();
  Shape more = op.attr("starts").asDims(), further = op.attr("steps").asDims();
  for (size_t axis = 0; axis < starts.size(); ++axis) {
    starts[axis] = starts[axis] + more[axis] * steps[axis];
    steps[axis] = steps[axis] * further[axis];
  }
  return r.replace(op, r.op("slice", {inner->operand(0)},
                            {{"starts", starts},
                             {"sizes", op.attr("sizes")},
                             {"steps", steps}}));
}

/// A slice that lies within one part of a concat is a slice of that part.
static bool sliceOfConcat(Op &op, Rewriter &r) {
  Op *concat = operandOp(op, 0, "concat");
  if (!concat)
    return false;
  int64_t axis = concat->attr("axis").asInt();
  Shape starts = op.attr("starts").asDims();
  Dim start = starts[axis], offset = 0;
  Dim end = start + (op.attr("sizes").asDims()[axis] - 1) *
                        op.attr("steps").asDims()[axis];
  for (Value *part : concat->operands()) {
    Dim after = offset + part->type().dim(axis);
    if ((start - offset).isKnownNonNegative() &&
        (after - end - 1).isKnownNonNegative()) {
      starts[axis] = start - offset;
      return r.replace(op, r.op("slice", {part},
                                {{"starts", starts},
                                 {"sizes", op.attr("sizes")},
                                 {"steps", op.attr("steps")}}));
    }
    offset = after;
  }
  return false;
}

static bool isPlainPad(const Op &op) {
  const Attr *steps = op.findAttr("steps");
  return !steps || allEqual(steps->asDims(), 1);
}

static bool emptyPad(Op &op, Rewriter &r) {
  return isPlainPad(op) && allEqual(op.attr("low").asDims(), 0) &&
         allEqual(op.attr("high").asDims(), 0) && r.replace(op, op.operand(0));
}

static bool padOfPad(Op &op, Rewriter &r) {
  Op *inner = operandOp(op, 0, "pad");
  if (!inner || !isPlainPad(op) || !isPlainPad(*inner) ||
      !(op.attr("value") == inner->attr("value")))
    return false;
  Shape low = op.attr("low").asDims(), high = op.attr("high").asDims();
  for (size_t axis = 0; axis < low.size(); ++axis) {
    low[axis] = low[axis] + inner->attr("low").asDims()[axis];
    high[axis] = high[axis] + inner->attr("high").asDims()[axis];
  }
  return r.replace(
      op, r.op("pad", {inner->operand(0)},
               {{"low", low}, {"high", high}, {"value", op.attr("value")}}));
}

static bool padOfSplat(Op &op, Rewriter &r) {
  return isSplat(op.operand(0), op.attr("value").asFloat()) && toSplat(op, r);
}

static bool concatOfOne(Op &op, Rewriter &r) {
  return op.operandCount() == 1 && r.replace(op, op.operand(0));
}

static bool concatOfConcat(Op &op, Rewriter &r) {
  std::vector<Value *> parts;
  for (int64_t i = 0; i < op.operandCount(); ++i) {
    Op *inner = operandOp(op, i, "concat");
    if (inner && inner->attr("axis") == op.attr("axis"))
      parts.insert(parts.end(), inner->operands().begin(),
                   inner->operands().end());
    else
      parts.push_back(op.operand(i));
  }
  return parts != op.operands() &&
         r.replace(op, r.op("concat", parts, op.attrs));
}

static bool reverseOfOne(Op &op, Rewriter &r) {
  return op.result()->type().dim(op.attr("axis").asInt()).isConstant(1) &&
         r.replace(op, op.operand(0));
}

static bool reverseOfReverse(Op &op, Rewriter &r) {
  Op *inner = operandOp(op, 0, "reverse");
  return inner && inner->attr("axis") == op.attr("axis") &&
         r.replace(op, inner->operand(0));
}

// clang-format off
static const RewriteRule rules[] = {
    {"broadcast-same", "broadcast", "broadcast x = x, without new axes", sameType},
    {"broadcast-splat", "broadcast", "broadcast of a splat is a splat", toSplat},
    {"broadcast-broadcast", "broadcast", "broadcast (broadcast x) = broadcast x", broadcastOfBroadcast},
    {"transpose-same", "transpose", "transpose x = x, in the same order", identityTranspose},
    {"transpose-splat", "transpose", "transpose of a splat is a splat", toSplat},
    {"transpose-transpose", "transpose", "transpose (transpose x) = transpose x", transposeOfTranspose},
    {"transpose-ones", "transpose", "transpose x = reshape x, if only axes of 1 move", transposeOfOnes},
    {"reshape-same", "reshape", "reshape x = x, to the same shape", sameType},
    {"reshape-splat", "reshape", "reshape of a splat is a splat", toSplat},
    {"reshape-reshape", "reshape", "reshape (reshape x) = reshape x", reshapeOfReshape},
    {"slice-all", "slice", "slice x = x, if it is all of x", wholeSlice},
    {"slice-splat", "slice", "slice of a splat is a splat", toSplat},
    {"slice-slice", "slice", "slice (slice x) = slice x", sliceOfSlice},
    {"slice-concat", "slice", "slice (concat(.., x, ..)) = slice x", sliceOfConcat},
    {"pad-nothing", "pad", "pad x = x, if nothing is put around it", emptyPad},
    {"pad-splat", "pad", "pad of a splat of the same value is a splat", padOfSplat},
    {"pad-pad", "pad", "pad (pad x) = pad x", padOfPad},
    {"concat-one", "concat", "concat(x) = x", concatOfOne},
    {"concat-concat", "concat", "concat(concat(x, y), z) = concat(x, y, z)", concatOfConcat},
    {"reverse-one", "reverse", "reverse of an axis of 1 = x", reverseOfOne},
    {"reverse-splat", "reverse", "reverse of a splat is a splat", toSplat},
    {"reverse-reverse", "reverse", "reverse (reverse x) = x", reverseOfReverse},
};
// clang-format on

const std::span<const RewriteRule> indexingRules = rules;

} // namespace nnc::simplify
