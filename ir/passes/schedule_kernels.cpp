//===- Chooses loop order and tile sizes ----------------------------------===//
#include "ir/kernels/contraction.h"
#include "ir/kernels/correlation_loops.h"
#include "ir/kernels/kept.h"
#include "ir/kernels/loop_builder.h"
#include "ir/kernels/product_columns.h"
#include "ir/kernels/product_places.h"
#include "ir/kernels/product_rows.h"
#include "ir/kernels/tuning.h"
#include "ir/pass.h"
#include "ir/rewrite_log.h"

#include <algorithm>
#include <bit>
#include <map>

namespace nnc {

/// Elements of the last axis that one turn of an elementwise kernel handles:
/// enough to hide the loop, little enough for its operands to stay in L1.
static constexpr int64_t elementwiseTile = 1024;

/// Fewer where each element takes long, so that threads can share few rows: a
/// function such as exp takes as long as some ten other ops.
static int64_t elementsInTurn(Op &kernel) {
  int64_t functions = 0;
  for (const auto &op : kernel.region().operations())
    if (op->is("nest"))
      functions += functionCount(op->region());
  auto parts = static_cast<int64_t>(std::bit_ceil(uint64_t(functions + 1)));
  return std::max<int64_t>(elementwiseTile / parts, 8 * lanes);
}

namespace {

struct Schedule {
  std::vector<NestAxis> axes;
  std::vector<int64_t> tiles;
  std::string pack; ///< The attribute; "": there is none.
  AttrDict parts;   ///< Likewise.

