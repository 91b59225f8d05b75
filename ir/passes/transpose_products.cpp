//===- Products with weights' rows in the lanes of vectors ----------------===//
//
// Note [Rows in the lanes]
// The columns of a convolution's product are an image's places. Of 7 x 7 the
// last panel has one; in windows that are read where they lie (Note [Windows
// that are not packed]) what stands between two rows is computed too; others
// are packed. And weights whose rows are 4 KB apart, as those of 1,024
// channels, meet in one set of the cache. If the weights stay from run to run
// (Note [What hangs on weights alone]), it is the better way to pack them,
// once, with their rows side by side, and to read the image where it is:
//   y[k, p] = sum over c of w[k, c] x[c, p]
// is computed as
//   z[p, k] = sum over c of x[c, p] w[k, c],  y[k, p] = z[p, k],
// so that k fills panels, places come in tiles of any height, and the weights
// stream through the cache. The copy runs tile by tile in the product's kernel.
//
// A window moves over the image:
//   z[q, p, k] = sum over c, r, s of x[c, q + r, p + s] w[k, c, r, s],
// of which a tile is places of one row, however far it moves at a time. Where
// it leaves the image at a row's ends, a call for each s has the places p that
// do not (Note [The ends of an image's rows]), or the rows are copied with
// their ends.
//
//===----------------------------------------------------------------------===//
#include "ir/kernels/contraction.h"
#include "ir/kernels/kept.h"
#include "ir/kernels/loop_builder.h"
#include "ir/kernels/product_columns.h"
#include "ir/kernels/window_copy.h"
#include "ir/pass.h"

#include <algorithm>

namespace nnc {

extern const Pass pass_transpose_products;

namespace {

constexpr double packing = 6, turning = 12, copying = 4;

double panelsOf(int64_t columns) {
  return static_cast<double>((columns + lanes - 1) / lanes);
}

class Turning {
public:
  explicit Turning(const Nest &nest) : nest(nest), roles(nest) {}

  /// A product of weights, with known sizes but for the batch, whose result can
  /// lie the other way round.
  bool isCandidate(const Function &function) const {
    constexpr size_t mostSummed = 3; // Of a product whose A is not packed.
    if (roles.m.empty() || roles.n.empty() || !roles.outer.empty() ||
        nest.op->resultCount() != 1 || nest.into || !nest.loaded.empty() ||
        nest.fill[roles.a] || nest.reduce.size() > mostSummed)
      return false;
    const Shape &result = nest.results[0], &weights = nest.maps[roles.a];
    auto isPlain = [](const Dim &entry) {
      return entry.isConstant() || entry.asSymbol();
    };
    return result.back().asSymbol() == roles.n &&
           std::ranges::all_of(result, isPlain) &&
           std::ranges::all_of(weights, isPlain) && extentOf(roles.m) &&
           extentOf(roles.n) && depth() && !hasGroups() && window() &&
           isOfKeptWeights(nest.op->operand(roles.a), function);
  }

  bool pays(const Machine &machine) const {
    constexpr double gain = 0.97;
    return turned(machine) < gain * asIs();
  }

  std::string remark() const {
    return "a product of weights has their " +
           nest.findParallel(roles.m)->extent.str() +
           " rows in the lanes, not the " +
           nest.findParallel(roles.n)->extent.str() + " places";
  }

  void apply() {
    Value *value = nest.op->result();
    std::vector<Value::Use> uses(value->uses().begin(), value->uses().end());
    NestSpec copy;
    copy.parallel = nest.parallel;
    copy.results = {{value->type(), nest.results[0]}};
    Nest turned = nest;
    Shape &map = turned.results[0], shape = value->type().shape();
    auto row = std::ranges::find_if(
        map, [&](const Dim &entry) { return entry.asSymbol() == roles.m; });
    auto extent = shape.begin() + (row - map.begin());
    std::rotate(row, row + 1, map.end());
    std::rotate(extent, extent + 1, shape.end());
    pad(turned);
    turned.write();
    value->setType(value->type().withShape(shape));
    copy.operands = {{value, map}};
    Builder builder(nest.op->next());
    builder.location = nest.op->location;
    Value *result = buildCopy(builder, std::move(copy));
    std::swap(result->hint, value->hint);
    for (const Value::Use &use : uses)
      use.op->setOperand(use.operand, result);
  }

private:
  // In what a vector of products takes. To pack a vector of the image takes as
  // long as 6, to copy one as 4, to turn one of the result round as 12; rows
  // that meet in one set of the cache are read from the next one, which takes a
  // third more.

  double asIs() const {
    constexpr double meeting = 1.3;
    constexpr int64_t setsApart = 4096;
    int64_t width = *extentOf(roles.n), height = heightOf(roles.wide),
            images = heightOf(roles.images);
    double rows = static_cast<double>(*extentOf(roles.m)),
           summed = static_cast<double>(*depth());
    if (std::optional<int64_t> row = windowRow(nest, roles))
      return static_cast<double>(images) * rows * summed *
             std::min(panelsOf((height - 1) * *row + width),
                      static_cast<double>(height) * panelsOf(width));
    bool meet =
        *depth() * elemBytes(nest.op->result()->type().elem()) % setsApart == 0;
    return panelsOf(width * height * images) * rows * summed *
           ((meet ? meeting : 1) + packing / rows);
  }

  /// Sums wait for each other where fewer than five are under way; in two
  /// panels of them.
  double turned(const Machine &machine) const {
    constexpr double sumsUnderWay = 5;
    int64_t width = *extentOf(roles.n);
    int64_t tiles = (width + machine.tileRows - 1) / machine.tileRows;
    double rows = static_cast<double>(width) / static_cast<double>(tiles);
    double wait = std::max(1.0, sumsUnderWay / (2 * rows));
    double inSquares = panelsOf(width) * lanes / static_cast<double>(width);
    double places = static_cast<double>(width * heightOf(roles.wide) *
                                        heightOf(roles.images));
    double inside = ends() ? ends()->inside : 1;
    return panelsOf(*extentOf(roles.m)) * places *
               (wait * inside * static_cast<double>(*depth()) +
                turning * inSquares) +
           copyOfImage();
  }

