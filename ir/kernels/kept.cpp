#include "ir/kernels/kept.h"

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

} // namespace nnc
