//===- Chooses loop order and tile sizes ----------------------------------===//
#include "ir/kernels/contraction.h"
#include "ir/kernels/kept.h"
#include "ir/kernels/product_columns.h"
#include "ir/kernels/product_places.h"
#include "ir/kernels/product_rows.h"
#include "ir/kernels/tuning.h"
#include "ir/kernels/turn_tiles.h"
#include "ir/pass.h"

#include <algorithm>

namespace nnc {

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

/// The rows that small products sum together; 0: one of them is not small, or
/// has not enough registers.
static int64_t smallRowsTogether(const std::vector<Nest> &products,
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
  int64_t together = smallRowsTogether(products, machine);
  Schedule result;
  if (!products.empty() && !together) {
    if (products.size() == 1)
      putRowsApart(products[0], expected);
    result = aroundProduct(kernel, products[0], axes, machine, expected,
                           products.size() == 1,
                           keepsB(kernel, products[0], function));
  } else {
    if (together)
      putRowsLast(axes, products[0]);
    TurnTiles tiles = turnTiles(kernel, axes, products, machine, expected);
    result.axes = axes;
    for (const NestAxis &axis : axes)
      result.tiles.push_back(tiles.at(axis.name));
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
