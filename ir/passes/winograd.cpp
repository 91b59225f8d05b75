//===- Winograd's convolution: a quarter of the products ------------------===//
//
// Note [Winograd]
// A. Lavin and S. Gray, "Fast Algorithms for Convolutional Neural Networks"
// (arXiv 1509.09308), F(4x4, 3x3): with w a kernel of 3 x 3 and d the 6 x 6
// elements of an image that 4 x 4 neighbouring places of the result read,
//   y = A^T ((G w G^T) * (B^T d B)) A,
// where * multiplies element by element: 36 products in the place of 144.
// Summed over channels c they become 36 matrix products, and with p and q the
// tile of 4 x 4 places:
//   u[6i + j, k, c]       = G w G^T
//   v[6i + j, b, c, p, q] = B^T d B, first along rows, then along columns
//   m[6i + j, b, k, p, q] = sum over c of u[6i + j, k, c] v[6i + j, b, c, p, q]
//   y[b, k, 4p + m, 4q + n] = A^T m A, first along columns, then along rows
// What stands behind the end of the result is computed and left alone.
//
// Layers that are alike are turns of a loop. If their weights stay from run to
// run, u is computed before the loop for all of them, so that it stays too
// (Note [What hangs on weights alone]), and is one more sequence.
//
//===----------------------------------------------------------------------===//
#include "ir/conv_rules.h"
#include "ir/cost.h"
#include "ir/kernels/kept.h"
#include "ir/kernels/loop_builder.h"
#include "ir/kernels/nest.h"
#include "ir/pass.h"
#include "ir/scan_editor.h"

#include <algorithm>
#include <set>

namespace nnc {

extern const Pass pass_winograd;

namespace {

constexpr int64_t places = 4, window = 6, kernel = 3;

/// A matrix, row by row.
using Matrix = std::vector<std::vector<double>>;

const Matrix imageTransform = {{4, 0, -5, 0, 1, 0},  {0, -4, -4, 1, 1, 0},
                               {0, 4, -4, -1, 1, 0}, {0, -2, -1, 2, 1, 0},
                               {0, 2, -1, -2, 1, 0}, {0, 4, 0, -5, 0, 1}};
const Matrix kernelTransform = {{1. / 4, 0, 0},
                                {-1. / 6, -1. / 6, -1. / 6},
                                {-1. / 6, 1. / 6, -1. / 6},
                                {1. / 24, 1. / 12, 1. / 6},
                                {1. / 24, -1. / 12, 1. / 6},
                                {0, 0, 1}};
const Matrix resultTransform = {{1, 1, 1, 1, 1, 0},
                                {0, 1, -1, 2, -2, 0},
                                {0, 1, 1, 4, 4, 0},
                                {0, 1, -1, 8, -8, 1}};

/// A loop and the sequences that it is to have besides.
struct Loop {
  Op &scan;
  std::vector<ScanEditor::Sequence> more = {};
};

class Winograd {
public:
  /// `loop`: around the convolution, if its weights are a part of a sequence.
  Winograd(Op &op, bool keepsWeights, Loop *loop)
      : op(op), keepsWeights(keepsWeights), loop(loop),
        shape(op, op.operand(0)->type(), op.operand(1)->type()), builder(&op),
        type(op.result()->type()) {
    if (!isCandidate() || !areSizesKnown())
      return;
    rows = type.dim(2).value(), columns = type.dim(3).value();
    chooseTiles();
    in = shape.w.dim(1).value(), out = shape.w.dim(0).value();
    extents = {{'b', type.dim(0)},
               {'c', in},
               {'k', out},
               {'p', down},
               {'q', across},
               {'x', columns},
               {'y', rows},
               {'e', window * window},
               {'i', window},
               {'j', window},
               {'m', places},
               {'n', places},
               {'r', window},
               {'s', window},
               {'w', kernel * kernel},
               {'z', places * down + window - places},
               {'t', down * across}};
    b = at('b');
  }

  /// A 3x3 of stride 1 in f32.
  bool isCandidate() const {
    auto are = [](const std::vector<int64_t> &list, int64_t value) {
      return std::all_of(list.begin(), list.end(),
                         [&](int64_t each) { return each == value; });
    };
    return type.elem() == Elem::F32 && shape.spatialAxes() == 2 &&
           shape.groups.isConstant(1) && are(shape.strides, 1) &&
           are(shape.dilations, 1) && shape.w.dim(2).isConstant(kernel) &&
           shape.w.dim(3).isConstant(kernel);
  }

