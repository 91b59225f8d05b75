//===- runtime/sizes.cpp --------------------------------------------------===//
#include "runtime/sizes.h"
#include "runtime/memory.h"
#include "runtime/plan.h"

#include <cstring>

namespace nnrt {

int32_t batchDim(const Function &function) {
  for (int32_t i = 0; i < function.argCount; ++i)
    if (function.args[i].kind == SlotKind::Input && function.args[i].rank)
      return function.args[i].axisDims[0];
  return -1;
}

void GivenSizes::add(const Function &function, int32_t except) {
  for (int32_t d = 0; d < function.dimCount; ++d) {
    bool known = d == except;
    for (const Size &other : sizes)
      known |= !std::strcmp(other.name, function.dimNames[d]);
    if (!known)
      sizes.push({function.dimNames[d], -1});
  }
}

void GivenSizes::addTo(Array<OptionSpec> &specs) {
  for (Size &size : sizes)
    specs.push({size.name, nullptr, "N", "A dimension.", OptionKind::Integer,
                &size.value, nullptr, 1});
}

void GivenSizes::find(const Function &function, const int64_t *defaults,
                      Array<int64_t> &dims) const {
  dims.resize(function.dimCount);
  for (int32_t d = 0; d < function.dimCount; ++d) {
    dims[d] = defaults ? defaults[d] : -1;
    for (const Size &size : sizes)
      if (size.value >= 0 && !std::strcmp(size.name, function.dimNames[d]))
        dims[d] = size.value;
  }
}

Array<int64_t> shapesOf(const Function &function, const int64_t *dims) {
  int64_t axes = 0;
  for (int32_t i = 0; i < function.argCount + function.resultCount; ++i)
    axes += slotOf(function, i).rank;
  Array<int64_t> shapes;
  shapes.resize(axes + function.temporaryCount + 1);
  function.shapes(dims, shapes.data());
  return shapes;
}

int64_t bytesOfCall(const Function &function, const int64_t *dims,
                    int32_t threads) {
  Array<int64_t> shapes = shapesOf(function, dims), offsets;
  const int64_t *at = shapes.data();
  int64_t total = 0, bytes;
  bool fits = true;
  for (int32_t i = 0; i < function.argCount + function.resultCount; ++i) {
    const Slot &slot = slotOf(function, i);
    fits = fits && checkedProduct(at, slot.rank, elemSize(slot.elem), bytes);
    at += slot.rank;
    if (fits && slot.kind != SlotKind::Variable)
      fits = !__builtin_add_overflow(total, bytes, &total);
  }
  Array<PlanItem> items;
  for (int32_t i = 0; i < function.temporaryCount; ++i)
    items.push({at[i], function.temporaries[i].firstUse,
                function.temporaries[i].lastUse});
  offsets.resize(items.size());
  int64_t arena = planMemory(items.data(), items.size(), offsets.data());
  fits = fits && arena >= 0 && !__builtin_add_overflow(total, arena, &total) &&
         checkedProduct(at + function.temporaryCount, 1, threads, bytes) &&
         !__builtin_add_overflow(total, bytes, &total);
  return fits ? total : -1;
}

} // namespace nnrt
