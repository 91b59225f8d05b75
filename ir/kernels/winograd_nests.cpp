#include "ir/kernels/winograd_nests.h"

#include "ir/cost.h"
#include "ir/kernels/loop_builder.h"
#include "ir/kernels/nest.h"

#include <algorithm>

namespace nnc {

/// A matrix, row by row.
using Matrix = std::vector<std::vector<double>>;

static const Matrix imageTransform = {
    {4, 0, -5, 0, 1, 0},  {0, -4, -4, 1, 1, 0}, {0, 4, -4, -1, 1, 0},
    {0, -2, -1, 2, 1, 0}, {0, 2, -1, -2, 1, 0}, {0, 4, 0, -5, 0, 1}};
static const Matrix kernelTransform = {{1. / 4, 0, 0},
                                       {-1. / 6, -1. / 6, -1. / 6},
                                       {-1. / 6, 1. / 6, -1. / 6},
                                       {1. / 24, 1. / 12, 1. / 6},
                                       {1. / 24, -1. / 12, 1. / 6},
                                       {0, 0, 1}};
static const Matrix resultTransform = {{1, 1, 1, 1, 1, 0},
                                       {0, 1, -1, 2, -2, 0},
                                       {0, 1, 1, 4, 4, 0},
                                       {0, 1, -1, 8, -8, 1}};

static constexpr int64_t kernel = WinogradTiles::kernel,
                         places = WinogradTiles::places,
                         window = WinogradTiles::window,
                         elements = WinogradTiles::elements;

WinogradTiles::WinogradTiles(int64_t rows, int64_t columns) {
  int64_t fewestDown = (rows + places - 1) / places;
  int64_t fewestAcross = (columns + places - 1) / places;
  down = fewestDown, across = (fewestAcross + lanes - 1) / lanes * lanes;
  for (int64_t more = 0; more < lanes; ++more)
    for (int64_t wide = fewestAcross; wide < fewestAcross + lanes; ++wide)
      if ((fewestDown + more) * wide % lanes == 0 &&
          (fewestDown + more) * wide < count())
        down = fewestDown + more, across = wide;
}

WinogradNests::WinogradNests(const Op &conv, Op &place)
    : shape(conv, conv.operand(0)->type(), conv.operand(1)->type()),
      x(conv.operand(0)), type(conv.result()->type()),
      in(shape.w.dim(1).value()), out(shape.w.dim(0).value()),
      rows(type.dim(2).value()), columns(type.dim(3).value()),
      tiles(rows, columns),
      builder(&place), extents{{'b', type.dim(0)},
                               {'c', in},
                               {'k', out},
                               {'p', tiles.down},
                               {'q', tiles.across},
                               {'x', columns},
                               {'y', rows},
                               {'e', elements},
                               {'i', window},
                               {'j', window},
                               {'m', places},
                               {'n', places},
                               {'r', window},
                               {'s', window},
                               {'w', kernel * kernel},
                               {'z', places * tiles.down + window - places},
                               {'t', tiles.count()}} {
  builder.location = conv.location;
}

/// The index along an axis.
Dim WinogradNests::at(char axis) const {
  return extents.at(axis).isConstant(1) ? Dim(0)
                                        : Dim::symbol(std::string(1, axis));
}

static std::vector<double> flat(const Matrix &matrix) {
  std::vector<double> all;
  for (const std::vector<double> &row : matrix)
    all.insert(all.end(), row.begin(), row.end());
  return all;
}

Value *WinogradNests::transformedImage() {
  Dim b = at('b'), c = at('c'), j = at('j');
  Value *matrix = constant(flat(imageTransform), {window, window});
  Value *alongRows =
      nest("bczjq", "s",
           {{matrix, {j, at('s')}},
            {x,
             {b, c, at('z') - shape.low[0],
              places * at('q') + at('s') - shape.low[1]},
             0.0}},
           {type.dim(0), in, extents.at('z'), window, tiles.across},
           {b, c, at('z'), j, at('q')});
  return nest("ibcpjq", "r",
              {{matrix, {at('i'), at('r')}},
               {alongRows, {b, c, places * at('p') + at('r'), j, at('q')}}},
              {elements, type.dim(0), in, tiles.count()},
              {window * at('i') + j, b, c, tiles.across * at('p') + at('q')});
}

/// G w G^T as one matrix by the nine elements of w: [i, j, r, s].
static std::vector<double> kernelTransformOfBoth() {
  std::vector<double> both;
  for (const std::vector<double> &down : kernelTransform)
    for (const std::vector<double> &across : kernelTransform)
      for (double a : down)
        for (double b : across)
          both.push_back(a * b);
  return both;
}

Value *WinogradNests::transformedWeights(Value *w) {
  constexpr int64_t weights = kernel * kernel;
  Shape read{out, in, weights}, written{elements, out, in};
  Shape from{at('k'), at('c'), at('w')}, to{at('e'), at('k'), at('c')};
  std::string axes = "kec";
  if (w->type().rank() > shape.w.rank()) {
    extents['l'] = w->type().dim(0);
    axes = "lkec";
    for (Shape *each : {&read, &written})
      each->insert(each->begin(), extents.at('l'));
    for (Shape *each : {&from, &to})
      each->insert(each->begin(), at('l'));
  }
  w = builder.op("reshape", {w}, {}, {type.withShape(read)});
  Value *matrix = constant(kernelTransformOfBoth(), {elements, weights});
  return nest(axes, "w", {{matrix, {at('e'), at('w')}}, {w, from}}, written,
              to);
}

Value *WinogradNests::result(Value *u, Value *v) {
  Value *y = transformedResult(products(u, v));
  return columns == places * tiles.across ? y : withoutRest(y);
}

Value *WinogradNests::products(Value *u, Value *v) {
  Dim e = at('e'), b = at('b'), k = at('k'), c = at('c'), t = at('t');
  return nest("ebkt", "c", {{u, {e, k, c}}, {v, {e, b, c, t}}},
              {elements, type.dim(0), out, tiles.count()}, {e, b, k, t});
}

/// With what stands behind the end of its rows.
Value *WinogradNests::transformedResult(Value *m) {
  Dim b = at('b'), k = at('k'), j = at('j');
  Value *matrix = constant(flat(resultTransform), {places, window});
  Value *alongColumns = nest(
      "bkpmjq", "i",
      {{matrix, {at('m'), at('i')}},
       {m, {window * at('i') + j, b, k, tiles.across * at('p') + at('q')}}},
      {type.dim(0), out, places * tiles.down, window, tiles.across},
      {b, k, places * at('p') + at('m'), j, at('q')});
  return nest(
      "bkynq", "j",
      {{matrix, {at('n'), j}}, {alongColumns, {b, k, at('y'), j, at('q')}}},
      {type.dim(0), out, rows, places * tiles.across},
      {b, k, at('y'), places * at('q') + at('n')});
}

Value *WinogradNests::withoutRest(Value *y) {
  Shape place{at('b'), at('k'), at('y'), at('x')};
  return nest("bkyx", "", {{y, place}}, type.shape(), place);
}

/// Sums products, or copies, where nothing is summed.
Value *WinogradNests::nest(std::string_view parallel, std::string_view reduce,
                           std::vector<NestOperand> operands,
                           const Shape &result, const Shape &map) {
  NestSpec spec;
  for (char axis : parallel)
    if (!extents.at(axis).isConstant(1))
      spec.parallel.push_back({std::string(1, axis), extents.at(axis)});
  for (char axis : reduce)
    spec.reduce.push_back({std::string(1, axis), extents.at(axis)});
  if (!reduce.empty())
    spec.combine = "add";
  spec.operands = std::move(operands);
  spec.results = {{type.withShape(result), map}};
  spec.body = [&](Builder &b, std::span<Value *const> loaded) {
    return std::vector{reduce.empty() ? loaded[0]
                                      : b.op("mul", {loaded[0], loaded[1]})};
  };
  count(spec);
  Value *value = buildNest(builder, std::move(spec))[0];
  // An infinity makes a NaN of most that its tile comes to anyway.
  if (!reduce.empty())
    value->definingOp()->attrs.set("finite", true);
  return value;
}

Value *WinogradNests::constant(const std::vector<double> &elements,
                               const Shape &shape) {
  return builder.op(
      "constant", {},
      {{"value", std::make_shared<const std::vector<double>>(elements)}},
      {type.withShape(shape)});
}

void WinogradNests::count(const NestSpec &spec) {
  Dim products = 1;
  for (const auto *axes : {&spec.parallel, &spec.reduce})
    for (const NestAxis &axis : *axes)
      products = products * axis.extent;
  if (const std::vector<double> *matrix = elementsOf(spec.operands[0].value)) {
    int64_t size = std::ssize(*matrix);
    int64_t zeros = std::ranges::count(*matrix, 0.0);
    products = *(products * (size - zeros)).divideExactly(size);
  }
  if (!spec.reduce.empty())
    taken.multiplyAdds = taken.multiplyAdds + products;
  for (const NestOperand &operand : spec.operands)
    taken.bytes = taken.bytes + bytesOf(operand.value->type());
  taken.bytes = taken.bytes + bytesOf(spec.results[0].type);
}

} // namespace nnc
