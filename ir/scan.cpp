#include "ir/scan.h"

namespace nnc {

static bool holds(const Op &op, std::string_view attr) {
  const Attr *value = op.findAttr(attr);
  return value && value->asBool();
}

ScanParts::ScanParts(const Op &op)
    : op(op), carries(op.attr("carries").asInt()),
      sequences(op.attr("sequences").asInt()),
      length(op.attr("length").asDim()), reverse(op.attr("reverse").asBool()),
      until(holds(op, "until")), masked(holds(op, "masked")),
      sequenceAxes(op.attr("sequence_axes").asInts()),
      resultAxes(op.attr("result_axes").asInts()) {}

std::vector<Type> ScanParts::bodyArguments() const {
  std::vector<Type> types = {Type::scalar(Elem::I32)};
  for (int64_t i = 0; i < op.operandCount(); ++i) {
    const Type &type = op.operand(i)->type();
    bool isSequence = i >= carries && i < carries + sequences;
    types.push_back(isSequence ? withoutAxis(type, sequenceAxes[i - carries])
                               : type);
  }
  return types;
}

std::vector<Type> ScanParts::bodyResults() const {
  std::vector<Type> types;
  for (int64_t i = 0; i < op.resultCount(); ++i) {
    const Type &type = op.result(i)->type();
    types.push_back(i < carries ? type
                                : withoutAxis(type, resultAxes[i - carries]));
  }
  if (until)
    types.push_back(Type::scalar(Elem::Bool));
  return types;
}

Type withoutAxis(const Type &type, int64_t axis) {
  Shape shape = type.shape();
  shape.erase(shape.begin() + axis);
  return type.withShape(shape);
}

Type withAxis(const Type &type, int64_t axis, const Dim &extent) {
  Shape shape = type.shape();
  shape.insert(shape.begin() + axis, extent);
  return type.withShape(shape);
}

} // namespace nnc