  /// All but the batch.
  bool areSizesKnown() const {
    auto areKnown = [](const Type &type, int64_t first) {
      for (int64_t axis = first; axis < type.rank(); ++axis)
        if (!type.dim(axis).isConstant() || type.dim(axis).value() < 1)
          return false;
      return true;
    };
    return areKnown(type, 1) && areKnown(shape.w, 0);
  }

  /// Whether it takes less time. `images`: how many there will be.
  bool pays(int64_t images) const {
    return costOf(images) < directCostOf(images) && areTilesSmall();
  }

  /// Why a convolution stays as it is that is a candidate, if it might have
  /// been otherwise.
  std::string whyNot(int64_t images) const {
    if (!areSizesKnown())
      return "sizes of its image are not known;" + openSizes();
    // With few channels or places it never comes near.
    if (costOf(images) >= 2 * directCostOf(images))
      return "";
    if (!areTilesSmall())
      return "the tiles of an image would leave the cache";
    return "for so few channels and places, to transform tiles and weights "
           "takes longer than what it spares";
  }

  /// Gives what it takes from now on.
  Work apply() {
    Value *y = result(products(weights(), image()));
    if (columns != places * across)
      y = nest("bkyx", "", {{y, {b, at('k'), at('y'), at('x')}}}, type.shape(),
               {b, at('k'), at('y'), at('x')});
    y->hint = op.result()->hint;
    op.result()->replaceAllUsesWith(y);
    // As often as the loops around run it.
    Dim turns =
        workOf(op)
            .multiplyAdds.divideExactly(rules::multiplyAdds(shape.w, type))
            .value_or(1);
    op.erase();
    return {turns * work.multiplyAdds + before.multiplyAdds,
            turns * work.bytes + before.bytes};
  }

private:
  static constexpr int64_t elements = window * window;

  /// In multiply-adds of a product: to write an element of u takes as long as
  /// 36 of them, to read one that is kept, from memory, as 14; one of v or m
  /// as 30.
  int64_t costOf(int64_t images) const {
    constexpr int64_t writingTiles = 30;
    int64_t tiles = down * across, forWeights = keepsWeights ? 14 : 36;
    return elements * (in * out * (tiles * images + forWeights) +
                       (in + out) * tiles * images * writingTiles);
  }

  /// " -D H=SIZE -D W=SIZE", of what is not known when nnc runs.
  std::string openSizes() const {
    std::set<std::string> names;
    for (int64_t axis = 1; axis < type.rank(); ++axis)
      type.dim(axis).forEachSymbol(
          [&](const std::string &name) { names.insert(name); });
    std::string text;
    for (const std::string &name : names)
      text += " -D " + name + "=SIZE";
    return text;
  }

  int64_t directCostOf(int64_t images) const {
    return kernel * kernel * in * out * rows * columns * images;
  }

  /// What tiles take beside the image and the result, 9/4 of these, should stay
  /// in a large cache.
  bool areTilesSmall() const {
    constexpr int64_t mostBytes = 16 << 20;
    return elements * (in + out) * down * across * elemBytes(type.elem()) <=
           mostBytes;
  }

  /// As many tiles as cover the result and fill whole vectors.
  void chooseTiles() {
    int64_t fewestDown = (rows + places - 1) / places;
    int64_t fewestAcross = (columns + places - 1) / places;
    down = fewestDown, across = (fewestAcross + lanes - 1) / lanes * lanes;
    for (int64_t more = 0; more < lanes; ++more)
      for (int64_t wide = fewestAcross; wide < fewestAcross + lanes; ++wide)
        if ((fewestDown + more) * wide % lanes == 0 &&
            (fewestDown + more) * wide < down * across)
          down = fewestDown + more, across = wide;
  }

  Dim at(char axis) const {
    return extents.at(axis).isConstant(1) ? Dim(0)
                                          : Dim::symbol(std::string(1, axis));
  }

  Value *weights() {
    Value *w = op.operand(1);
    if (!loop)
      return transformed(w, "");
    ScanParts parts(loop->scan);
    Value *all = parts.sequence(w->index() - 1 - parts.carries);
    extents['l'] = parts.length;
    Builder inside = builder;
    builder = Builder(&loop->scan);
    builder.location = inside.location;
    std::swap(work, before);
    Value *u = transformed(all, "l");
    std::swap(work, before);
    builder = inside;
    Value *part =
        loop->scan.region().addArgument(withoutAxis(u->type(), 0), "");
    loop->more.push_back({u, 0, part});
    return part;
  }

