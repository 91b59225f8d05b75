#include "ir/simplify/depthwise.h"

#include "ir/conv_rules.h"
#include "ir/op_def.h"

#include <algorithm>

namespace nnc::simplify {

bool isPointwise(const Op &op, const Type &x, const Type &w) {
  rules::ConvShape shape(op, x, w);
  auto are = [](const std::vector<int64_t> &list, int64_t value) {
    return std::all_of(list.begin(), list.end(),
                       [&](int64_t each) { return each == value; });
  };
  for (int64_t axis = 2; axis < w.rank(); ++axis)
    if (!w.dim(axis).isConstant(1))
      return false;
  return shape.groups.isConstant(1) && !shape.isPadded() &&
         are(shape.strides, 1);
}

bool followsDepthwise(const Value *image, int depth) {
  const Op *op = image->definingOp();
  if (!op || depth == 0)
    return false;
  if (op->is("conv")) {
    const Type &x = op->operand(0)->type();
    rules::ConvShape shape(*op, x, op->operand(1)->type());
    return shape.groups == x.dim(1) && !shape.groups.isConstant(1);
  }
  return op->def().kind == OpKind::Elementwise &&
         std::any_of(op->operands().begin(), op->operands().end(),
                     [&](const Value *operand) {
                       return followsDepthwise(operand, depth - 1);
                     });
}

/// It pays for an image that L2 does not hold: of 4.8 MB 4 %, 20 % with two
/// threads, and half of the memory; of 0.2 to 1.8 MB it takes 0 to 20 % longer.
std::string_view whyNotByRows(const Type &image) {
  constexpr int64_t manyElements = 1 << 19, longRow = 256;
  Dim count = 1;
  for (int64_t axis = 1; axis < image.rank(); ++axis)
    count = count * image.dim(axis);
  if (!count.isConstant())
    return "the size of the image between them is not known";
  if (count.value() <= manyElements)
    return "the image between them stays in L2, where one kernel would take no "
           "less time";
  if (image.dim(image.rank() - 1).value() > longRow)
    return "the rows of the image between them are longer than 256 elements";
  return "";
}

static void sayOf(const Block &block, RewriteLog &log) {
  for (const auto &op : block.operations()) {
    for (int64_t i = 0; i < op->regionCount(); ++i)
      sayOf(op->region(i), log);
    if (!op->is("conv"))
      continue;
    const Value *image = op->operand(0);
    const Type &type = image->type();
    std::string_view whyNot = whyNotByRows(type);
    if (whyNot.empty() || !isPointwise(*op, type, op->operand(1)->type()) ||
        !followsDepthwise(image))
      continue;
    Dim bytes = elementCount(type.shape()) * elemBytes(type.elem());
    Dim kept = image->uses().size() > 1 ? bytes : Dim(0);
    log.record(
        {.rule = "fuse-kernels",
         .missed = true,
         .text = "a depthwise convolution and the 1x1 one behind it stay "
                 "two kernels: " +
                 std::string(whyNot),
         .location = op->location,
         .before = {0, bytes * 2},
         .after = {0, kept}});
  }
}

void sayWhatStaysApart(const Function &function, RewriteLog &log) {
  if (log.allows("fuse-kernels"))
    sayOf(function.body, log);
}

} // namespace nnc::simplify