  /// Of the image as operand A: see Note [The ends of an image's rows].
  std::optional<RowEnds> ends() const {
    ContractionRoles turned = roles;
    std::swap(turned.a, turned.b);
    std::swap(turned.m, turned.n);
    return rowEnds(nest, turned);
  }

  /// An image whose windows are packed, or copied either way, is not counted.
  double copyOfImage() const {
    if (!nest.fill[roles.b] || windowRow(nest, roles) || ends())
      return 0;
    Shape count = withEnds();
    double vectors = panelsOf(estimate(count.back(), {}));
    count.pop_back();
    for (const Dim &extent : count)
      if (extent.isConstant())
        vectors *= static_cast<double>(extent.value());
    return copying * vectors;
  }

  /// Each group of channels has weights of its own.
  bool hasGroups() const {
    return std::ranges::any_of(nest.maps[roles.a], [&](const Dim &entry) {
      return std::ranges::any_of(nest.parallel, [&](const NestAxis &axis) {
        return axis.name != roles.m && entry.uses(axis.name);
      });
    });
  }

  /// What is read of the image, with its edges.
  std::optional<Window> window() const {
    std::vector<AxisRange> axes;
    for (const std::vector<NestAxis> *list : {&nest.parallel, &nest.reduce})
      for (const NestAxis &axis : *list)
        axes.push_back({axis.name, 0, axis.extent});
    return windowOf(
        {TensorRef::whole(nest.op->operand(roles.b)), nest.maps[roles.b]},
        axes);
  }

  /// The shape of the image with the ends of its rows.
  Shape withEnds() const {
    Shape shape = nest.op->operand(roles.b)->type().shape();
    for (size_t i = 0; i < shape.size(); ++i)
      if (nest.maps[roles.b][i].uses(roles.n))
        shape[i] = window()->count[i];
    return shape;
  }

  /// Has the image's rows copied with their ends, if any place lies outside. A
  /// tile is of one row, so that no rows are read above the image or below:
  /// Note [What lies around an image].
  void pad(Nest &turned) const {
    if (!nest.fill[roles.b])
      return;
    const Window read = *window();
    const Shape &map = nest.maps[roles.b];
    Value *image = nest.op->operand(roles.b);
    Shape from, to, shape = withEnds();
    auto leaves = [&](bool alongRow) {
      for (size_t i = 0; i < map.size(); ++i)
        if (map[i].uses(roles.n) == alongRow &&
            read.leaves(i, image->type().dim(static_cast<int64_t>(i))))
          return true;
      return false;
    };
    if (ends())
      return;
    if (!leaves(false))
      turned.fill[roles.b] = std::nullopt;
    if (!leaves(true))
      return;
    NestSpec copy;
    for (size_t i = 0; i < map.size(); ++i) {
      bool alongRow = map[i].uses(roles.n);
      Dim first = alongRow ? read.first[i] : Dim(0);
      copy.parallel.push_back({"w" + std::to_string(i), shape[i]});
      to.push_back(Dim::symbol(copy.parallel.back().name));
      from.push_back(first + to.back());
      turned.maps[roles.b][i] = map[i] - first;
    }
    copy.operands = {{image, from, nest.fill[roles.b]}};
    copy.results = {{image->type().withShape(shape), to}};
    Builder builder(nest.op);
    builder.location = nest.op->location;
    turned.op->setOperand(roles.b, buildCopy(builder, std::move(copy)));
  }

  std::optional<int64_t> depth() const {
    Dim terms = 1;
    for (const NestAxis &axis : nest.reduce)
      terms = terms * axis.extent;
    if (!terms.isConstant())
      return std::nullopt;
    return terms.value();
  }

  std::optional<int64_t> extentOf(const std::string &axis) const {
    const Dim &extent = nest.findParallel(axis)->extent;
    if (!extent.isConstant() || extent.value() < 1)
      return std::nullopt;
    return extent.value();
  }

  /// 1 for an axis that there is not, and for a batch of any size.
  int64_t heightOf(const std::string &axis) const {
    return axis.empty() ? 1 : extentOf(axis).value_or(1);
  }

  const Nest &nest;
  ContractionRoles roles;
};

void visit(Block &block, const Function &function, const PassContext &context) {
  std::vector<Op *> ops;
  for (const auto &op : block.operations())
    ops.push_back(op.get());
  for (Op *op : ops) {
    if (op->is("scan"))
      visit(op->region(), function, context);
    if (!op->is("nest") || !Nest(op).isProduct())
      continue;
    Nest nest(op);
    if (nest.isSmallProduct() || nest.isProductInLanes())
      continue;
    Turning turning(nest);
    if (!turning.isCandidate(function) || !turning.pays(context.machine) ||
        !context.allows(pass_transpose_products.name))
      continue;
    context.applied({.rule = pass_transpose_products.name,
                     .text = turning.remark(),
                     .location = op->location});
    turning.apply();
  }
}

} // namespace

static std::optional<PassError> run(Function &function,
                                    const PassContext &context) {
  visit(function.body, function, context);
  return std::nullopt;
}

const Pass pass_transpose_products = {
    .name = "transpose-products",
    .doc = "Computes the product of weights and an image transposed, where "
           "the weights' rows fill vectors better than the image's places.",
    .from = Kernels,
    .to = Kernels,
    .run = run,
    .asks = true,
};

} // namespace nnc
