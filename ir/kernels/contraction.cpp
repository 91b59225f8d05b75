#include "ir/kernels/contraction.h"

#include <algorithm>

namespace nnc {

static bool uses(const Shape &map, const std::string &axis) {
  return std::any_of(map.begin(), map.end(),
                     [&](const Dim &entry) { return entry.uses(axis); });
}

/// The axis is an entry of its own, and in no other.
static bool isPlain(const Shape &map, const std::string &axis) {
  return std::all_of(map.begin(), map.end(), [&](const Dim &entry) {
    return !entry.uses(axis) || entry.asSymbol() == axis;
  });
}

ContractionRoles::ContractionRoles(const Nest &nest) {
  auto inBoth = [&](const std::string &axis) {
    return uses(nest.maps[0], axis) && uses(nest.maps[1], axis);
  };
  // The last entry may be stretched or shifted: a strided result.
  if (!nest.results[0].empty())
    for (const NestAxis &axis : nest.parallel)
      if (nest.results[0].back().uses(axis.name) && !inBoth(axis.name))
        n = axis.name;
  if (!n.empty()) {
    b = uses(nest.maps[1], n) ? 1 : 0;
    a = 1 - b;
  }
  for (const NestAxis &axis : nest.parallel) {
    if (axis.name == n)
      continue;
    if (inBoth(axis.name)) {
      batch.push_back(axis.name);
    } else if (uses(nest.maps[a], axis.name)) {
      if (!m.empty())
        outer.push_back(m);
      m = axis.name;
    } else {
      // An axis of B besides n, or of none: a loop around the product.
      batch.push_back(axis.name);
      if (!n.empty() && !axis.extent.isConstant(1) &&
          uses(nest.maps[b], axis.name) &&
          isPlain(nest.results[0], axis.name) && isPlain(nest.results[0], n)) {
        images = wide;
        wide = axis.name;
      }
    }
  }
}

} // namespace nnc
