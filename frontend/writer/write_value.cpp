#include "frontend/writer/writer.h"

#include <algorithm>
#include <cmath>

namespace nnc {

Written Writer::filled(double value, const Type &type) const {
  std::string sizes = sizesText(type.shape());
  Written number = numberText(value, type.elem());
  std::string elem(elemName(type.elem()));
  std::string text;
  bool isZero = value == 0 && !std::signbit(value);
  if (type.elem() != Elem::F32 || type.rank() == 0)
    number.text = elem + "(" + number.text + ")";
  if (type.rank() == 0)
    text = number.text;
  else if (type.elem() == Elem::F32 && (isZero || value == 1))
    text = (isZero ? "zeros" : "ones") + sizes;
  else
    text = "broadcast(" + number.text + ", " + sizes + ")";
  return call(text, type.shape(), namesOfSizes(type.shape()));
}

Written Writer::explicitBroadcast(const Written &from,
                                  const Shape &shape) const {
  if (from.shape == shape && !from.isNumber)
    return from;
  std::vector<std::string> axes = namesOfSizes(shape);
  Written aligned = from;
  for (int64_t i = 0; i < from.rank(); ++i) {
    const std::string &name = axes[axes.size() - from.rank() + i];
    if (!from.axes[i].empty() && !name.empty() && from.axes[i] != name)
      aligned = normalised(from);
  }
  // What is left of differing names are those that sizes do not have.
  for (int64_t i = 0; i < aligned.rank(); ++i)
    if (std::string &name = axes[axes.size() - aligned.rank() + i];
        name.empty())
      name = aligned.axes[i];
  return call("broadcast(" + aligned.text + ", " + sizesText(shape) + ")",
              shape, axes);
}

Written Writer::plain(const Value *value) {
  if (auto number = numbers.find(value); number != numbers.end())
    return filled(number->second, value->type());
  const Op *op = value->definingOp();
  auto known = values.find(value);
  if (known == values.end() && op && op->is("broadcast")) {
    Kept place{value->type().rank(), op->attr("axes").asInts()};
    Written from = elementwiseOperand(op->operand(0), &place);
    if (from.isNumber)
      from = call(std::string(elemName(value->type().elem())) + "(" +
                      from.text + ")",
                  {}, {});
    return explicitBroadcast(from, value->type().shape());
  }
  Written written = known->second;
  if (written.isNumber) {
    written = call(std::string(elemName(value->type().elem())) + "(" +
                       written.text + ")",
                   {}, {});
  } else if (kept.contains(value)) {
    Shape shape = value->type().shape();
    written = call("reshape(" + written.text + ", " + sizesText(shape) + ")",
                   shape, namesOfSizes(shape));
  }
  return written;
}

Written Writer::reshaped(const Value *from, const Shape &shape) {
  // Of a reshape that has no name what it reshapes.
  for (const Op *op = from->definingOp(); op && op->is("reshape");
       op = from->definingOp()) {
    auto known = values.find(from);
    if (known != values.end() && known->second.binding == Binding::Primary)
      break;
    from = op->operand(0);
  }
  auto asKept = values.find(from);
  if (kept.contains(from) && asKept->second.shape == shape)
    return asKept->second;
  Written written = plain(from);
  if (written.shape == shape && isNormal(written))
    return written;
  // The sizes say all: an axis of 1 more or less makes no other elements.
  if (asKept != values.end() && kept.contains(from))
    written.text = asKept->second.text;
  return call("reshape(" + written.text + ", " + sizesText(shape) + ")", shape,
              namesOfSizes(shape));
}

Written Writer::named(const Value *value) {
  Written written = plain(value);
  if (written.binding == Binding::Primary)
    return written;
  std::string name = names.forValue(*value);
  line(name + " = " + written.text);
  written.text = name;
  written.binding = Binding::Primary;
  bool isLiteral = numbers.contains(value);
  if (!isLiteral) {
    values[value] = written;
    kept.erase(value);
  }
  return written;
}

Written Writer::normalised(const Written &written) const {
  return call("reshape(" + written.text + ", " + sizesText(written.shape) + ")",
              written.shape, namesOfSizes(written.shape));
}

bool Writer::isNormal(const Written &written) const {
  for (int64_t i = 0; i < written.rank(); ++i) {
    std::string ofSize = nameOfSize(written.shape[i]);
    if (!ofSize.empty() && !written.axes[i].empty() &&
        written.axes[i] != ofSize)
      return false;
  }
  return true;
}

/// Whether the last axes of two have differing names.
static bool clash(const Written &a, const Written &b) {
  for (int64_t i = 1; i <= std::min(a.rank(), b.rank()); ++i) {
    const std::string &one = a.axes[a.rank() - i];
    const std::string &other = b.axes[b.rank() - i];
    if (!one.empty() && !other.empty() && one != other)
      return true;
  }
  return false;
}

void Writer::reconcile(Written &a, Written &b) const {
  if (clash(a, b) && !isNormal(a))
    a = normalised(a);
  if (clash(a, b))
    b = normalised(b);
  if (clash(a, b))
    a = normalised(a);
}

} // namespace nnc
