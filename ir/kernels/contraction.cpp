#include "ir/kernels/contraction.h"

#include "ir/kernels/loop_builder.h"

#include <algorithm>

namespace nnc {

static bool uses(const Shape &map, const std::string &axis) {
  return std::any_of(map.begin(), map.end(),
                     [&](const Dim &entry) { return entry.uses(axis); });
}

/// Whether an axis is further out in a map than another one.
static bool isOutside(const Shape &map, const std::string &axis,
                      const std::string &other) {
  auto first = std::ranges::find_if(
      map, [&](const Dim &at) { return at.uses(axis) || at.uses(other); });
  return first != map.end() && first->uses(axis);
}

/// The axis has an entry for itself, which may stretch or shift it: as do the
/// places of an image that one phase of a strided convolution's derivative
/// writes.
static bool isInOneEntry(const Shape &map, const std::string &axis) {
  return std::count_if(map.begin(), map.end(),
                       [&](const Dim &entry) { return entry.uses(axis); }) == 1;
}

ContractionRoles::ContractionRoles(const Nest &nest) {
  auto inBoth = [&](const std::string &axis) {
    return uses(nest.maps[0], axis) && uses(nest.maps[1], axis);
  };
  // The last entry may be stretched or shifted: a strided result. Behind it may
  // stand axes of one place, as in the weights of a 1x1 convolution.
  auto last =
      std::find_if(nest.results[0].rbegin(), nest.results[0].rend(),
                   [](const Dim &entry) { return !entry.isConstant(); });
  if (last != nest.results[0].rend())
    for (const NestAxis &axis : nest.parallel)
      if (last->uses(axis.name) && !inBoth(axis.name))
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
          isInOneEntry(nest.results[0], axis.name) &&
          isInOneEntry(nest.results[0], n)) {
        bool isImage =
            !wide.empty() && isOutside(nest.maps[b], wide, axis.name);
        images = isImage ? wide : "";
        wide = axis.name;
      }
    }
  }
}

/// 0: it is not known, or too long.
static int64_t shortExtent(const Dim &extent, int64_t most) {
  return extent.isConstant() && extent.value() <= most ? extent.value() : 0;
}

/// Whether what lies outside along an entry can be left out of the sums: see
/// Note [What lies around an image].
static bool isClipped(const Nest &nest, const Dim &entry, const Dim &extent) {
  int64_t summed = std::ranges::count_if(
      nest.reduce, [&](const NestAxis &axis) { return entry.uses(axis.name); });
  if (summed == 0)
    return entry.isConstant() ||
           std::ranges::any_of(nest.parallel, [&](const NestAxis &axis) {
             return entry.asSymbol() == axis.name &&
                    (extent - axis.extent).isKnownNonNegative();
           });
  return summed == 1 &&
         std::ranges::all_of(nest.reduce, [&](const NestAxis &axis) {
           std::optional<Dim> step = entry.coefficientOf(axis.name);
           return !entry.uses(axis.name) || (step && step->isConstant());
         });
}

bool Nest::isProductInLanes() const {
  if (!isProduct())
    return false;
  ContractionRoles roles(*this);
  const Shape &image = maps[roles.b];
  auto isInLanes = [&](const Shape &map) {
    return !map.empty() && map.back().asSymbol() == roles.n;
  };
  if (roles.n.empty() || roles.m.empty() || fill[roles.a] ||
      !findParallel(roles.n)->extent.isConstant(lanes) || !isInLanes(image) ||
      !isInLanes(results[0]))
    return false;
  for (const NestAxis &axis : reduce)
    if (!axis.extent.isConstant() || axis.extent.value() < 1)
      return false;
  for (size_t i = 0; fill[roles.b] && i + 1 < image.size(); ++i)
    if (fill[roles.b] != 0.0 ||
        !isClipped(*this, image[i],
                   op->operand(roles.b)->type().dim(static_cast<int64_t>(i))))
      return false;
  return std::ranges::any_of(image,
                             [&](const Dim &entry) { return slides(entry); });
}

bool Nest::isSmallProduct() const {
  constexpr int64_t mostTerms = 64, mostColumns = 4 * lanes;
  if (!isProduct() || fill[0] || fill[1])
    return false;
  ContractionRoles roles(*this);
  // Vectors of B and of the result go along the columns.
  auto isRow = [&](const Shape &map) {
    return !map.empty() && map.back().asSymbol() == roles.n;
  };
  if (roles.n.empty() || !isRow(maps[roles.b]) || !isRow(results[0]))
    return false;
  if (!roles.m.empty() && findParallel(roles.m)->extent.isConstant(0))
    return false;
  // A row of an image is part of a longer product.
  for (const std::string &axis : roles.batch)
    if (!uses(maps[roles.a], axis) && !findParallel(axis)->extent.isConstant(1))
      return false;
  int64_t terms = 1;
  for (const NestAxis &axis : reduce)
    terms *= shortExtent(axis.extent, mostTerms);
  int64_t columns = shortExtent(findParallel(roles.n)->extent, mostColumns);
  return 1 <= terms && terms <= mostTerms && 1 <= columns;
}

bool readsInPlace(const Nest &nest, const ContractionRoles &roles) {
  constexpr int64_t mostBytes = 256 << 10;
  if (roles.n.empty() || nest.reduce.size() != 1 || nest.fill[roles.b])
    return false;
  const Shape &map = nest.maps[roles.b];
  const Dim &columns = nest.findParallel(roles.n)->extent,
            &depth = nest.reduce[0].extent;
  const Type &type = nest.op->operand(roles.b)->type();
  size_t last = map.size() - 1;
  bool isBatch = std::any_of(
      roles.batch.begin(), roles.batch.end(), [&](const std::string &axis) {
        return uses(nest.maps[0], axis) && uses(nest.maps[1], axis);
      });
  return isBatch && map.size() >= 2 && map[last].asSymbol() == roles.n &&
         map[last - 1].asSymbol() == nest.reduce[0].name &&
         columns.isConstant() && columns.value() % lanes == 0 &&
         type.dim(static_cast<int64_t>(last)) == columns &&
         depth.isConstant() &&
         depth.value() * columns.value() * elemBytes(type.elem()) <= mostBytes;
}

} // namespace nnc
