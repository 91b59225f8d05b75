//===- ir/kernels/contraction_packs.cpp - What a product packs ------------===//
#include "ir/check.h"
#include "ir/kernels/contraction_loops.h"
#include "ir/kernels/product_columns.h"
#include "ir/kernels/window_copy.h"

#include <algorithm>
#include <numeric>
#include <ranges>

namespace nnc {

// Note [Few rows read B in place]
// Packing costs a load and a store for each element of B, and each row uses it
// once: with few rows, such as one example that a net is asked about, that is
// more than the product. So the whole panels of B are then read where they are;
// only what does not fill a panel is packed, since nothing may be read behind a
// row's end. How many rows there are may be known only when the program runs:
// then the number of columns that are packed, and that of those read in place,
// is 0 by a formula. Weights that a function keeps are read in place in its
// first run alone.
static constexpr int64_t fewestRowsToPack = 16;

// Note [Rows that are joined]
// The columns of a convolution's product are the pixels of a row, of which an
// image that has become small has few: a panel of 16 columns would hold 7. If B
// is packed anyway, some rows are packed one behind the other, and are columns
// of one product: pixel (y, x) of the tile is column y * W + x, in the packed
// block and in the tile of the result. They are packed as they are, without
// regard to panels, so that a panel may begin in one row and end in the next:
// the distance of two k is that of the whole block's columns, and 16 columns
// further is the next panel. If all rows of an image are, so are those of some
// images, one behind the other: of 4 pixels in an image four fill a panel, and
// weights of megabytes are read once for all.

// Note [Long sums]
// The gradient of a convolution's weights sums over all places of all images:
// B, packed for 32 columns, would leave L2. So the sum is taken in parts, of
// some images or rows of one: the tile of the result stays, of some 64 rows,
// and each part's columns are packed, used by all of these and forgotten. An
// element is the same chain of multiply-adds.

// Note [Rows that lie side by side]
// In a weight's gradient the rows of A are neighbours in memory: each element
// of a row has a cache line of its own, and these lie so regularly that they
// fall into few sets of the cache. If the columns are enough to make up for it,
// the tile's rows are copied as they are, so that one k is one line, and the
// next k is the next line. A copy takes about a third of a cycle for each
// element, as much as its product with 5 columns; so B is packed whole, and the
// copy serves all columns. Where that is more than half of L2, threads pack it
// together: each for itself would take as long as the product with 5 rows.

/// See Note [Few rows read B in place].
Dim ContractionLoops::columnsInPlace() const {
  if (role.n.empty() || needsFill(role.b) || nest.reduce.size() > 3 ||
      !extentOf(role.wide).isConstant(1))
    return 0;
  std::optional<Linear> address =
      linear(operands[role.b], nest.maps[role.b], role.n);
  if (!address || !address->row.isConstant(1))
    return 0;
  const Dim rows = role.m.empty() ? Dim(1) : nest.findParallel(role.m)->extent;
  Dim isFew = 1 - Dim::min(rows.floorDiv(fewestRowsToPack), 1);
  if (readsInPlace(nest, role))
    isFew = 1;
  else if (isAhead)
    isFew = isFew * (1 - Dim::min(Dim::symbol(std::string(runsSymbol)), 1));
  return extentOf(role.n).floorDiv(lanes) * lanes * isFew;
}

bool ContractionLoops::mayJoinRows() const {
  if (extentOf(role.wide).isConstant(1))
    return false;
  const AxisRange &n = range(role.n);
  check(n.start.isConstant(0) && n.extent.isConstant() &&
            n.extent == nest.findParallel(role.n)->extent,
        "rows that are scheduled together cannot be joined");
  return true;
}

bool ContractionLoops::isJoined(const std::string &axis) const {
  return (joinsRows && axis == role.wide) ||
         (joinsImages && axis == role.images);
}

/// The columns from one place of a joined axis to the next.
Dim ContractionLoops::lengthOf(const std::string &axis) const {
  return axis == role.images ? extentOf(role.wide) * rowLength : rowLength;
}

Dim ContractionLoops::columnsBy(ExtentOf extent) const {
  Dim result = (this->*extent)(role.n);
  for (const std::string &axis : {role.wide, role.images})
    if (isJoined(axis))
      result = result + ((this->*extent)(axis)-1) * lengthOf(axis);
  return result;
}

/// Of a point of the tile.
AxisValues ContractionLoops::places() const {
  AxisValues at;
  for (const AxisRange &axis : ranges)
    at[axis.name] =
        axis.start +
        (axis.extent.isConstant(1) ? Dim(0) : Dim::symbol(axis.name));
  startSums(at);
  return at;
}

/// Where the tile reads B. An image is copied with its edges first, since each
/// of its elements is packed for several places of the window, and to ask each
/// time whether it lies outside takes longer than that.
NestCode::Access ContractionLoops::withEdges() {
  NestCode::Access load{operands[role.b], nest.maps[role.b], nest.fill[role.b]};
  std::vector<AxisRange> axes = ranges;
  axes.insert(axes.end(), summed.begin(), summed.end());
  bool isWindow = std::ranges::any_of(load.map, [&](const Dim &entry) {
    return std::ranges::count_if(axes, [&](const AxisRange &axis) {
             return entry.uses(axis.name);
           }) > 1;
  });
  if (!load.fill || !isWindow)
    return load;
  std::optional<Window> window = windowOf(load, axes);
  return window ? copyWindow(loops, load, *window, window->most) : load;
}

void ContractionLoops::packRows() {
  Dim width = extentOf(role.n);
  Shape shape;
  for (const AxisRange &axis : summed)
    shape.push_back(axis.most());
  // An odd number of vectors, since rows at distances of a power of two meet
  // in few sets of the cache.
  Dim vectors = mostColumns().ceilDiv(lanes).floorDiv(2) * 2 + 1;
  shape.push_back(vectors * lanes);
  Elem elem = operands[role.b].buffer->type().elem();
  packedB = loops.scratch(elem, shape);

  NestCode::Access load = withEdges();
  NestCode code;
  code.parallel = reduceRanges();
  AxisValues at = places();
  Dim column = Dim::symbol("column");
  auto join = [&](const std::string &axis, const std::string &name) {
    code.parallel.push_back({name, 0, extentOf(axis)});
    at[axis] = startOf(axis) + Dim::symbol(name);
    column = column + Dim::symbol(name) * lengthOf(axis);
  };
  if (joinsImages)
    join(role.images, "image");
  join(role.wide, "row");
  code.parallel.push_back({"column", 0, width});
  at[role.n] = Dim::symbol("column");
  Shape to;
  for (Dim &entry : load.map)
    entry = entry.substitute(lookupIn(at));
  code.loads.push_back(std::move(load));
  for (const NestAxis &axis : nest.reduce)
    to.push_back(Dim::symbol(axis.name));
  to.push_back(column);
  code.stores.push_back({TensorRef::whole(packedB), to});
  emitNest(loops, code);

  // What is left of the last panel is zero.
  Dim left = columns().roundUp(lanes) - columns();
  if (left.isConstant(0))
    return;
  Shape place;
  std::function<void(size_t)> clear = [&](size_t i) {
    if (i < nest.reduce.size())
      return loops.loop(summed[i].name, {0, summed[i].extent},
                        [&](const Dim &index) {
                          place.push_back(index);
                          clear(i + 1);
                          place.pop_back();
                        });
    Shape end = place;
    end.push_back(columns());
    Value *zeros = loops.builder.constant(0, Type::vector(elem, lanes));
    loops.builder.create("store", {zeros, packedB},
                         {{"index", end}, {"count", left}});
  };
  clear(0);
}

void ContractionLoops::chooseJoins() {
  joinsRows = mayJoinRows();
  joinsImages = joinsRows && !extentOf(role.images).isConstant(1);
  rowLength = extentOf(role.n);
}

void ContractionLoops::packB(bool once) {
  chooseJoins();
  if (std::optional<int64_t> row = windowRow(nest, role);
      row && !joinsImages && copyImage()) {
    rowLength = *row;
    return;
  }
  if (joinsRows)
    return packRows();
  Dim inPlace = columnsInPlace();
  if (inPlace == extentOf(role.n))
    return;
  packedStart = startOf(role.n);
  Type type = panelsType();
  packedB = once ? loops.heldScratch(type.elem(), type.shape())
                 : loops.scratch(type.elem(), type.shape());
  Dim first = inPlace.floorDiv(lanes);
  NestCode code =
      packing({"panel", first, extentOf(role.n).ceilDiv(lanes) - first});
  if (once)
    loops.inFirstTurn([&] { emitNest(loops, code); });
  else
    emitNest(loops, code);
}

void ContractionLoops::packTogether() {
  constexpr int64_t panelsInTurn = 4;
  rowLength = extentOf(role.n);
  Dim inPlace = columnsInPlace();
  if (inPlace == extentOf(role.n))
    return;
  packedStart = startOf(role.n);
  Type type = panelsType();
  packedB = loops.shared(Type::tensor(type.elem(), type.shape()));
  Dim first = inPlace.floorDiv(lanes), end = type.dim(0), panels = end - first;
  bool fits = panels.isConstant() && panels.value() % panelsInTurn == 0;
  loops.loop("panel", {first, end, panelsInTurn, true}, [&](const Dim &panel) {
    Dim count = fits ? Dim(panelsInTurn) : Dim::min(panelsInTurn, end - panel);
    emitNest(loops, packing({"panel", panel, count}));
  });
  loops.builder.create("barrier", {});
  loops.endKernel();
}

/// The summed axes in a panel, outermost first, in the order in which calls go
/// through them.
std::vector<size_t> ContractionLoops::panelOrder() const {
  std::vector<size_t> order(summed.size());
  std::iota(order.begin(), order.end(), 0);
  if (ends)
    std::rotate(order.begin(), order.begin() + ends->summed,
                order.begin() + ends->summed + 1);
  return order;
}

/// From one place of each summed axis to the next.
std::vector<Dim> ContractionLoops::panelStrides() const {
  std::vector<Dim> strides(summed.size());
  Dim stride = lanes;
  for (size_t axis : std::views::reverse(panelOrder())) {
    strides[axis] = stride;
    stride = stride * summed[axis].most();
  }
  return strides;
}

/// [panel][k][lane]
Type ContractionLoops::panelsType() const {
  Shape shape{mostOf(role.n).ceilDiv(lanes)};
  for (size_t axis : panelOrder())
    shape.push_back(summed[axis].most());
  shape.push_back(lanes);
  return Type::buffer(operands[role.b].buffer->type().elem(), shape);
}

/// Column n is 16*panel + lane; columns beyond the tensor are zero. Panels
/// inside: neighbouring columns are read together. `to`: of packedB, what goes
/// before.
NestCode ContractionLoops::packing(const AxisRange &panels, Shape to) const {
  NestCode code;
  code.parallel = reduceRanges();
  code.parallel.push_back({panels.name, 0, panels.extent});
  code.parallel.push_back({"lane", 0, lanes});
  Dim panel = panels.start + Dim::symbol(panels.name);
  AxisValues at = places();
  if (!role.n.empty())
    at[role.n] = panel * lanes + Dim::symbol("lane") + packedStart;
  Shape map;
  for (const Dim &entry : nest.maps[role.b])
    map.push_back(entry.substitute(lookupIn(at)));
  NestCode::Access load{operands[role.b], map, nest.fill[role.b]};
  bool fits = !role.n.empty() && extentOf(role.n).isConstant() &&
              extentOf(role.n).value() % lanes == 0;
  if (!load.fill && !fits)
    load.fill = 0.0;
  code.loads.push_back(std::move(load));
  to.push_back(panel);
  for (size_t axis : panelOrder())
    to.push_back(Dim::symbol(summed[axis].name));
  to.push_back(Dim::symbol("lane"));
  code.stores.push_back({TensorRef::whole(packedB), to});
  return code;
}

std::optional<PackedAhead>
ContractionLoops::packAhead(const std::optional<PartOf> &part) {
  const Value *b = nest.op->operand(role.b);
  bool isPlain = !role.n.empty() && !nest.fill[role.b] &&
                 extentOf(role.wide).isConstant(1);
  for (const Dim &entry : nest.maps[role.b])
    isPlain &= entry.isConstant() || entry.asSymbol() == role.n ||
               std::ranges::any_of(nest.reduce, [&](const NestAxis &axis) {
                 return entry.asSymbol() == axis.name;
               });
  if (!isPlain || !elementCount(b->type().shape()).isConstant() ||
      readsInPlace(nest, role))
    return std::nullopt;
  isAhead = true;
  Dim first = columnsInPlace().floorDiv(lanes);
  Type one = panelsType();
  Shape shape = one.shape();
  if (part)
    shape.insert(shape.begin(), part->count);
  packedB = loops.kept->memory(Type::tensor(one.elem(), shape));
  Dim panels = extentOf(role.n).ceilDiv(lanes) - first;
  auto pack = [&](const Shape &before) {
    loops.loop("panel", {0, panels, 1, true}, [&](const Dim &panel) {
      emitNest(loops, packing({"panel", first + panel, 1}, before));
    });
  };
  loops.inFirstRuns(first.isConstant(0) ? 1 : 2, [&] {
    TensorRef &source = operands[role.b];
    source = loops.inFront(source);
    if (!part)
      return pack({});
    loops.loop("part", {0, part->count}, [&](const Dim &place) {
      AxisValues at{{*part->place.asSymbol(), place}};
      for (Dim &entry : source.index)
        entry = entry.substitute(lookupIn(at));
      pack({place});
    });
  });
  loops.endKernel();
  return PackedAhead{packedB,
                     part ? part->place * elementCount(one.shape()) : Dim(0)};
}

void ContractionLoops::usePacked(const PackedAhead &ahead) {
  isAhead = true;
  packedB = ahead.panels;
  aheadStart = ahead.start;
  packedStart = 0;
  rowLength = extentOf(role.n);
}

bool hasRowsSideBySide(const Nest &nest, const ContractionRoles &roles) {
  constexpr int64_t enoughColumns = 64, enoughLines = 128;
  const Shape &map = nest.maps[roles.a];
  if (roles.m.empty() || roles.n.empty() || map.size() < 2 ||
      map.back().asSymbol() != roles.m || nest.fill[roles.a])
    return false;
  const Dim &columns = nest.findParallel(roles.n)->extent;
  int64_t lines = 1;
  for (const NestAxis &axis : nest.reduce)
    lines *= estimate(axis.extent, {});
  return columns.isConstant() && columns.value() >= enoughColumns &&
         lines >= enoughLines;
}

/// If A is packed with its rows side by side, the elements from one k to the
/// next; else 0.
Dim ContractionLoops::rowsPacked() const {
  return hasRowsSideBySide(nest, role) ? mostOf(role.m).roundUp(lanes) : Dim(0);
}

/// Row by row, the summed axes in order; or the other way round.
void ContractionLoops::packA(const AxisValues &at) {
  Dim sideBySide = rowsPacked();
  std::vector<AxisRange> axes = reduceRanges();
  Shape shape;
  for (const AxisRange &axis : axes)
    shape.push_back(axis.most());
  bool rowsFirst = sideBySide.isConstant(0);
  axes.insert(rowsFirst ? axes.begin() : axes.end(),
              {"row", 0, extentOf(role.m)});
  shape.insert(rowsFirst ? shape.begin() : shape.end(),
               rowsFirst ? mostOf(role.m) : sideBySide);
  packedA = loops.scratch(operands[role.a].buffer->type().elem(), shape);
  NestCode code;
  code.parallel = axes;
  AxisValues place = at;
  startSums(place);
  if (!role.m.empty())
    place[role.m] = startOf(role.m) + Dim::symbol("row");
  Shape map;
  for (const Dim &entry : nest.maps[role.a])
    map.push_back(entry.substitute(lookupIn(place)));
  code.loads.push_back({operands[role.a], map, nest.fill[role.a]});
  Shape to;
  for (const AxisRange &axis : axes)
    to.push_back(Dim::symbol(axis.name));
  code.stores.push_back({TensorRef::whole(packedA), to});
  emitNest(loops, code);
}

} // namespace nnc
