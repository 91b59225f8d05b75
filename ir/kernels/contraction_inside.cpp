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
// Note [The ends of an image's rows]
// Where the rows of a product are places x of an image's row, as those of a
// convolution whose weights' rows fill the lanes, its entry is p*x + s*r + e,
// and r reads inside for some of them only:
//   ceil((-e - s*r) / p) <= x < floor((W - 1 - e - s*r) / p) + 1.
// There is a call for each r, with these rows alone, and each but the first one
// goes on from the sums so far. r goes round from a place for which all rows
// lie inside, so that an element's terms are added in an order that depends on
// the shape alone. The image needs no ends. It pays where a call sums enough
// for what it takes to read the sums and to write them again.
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

/// The entry of a map that uses an axis, if only one does.
static std::optional<size_t> entryOf(const Shape &map,
                                     const std::string &axis) {
  std::optional<size_t> found;
  for (size_t i = 0; i < map.size(); ++i) {
    if (map[i].uses(axis) && found)
      return std::nullopt;
    if (map[i].uses(axis))
      found = i;
  }
  return found;
}

namespace {

/// An entry p*x + s*r + e of an image's map, all of it known.
struct Sliding {
  Dim entry;
  size_t summed; ///< Which summed axis r is.
  int64_t places, window, extent, p, s, e;

  /// Of the places x, how many lie inside for this r.
  int64_t inside(int64_t r) const {
    Dim start = s * r + e;
    auto [from, to] = placesInside(p, start, start, extent);
    return std::max<int64_t>(0, std::min(places, to.value()) -
                                    std::max<int64_t>(0, from.value()));
  }
};

} // namespace

/// How the window slides over an operand that is 0 outside, along the one of
/// its axes along which `axis` goes.
static std::optional<Sliding> slidingAlong(const Nest &nest, int64_t operand,
                                           const std::string &axis) {
  // Of a longer window, as in a gradient of weights, little lies outside.
  constexpr int64_t longest = 1024;
  const Shape &map = nest.maps[operand];
  std::optional<size_t> at = entryOf(map, axis);
  std::optional<size_t> summed =
      at ? summedAxisOf(map[*at], nest.reduce) : std::nullopt;
  if (!summed || nest.fill[operand] != 0.0)
    return std::nullopt;
  const NestAxis &window = nest.reduce[*summed];
  const Dim &places = nest.findParallel(axis)->extent,
            &extent = nest.op->operand(operand)->type().dim(
                static_cast<int64_t>(*at));
  std::optional<Dim> p = map[*at].coefficientOf(axis),
                     s = map[*at].coefficientOf(window.name);
  if (!p || !p->isConstant())
    return std::nullopt;
  Dim e = map[*at] - *p * Dim::symbol(axis) - *s * Dim::symbol(window.name);
  for (const Dim &size : {places, extent, window.extent, e})
    if (!size.isConstant())
      return std::nullopt;
  if (window.extent.value() > longest)
    return std::nullopt;
  return Sliding{
      map[*at],       *summed,    places.value(), window.extent.value(),
      extent.value(), p->value(), s->value(),     e.value()};
}

double shareInside(const Nest &nest, int64_t operand, const std::string &axis) {
  std::optional<Sliding> sliding = slidingAlong(nest, operand, axis);
  if (!sliding || sliding->places * sliding->window == 0)
    return 1;
  int64_t inside = 0;
  for (int64_t r = 0; r < sliding->window; ++r)
    inside += sliding->inside(r);
  return static_cast<double>(inside) /
         static_cast<double>(sliding->places * sliding->window);
}

std::optional<RowEnds> rowEnds(const Nest &nest,
                               const ContractionRoles &roles) {
  // To go on from a vector of sums takes as long as so many products of one.
  constexpr int64_t goingOn = 6;
  // With fewer rows, in two panels, sums would wait for each other.
  constexpr int64_t fewestRows = 2;
  if (roles.m.empty() || nest.reduce.size() > 3)
    return std::nullopt;
  std::optional<Sliding> row = slidingAlong(nest, roles.a, roles.m);
  if (!row || row->p < 1)
    return std::nullopt;
  Dim terms = 1;
  for (size_t i = 0; i < nest.reduce.size(); ++i)
    if (i != row->summed)
      terms = terms * nest.reduce[i].extent;
  if (!terms.isConstant())
    return std::nullopt;
  int64_t first = -1, inside = 0, all = row->places * row->window;
  for (int64_t r = 0; r < row->window; ++r) {
    int64_t here = row->inside(r);
    inside += std::max(here, fewestRows);
    if (here == row->places && first < 0)
      first = r;
  }
  bool pays = (all - inside) * terms.value() >
              (row->window - 1) * goingOn * row->places;
  if (first < 0 || !pays)
    return std::nullopt;
  return RowEnds{row->entry, row->extent, row->summed, first,
                 static_cast<double>(inside) / static_cast<double>(all)};
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
    if (operand == role.a && ends && edge.entry == ends->entry)
      return false;
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

/// Whether of what calls sum so much lies outside that the rest takes less in
/// several short sums than all of it in one.
bool ContractionLoops::leavesMuchOut() const {
  constexpr double mostInside = 0.9;
  double inside = 1;
  for (int64_t operand = 0; operand < 2; ++operand)
    for (const AxisRange &axis : ranges)
      if (!isInCall(axis.name))
        inside *= shareInside(nest, operand, axis.name);
  return inside <= mostInside;
}

/// Of the part in hand, counted from its start, what a call at `at` reads
/// inside.
std::vector<AxisRange>
ContractionLoops::sumsInside(const AxisValues &at) const {
  std::vector<AxisRange> sums = reduceRanges();
  for (int64_t operand = 0; operand < 2; ++operand)
    for (const Edge &edge : edges(operand))
      if (operand != role.a || !ends || !(edge.entry == ends->entry))
        clip(sums, edge, at);
  if (ends)
    sums[ends->summed] = {"", at.at(nest.reduce[ends->summed].name), 1};
  return sums;
}

/// Of the tile's rows, those that lie inside at a place `r` of the window.
AxisRange ContractionLoops::rowsInside(const Dim &r) const {
  AxisRange rows = range(role.m);
  int64_t step = ends->entry.coefficientOf(role.m)->value();
  AxisValues at{{role.m, 0}, {nest.reduce[ends->summed].name, r}};
  Dim start = ends->entry.substitute(lookupIn(at));
  auto [first, end] = placesInside(step, start, start, ends->extent);
  Dim from = Dim::max(rows.start, first),
      to = Dim::min(rows.start + rows.extent, end);
  return {rows.name, from, Dim::max(0, to - from), rows.most()};
}

/// A call for each place of the window along the image's rows.
void ContractionLoops::callInside(AxisValues at) {
  const NestAxis &window = nest.reduce[ends->summed];
  loops.loop(window.name, {0, window.extent}, [&](const Dim &index) {
    Dim r = index + ends->first;
    if (ends->first > 0)
      r = r - window.extent * r.floorDiv(window.extent.value());
    AxisRange rows = rowsInside(r);
    at[role.m] = rows.start;
    at[window.name] = r;
    gone = index;
    callKernel(at, rows.extent);
  });
  gone = 0;
}

} // namespace nnc
