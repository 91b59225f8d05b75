#include "ir/simplify/compute.h"

#include "ir/interpreter.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace nnc::simplify {

std::optional<double> rounded(Elem elem, double value) {
  if (elem == Elem::F32)
    return static_cast<double>(static_cast<float>(value));
  if (!isInteger(elem))
    return value;
  double limit = elem == Elem::I32 ? 0x1p31 : 0x1p53;
  if (!(value >= -limit && value < limit))
    return std::nullopt;
  return value + 0.0; // Integers have one zero.
}

std::optional<Tensor> computed(const Function &function) {
  RunResult result = interpret(function, {}, {});
  if (!result.ok() || result.values[0].data.empty())
    return std::nullopt;
  Tensor &tensor = result.values[0];
  for (double &element : tensor.data) {
    std::optional<double> held = rounded(tensor.elem, element);
    if (!held)
      return std::nullopt;
    element = *held;
  }
  return std::move(tensor);
}

Attr constantValue(const Tensor &tensor) {
  const std::vector<double> &data = tensor.data;
  bool isSplat = std::all_of(data.begin(), data.end(), [&](double element) {
    return std::memcmp(&element, &data[0], sizeof element) == 0;
  });
  if (isSplat)
    return data[0];
  return std::make_shared<const std::vector<double>>(data);
}

Value *computeFrozen(
    Rewriter &r, std::initializer_list<Value *> constants,
    const std::function<Value *(Builder &, std::span<Value *const>)> &make) {
  Function alone;
  Builder builder(alone.body);
  ValueMap none;
  std::vector<Value *> copies;
  for (Value *constant : constants)
    copies.push_back(builder.clone(*constant->definingOp(), none)->result());
  Value *result = make(builder, copies);
  Type type = result->type();
  builder.create("return", {result});
  std::optional<Tensor> tensor = computed(alone);
  if (!tensor ||
      !std::all_of(tensor->data.begin(), tensor->data.end(),
                   [](double element) { return std::isfinite(element); }))
    return nullptr;
  return r.op("constant", {},
              {{"value", constantValue(*tensor)}, {"frozen", true}}, {type});
}

} // namespace nnc::simplify
