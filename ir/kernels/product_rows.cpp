#include "ir/kernels/product_rows.h"

#include "ir/kernels/loop_builder.h"
#include "ir/kernels/product_columns.h"

#include <algorithm>

namespace nnc {

/// Whether the rows of A lie at such distances that they share a set of L1: of
/// 1024 numbers, say. More of them than it has ways drive each other out before
/// a line's other numbers have been read.
static bool shareASet(const Nest &nest, const ContractionRoles &roles,
                      const Machine &machine) {
  const Shape &map = nest.maps[roles.a];
  const Type &type = nest.op->operand(roles.a)->type();
  if (map.empty() ||
      std::ranges::none_of(nest.reduce, [&](const NestAxis &axis) {
        return map.back().uses(axis.name);
      }))
    return false;
  Dim distance = elemBytes(type.elem());
  for (size_t i = map.size(); i-- > 0;) {
    if (map[i].asSymbol() == roles.m)
      return distance.isConstant() &&
             distance.value() % (machine.cacheL1 / machine.waysL1) == 0;
    distance = distance * type.dim(static_cast<int64_t>(i));
  }
  return false;
}

/// Rows that lie side by side are copied some cache lines together, as many as
/// stay in L2, in turns that two threads can share evenly: whole lines, unless
/// those of the next place begin in the middle of one. `bytes`: of a row.
static int64_t rowsCopied(int64_t rows, int64_t bytes, const Machine &machine) {
  constexpr int64_t mostRows = 4 * lanes;
  int64_t most =
      std::clamp(machine.cacheL2 / bytes / lanes * lanes, lanes, mostRows);
  int64_t pairs = (rows + 2 * most - 1) / (2 * most);
  int64_t whole = rows % lanes == 0 ? lanes : 1;
  return std::min(most, Dim(rows).ceilDiv(2 * pairs).roundUp(whole).value());
}

/// 11 of 32, for turns of 11, 11 and 10, not 14 for 14, 14 and 4.
static int64_t inEvenTurns(int64_t rows, int64_t most) {
  int64_t turns = (rows + most - 1) / most;
  return (rows + turns - 1) / turns;
}

int64_t productRows(const Nest &nest, const ContractionRoles &roles,
                    const Machine &machine, const AttrDict &expected) {
  constexpr int64_t tilesOfPart = 5;
  if (roles.m.empty())
    return 1;
  const Dim &rows = nest.findParallel(roles.m)->extent;
  int64_t most = machine.tileRows;
  ProductColumns columns(nest, roles, machine, expected);
  if (!columns.parts.empty())
    most *= tilesOfPart;
  else if (shareASet(nest, roles, machine))
    most = std::min(most, machine.waysL1);
  if (!rows.isConstant() || rows.value() < 1)
    return most;
  if (hasRowsSideBySide(nest, roles))
    return rowsCopied(rows.value(), columns.bytes, machine);
  return inEvenTurns(rows.value(), most);
}

int64_t smallProductRows(const Nest &nest, const ContractionRoles &roles,
                         const Machine &machine) {
  // The micro-kernel's tile of f32 and a row of B fill the registers.
  int64_t registers = (machine.tileRows + 1) * machine.tileColumns / lanes * 4 /
                      elemBytes(nest.op->result()->type().elem());
  int64_t vectors = nest.findParallel(roles.n)->extent.ceilDiv(lanes).value();
  int64_t together = nest.isProductInLanes() ? sumsInLanes : sumsTogether;
  int64_t most = std::min(registers - vectors, together) / vectors;
  if (roles.m.empty())
    return std::min<int64_t>(most, 1);
  const Dim &rows = nest.findParallel(roles.m)->extent;
  return rows.isConstant() && most > 0 ? inEvenTurns(rows.value(), most) : most;
}

int64_t smallProductTile(const Nest &nest, const ContractionRoles &roles,
                         const Machine &machine) {
  constexpr int64_t productsInTurn = 2048; // Of vectors.
  int64_t products = nest.findParallel(roles.n)->extent.ceilDiv(lanes).value();
  for (const NestAxis &axis : nest.reduce)
    products *= axis.extent.value();
  int64_t together = smallProductRows(nest, roles, machine);
  int64_t tile = Dim(productsInTurn / products).roundUp(together).value();
  const Dim &rows = nest.findParallel(roles.m)->extent;
  return rows.isConstant() ? std::min(rows.value(), tile) : tile;
}

} // namespace nnc
