//===- runtime/inputs.cpp -------------------------------------------------===//
#include "runtime/inputs.h"
#include "runtime/value.h"

#include <algorithm>

namespace nnrt {

Inputs::Inputs(const Function &function, const char *user)
    : function(function), user(user) {
  texts.resize(function.argCount);
  values.resize(function.argCount);
  offers.resize(function.argCount);
  dims.resize(function.dimCount);
  std::fill(dims.begin(), dims.end(), -1);
}

void Inputs::addTo(Array<OptionSpec> &specs) {
  for (int32_t i = 0; i < function.argCount; ++i)
    if (function.args[i].kind == SlotKind::Input)
      specs.push({function.args[i].name, nullptr, "VALUE",
                  "An input: [[0, 1]], x.npy, or x.gz[7] (idx).",
                  OptionKind::Text, &texts[i]});
  for (int32_t i = 0; i < function.dimCount; ++i)
    specs.push({function.dimNames[i], nullptr, "N",
                "A dimension, where no input gives it.", OptionKind::Integer,
                &dims[i]});
}

bool Inputs::anyGiven() const {
  return std::any_of(texts.begin(), texts.end(),
                     [](const char *text) { return text; });
}

bool Inputs::read(Error &error) {
  for (int32_t i = 0; i < function.argCount; ++i) {
    const Slot &slot = function.args[i];
    if (slot.kind != SlotKind::Input)
      continue;
    if (!texts[i])
      return error.set("%s needs --%s VALUE", user, slot.name);
    bool reshape;
    if (!readValue(texts[i], values[i], reshape, error))
      return false;
    if (reshape)
      fitRank(values[i].shape, slot.rank);
    const Tensor &value = values[i];
    int64_t bad =
        firstInconvertible(value.type, value.data, value.count(), slot.elem);
    if (bad >= 0) {
      Text element;
      appendElement(element, value.type, value.data, bad);
      return error.set("--%s: %s is no %s", slot.name, element.c_str(),
                       typeName(slot.elem));
    }
    offers[i] = {true, value.shape, !reshape};
  }
  return true;
}

bool Inputs::bind(const Variables &variables, const Team &team, Call &call,
                  Error &error) const {
  if (!call.bind(function, offers.data(), dims.data(), variables, team, error))
    return false;
  for (int32_t i = 0; i < function.argCount; ++i)
    if (function.args[i].kind == SlotKind::Input)
      convert(values[i].type, values[i].data, function.args[i].elem,
              call.argument(i), values[i].count());
  return true;
}

} // namespace nnrt
