//===- Chooses loop order and tile sizes ----------------------------------===//
#include "ir/kernels/contraction.h"
#include "ir/kernels/correlation_loops.h"
#include "ir/kernels/loop_builder.h"
#include "ir/kernels/product_columns.h"
#include "ir/kernels/product_rows.h"
#include "ir/kernels/tuning.h"
#include "ir/pass.h"
#include "ir/rewrite_log.h"

#include <algorithm>
#include <map>

namespace nnc {

/// Elements of the last axis that one turn of an elementwise kernel handles:
/// enough to hide the loop, little enough for its operands to stay in L1.
static constexpr int64_t elementwiseTile = 1024;

namespace {

struct Schedule {
  std::vector<NestAxis> axes;
  std::vector<int64_t> tiles;
  std::string pack; ///< The attribute; "": there is none.

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

/// In what the use of its elements with one panel takes. From beyond L2,
/// reading takes about as long.
static double costOfReadingA(const Nest &nest, const ContractionRoles &roles,
                             const Machine &machine, int64_t columnBytes,
                             const AttrDict &expected) {
  int64_t rows = roles.m.empty()
                     ? 1
                     : estimate(nest.findParallel(roles.m)->extent, expected);
  return columnBytes * rows > machine.cacheL2 / 2 ? 1 : 0.1;
}

/// How many rows of an image are taken together: those with which the panels
/// are fullest and a large A is read seldom. At least two turns are left for
/// threads, if there is no other axis to share and enough to do.
static int64_t rowsTogether(const Nest &nest, const ContractionRoles &roles,
                            const Machine &machine, int64_t columnBytes,
                            int64_t columnTile, const AttrDict &expected) {
  if (roles.wide.empty())
    return 1;
  const Dim &height = nest.findParallel(roles.wide)->extent;
  const Dim &width = nest.findParallel(roles.n)->extent;
  if (!height.isConstant() || !width.isConstant() || width.value() < 1 ||
      width.value() > columnTile)
    return 1;
  double readingA = costOfReadingA(nest, roles, machine, columnBytes, expected);
  // A row fills its panels, A stays in L1, and rows read nothing in common.
  auto isOwn = [&](const Dim &entry) {
    return !entry.uses(roles.wide) || entry.asSymbol() == roles.wide;
  };
  const Shape &read = nest.maps[roles.b];
  if (!roles.m.empty() && width.value() % machine.tileColumns == 0 &&
      std::all_of(read.begin(), read.end(), isOwn) &&
      columnBytes * estimate(nest.findParallel(roles.m)->extent, expected) <=
          machine.cacheL1 / 2)
    return 1;
  bool hasTurns = std::any_of(
      roles.batch.begin(), roles.batch.end(), [&](const std::string &name) {
        const Dim &extent = nest.findParallel(name)->extent;
        return name != roles.wide && extent.isConstant() && extent.value() > 3;
      });
  int64_t rowsOfImage =
      roles.m.empty() ? 1
                      : estimate(nest.findParallel(roles.m)->extent, expected);
  int64_t elements = columnBytes / elemBytes(nest.op->result()->type().elem());
  hasTurns |=
      height.value() * width.value() * rowsOfImage * elements <= littleWork;
  // B that the kernel makes itself is in the cache twice, packed and not.
  bool isMade = nest.op->operand(roles.b)->definingOp();
  int64_t bytesOfB = isMade ? machine.cacheL2 / 4 : machine.cacheL2;
  int64_t most = std::min(hasTurns ? height.value() : (height.value() + 1) / 2,
                          bytesOfB / columnBytes / width.value());
  std::optional<int64_t> length = windowRow(nest, roles);
  int64_t row = length.value_or(width.value());
  // The tile of the result had better stay in L1, if not a large A would be
  // read the more often.
  int64_t inL1 = machine.cacheL1 / (machine.tileRows * 4) / row;
  if (length) // Nothing is packed.
    most = std::min(hasTurns ? height.value() : (height.value() + 1) / 2, inL1);
  else if (readingA < 1)
    most = std::min(most, inL1);
  // With few rows of A a panel that is alone has too few sums under way: an
  // addition takes 4 cycles, of which there are 2 in each.
  constexpr double sumsUnderWay = 8;
  double rowsOfA =
      roles.m.empty() ? 1 : productRows(nest, roles, machine, expected);
  double alone =
      machine.tileColumns > lanes ? std::max(1.0, sumsUnderWay / rowsOfA) : 1;
  auto costOf = [&](int64_t rows) {
    int64_t columns = (rows - 1) * row + width.value();
    int64_t panels = (columns + lanes - 1) / lanes;
    return static_cast<double>(panels - panels % 2) + (panels % 2 ? alone : 0) +
           readingA;
  };
  int64_t best = 1;
  double least = 0;
  for (int64_t rows = 1; rows <= most; ++rows) {
    int64_t whole = height.value() / rows, rest = height.value() % rows;
    double cost =
        static_cast<double>(whole) * costOf(rows) + (rest ? costOf(rest) : 0);
    // Of two threads one may have more to do.
    int64_t turns = whole + (rest != 0);
    if (!hasTurns)
      cost += 2 * static_cast<double>((turns + 1) / 2) * costOf(rows);
    if (rows == 1 || cost < least) {
      best = rows;
      least = cost;
    }
  }
  return best;
}

/// How many images of so few pixels are taken together that even all of one
/// fill few panels: as many as fill them best, while their packed windows stay
/// in L2. At least two turns are left for threads. 1: the images are not small.
static int64_t imagesTogether(const Nest &nest, const ContractionRoles &roles,
                              const Machine &machine, int64_t columnBytes,
                              const AttrDict &expected) {
  constexpr int64_t fewPixels = 64;
  auto sizeOf = [&](const std::string &axis) -> int64_t {
    const Dim &extent = nest.findParallel(axis)->extent;
    return extent.isConstant() ? extent.value() : fewPixels + 1;
  };
  // Without rows, the pixels are columns and the images what is joined.
  const std::string &images = roles.images.empty() ? roles.wide : roles.images;
  if (images.empty() || roles.n.empty())
    return 1;
  int64_t pixels = sizeOf(roles.n);
  if (!roles.images.empty())
    pixels *= sizeOf(roles.wide);
  if (pixels < 1 || pixels > fewPixels)
    return 1;
  double readingA = costOfReadingA(nest, roles, machine, columnBytes, expected);
  auto costOf = [&](int64_t count) {
    int64_t panels = (count * pixels + 15) / 16;
    return (static_cast<double>(panels) + readingA) /
           static_cast<double>(count);
  };
  // To read a large A again takes longer than what does not stay in L2.
  int64_t count = estimate(nest.findParallel(images)->extent, expected);
  int64_t most =
      std::min(count / 2, machine.cacheL2 * 2 / columnBytes / pixels);
  double least = costOf(1);
  for (int64_t each = 2; each <= most; ++each)
    least = std::min(least, costOf(each));
  // No more than it takes, nearly: threads share the turns.
  int64_t best = 1;
  while (costOf(best) > 1.05 * least)
    ++best;
  return best;
}

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
static Schedule aroundProduct(const Nest &nest, std::vector<NestAxis> axes,
                              const Machine &machine, const AttrDict &expected,
                              bool isAlone) {
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
  int64_t left = elementwiseTile;
  for (size_t i = axes.size(); i-- > 0 && left > 1;) {
    if (i + 1 == axes.size() && !isContiguous(kernel, axes[i].name))
      return tiles;
    const Dim &extent = axes[i].extent;
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

static void schedule(Op &kernel, const Machine &machine,
                     const AttrDict &expected) {
  std::vector<NestAxis> axes;
  for (const auto &[name, extent] : kernel.attr("axes").asDict())
    axes.push_back({name, extent.asDim()});
  std::vector<Op *> products;
  for (const auto &op : kernel.region().operations())
    if (op->is("nest") && Nest(op.get()).isProduct())
      products.push_back(op.get());
  Schedule result;
  if (!products.empty())
    result = aroundProduct(Nest(products[0]), axes, machine, expected,
                           products.size() == 1);
  if (result.axes.empty()) {
    std::map<std::string, int64_t> band = bandOf(kernel, machine, expected);
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
                                 ? elementwiseTile
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
      schedule(*op, context.machine, expectedSizes(function));
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
