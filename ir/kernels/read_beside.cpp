#include "ir/kernels/read_beside.h"

#include <algorithm>

namespace nnc {

static bool isElementwise(const Nest &nest, const Nest &product) {
  return !nest.isReduction() && nest.loaded.empty() &&
         std::ranges::all_of(nest.parallel, [&](const NestAxis &axis) {
           return product.findParallel(axis.name);
         });
}

/// What hangs on the size of a batch was computed just now.
static bool isLarge(const Type &type) {
  constexpr int64_t manyBytes = 256 << 10;
  Dim bytes = elementCount(type.shape()) * elemBytes(type.elem());
  return bytes.isConstant() && bytes.value() >= manyBytes;
}

std::vector<ReadBeside> readBeside(const Nest &product) {
  std::vector<ReadBeside> reads;
  const Value &result = *product.op->result();
  for (const Value::Use &use : result.uses()) {
    if (!use.op->is("nest") || !isElementwise(Nest(use.op), product))
      continue;
    Nest nest(use.op);
    for (int64_t i = 0; i < nest.loadCount(); ++i) {
      const Value *value = nest.op->operand(i);
      bool isFit = !value->definingOp() && !nest.fill[i] &&
                   value->type().elem() == result.type().elem() &&
                   isLarge(value->type());
      if (isFit &&
          std::ranges::find(reads, value, &ReadBeside::value) == reads.end())
        reads.push_back({value, nest.maps[i]});
    }
  }
  return reads;
}

} // namespace nnc
