#include "ir/kernels/kept.h"

#include "ir/rewriter.h"

#include <algorithm>

namespace nnc {

bool leavesWeights(const Function &function) {
  auto changes = [](const AttrDict &result) {
    const Attr *role = result.find("role");
    return result.find("variable") || result.find("gradient") ||
           (role && role->asString() == "loss");
  };
  if (std::ranges::any_of(function.resultAttrs, changes))
    return false;
  for (const AttrDict &argument : function.argAttrs)
    if (argument.find("variable"))
      return true;
  for (const auto &op : function.body.operations())
    if (op->is("constant") && !splatOf(op->result()))
      return true; // Weights that are frozen.
  return false;
}

} // namespace nnc
