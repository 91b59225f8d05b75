//===- ir/kernels/contraction_windows.cpp - Convolutions without packing --===//
//
// Note [Windows that are not packed]
// Packed, an element of an image is there for each place of the window that
// passes over it, and each copy serves the rows of the product, the channels of
// the result: with 32 of them packing 25 copies takes a quarter of the time.
// The windows of a convolution of stride 1 can be read where they are. Only the
// part of the image that a tile reads is copied, with its edges, so that no
// place lies outside:
//   pixel (y, x) is column y * row + x of the product, where `row` is the
//   length of the copy's rows; the summed place (c, r, s) is plane c, r rows
//   and s elements further.
// What stands between two rows of pixels is computed and left alone. Many
// channels are worth the packing, if rows are short.
//
//===----------------------------------------------------------------------===//
#include "ir/kernels/contraction_loops.h"
#include "ir/kernels/window_copy.h"

#include <algorithm>

namespace nnc {

std::optional<int64_t> windowRow(const Nest &nest,
                                 const ContractionRoles &roles) {
  if (roles.n.empty() || roles.m.empty() || nest.reduce.size() > 3)
    return std::nullopt;
  const Dim &width = nest.findParallel(roles.n)->extent;
  const Dim &rows = nest.findParallel(roles.m)->extent;
  const Shape &map = nest.maps[roles.b];
  if (!width.isConstant() || width.value() < 1 || !rows.isConstant() ||
      rows.value() < 1 || map.empty())
    return std::nullopt;
  int64_t copies = 1, row = width.value();
  for (size_t i = 0; i < map.size(); ++i) {
    bool isLast = i + 1 == map.size(), slides = false;
    for (const std::string &axis : {roles.n, roles.wide}) {
      if (axis.empty() || !map[i].uses(axis))
        continue;
      std::optional<Dim> step = map[i].coefficientOf(axis);
      size_t place = map.size() - (axis == roles.n ? 1 : 2);
      if (i != place || !step || !step->isConstant(1))
        return std::nullopt;
      slides = true;
    }
    for (const NestAxis &axis : nest.reduce) {
      if (!axis.extent.isConstant())
        return std::nullopt;
      if (!slides || !map[i].uses(axis.name))
        continue;
      std::optional<Dim> step = map[i].coefficientOf(axis.name);
      if (!step || !step->isConstant())
        return std::nullopt;
      copies *= axis.extent.value();
      if (isLast)
        row += std::abs(step->value()) * (axis.extent.value() - 1);
    }
  }
  // Packing a vector takes about as long as its use with eight rows.
  double packing = 8.0 / static_cast<double>(rows.value());
  double between =
      roles.wide.empty() ? 0 : static_cast<double>(row) / width.value() - 1;
  if (packing / static_cast<double>(copies) + between >= packing ||
      between > 0.5)
    return std::nullopt;
  return row;
}

/// Copies what the tile reads of the image; false if its size is not known.
bool ContractionLoops::copyImage() {
  std::vector<AxisRange> axes = ranges;
  for (const AxisRange &axis : reduceRanges())
    axes.push_back(axis);
  NestCode::Access load{operands[role.b], nest.maps[role.b], nest.fill[role.b]};
  std::optional<Window> window = windowOf(load, axes);
  if (!window || !elementCount(window->most).isConstant())
    return false;
  // The last panel may go on behind the end by less than a vector: the first
  // axis of more than one place is as much longer.
  Shape shape = window->most;
  size_t i = 0;
  while (i + 1 < shape.size() && shape[i].isConstant(1))
    ++i;
  Dim behind = elementCount(Shape(shape.begin() + i + 1, shape.end()));
  shape[i] = shape[i] + (lanes + behind.value() - 1) / behind.value();
  image = copyWindow(loops, load, *window, shape);
  packedB = image.ref.buffer;
  return true;
}

} // namespace nnc
