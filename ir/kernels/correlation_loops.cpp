#include "ir/kernels/correlation_loops.h"

#include <algorithm>

namespace nnc {

namespace {

using Values = LoopBuilder::Values;

class CorrelationLoops {
public:
  CorrelationLoops(LoopBuilder &loops, const NestCode &code)
      : loops(loops), code(code),
        vector(Type::vector(code.stores[0].ref.buffer->type().elem(), lanes)) {}

  void emit() { overParallel(0); }

private:
  /// Axes of an extent that only the program knows are loops around the block,
  /// and so are the outer ones if the block would be too large: another nest of
  /// the kernel may need more sums at once than the schedule would take.
  void overParallel(size_t i) {
    if (i == code.parallel.size())
      return block();
    const AxisRange &axis = code.parallel[i];
    constexpr int64_t mostSums = 32;
    int64_t sums = 1;
    for (size_t inner = i; inner < code.parallel.size(); ++inner)
      if (const Dim &extent = code.parallel[inner].extent; extent.isConstant())
        sums *= extent.value();
    if (axis.extent.isConstant() && sums <= mostSums) {
      unrolled.insert(axis.name);
      return overParallel(i + 1);
    }
    loops.loop(axis.name, {0, axis.extent}, [&](const Dim &index) {
      at[axis.name] = axis.start + index;
      overParallel(i + 1);
    });
  }

  void block() {
    points.clear();
    addPoints(0, at);
    Values sums(points.size(), loops.builder.constant(0, vector));
    sums = overReduced(0, sums);
    for (size_t i = 0; i < points.size(); ++i) {
      Value *sum =
          loops.builder.op("vreduce", {sums[i]}, {{"combine", code.combine}});
      loops.builder.create("store", {sum, code.stores[0].ref.buffer},
                           {{"index", placeOf(code.stores[0], points[i])}});
    }
  }

  void addPoints(size_t i, AxisValues point) {
    if (i == code.parallel.size())
      return points.push_back(point);
    const AxisRange &axis = code.parallel[i];
    if (!unrolled.contains(axis.name))
      return addPoints(i + 1, point);
    for (int64_t index = 0; index < axis.extent.value(); ++index) {
      point[axis.name] = axis.start + index;
      addPoints(i + 1, point);
    }
  }

  Values overReduced(size_t i, Values sums) {
    const AxisRange &axis = code.reduce[i];
    if (i + 1 == code.reduce.size())
      return alongRow(axis, sums);
    if (axis.extent.isConstant(1)) {
      at[axis.name] = axis.start;
      return overReduced(i + 1, sums);
    }
    return loops.carry(axis.name, {0, axis.extent}, sums,
                       [&](const Dim &index, Values carried) {
                         at[axis.name] = axis.start + index;
                         return overReduced(i + 1, carried);
                       });
  }

  Values alongRow(const AxisRange &axis, Values sums) {
    int64_t length = axis.extent.value(), whole = length / lanes * lanes;
    if (whole > lanes)
      sums = loops.carry(axis.name, {0, whole, lanes}, sums,
                         [&](const Dim &index, Values carried) {
                           at[axis.name] = axis.start + index;
                           return step(carried, lanes);
                         });
    else if (whole == lanes) {
      at[axis.name] = axis.start;
      sums = step(sums, lanes);
    }
    if (whole == length)
      return sums;
    at[axis.name] = axis.start + whole;
    return step(sums, length - whole);
  }

  /// Lanes from `count` on are loaded as zeros, and add nothing.
  Values step(Values sums, int64_t count) {
    std::map<std::pair<size_t, std::string>, Value *> known;
    auto load = [&](size_t operand, const AxisValues &point) {
      const NestCode::Access &access = code.loads[operand];
      Attr index = placeOf(access, point);
      Value *&value = known[{operand, index.str()}];
      if (value)
        return value;
      AttrDict attrs{{"index", index}};
      if (access.fill)
        attrs.set("fill", *access.fill);
      if (count < lanes)
        attrs.set("count", Dim(count));
      value = loops.builder.op("load", {access.ref.buffer}, attrs, {vector});
      return value;
    };
    const std::string &along = code.reduce.back().name;
    for (size_t i = 0; i < points.size(); ++i) {
      AxisValues point = points[i];
      for (const AxisRange &axis : code.reduce)
        if (auto found = at.find(axis.name); found != at.end())
          point[axis.name] = found->second;
      point[along] = at.at(along);
      sums[i] =
          loops.builder.op("fma", {load(0, point), load(1, point), sums[i]});
    }
    return sums;
  }

  LoopBuilder &loops;
  const NestCode &code;
  Type vector;
  AxisValues at;
  std::set<std::string> unrolled; ///< Axes of the block.
  std::vector<AxisValues> points; ///< Of the block.
};

} // namespace

void emitCorrelation(LoopBuilder &loops, const NestCode &code) {
  const std::string &along = code.reduce.back().name;
  if (stepAlong(code.loads[0], along) == 1 &&
      stepAlong(code.loads[1], along) == 1)
    CorrelationLoops(loops, code).emit();
  else
    emitNest(loops, code);
}

std::map<std::string, int64_t> correlationBlock(const Nest &nest,
                                                int64_t most) {
  auto slides = [&](const Dim &entry) { return nest.slides(entry); };
  bool isInLanes = nest.isCorrelationInLanes();
  auto isShifted = [&](const Shape &map) {
    return isInLanes ? std::ranges::any_of(map, slides)
                     : map.back().asSymbol() != nest.reduce.back().name;
  };
  size_t shifted = isShifted(nest.maps[0]) ? 0 : 1;
  const Shape &image = nest.maps[shifted];
  // The entry along rows of the image: before the lanes the last that slides.
  const Dim &row = isInLanes
                       ? *std::find_if(image.rbegin(), image.rend(), slides)
                       : image.back();
  std::map<std::string, int64_t> block;
  auto take = [&](const NestAxis &axis) {
    int64_t size = std::min(axis.extent.value(), most);
    while (axis.extent.value() % size)
      --size;
    block[axis.name] = size;
    most /= size;
  };
  // Places of a row of the window overlap; each serves all of the other image.
  for (const NestAxis &axis : nest.parallel)
    if (row.uses(axis.name))
      take(axis);
  for (const NestAxis &axis : nest.parallel)
    for (const Dim &entry : nest.maps[1 - shifted])
      if (entry.asSymbol() == axis.name)
        take(axis);
  return block;
}

} // namespace nnc
