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

  void take(std::vector<NestAxis> &from, const std::string &name,
            int64_t tile) {
    auto found =
        std::find_if(from.begin(), from.end(),
                     [&](const NestAxis &axis) { return axis.name == name; });
    if (found == from.end())
      return;
    axes.push_back(*found);
    tiles.push_back(tile);
    from.erase(found);
  }
};

} // namespace

/// Batch axes outermost; then n, so that one packed panel of B serves all rows;
/// then the rows, in tiles of the micro-kernel's height.
static Schedule aroundProduct(const Nest &nest, std::vector<NestAxis> axes,
                              const Machine &machine) {
  ContractionRoles roles(nest);
  Schedule schedule;
  for (const std::string &name : roles.batch)
    schedule.take(axes, name, 1);
  schedule.take(axes, roles.n, machine.tileColumns);
  for (const std::string &name : roles.outer)
    schedule.take(axes, name, 1);
  schedule.take(axes, roles.m, machine.tileRows);
  while (!axes.empty())
    schedule.take(axes, std::string(axes.front().name), 1);
  return schedule;
}

/// Whether some result of the kernel has `axis` as its last, contiguous one.
static bool isContiguous(Op &kernel, const std::string &axis) {
  for (const auto &op : kernel.region().operations())
    if (op->is("nest"))
      for (const Shape &map : Nest(op.get()).results)
        if (!map.empty() && map.back().asSymbol() == axis)
          return true;
  return false;
}

static void schedule(Op &kernel, const Machine &machine) {
  std::vector<NestAxis> axes;
  for (const auto &[name, extent] : kernel.attr("axes").asDict())
    axes.push_back({name, extent.asDim()});
  Schedule result;
  for (const auto &op : kernel.region().operations())
    if (op->is("nest") && Nest(op.get()).isContraction()) {
      result = aroundProduct(Nest(op.get()), axes, machine);
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
}

static void scheduleBlock(Block &block, const Machine &machine) {
  for (const auto &op : block.operations()) {
    if (op->is("kernel"))
      schedule(*op, machine);
    else
      for (int64_t i = 0; i < op->regionCount(); ++i)
        scheduleBlock(op->region(i), machine);
  }
}

static std::optional<PassError> run(Function &function,
                                    const PassContext &context) {
  scheduleBlock(function.body, context.machine);
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
