//===- Chooses loop order and tile sizes ----------------------------------===//
#include "ir/kernels/contraction.h"
#include "ir/pass.h"

#include <algorithm>

namespace nnc {

/// Elements of the last axis that one turn of an elementwise kernel handles:
/// enough to hide the loop, little enough for its operands to stay in L1.
static constexpr int64_t elementwiseTile = 1024;

namespace {

struct Schedule {
  std::vector<NestAxis> axes;
  std::vector<int64_t> tiles;
  bool packsWhole = false;

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

/// The likely value of a size. A function may state what it expects,
/// `{expected = {B = 64}}`; another size is taken for 64. Only speed hangs on
/// it.
static int64_t estimate(const Dim &dim, const AttrDict &expected) {
  return dim
      .evaluate([&](std::string_view name) -> std::optional<Dim> {
        if (const Attr *known = expected.find(name))
          return known->asDim();
        return Dim(64);
      })
      .value_or(64);
}

/// Batch axes outermost. If the whole packed B fits into a part of L2, it is
/// packed once and rows come next, so that what is read and written along with
/// the product streams through memory row by row. Else columns come next, as
/// many as fit, so that one packed block of B serves all rows.
static Schedule aroundProduct(const Nest &nest, std::vector<NestAxis> axes,
                              const Machine &machine,
                              const AttrDict &expected) {
  ContractionRoles roles(nest);
  int64_t depth = 1, columns = 1;
  for (const NestAxis &axis : nest.reduce)
    depth *= estimate(axis.extent, expected);
  if (!roles.n.empty())
    columns = estimate(nest.findParallel(roles.n)->extent, expected);
  int64_t columnBytes =
      std::max<int64_t>(depth * elemBytes(nest.op->result()->type().elem()), 1);
  int64_t fitting = machine.cacheL2 / 2 / columnBytes / machine.tileColumns *
                    machine.tileColumns;
  Schedule schedule;
  for (const std::string &name : roles.batch)
    schedule.take(axes, name, 1);
  if (columns <= fitting) {
    schedule.packsWhole = true;
    for (const std::string &name : roles.outer)
      schedule.take(axes, name, 1);
    schedule.take(axes, roles.m, machine.tileRows);
    schedule.take(axes, roles.n,
                  machine.cacheL1 / 2 /
                      (machine.tileRows * 4 * machine.tileColumns) *
                      machine.tileColumns);
  } else {
    schedule.take(
        axes, roles.n,
        std::clamp(fitting, machine.tileColumns, 4 * machine.tileColumns));
    for (const std::string &name : roles.outer)
      schedule.take(axes, name, 1);
    schedule.take(axes, roles.m, machine.tileRows);
  }
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

static void schedule(Op &kernel, const Machine &machine,
                     const AttrDict &expected) {
  std::vector<NestAxis> axes;
  for (const auto &[name, extent] : kernel.attr("axes").asDict())
    axes.push_back({name, extent.asDim()});
  Schedule result;
  for (const auto &op : kernel.region().operations())
    if (op->is("nest") && Nest(op.get()).isContraction()) {
      result = aroundProduct(Nest(op.get()), axes, machine, expected);
      break;
    }
  if (result.axes.empty())
    for (const NestAxis &axis : axes) {
      bool last = &axis == &axes.back();
      result.axes.push_back(axis);
      result.tiles.push_back(
          last && isContiguous(kernel, axis.name) ? elementwiseTile : 1);
    }
  AttrDict axisDict, tileDict;
  for (size_t i = 0; i < result.axes.size(); ++i) {
    axisDict.set(result.axes[i].name, result.axes[i].extent);
    tileDict.set(result.axes[i].name, result.tiles[i]);
  }
  kernel.attrs.set("axes", axisDict);
  kernel.attrs.set("tile", tileDict);
  if (result.packsWhole)
    kernel.attrs.set("pack", "whole");
}

static void scheduleBlock(Block &block, const Machine &machine,
                          const AttrDict &expected) {
  for (const auto &op : block.operations()) {
    if (op->is("kernel"))
      schedule(*op, machine, expected);
    else
      for (int64_t i = 0; i < op->regionCount(); ++i)
        scheduleBlock(op->region(i), machine, expected);
  }
}

static std::optional<PassError> run(Function &function,
                                    const PassContext &context) {
  const Attr *expected = function.attrs.find("expected");
  scheduleBlock(function.body, context.machine,
                expected ? expected->asDict() : AttrDict());
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
