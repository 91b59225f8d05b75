#include "ir/kernels/sum_parts.h"

#include "ir/kernels/product_columns.h"

#include <algorithm>

namespace nnc {

/// Whether the elements that a row of A sums lie one behind the other, as those
/// of weights: they had better stream through the cache, tile by tile.
static bool hasWholeRows(const Nest &nest, const ContractionRoles &roles) {
  const Shape &map = nest.maps[roles.a];
  size_t count = nest.reduce.size();
  return map.size() >= count &&
         std::equal(map.end() - static_cast<int64_t>(count), map.end(),
                    nest.reduce.begin(),
                    [](const Dim &entry, const NestAxis &axis) {
                      return entry.asSymbol() == axis.name;
                    });
}

/// B comes from outside of a kernel that has no other product, and is packed
/// for several tiles of rows, each of which is one sum.
static bool isCandidate(const Nest &nest, const ContractionRoles &roles,
                        const Machine &machine, const AttrDict &expected) {
  if (roles.m.empty() || roles.n.empty() || nest.reduce.size() > 3 ||
      nest.op->operand(0)->definingOp() || nest.op->operand(1)->definingOp() ||
      readsInPlace(nest, roles) || hasRowsSideBySide(nest, roles) ||
      hasWholeRows(nest, roles) || windowRow(nest, roles) ||
      rowEnds(nest, roles))
    return false;
  int64_t rows = estimate(nest.findParallel(roles.m)->extent, expected);
  return rows >= 2 * machine.tileRows &&
         std::ranges::none_of(nest.op->parentBlock()->operations(),
                              [&](const auto &op) {
                                return op->is("nest") && op.get() != nest.op &&
                                       Nest(op.get()).isProduct();
                              });
}

AttrDict sumParts(const Nest &nest, const ContractionRoles &roles,
                  const Machine &machine, const AttrDict &expected) {
  constexpr int64_t fewColumns = 64, columnsInTurn = 128;
  if (!isCandidate(nest, roles, machine, expected))
    return {};
  int64_t element = elemBytes(nest.op->result()->type().elem());
  int64_t columns = 1;
  for (const std::string &axis : {roles.n, roles.wide, roles.images})
    if (!axis.empty())
      columns *= estimate(nest.findParallel(axis)->extent, expected);
  // One tile streams through the cache, however long.
  if (roles.batch.empty() && columns <= machine.tileColumns)
    return {};
  columns = std::min(columns, fewColumns);
  // Beside B rows of A pass through L2.
  if (depthOfPart(nest, {}, expected) * element * columns <=
      machine.cacheL2 * 3 / 4)
    return {};
  // The last axes whole, as long as the columns of a turn fill a quarter of L2;
  // of the one before them a part, and one place of each of the others.
  int64_t most = machine.cacheL2 / 4 / (columnsInTurn * element);
  std::vector<int64_t> steps(nest.reduce.size(), 1);
  size_t axis = nest.reduce.size();
  int64_t whole = 1;
  while (--axis > 0) {
    int64_t extent =
        std::max<int64_t>(estimate(nest.reduce[axis].extent, expected), 1);
    if (whole * extent > most)
      break;
    whole *= extent;
  }
  steps[axis] = std::max<int64_t>(most / whole, 1);
  AttrDict parts;
  for (size_t i = 0; i <= axis; ++i)
    parts.set(nest.reduce[i].name, steps[i]);
  return parts;
}

int64_t depthOfPart(const Nest &nest, const AttrDict &parts,
                    const AttrDict &expected) {
  int64_t depth = 1;
  for (const NestAxis &axis : nest.reduce) {
    int64_t extent = estimate(axis.extent, expected);
    const Attr *part = parts.find(axis.name);
    depth *= part ? std::min(part->asInt(), extent) : extent;
  }
  return depth;
}

} // namespace nnc