  /// Of all turns of the loop, if axis `l` is given.
  Value *transformed(Value *w, const std::string &l) {
    std::vector<double> both; // [i, j, r, s]
    for (const std::vector<double> &down : kernelTransform)
      for (const std::vector<double> &across : kernelTransform)
        for (double a : down)
          for (double b : across)
            both.push_back(a * b);
    constexpr int64_t weights = kernel * kernel;
    Shape flat{out, in, weights}, shape{elements, out, in};
    Shape from{at('k'), at('c'), at('w')}, to{at('e'), at('k'), at('c')};
    if (!l.empty()) {
      for (Shape *each : {&flat, &shape})
        each->insert(each->begin(), extents.at('l'));
      for (Shape *each : {&from, &to})
        each->insert(each->begin(), at('l'));
    }
    w = builder.op("reshape", {w}, {}, {type.withShape(flat)});
    return nest(
        l + "kec", "w",
        {{constant(both, {elements, weights}), {at('e'), at('w')}}, {w, from}},
        shape, to);
  }

  Value *image() {
    Value *matrix = constant(imageTransform);
    Value *alongRows = nest("bczjq", "s",
                            {{matrix, {at('j'), at('s')}},
                             {op.operand(0),
                              {b, at('c'), at('z') - shape.low[0],
                               places * at('q') + at('s') - shape.low[1]},
                              0.0}},
                            {type.dim(0), in, extents.at('z'), window, across},
                            {b, at('c'), at('z'), at('j'), at('q')});
    return nest(
        "ibcpjq", "r",
        {{matrix, {at('i'), at('r')}},
         {alongRows,
          {b, at('c'), places * at('p') + at('r'), at('j'), at('q')}}},
        {window * window, type.dim(0), in, down * across},
        {window * at('i') + at('j'), b, at('c'), across * at('p') + at('q')});
  }

  Value *products(Value *u, Value *v) {
    return nest(
        "ebkt", "c",
        {{u, {at('e'), at('k'), at('c')}}, {v, {at('e'), b, at('c'), at('t')}}},
        {window * window, type.dim(0), out, down * across},
        {at('e'), b, at('k'), at('t')});
  }

  Value *result(Value *m) {
    Value *matrix = constant(resultTransform);
    Value *alongColumns =
        nest("bkpmjq", "i",
             {{matrix, {at('m'), at('i')}},
              {m,
               {window * at('i') + at('j'), b, at('k'),
                across * at('p') + at('q')}}},
             {type.dim(0), out, places * down, window, across},
             {b, at('k'), places * at('p') + at('m'), at('j'), at('q')});
    return nest("bkynq", "j",
                {{matrix, {at('n'), at('j')}},
                 {alongColumns, {b, at('k'), at('y'), at('j'), at('q')}}},
                {type.dim(0), out, rows, places * across},
                {b, at('k'), at('y'), places * at('q') + at('n')});
  }

  /// Sums products, or copies, where nothing is summed.
  Value *nest(std::string_view parallel, std::string_view reduce,
              std::vector<NestOperand> operands, const Shape &result,
              const Shape &map) {
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
    addWork(spec);
    Value *value = buildNest(builder, std::move(spec))[0];
    // An infinity makes a NaN of most that its tile comes to anyway.
    if (!reduce.empty())
      value->definingOp()->attrs.set("finite", true);
    return value;
  }

  /// Zeros of a matrix add nothing.
  void addWork(const NestSpec &spec) {
    Dim products = 1;
    for (const auto *axes : {&spec.parallel, &spec.reduce})
      for (const NestAxis &axis : *axes)
        products = products * axis.extent;
    if (const std::vector<double> *matrix =
            elementsOf(spec.operands[0].value)) {
      int64_t size = static_cast<int64_t>(matrix->size());
      products =
          *(products * (size - std::count(matrix->begin(), matrix->end(), 0.0)))
               .divideExactly(size);
    }
    if (!spec.reduce.empty())
      work.multiplyAdds = work.multiplyAdds + products;
    for (const NestOperand &operand : spec.operands)
      work.bytes = work.bytes + bytesOf(operand.value->type());
    work.bytes = work.bytes + bytesOf(spec.results[0].type);
  }

