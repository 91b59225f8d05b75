#include "frontend/value.h"

namespace nnc {

Val Val::tensor(Value *ir, AxisNames axes) {
  Val value;
  value.kind = Tensor;
  value.ir = ir;
  value.axes = std::move(axes);
  value.axes.resize(ir->type().rank());
  return value;
}

Val Val::tensor(Value *ir) { return tensor(ir, {}); }

Val Val::number(double number, LiteralKind kind) {
  Val value;
  value.kind = Literal;
  value.literal = std::make_shared<nnc::Literal>();
  value.literal->kind = kind;
  value.literal->data = {number};
  return value;
}

Val Val::dimension(Dim size) {
  Val value;
  value.kind = Size;
  value.size = std::move(size);
  return value;
}

Val Val::tuple(std::vector<Val> items) {
  Val value;
  value.kind = Tuple;
  value.items = std::move(items);
  return value;
}

std::string describeAxes(const AxisNames &axes, const Shape &shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i) {
    text += i ? ", " : "";
    text += i >= axes.size() || axes[i].none() ? shape[i].str() : axes[i].text;
  }
  return text + "]";
}

std::string Val::describe() const {
  switch (kind) {
  case Poison:
    return "an error";
  case Tensor:
    return std::string(elemName(ir->type().elem())) +
           (axes.empty() ? "" : describeAxes(axes, ir->type().shape()));
  case Literal:
    return literal->isScalar()
               ? literal->kind == LiteralKind::Bool ? "bool" : "a number"
           : literal->data.empty() ? describeAxes(literal->axes, literal->shape)
                                   : "a tensor literal of shape " +
                                         describeAxes({}, literal->shape);
  case Size:
    return "a number";
  case Text:
    return "a string";
  case Tuple:
    return "a tuple of " + std::to_string(items.size());
  case Axes:
    return "an axis";
  case Instance:
    return "a layer";
  }
  return "";
}

} // namespace nnc
