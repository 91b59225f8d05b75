//===- runtime/inputs.cpp -------------------------------------------------===//
#include "runtime/inputs.h"
#include "runtime/codec.h"

#include <algorithm>

namespace nnrt {

Inputs::Inputs(const Program &program, const Function &function,
               const char *user)
    : function(function), user(user), takesText(readsText(program)) {
  texts.resize(function.argCount);
  helps.resize(function.argCount);
  values.resize(function.argCount);
  offers.resize(function.argCount);
  dims.resize(function.dimCount);
  std::fill(dims.begin(), dims.end(), -1);
}

void Inputs::addDefaults(const Net &net) {
  for (int32_t i = 0; i < function.argCount && net.inputDefaults; ++i)
    texts[i] = net.inputDefaults[i];
  for (int32_t i = 0; i < function.dimCount && net.dimDefaults; ++i)
    dims[i] = net.dimDefaults[i];
}

void Inputs::addTo(Array<OptionSpec> &specs) {
  for (int32_t i = 0; i < function.argCount; ++i) {
    const Slot &slot = function.args[i];
    if (slot.kind != SlotKind::Input)
      continue;
    helps[i] = typeText(slot);
    if (texts[i])
      helps[i].append(", ").append(texts[i]).append(" if it is not given.");
    else if (slot.rank)
      helps[i].append(takesText && canHoldText(slot)
                          ? ": a text, [[0, 1]] or x.npy."
                          : ": [[0, 1]], x.npy or x.gz[7].");
    specs.push({slot.name, nullptr, "VALUE", helps[i].c_str(), OptionKind::Text,
                &texts[i]});
  }
  for (int32_t i = 0; i < function.dimCount; ++i)
    specs.push({function.dimNames[i], nullptr, "N",
                "A dimension, where no input gives it.", OptionKind::Integer,
                &dims[i]});
}

bool Inputs::anyGiven() const {
  return std::any_of(texts.begin(), texts.end(),
                     [](const char *text) { return text; });
}

bool Inputs::anyText() const {
  return std::any_of(values.begin(), values.end(),
                     [](const Value &value) { return value.isText; });
}

bool Inputs::read(Error &error) {
  for (int32_t i = 0; i < function.argCount; ++i) {
    const Slot &slot = function.args[i];
    if (slot.kind != SlotKind::Input)
      continue;
    if (!texts[i])
      return error.set("%s needs --%s VALUE", user, slot.name);
    if (!readValue(texts[i], takesText && canHoldText(slot), values[i], error))
      return false;
    if (values[i].reshape)
      fitRank(values[i].tensor.shape, slot.rank);
    const Tensor &value = values[i].tensor;
    int64_t bad =
        firstInconvertible(value.type, value.data, value.count(), slot.elem);
    if (bad >= 0) {
      Text element;
      appendElement(element, value.type, value.data, bad);
      return error.set("--%s: %s is no %s", slot.name, element.c_str(),
                       typeName(slot.elem));
    }
    offers[i] = {true, value.shape, !values[i].reshape};
  }
  return true;
}

bool Inputs::bind(const Variables &variables, const Team &team, Call &call,
                  Error &error) const {
  if (!call.bind(function, offers.data(), dims.data(), variables, team, error))
    return false;
  for (int32_t i = 0; i < function.argCount; ++i)
    if (function.args[i].kind == SlotKind::Input)
      convert(values[i].tensor.type, values[i].tensor.data,
              function.args[i].elem, call.argument(i),
              values[i].tensor.count());
  return true;
}

} // namespace nnrt