  Value *constant(const std::vector<double> &elements, const Shape &of) {
    return builder.op(
        "constant", {},
        {{"value", std::make_shared<const std::vector<double>>(elements)}},
        {type.withShape(of)});
  }

  Value *constant(const Matrix &matrix) {
    std::vector<double> elements;
    for (const std::vector<double> &row : matrix)
      elements.insert(elements.end(), row.begin(), row.end());
    return constant(elements, {static_cast<int64_t>(matrix.size()),
                               static_cast<int64_t>(matrix[0].size())});
  }

  Op &op;
  const bool keepsWeights; ///< From run to run, transformed.
  Loop *const loop;
  rules::ConvShape shape;
  Builder builder;
  Type type;
  int64_t rows = 0, columns = 0, down = 0, across = 0, in = 0, out = 0;
  std::map<char, Dim> extents;
  Dim b;
  Work work, before; ///< In each turn of the loop, and before it.
};

/// As many as a function states, or one.
int64_t likelyImages(const Dim &count, const AttrDict &expected) {
  return count
      .evaluate([&](std::string_view name) -> std::optional<int64_t> {
        const Attr *known = expected.find(name);
        return known ? known->asInt() : 1;
      })
      .value_or(1);
}

void visitLoop(Op &scan, const Function &function, const AttrDict &expected,
               const PassContext &context);

/// `loop`: of which the block is the body.
void visit(Block &block, const Function &function, const AttrDict &expected,
           const PassContext &context, Loop *loop) {
  std::vector<Op *> ops;
  for (const auto &op : block.operations())
    ops.push_back(op.get());
  for (Op *op : ops) {
    if (op->is("scan")) {
      visitLoop(*op, function, expected, context);
      continue;
    }
    for (int64_t i = 0; i < op->regionCount(); ++i)
      visit(op->region(i), function, expected, context, nullptr);
    if (!op->is("conv"))
      continue;
    bool keeps = isOfKeptWeights(op->operand(1), function);
    Winograd winograd(*op, keeps,
                      keeps && &block != &function.body ? loop : nullptr);
    if (!winograd.isCandidate() || !context.allows(pass_winograd.name))
      continue;
    int64_t images = likelyImages(op->result()->type().dim(0), expected);
    if (!winograd.areSizesKnown() || !winograd.pays(images)) {
      if (std::string why = winograd.whyNot(images); !why.empty())
        context.record({.rule = pass_winograd.name,
                        .missed = true,
                        .text = "a 3x3 convolution stays direct: " + why,
                        .location = op->location});
      continue;
    }
    Remark remark{
        .rule = pass_winograd.name,
        .text = "a convolution becomes 36 products, as F(4x4, 3x3) has it",
        .location = op->location,
        .before = workOf(*op)};
    remark.after = winograd.apply();
    context.applied(std::move(remark));
  }
}

void visitLoop(Op &scan, const Function &function, const AttrDict &expected,
               const PassContext &context) {
  Loop loop{scan};
  visit(scan.region(), function, expected, context, &loop);
  if (loop.more.empty())
    return;
  ScanEditor editor(scan);
  // The mask stays the last.
  editor.sequences.insert(editor.sequences.end() - editor.masked,
                          loop.more.begin(), loop.more.end());
  editor.finish();
  scan.erase();
}

} // namespace

/// In a step of training it would gain next to nothing, since derivatives stay
/// direct, and their differences of large numbers would lose its digits.
static bool hasDerivatives(const Block &block) {
  for (const auto &op : block.operations()) {
    if (op->is("conv_input_grad") || op->is("conv_weight_grad"))
      return true;
    for (int64_t i = 0; i < op->regionCount(); ++i)
      if (hasDerivatives(op->region(i)))
        return true;
  }
  return false;
}

static std::optional<PassError> run(Function &function,
                                    const PassContext &context) {
  if (hasDerivatives(function.body))
    return std::nullopt;
  const Attr *expected = function.attrs.find("expected");
  visit(function.body, function, expected ? expected->asDict() : AttrDict(),
        context, nullptr);
  return std::nullopt;
}

const Pass pass_winograd = {
    .name = "winograd",
    .doc = "Convolves with kernels of 3x3 by a quarter of the products, where "
           "channels and places are many.",
    .from = Graph,
    .to = Graph | Kernels,
    .run = run,
    .asks = true,
};

} // namespace nnc
