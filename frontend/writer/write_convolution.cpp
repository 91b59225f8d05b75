#include "frontend/writer/writer.h"

#include <algorithm>

namespace nnc {

/// One number if all are the same; nothing if they are what is meant anyway.
static std::string option(const char *name, const std::vector<int64_t> &numbers,
                          int64_t standard) {
  bool same = std::all_of(numbers.begin(), numbers.end(),
                          [&](int64_t each) { return each == numbers[0]; });
  if (same && numbers[0] == standard)
    return "";
  std::string list;
  for (int64_t each : numbers)
    list += (list.empty() ? "" : ", ") + std::to_string(each);
  return std::string(", ") + name + "=" +
         (same ? std::to_string(numbers[0]) : "[" + list + "]");
}

void Writer::convolution(const Op &op) {
  Written a = plain(op.operand(0)), b = plain(op.operand(1));
  std::vector<int64_t> low = op.attr("padding_low").asInts();
  std::vector<int64_t> high = op.attr("padding_high").asInts(), pads;
  for (size_t i = 0; i < low.size(); ++i) {
    pads.push_back(low[i]);
    if (low != high)
      pads.push_back(high[i]);
  }
  const Dim &groups = op.attr("groups").asDim();
  const Shape &shape = op.result()->type().shape();
  bool isForward = op.is("conv"), isWeights = op.is("conv_weight_grad");
  // Channels of x and w have one name, if they have any.
  size_t other = isForward ? 1 : 0;
  if (!isWeights && !a.axes[1].empty() && !b.axes[other].empty() &&
      a.axes[1] != b.axes[other]) {
    a = normalised(a);
    b = normalised(b);
  }
  std::string text = "conv" + std::to_string(low.size()) + "d";
  text += isForward ? "(" : isWeights ? "_weight_grad(" : "_transpose(";
  text += a.text + ", " + b.text;
  text += option("stride", op.attr("strides").asInts(), 1);
  text += option("pad", pads, 0);
  text += option("dilation", op.attr("dilations").asInts(), 1);
  if (!groups.isConstant(1))
    text += ", groups=" + dimText(groups).text;
  if (!isForward)
    text += ", size=" + sizesText(Shape(shape.begin() + 2, shape.end()));
  std::vector<std::string> axes(shape.size());
  if (!isWeights) {
    axes[0] = a.axes[0];
    axes[1] = isForward ? b.axes[0] : groups.isConstant(1) ? b.axes[1] : "";
    for (size_t i = 2; i < shape.size(); ++i)
      if (shape[i] == a.shape[i])
        axes[i] = a.axes[i];
  }
  define(op.result(), call(text + ")", shape, axes));
}

} // namespace nnc