  void take(std::vector<NestAxis> &from, const std::string &name,
            int64_t tile) {
    auto found =
        std::find_if(from.begin(), from.end(),
                     [&](const NestAxis &axis) { return axis.name == name; });
    if (found == from.end())
      return;
    axes.push_back(*found);
    bool fits = found->extent.isConstant() && found->extent.value() < tile;
    tiles.push_back(fits ? std::max<int64_t>(found->extent.value(), 1) : tile);
    from.erase(found);
  }
};

} // namespace

/// Each product of a batch is one call of the micro-kernel, which takes B panel
/// by panel.
static Schedule oneByOne(const Nest &nest, const ContractionRoles &roles,
                         std::vector<NestAxis> axes) {
  Schedule schedule;
  for (const std::string &name : roles.batch)
    schedule.take(axes, name, 1);
  for (const std::string &name : {roles.m, roles.n})
    if (!name.empty() && nest.findParallel(name)->extent.isConstant())
      schedule.take(axes, name, nest.findParallel(name)->extent.value());
  while (!axes.empty())
    schedule.take(axes, std::string(axes.front().name), 1);
  return schedule;
}

/// Batch axes outermost. If the whole packed B fits into a part of L2, it is
/// packed once and rows come next, so that what is read and written along with
/// the product streams through memory row by row. Else columns come next, as
/// many as fit, so that one packed block of B serves all rows.
static Schedule aroundProduct(const Op &kernel, const Nest &nest,
                              std::vector<NestAxis> axes,
                              const Machine &machine, const AttrDict &expected,
                              bool isAlone, bool keepsB) {
  ContractionRoles roles(nest);
  if (readsInPlace(nest, roles))
    return oneByOne(nest, roles, axes);
  ProductColumns columns(nest, roles, machine, expected);
  int64_t columnBytes = columns.bytes, columnTile = columns.tile;
  // Another product packs its B for each turn of the kernel.
  int64_t images = 1, rows = 1;
  if (isAlone)
    images = imagesTogether(nest, roles, machine, columnBytes, expected);
  if (images > 1) {
    // Rows are joined whole.
    columnTile = std::max(columnTile, columns.count);
    if (roles.images.empty())
      std::swap(images, rows);
    else
      rows = nest.findParallel(roles.wide)->extent.value();
  } else if (isAlone)
    rows =
        rowsTogether(nest, roles, machine, columnBytes, columnTile, expected);
  Schedule schedule;
  bool packsWhole = columns.packsWhole || columns.packsTogether;
  if (int64_t share = columnsOfShare(kernel, nest, roles, machine, columns);
      share && columns.packsWhole) {
    packsWhole = false;
    columnTile = share;
  } else if (packsWhole && isAlone && !keepsB) {
    if (int64_t apart = columnsPackedApart(kernel, nest, roles, machine,
                                           columns, expected)) {
      packsWhole = false;
      columnTile = apart;
    }
  }
  schedule.parts = columns.parts;
  schedule.pack = columns.packsTogether ? "shared" : packsWhole ? "whole" : "";
  for (const std::string &name : roles.batch)
    schedule.take(axes, name,
                  name == roles.wide     ? rows
                  : name == roles.images ? images
                                         : 1);
  if (!packsWhole)
    schedule.take(axes, roles.n, columnTile);
  for (const std::string &name : roles.outer)
    schedule.take(axes, name, 1);
  schedule.take(axes, roles.m, productRows(nest, roles, machine, expected));
  if (packsWhole)
    schedule.take(axes, roles.n, columnTile);
  while (!axes.empty())
    schedule.take(axes, std::string(axes.front().name), 1);
  return schedule;
}

/// Whether all results of the kernel have `axis` as their last, contiguous one.
/// Where some go on further in, the axis is one of rows, and a row at a time
/// stays in the cache.
static bool isContiguous(Op &kernel, const std::string &axis) {
  for (const auto &op : kernel.region().operations())
    if (op->is("nest"))
      for (const Shape &map : Nest(op.get()).results)
        if (map.empty() || map.back().asSymbol() != axis)
          return false;
  return true;
}

/// The rows of an image that a stencil takes at a time, so that what it reads
/// stays in L1: of all axes along which its window slides, the last first.
static std::map<std::string, int64_t> bandOf(Op &kernel, const Machine &machine,
                                             const AttrDict &expected) {
  std::map<std::string, int64_t> tiles;
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
static std::map<std::string, int64_t> blockOf(Op &kernel,
                                              const Machine &machine) {
  int64_t accumulators = machine.tileRows * machine.tileColumns / 16;
  for (const auto &op : kernel.region().operations())
    if (op->is("nest") && Nest(op.get()).isCorrelation())
      return correlationBlock(Nest(op.get()), accumulators * 5 / 7);
  return {};
}

/// Of small products a turn has whole rows, some of them. One may have the
/// columns of another as its rows.
static std::map<std::string, int64_t>
smallProductTiles(const std::vector<Nest> &products, const Machine &machine) {
  std::map<std::string, int64_t> tiles, whole;
  for (const Nest &nest : products) {
    ContractionRoles roles(nest);
    whole[roles.n] = nest.findParallel(roles.n)->extent.value();
    if (!roles.m.empty())
      tiles[roles.m] = smallProductTile(nest, roles, machine);
  }
  whole.merge(tiles);
  return whole;
}

/// The rows that small products sum together; 0: one of them is not small, or
/// has not enough registers.
static int64_t rowsTogether(const std::vector<Nest> &products,
                            const Machine &machine) {
  int64_t together = products.empty() ? 0 : sumsInLanes;
  for (const Nest &nest : products)
    together = std::min(
        together, nest.isSmallProduct() || nest.isProductInLanes()
                      ? smallProductRows(nest, ContractionRoles(nest), machine)
                      : 0);
  return together;
}

/// With images in the lanes, rows come behind all places, which threads may
/// share then, but the lanes.
static void putRowsLast(std::vector<NestAxis> &axes, const Nest &product) {
  if (!product.isProductInLanes())
    return;
  auto rows =
      std::ranges::find(axes, ContractionRoles(product).m, &NestAxis::name);
  if (rows != axes.end() && rows + 1 != axes.end())
    std::rotate(rows, rows + 1, axes.end() - 1);
}

/// The sums of a transform are written out together, for whole rows.
static std::map<std::string, int64_t> sumsOf(Op &kernel) {
  std::map<std::string, int64_t> tiles;
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
static std::map<std::string, int64_t> rowOf(Op &kernel,
                                            const std::vector<NestAxis> &axes) {
  std::map<std::string, int64_t> tiles;
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
static std::optional<int64_t> rowsInTurn(Op &kernel, const std::string &axis,
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

static void schedule(Op &kernel, const Function &function,
                     const Machine &machine) {
  AttrDict expected = expectedSizes(function);
  std::vector<NestAxis> axes;
  for (const auto &[name, extent] : kernel.attr("axes").asDict())
    axes.push_back({name, extent.asDim()});
  std::vector<Nest> products;
  for (const auto &op : kernel.region().operations())
    if (op->is("nest") && Nest(op.get()).isProduct())
      products.emplace_back(op.get());
  int64_t together = rowsTogether(products, machine);
  Schedule result;
  if (products.size() == 1 && !together)
    putRowsApart(products[0], expected);
  if (!products.empty() && !together)
    result = aroundProduct(kernel, products[0], axes, machine, expected,
                           products.size() == 1,
                           keepsB(kernel, products[0], function));
  if (result.axes.empty()) {
    std::map<std::string, int64_t> band = bandOf(kernel, machine, expected);
    if (together) {
      band.merge(smallProductTiles(products, machine));
      putRowsLast(axes, products[0]);
    }
    band.merge(blockOf(kernel, machine));
    band.merge(sumsOf(kernel));
    band.merge(rowOf(kernel, axes));
    std::optional<int64_t> rows;
    if (!axes.empty())
      rows = rowsInTurn(kernel, axes.back().name, expected);
    for (const NestAxis &axis : axes) {
      bool last = &axis == &axes.back();
      auto found = band.find(axis.name);
      result.axes.push_back(axis);
      result.tiles.push_back(found != band.end() ? found->second
                             : last && rows      ? *rows
                             : last && isContiguous(kernel, axis.name)
                                 ? elementsInTurn(kernel)
                                 : 1);
    }
  }
  AttrDict axisDict, tileDict;
  for (size_t i = 0; i < result.axes.size(); ++i) {
    axisDict.set(result.axes[i].name, result.axes[i].extent);
    tileDict.set(result.axes[i].name, result.tiles[i]);
  }
  kernel.attrs.set("axes", axisDict);
  kernel.attrs.set("tile", tileDict);
  if (!result.pack.empty())
    kernel.attrs.set("pack", result.pack);
  if (together)
    kernel.attrs.set("rows", together);
  if (!result.parts.empty())
    kernel.attrs.set("parts", result.parts);
}

/// What was measured wins over what the model chose.
static void useMeasured(Op &kernel, const Function &function,
                        const PassContext &context) {
  if (!context.tuning || !tiledProduct(kernel))
    return;
  auto found = context.tuning->kernels.find(
      kernelKey(kernel, function, context.machine));
  if (found == context.tuning->kernels.end())
    return;
  const ProductTiles &tiles = found->second.tiles;
  std::string why =
      whyUnfit(kernel, tiles, context.machine, expectedSizes(function));
  if (why.empty())
    return setTiles(kernel, tiles);
  auto file = std::make_shared<const std::string>(context.tuning->path);
  context.warn(
      {"this schedule does not fit its kernel, and is not taken: " + why,
       {file, found->second.line, 1, nullptr}});
}

static void scheduleBlock(Block &block, const Function &function,
                          const PassContext &context) {
  for (const auto &op : block.operations()) {
    if (op->is("kernel")) {
      schedule(*op, function, context.machine);
      useMeasured(*op, function, context);
    } else {
      for (int64_t i = 0; i < op->regionCount(); ++i)
        scheduleBlock(op->region(i), function, context);
    }
  }
}

static std::optional<PassError> run(Function &function,
                                    const PassContext &context) {
  scheduleBlock(function.body, function, context);
  return std::nullopt;
}

extern const Pass pass_schedule_kernels;
const Pass pass_schedule_kernels = {
    .name = "schedule-kernels",
    .doc = "Gives each kernel its loop order and tile sizes for the machine.",
    .from = Kernels,
    .to = Kernels,
    .run = run,
};

} // namespace nnc
