//===- ir/kernels/contraction_inside.cpp - Products within an image -------===//
//
// Note [What lies around an image]
// A convolution with padding reads places around its image, which are zero, and
// need not be multiplied. An entry of the image's map is e + s*r, where r is
// summed, and lies inside, in [0, H), for
//   ceil(-e / s) <= r < floor((H - 1 - e) / s) + 1   if s > 0,
//   ceil((e - H + 1) / -s) <= r < floor(e / -s) + 1  if s < 0.
// So the part of r that a call of the micro-kernel sums hangs on e: on the row
// of pixels, say. Where the call covers several e, it is what any of them reads
// inside. Where it covers one, nothing outside is read, and the operand needs
// no edges.
//
//===----------------------------------------------------------------------===//
#include "ir/kernels/contraction_loops.h"
#include "ir/kernels/window_copy.h"

#include <algorithm>

namespace nnc {

std::pair<Dim, Dim> placesInside(int64_t step, const Dim &least,
                                 const Dim &most, const Dim &extent) {
  if (step > 0)
    return {(-most).ceilDiv(step), (extent - 1 - least).floorDiv(step) + 1};
  return {(least - extent + 1).ceilDiv(-step), most.floorDiv(-step) + 1};
}

/// The summed axis of the entry, if there is one and it moves by a known step.
static std::optional<size_t> summedAxisOf(const Dim &entry,
                                          const std::vector<NestAxis> &reduce) {
  std::optional<size_t> found;
  for (size_t i = 0; i < reduce.size(); ++i) {
    if (!entry.uses(reduce[i].name))
      continue;
    std::optional<Dim> step = entry.coefficientOf(reduce[i].name);
    if (found || !step || !step->isConstant())
      return std::nullopt;
    found = i;
  }
  return found;
}

/// Whether zeros lie around an operand, which need not be multiplied. The
/// micro-kernel takes no more than three summed axes, each of which would stay
/// apart.
bool ContractionLoops::hasEdges(int64_t operand) const {
  return nest.fill[operand] == 0.0 && nest.reduce.size() <= 3;
}

/// The entries of its map that may lie outside.
std::vector<ContractionLoops::Edge>
ContractionLoops::edges(int64_t operand) const {
  std::vector<Edge> result;
  if (!hasEdges(operand))
    return result;
  std::vector<AxisRange> axes;
  for (const std::vector<NestAxis> *list : {&nest.parallel, &nest.reduce})
    for (const NestAxis &axis : *list)
      axes.push_back({axis.name, 0, axis.extent});
  Value *value = nest.op->operand(operand);
  const Shape &map = nest.maps[operand];
  std::optional<Window> window = windowOf({TensorRef::whole(value), map}, axes);
  for (size_t i = 0; i < map.size(); ++i) {
    const Dim &extent = value->type().dim(static_cast<int64_t>(i));
    if (!window)
      result.push_back({map[i], extent});
    else if (window->leaves(i, extent))
      result.push_back({map[i], extent, window->first[i],
                        window->first[i] + window->count[i] - 1});
  }
  return result;
}

bool ContractionLoops::isInCall(const std::string &axis) const {
  return axis == role.m || axis == role.n || isJoined(axis);
}

/// Whether an operand is read outside, and must be copied with its edges.
bool ContractionLoops::needsFill(int64_t operand) const {
  if (nest.fill[operand] && !hasEdges(operand))
    return true;
  return std::ranges::any_of(edges(operand), [&](const Edge &edge) {
    return !summedAxisOf(edge.entry, nest.reduce) ||
           std::ranges::any_of(ranges, [&](const AxisRange &axis) {
             return edge.entry.uses(axis.name) && isInCall(axis.name);
           });
  });
}

/// Restricts the sums to what a call at `at` reads inside along the entry.
void ContractionLoops::clip(std::vector<AxisRange> &sums, const Edge &edge,
                            const AxisValues &at) const {
  std::optional<size_t> summedAxis = summedAxisOf(edge.entry, nest.reduce);
  if (!summedAxis)
    return;
  const std::string &name = nest.reduce[*summedAxis].name;
  int64_t step = edge.entry.coefficientOf(name)->value();
  Dim least = edge.entry - Dim(step) * Dim::symbol(name), most = least;
  for (const AxisRange &axis : ranges) {
    if (!isInCall(axis.name))
      continue;
    std::optional<Dim> along = least.coefficientOf(axis.name);
    if (!along || !along->isConstant())
      return;
    AxisValues low{{axis.name, axis.start}},
        high{{axis.name, axis.start + axis.extent - 1}};
    if (along->value() < 0)
      std::swap(low, high);
    least = least.substitute(lookupIn(low));
    most = most.substitute(lookupIn(high));
  }
  // No call lies outside with all that it covers.
  Dim covered = most - least;
  if ((edge.first + covered).isKnownNonNegative() &&
      (edge.extent - 1 - edge.last + covered).isKnownNonNegative())
    return;
  least = least.substitute(lookupIn(at));
  most = most.substitute(lookupIn(at));
  auto [from, to] = placesInside(step, least, most, edge.extent);
  AxisRange &sum = sums[*summedAxis];
  const Dim &partStart = summed[*summedAxis].start;
  Dim end = Dim::min(sum.start + sum.extent, to - partStart);
  sum.start = Dim::max(sum.start, from - partStart);
  sum.extent = Dim::max(0, end - sum.start);
}

/// Of the part in hand, counted from its start, what a call at `at` reads
/// inside.
std::vector<AxisRange>
ContractionLoops::sumsInside(const AxisValues &at) const {
  std::vector<AxisRange> sums = reduceRanges();
  for (int64_t operand = 0; operand < 2; ++operand)
    for (const Edge &edge : edges(operand))
      clip(sums, edge, at);
  return sums;
}

} // namespace nnc
