#include "ir/kernels/turn_tiles.h"

#include "ir/kernels/contraction.h"
#include "ir/kernels/correlation_loops.h"
#include "ir/kernels/loop_builder.h"
#include "ir/kernels/product_columns.h"
#include "ir/kernels/product_rows.h"

#include <algorithm>
#include <bit>

namespace nnc {

/// Elements of the last axis that one turn of an elementwise kernel handles:
/// enough to hide the loop, little enough for its operands to stay in L1.
static constexpr int64_t elementwiseTile = 1024;

/// Fewer where each element takes long, so that threads can share few rows: a
/// function such as exp takes as long as some ten other ops.
static int64_t elementsInTurn(const Op &kernel) {
  int64_t functions = 0;
  for (const auto &op : kernel.region().operations())
    if (op->is("nest"))
      functions += functionCount(op->region());
  auto parts = static_cast<int64_t>(std::bit_ceil(uint64_t(functions + 1)));
  return std::max<int64_t>(elementwiseTile / parts, 8 * lanes);
}

/// Whether all results of the kernel have `axis` as their last, contiguous one.
/// Where some go on further in, the axis is one of rows, and a row at a time
/// stays in the cache.
static bool isContiguous(const Op &kernel, const std::string &axis) {
  for (const auto &op : kernel.region().operations())
    if (op->is("nest"))
      for (const Shape &map : Nest(op.get()).results)
        if (map.empty() || map.back().asSymbol() != axis)
          return false;
  return true;
}

/// The rows of an image that a stencil takes at a time, so that what it reads
/// stays in L1: of all axes along which its window slides, the last first.
static TurnTiles bandOf(const Op &kernel, const Machine &machine,
                        const AttrDict &expected) {
  TurnTiles tiles;
  for (const auto &op : kernel.region().operations()) {
    if (!op->is("nest") || !Nest(op.get()).isStencil())
      continue;
    Nest nest(op.get());
    int64_t left =
        machine.cacheL1 / 2 / elemBytes(nest.op->result()->type().elem());
    auto slides = [&](const std::string &axis) {
      for (const Shape &map : nest.maps)
        for (const Dim &entry : map)
          if (entry.uses(axis) && entry.asSymbol() != axis)
            return true;
      return false;
    };
    for (auto axis = nest.parallel.rbegin(); axis != nest.parallel.rend();
         ++axis) {
      int64_t extent = std::max<int64_t>(estimate(axis->extent, expected), 1);
      if (axis != nest.parallel.rbegin() && slides(axis->name)) {
        int64_t most = std::clamp<int64_t>(left, 1, extent);
        int64_t turns = (extent + most - 1) / most;
        extent = tiles[axis->name] = (extent + turns - 1) / turns;
      }
      if (slides(axis->name))
        left /= extent;
    }
  }
  return tiles;
}

/// The sums of a correlation that are computed together: as many as there are
/// accumulators in the micro-kernel's tile, but for some registers for what
/// they read.
static TurnTiles blockOf(const Op &kernel, const Machine &machine) {
  int64_t accumulators = machine.tileRows * machine.tileColumns / 16;
  for (const auto &op : kernel.region().operations())
    if (op->is("nest") && Nest(op.get()).isCorrelation())
      return correlationBlock(Nest(op.get()), accumulators * 5 / 7);
  return {};
}

/// Of small products a turn has whole rows, some of them. One may have the
/// columns of another as its rows.
static TurnTiles smallProductTiles(const std::vector<Nest> &products,
                                   const Machine &machine) {
  TurnTiles tiles, whole;
  for (const Nest &nest : products) {
    ContractionRoles roles(nest);
    whole[roles.n] = nest.findParallel(roles.n)->extent.value();
    if (!roles.m.empty())
      tiles[roles.m] = smallProductTile(nest, roles, machine);
  }
  whole.merge(tiles);
  return whole;
}

/// The sums of a transform are written out together, for whole rows.
static TurnTiles sumsOf(const Op &kernel) {
  TurnTiles tiles;
  for (const auto &op : kernel.region().operations()) {
    if (!op->is("nest"))
      continue;
    Nest nest(op.get());
    if (std::optional<int64_t> matrix = nest.transformMatrix()) {
      Shape inside = nest.maps[*matrix];
      inside.push_back(nest.maps[1 - *matrix].back());
      for (const NestAxis &axis : nest.parallel)
        for (const Dim &entry : inside)
          if (entry.uses(axis.name) && axis.extent.isConstant())
            tiles[axis.name] = axis.extent.value();
    }
  }
  return tiles;
}

/// The part of an elementwise kernel that a turn handles: whole rows, planes
/// and so on, from the last axis outwards, which are one long row in memory.
static TurnTiles rowOf(const Op &kernel, const std::vector<NestAxis> &axes) {
  TurnTiles tiles;
  for (const auto &op : kernel.region().operations())
    if (op->is("nest") && Nest(op.get()).isReduction())
      return tiles;
  int64_t left = elementsInTurn(kernel);
  for (size_t i = axes.size(); i-- > 0 && left > 1;) {
    const Dim &extent = axes[i].extent;
    // Of images in the lanes of vectors, which are turned by squares, all.
    if (i + 1 == axes.size() && !extent.isConstant(lanes) &&
        !isContiguous(kernel, axes[i].name))
      return tiles;
    bool fits = extent.isConstant() && extent.value() <= left;
    tiles[axes[i].name] = fits ? std::max<int64_t>(extent.value(), 1) : left;
    left = fits ? left / tiles[axes[i].name] : 0;
  }
  return tiles;
}

/// How many rows a turn reduces. If each gives one value, such as the loss of
/// an example: whole vectors of values, of rows that stay in L1. Else as many
/// as an elementwise kernel takes: of long rows one. Nothing for sums over
/// columns, whose rows lie across in memory.
static std::optional<int64_t> rowsInTurn(const Op &kernel,
                                         const std::string &axis,
                                         const AttrDict &expected) {
  constexpr int64_t shortRow = 64;
  int64_t longest = 1;
  bool reduces = false;
  for (const auto &op : kernel.region().operations()) {
    if (!op->is("nest"))
      continue;
    Nest nest(op.get());
    reduces |= nest.isReduction();
    for (const Shape &map : nest.maps)
      if (nest.isReduction() && map.size() > 1 && map.back().uses(axis))
        return std::nullopt;
    int64_t points = 1;
    for (const std::vector<NestAxis> *list : {&nest.parallel, &nest.reduce})
      for (const NestAxis &own : *list)
        if (!kernel.attr("axes").asDict().find(own.name))
          points *= std::max<int64_t>(estimate(own.extent, expected), 1);
    longest = std::max(longest, points);
  }
  if (!reduces)
    return std::nullopt;
  if (isContiguous(kernel, axis))
    return std::clamp(pointsInTurn / longest / lanes * lanes, lanes,
                      elementwiseTile);
  return longest < shortRow ? elementwiseTile / longest : 1;
}

TurnTiles turnTiles(const Op &kernel, const std::vector<NestAxis> &axes,
                    const std::vector<Nest> &smallProducts,
                    const Machine &machine, const AttrDict &expected) {
  TurnTiles tiles = bandOf(kernel, machine, expected);
  tiles.merge(smallProductTiles(smallProducts, machine));
  tiles.merge(blockOf(kernel, machine));
  tiles.merge(sumsOf(kernel));
  tiles.merge(rowOf(kernel, axes));
  if (axes.empty())
    return tiles;
  const std::string &last = axes.back().name;
  if (std::optional<int64_t> rows = rowsInTurn(kernel, last, expected))
    tiles.try_emplace(last, *rows);
  else if (isContiguous(kernel, last))
    tiles.try_emplace(last, elementsInTurn(kernel));
  for (const NestAxis &axis : axes)
    tiles.try_emplace(axis.name, 1);
  return tiles;
}

} // namespace nnc
