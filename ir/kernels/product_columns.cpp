#include "ir/kernels/product_columns.h"

#include "ir/kernels/loop_builder.h"
#include "ir/kernels/sum_parts.h"
#include "ir/scan.h"

#include <algorithm>

namespace nnc {

int64_t estimate(const Dim &dim, const AttrDict &expected) {
  return dim
      .evaluate([&](std::string_view name) -> std::optional<int64_t> {
        const Attr *known = expected.find(name);
        return known ? known->asInt() : 64;
      })
      .value_or(64);
}

/// Whether the columns are the places of an image that is one of a batch of any
/// size. Of one image threads can share the columns, if these are many.
static bool sharesColumns(const Nest &nest, const ContractionRoles &roles) {
  constexpr int64_t manyColumns = 192;
  return !roles.wide.empty() &&
         !nest.findParallel(roles.wide)->extent.isConstant() &&
         nest.findParallel(roles.n)->extent.isConstant() &&
         nest.findParallel(roles.n)->extent.value() >= manyColumns;
}

/// Panels in each turn, at most `most`: those with which the one of two threads
/// that has more to do has less, if not just a little. Where a tile has two
/// panels, one that is left alone takes longer.
static int64_t panelsTogether(int64_t panels, int64_t most,
                              const Machine &machine) {
  bool hasPairs = machine.tileColumns > lanes;
  auto halvesOfShare = [&](int64_t each) {
    int64_t turns = (panels + each - 1) / each;
    return (turns + 1) / 2 * (2 * each + (hasPairs ? each % 2 : 0));
  };
  int64_t best = most;
  for (int64_t each = most - 1; each > most / 2; --each)
    if (20 * halvesOfShare(each) < 19 * halvesOfShare(best))
      best = each;
  return best;
}

ProductColumns::ProductColumns(const Nest &nest, const ContractionRoles &roles,
                               const Machine &machine,
                               const AttrDict &expected) {
  constexpr int64_t mostBytesTogether = 8 << 20;
  parts = sumParts(nest, roles, machine, expected);
  int64_t depth = depthOfPart(nest, parts, expected);
  if (!roles.n.empty())
    count = estimate(nest.findParallel(roles.n)->extent, expected);
  bytes =
      std::max<int64_t>(depth * elemBytes(nest.op->result()->type().elem()), 1);
  bool sharesPlaces = sharesColumns(nest, roles);
  int64_t whole = sharesPlaces ? lanes : machine.tileColumns;
  int64_t fitting = machine.cacheL2 / 2 / bytes / whole * whole;
  // No more than one tile, the same in all turns.
  bool isOneTile = roles.batch.empty() && count <= machine.tileColumns;
  packsWhole =
      (count <= fitting || isOneTile) && !sharesPlaces && parts.empty();
  packsTogether = !packsWhole && roles.batch.empty() &&
                  count <= mostBytesTogether / bytes &&
                  hasRowsSideBySide(nest, roles);
  tile =
      packsWhole || packsTogether
          ? machine.cacheL1 / 2 / (machine.tileRows * 4 * machine.tileColumns) *
                machine.tileColumns
          : std::clamp(fitting, machine.tileColumns, 4 * machine.tileColumns);
  int64_t panels = (count + lanes - 1) / lanes, most = tile / lanes;
  if (!packsWhole && !packsTogether && panels > most) {
    // As many turns as that takes, of nearly as many columns each.
    int64_t turns = (panels + most - 1) / most;
    tile = (sharesPlaces ? panelsTogether(panels, most, machine)
                         : (panels + turns - 1) / turns) *
           lanes;
  }
}

int64_t columnsOfShare(const Op &kernel, const Nest &nest,
                       const ContractionRoles &roles, const Machine &machine,
                       const ProductColumns &columns) {
  constexpr int64_t manyTiles = 8, shareBytes = 128 << 10;
  int64_t shares = columns.count * columns.bytes / shareBytes;
  const Op *loop = kernel.parentBlock()->parentOp();
  const Value *b = nest.op->operand(roles.b);
  if (!loop || !loop->is("scan") || b->definingOp() ||
      nest.op->operand(roles.a)->definingOp() || !roles.batch.empty() ||
      !kernel.attr("axes").asDict().find(roles.n) || shares < 2)
    return 0;
  const Value *given = kernel.operand(b->index());
  ScanParts parts(*loop);
  if (given->owner() != &loop->region() ||
      given->index() <= parts.carries + parts.sequences)
    return 0;
  if (!roles.m.empty()) {
    const Dim &rows = nest.findParallel(roles.m)->extent;
    if (rows.isConstant() && rows.value() >= manyTiles * machine.tileRows)
      return 0;
  }
  return Dim(columns.count)
      .ceilDiv(shares)
      .roundUp(machine.tileColumns)
      .value();
}

int64_t columnsPackedApart(const Op &kernel, const Nest &nest,
                           const ContractionRoles &roles,
                           const Machine &machine,
                           const ProductColumns &columns,
                           const AttrDict &expected) {
  constexpr int64_t fewTurns = 4;
  if (kernel.parentBlock()->parentOp() || !roles.batch.empty() ||
      !roles.outer.empty() || roles.m.empty() ||
      nest.op->operand(roles.a)->definingOp() ||
      nest.op->operand(roles.b)->definingOp() || nest.fill[roles.a] ||
      !kernel.attr("axes").asDict().find(roles.n) ||
      columns.count < fewTurns * machine.tileColumns)
    return 0;
  const Shape &map = nest.maps[roles.a];
  if (map.back().asSymbol() == roles.m ||
      !std::ranges::all_of(
          map, [](const Dim &at) { return at.asSymbol().has_value(); }))
    return 0;
  int64_t rows = estimate(nest.findParallel(roles.m)->extent, expected);
  int64_t depth = columns.bytes / elemBytes(nest.op->result()->type().elem());
  bool isMuch = rows >= 2 * machine.tileRows &&
                rows * depth >= 2 * littleWork / columns.count;
  return isMuch ? machine.tileColumns : 0;
}

} // namespace nnc
