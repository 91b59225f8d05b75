#include "ir/kernels/contraction_loops.h"

#include "ir/check.h"

#include <algorithm>

namespace nnc {

// Note [Read beside a product]
// Beside a weights' gradient its update reads weights and moments, megabytes
// that come from L3 or memory. To the hardware they are short runs of many
// rows; after the product the multiply-adds would wait for them. So `brgemm` is
// told where they are, and prefetches while it computes a tile what lies beside
// it. A sum in parts takes so long that what came with the first ones would be
// gone: it brings nothing.

ContractionLoops::ContractionLoops(LoopBuilder &loops, const Nest &nest,
                                   std::vector<TensorRef> operands,
                                   std::vector<AxisRange> ranges)
    : loops(loops), nest(nest), role(nest), ends(rowEnds(nest, role)),
      operands(std::move(operands)), ranges(std::move(ranges)) {
  for (const Dim &entry : nest.results[0])
    for (const NestAxis &axis : nest.parallel)
      if (entry.uses(axis.name))
        resultAxes.push_back(axis.name);
  for (const NestAxis &axis : nest.reduce)
    summed.push_back({axis.name, 0, axis.extent});
}

const AxisRange &ContractionLoops::range(const std::string &name) const {
  for (const AxisRange &axis : ranges)
    if (axis.name == name)
      return axis;
  internalError("a product has no axis " + name);
}

Dim ContractionLoops::extentOf(const std::string &name) const {
  return name.empty() ? Dim(1) : range(name).extent;
}

Dim ContractionLoops::mostOf(const std::string &name) const {
  return name.empty() ? Dim(1) : range(name).most();
}

Dim ContractionLoops::startOf(const std::string &name) const {
  return name.empty() ? Dim(0) : range(name).start;
}

/// Of the part in hand, counted from its start.
std::vector<AxisRange> ContractionLoops::reduceRanges() const {
  std::vector<AxisRange> result = summed;
  for (AxisRange &axis : result)
    axis.start = 0;
  return result;
}

/// What the summed axes are in terms of these ranges.
void ContractionLoops::startSums(AxisValues &at) const {
  for (const AxisRange &axis : summed)
    if (!axis.start.isConstant(0))
      at[axis.name] = axis.start + Dim::symbol(axis.name);
}

/// How much further an operand begins in the part in hand.
Dim ContractionLoops::startOfSums(const Linear &address) const {
  Dim offset = 0;
  for (size_t i = 0; i < summed.size(); ++i)
    offset = offset + summed[i].start * address.reduce[i];
  return offset;
}

/// The address of an operand as offset + row*moving + sum of reduce[i]*k[i];
/// nothing if it is not of that form, or may lie outside.
std::optional<ContractionLoops::Linear>
ContractionLoops::linear(const TensorRef &ref, const Shape &map,
                         const std::string &moving) const {
  Dim offset = linearOffset(ref.buffer->type(), ref.resolve(map));
  Linear result;
  auto take = [&](const std::string &axis) -> std::optional<Dim> {
    std::optional<Dim> stride = offset.coefficientOf(axis);
    if (!stride)
      return std::nullopt;
    for (const NestAxis &other : nest.reduce)
      if (stride->uses(other.name))
        return std::nullopt;
    offset = offset - *stride * Dim::symbol(axis);
    return offset.uses(axis) ? std::nullopt : stride;
  };
  if (!moving.empty()) {
    std::optional<Dim> stride = take(moving);
    if (!stride)
      return std::nullopt;
    result.row = *stride;
  }
  for (const NestAxis &axis : nest.reduce) {
    std::optional<Dim> stride = take(axis.name);
    if (!stride)
      return std::nullopt;
    result.reduce.push_back(*stride);
  }
  result.offset = offset;
  return result;
}

/// Neighbouring summed axes that run through both operands without a gap are
/// one; of one place there is none.
static void mergeAxes(Shape &extents, std::vector<Dim> &a,
                      std::vector<Dim> &b) {
  auto drop = [&](size_t i) {
    extents.erase(extents.begin() + i);
    a.erase(a.begin() + i);
    b.erase(b.begin() + i);
  };
  for (size_t i = extents.size(); i-- > 0;)
    if (extents.size() > 1 && extents[i].isConstant(1))
      drop(i);
  for (size_t i = extents.size(); i-- > 1;)
    if (a[i - 1] == a[i] * extents[i] && b[i - 1] == b[i] * extents[i]) {
      extents[i - 1] = extents[i - 1] * extents[i];
      a[i - 1] = a[i];
      b[i - 1] = b[i];
      drop(i);
    }
}

/// Of these that are left then.
static size_t axisCount(const std::vector<AxisRange> &sums, std::vector<Dim> a,
                        std::vector<Dim> b) {
  Shape extents;
  for (const AxisRange &axis : sums)
    extents.push_back(axis.extent);
  mergeAxes(extents, a, b);
  return extents.size();
}

/// The strides of axes that lie densely one in another.
static std::vector<Dim> denseStrides(const std::vector<AxisRange> &axes,
                                     Dim stride) {
  std::vector<Dim> result(axes.size());
  for (size_t i = axes.size(); i-- > 0;) {
    result[i] = stride;
    stride = stride * axes[i].most();
  }
  return result;
}

/// A is packed if its addresses are not affine, if it may be read outside, if
/// too many summed axes stay apart, or if its rows lie side by side.
bool ContractionLoops::packsA() const {
  if (needsFill(role.a) || hasRowsSideBySide(nest, role))
    return true;
  std::optional<Linear> address =
      linear(operands[role.a], nest.maps[role.a], role.m);
  if (!address)
    return true;
  Shape extents;
  for (const NestAxis &axis : nest.reduce)
    extents.push_back(axis.extent);
  // With more than three B is packed, densely.
  std::vector<Dim> b = denseStrides(summed, lanes);
  mergeAxes(extents, address->reduce, b);
  return extents.size() > 3;
}

void ContractionLoops::setTile(std::vector<TensorRef> newOperands,
                               std::vector<AxisRange> newRanges) {
  operands = std::move(newOperands);
  ranges = std::move(newRanges);
}

void ContractionLoops::allocate() {
  Shape shape;
  result.index.clear();
  tileAxes.clear();
  Dim row = 0; ///< Where the columns of a joined row begin.
  for (size_t i = 0; i < resultAxes.size(); ++i)
    if (isJoined(resultAxes[i]))
      row = row +
            (TensorRef::at(static_cast<int64_t>(i)) - startOf(resultAxes[i])) *
                lengthOf(resultAxes[i]);
  for (size_t i = 0; i < resultAxes.size(); ++i) {
    const std::string &axis = resultAxes[i];
    if (isJoined(axis))
      continue;
    bool isColumns = axis == role.n;
    Dim extent = isColumns ? mostColumns() : mostOf(axis);
    shape.push_back(isColumns ? extent.roundUp(lanes) : extent);
    result.index.push_back(TensorRef::at(static_cast<int64_t>(i)) -
                           range(axis).start + (isColumns ? row : Dim(0)));
    tileAxes.push_back(axis);
  }
  // A product without columns of its own still writes a panel.
  if (role.n.empty()) {
    shape.push_back(lanes);
    result.index.push_back(0);
  }
  result.buffer = loops.scratch(nest.op->result()->type().elem(), shape);
}

bool ContractionLoops::writeTo(const TensorRef &to) {
  if (role.n.empty() || joinsRows || image.ref.buffer)
    return false;
  const Dim &columns = nest.findParallel(role.n)->extent;
  if (!columns.isConstant() || columns.value() % lanes ||
      !mostOf(role.n).isConstant() || mostOf(role.n).value() % lanes)
    return false;
  Dim place = linearOffset(to.buffer->type(), to.resolve(nest.results[0]));
  std::optional<Dim> column = place.coefficientOf(role.n);
  if (!column || !column->isConstant(1) ||
      (!role.m.empty() && !place.coefficientOf(role.m)))
    return false;
  direct = place;
  result.buffer = to.buffer;
  return true;
}

void ContractionLoops::bring(const TensorRef &ref, const Shape &map) {
  constexpr size_t most = 4;
  if (role.m.empty() || role.n.empty() || !parts.empty() || ends ||
      beside.size() == most)
    return;
  Dim place = linearOffset(ref.buffer->type(), ref.resolve(map));
  auto moves = [&](const std::string &axis, const Dim &by) {
    std::optional<Dim> stride = place.coefficientOf(axis);
    return stride && *stride == by;
  };
  bool runsAlong = moves(role.n, 1);
  for (const std::string &axis : {role.wide, role.images})
    runsAlong &= !isJoined(axis) || moves(axis, lengthOf(axis));
  std::optional<Dim> row = place.coefficientOf(role.m);
  if (runsAlong && row && (beside.empty() || beside[0].row == *row))
    beside.push_back({ref.buffer, place, *row});
}

void ContractionLoops::packAOnce() {
  bool isOne = std::ranges::all_of(ranges, [&](const AxisRange &axis) {
    return axis.name == role.m || axis.name == role.n ||
           axis.extent.isConstant(1);
  });
  if (!isOne || !packsA() || !parts.empty())
    return;
  AxisValues at;
  for (const AxisRange &axis : ranges)
    at[axis.name] = axis.start;
  packA(at);
}

void ContractionLoops::sumInParts(const AttrDict &each) {
  parts = each;
  ends.reset();
  chooseJoins();
}

/// A loop for each summed axis that is taken in parts.
void ContractionLoops::multiply() {
  if (parts.empty())
    return multiplyPart();
  std::function<void(size_t)> part = [&](size_t i) {
    const Attr *step = i < summed.size() ? parts.find(summed[i].name) : nullptr;
    if (!step) {
      packB(false);
      return multiplyPart();
    }
    const Dim extent = nest.reduce[i].extent;
    loops.loop(summed[i].name, {0, extent, step->asInt()},
               [&](const Dim &index) {
                 summed[i] = {summed[i].name, index,
                              Dim::min(step->asInt(), extent - index),
                              Dim(step->asInt())};
                 part(i + 1);
               });
  };
  part(0);
}

void ContractionLoops::multiplyPart() {
  packedA = parts.empty() ? packedA : nullptr;
  AxisValues at;
  // Axes of the tile besides rows and columns are loops around the product.
  std::function<void(size_t)> around = [&](size_t i) {
    if (i == ranges.size()) {
      if (!packedA && packsA())
        packA(at);
      return ends ? callInside(at) : callKernel(at, extentOf(role.m));
    }
    const AxisRange &axis = ranges[i];
    if (axis.name == role.m || axis.name == role.n || isJoined(axis.name))
      return around(i + 1);
    loops.loop(axis.name, {0, axis.extent}, [&](const Dim &index) {
      at[axis.name] = axis.start + index;
      around(i + 1);
    });
  };
  if (!role.m.empty())
    at[role.m] = startOf(role.m);
  around(0);
}

/// `rows` of the tile's, from that on which stands in `at`.
void ContractionLoops::callKernel(const AxisValues &at, const Dim &rows) {
  Linear a;
  Dim depth = 1;
  for (const AxisRange &axis : summed)
    depth = depth * axis.most();
  Value *bufferA = operands[role.a].buffer;
  if (packedA) {
    bufferA = packedA;
    Dim row = rowsPacked();
    a = row.isConstant(0) ? Linear{0, depth, denseStrides(summed, 1)}
                          : Linear{0, 1, denseStrides(summed, row)};
  } else {
    a = *linear(operands[role.a], nest.maps[role.a], role.m);
    if (!role.m.empty())
      a.offset = a.offset + a.row * at.at(role.m);
    a.offset = a.offset.substitute(lookupIn(at)) + startOfSums(a);
  }
  // The place in the scratch tile, relative to its start.
  Dim c = 0, rowStride = 0;
  const Type &tileType = result.buffer->type();
  if (direct) {
    AxisValues first = at;
    first[role.n] = startOf(role.n);
    c = direct->substitute(lookupIn(first));
    if (!role.m.empty())
      rowStride = *direct->coefficientOf(role.m);
  }
  for (size_t i = 0; i < tileAxes.size(); ++i) {
    Dim stride = 1;
    for (int64_t j = static_cast<int64_t>(i) + 1; j < tileType.rank(); ++j)
      stride = stride * tileType.dim(j);
    const std::string &axis = tileAxes[i];
    if (axis == role.m)
      rowStride = stride;
    if (axis != role.n)
      c = c + (at.at(axis) - range(axis).start) * stride;
  }
  AxisValues corner = at;
  for (const std::string &axis : {role.n, role.wide, role.images})
    if (axis == role.n || isJoined(axis))
      corner[axis] = startOf(axis);
  auto call = [&](Value *bufferB, Linear b, const Dim &panel, const Dim &from,
                  const Dim &columns) {
    Linear merged = a;
    std::vector<AxisRange> sums = sumsInside(at);
    // One long sum takes less than several short ones.
    bool copiesEdges = !leavesMuchOut() && (packedA || !nest.fill[role.a]) &&
                       (bufferB == packedB || !nest.fill[role.b]);
    if (copiesEdges && axisCount(sums, a.reduce, b.reduce) >
                           axisCount(reduceRanges(), a.reduce, b.reduce))
      sums = reduceRanges();
    Shape extents;
    Dim before = gone;
    for (size_t i = 0; i < sums.size(); ++i) {
      merged.offset = merged.offset + sums[i].start * a.reduce[i];
      b.offset = b.offset + sums[i].start * b.reduce[i];
      extents.push_back(sums[i].extent);
      before = before + summed[i].start;
    }
    mergeAxes(extents, merged.reduce, b.reduce);
    check(extents.size() <= 3, "a product over more than three summed axes");
    AttrDict attrs{{"rows", rows},         {"columns", columns},
                   {"reduce", extents},    {"a", merged.offset},
                   {"a_row", merged.row},  {"a_reduce", merged.reduce},
                   {"b", b.offset},        {"b_panel", panel},
                   {"b_reduce", b.reduce}, {"c", c + from},
                   {"c_row", rowStride}};
    if (!before.isConstant(0))
      attrs.set("adds", before);
    std::vector<Value *> buffers{bufferA, bufferB, result.buffer};
    std::vector<Dim> places;
    for (const Beside &each : beside) {
      buffers.push_back(each.buffer);
      places.push_back(each.place.substitute(lookupIn(corner)) + from);
    }
    if (!places.empty()) {
      attrs.set("beside", places);
      attrs.set("beside_row", beside[0].row);
    }
    loops.builder.create("brgemm", buffers, attrs);
  };
  if (image.ref.buffer) {
    Linear b = *linear(image.ref, image.map, role.n);
    AxisValues first = at;
    for (const std::string &axis : {role.wide, role.images})
      if (!axis.empty())
        first[axis] = startOf(axis);
    b.offset = (b.offset + startOf(role.n)).substitute(lookupIn(first));
    return call(packedB, b, lanes, 0, columns());
  }
  if (joinsRows)
    return call(packedB,
                {0, 0, denseStrides(summed, packedB->type().shape().back())},
                lanes, 0, columns());
  Dim inPlace = columnsInPlace();
  if (!inPlace.isConstant(0)) {
    Linear b = *linear(operands[role.b], nest.maps[role.b], role.n);
    b.offset =
        (b.offset + startOf(role.n)).substitute(lookupIn(at)) + startOfSums(b);
    call(operands[role.b].buffer, b, lanes, 0, inPlace);
  }
  // Columns start at a panel: (column / 16) * (16 * depth).
  if (packedB)
    call(packedB,
         {aheadStart + (startOf(role.n) - packedStart + inPlace) * depth, 0,
          panelStrides()},
         depth * lanes, inPlace, extentOf(role.n) - inPlace);
}

} // namespace nnc
