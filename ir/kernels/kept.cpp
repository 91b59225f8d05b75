#include "ir/kernels/kept.h"

#include "ir/kernels/contraction.h"
#include "ir/scan.h"

#include <algorithm>

namespace nnc {

bool leavesWeights(const Function &function) {
  auto changes = [](const AttrDict &result) {
    const Attr *role = result.find("role");
    return result.find("variable") || result.find("gradient") ||
           (role && role->asString() == "loss");
  };
  return std::ranges::none_of(function.resultAttrs, changes);
}

bool isOfKeptWeights(const Value *value, const Function &function) {
  if (!leavesWeights(function))
    return false;
  if (const Op *made = value->definingOp())
    return made->is("constant") && made->parentBlock() == &function.body;
  if (value->owner() == &function.body)
    return function.argAttrs[value->index()].find("variable");
  const Op *loop = value->owner()->parentOp();
  if (!loop->is("scan") || loop->parentBlock() != &function.body)
    return false;
  // Argument 0 is the number of the turn.
  ScanParts parts(*loop);
  int64_t sequence = value->index() - 1 - parts.carries;
  return sequence >= 0 && sequence < parts.sequences &&
         parts.sequenceAxes[sequence] == 0 && parts.length.isConstant() &&
         isOfKeptWeights(parts.sequence(sequence), function);
}

bool keepsB(const Op &kernel, const Nest &product, const Function &function) {
  const Value *b = product.op->operand(ContractionRoles(product).b);
  return !b->definingOp() &&
         isOfKeptWeights(kernel.operand(b->index()), function);
}

} // namespace nnc
