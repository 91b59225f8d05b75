//===- Products with weights' rows in the lanes of vectors ----------------===//
//
// Note [Rows in the lanes]
// The columns of a convolution's product are an image's places. Of 7 x 7 the
// last panel has one, and weights whose rows are 4 KB apart, as those of 1,024
// channels, meet in one set of the cache. If the weights stay from run to run
// (Note [What hangs on weights alone]), it is the better way to pack them,
// once, with their rows side by side, and to read the image where it is:
//   y[k, p] = sum over c of w[k, c] x[c, p]
// is computed as
//   z[p, k] = sum over c of x[c, p] w[k, c],  y[k, p] = z[p, k],
// so that k fills panels, places come in tiles of any height, and the weights
// stream through the cache. The copy runs tile by tile in the product's kernel.
//
//===----------------------------------------------------------------------===//
#include "ir/kernels/contraction.h"
#include "ir/kernels/kept.h"
#include "ir/kernels/loop_builder.h"
#include "ir/pass.h"

#include <algorithm>

namespace nnc {

extern const Pass pass_transpose_products;

namespace {

int64_t panelsOf(int64_t columns) { return (columns + lanes - 1) / lanes; }

class Turning {
public:
  explicit Turning(const Nest &nest) : nest(nest), roles(nest) {}

  /// A product of weights, with known sizes but for the batch, whose result can
  /// lie the other way round.
  bool isCandidate(const Function &function) const {
    if (roles.m.empty() || roles.n.empty() || !roles.outer.empty() ||
        nest.op->resultCount() != 1 || nest.into || !nest.loaded.empty() ||
        nest.fill[roles.a] || nest.fill[roles.b] || nest.reduce.size() != 1)
      return false;
    const Shape &result = nest.results[0], &weights = nest.maps[roles.a];
    auto isPlain = [](const Dim &entry) {
      return entry.isConstant() || entry.asSymbol();
    };
    return result.back().asSymbol() == roles.n &&
           std::ranges::all_of(result, isPlain) &&
           std::ranges::all_of(weights, isPlain) && extentOf(roles.m) &&
           extentOf(roles.n) && nest.reduce[0].extent.isConstant() &&
           isOfKeptWeights(nest.op->operand(roles.a), function);
  }

  /// In what a vector of products takes. To pack a vector of the image takes as
  /// long as 6, to turn one of the result round as 12; rows that meet in one
  /// set of the cache are read from the next one, which takes a third more.
  bool pays() const {
    constexpr double packing = 6, turning = 12, meeting = 1.3, gain = 0.97;
    constexpr int64_t setsApart = 4096;
    double rows = static_cast<double>(*extentOf(roles.m));
    int64_t columns = *extentOf(roles.n), depth = nest.reduce[0].extent.value();
    double inSquares = static_cast<double>(panelsOf(columns) * lanes) /
                       static_cast<double>(columns);
    // Rows of an image are joined, but for what is turned round.
    if (!roles.wide.empty())
      columns *= extentOf(roles.wide).value_or(1);
    double products = static_cast<double>(depth);
    bool meet =
        depth * elemBytes(nest.op->result()->type().elem()) % setsApart == 0;
    double asIs = static_cast<double>(panelsOf(columns) * lanes) * rows *
                  products * ((meet ? meeting : 1) + packing / rows);
    double turned =
        static_cast<double>(panelsOf(*extentOf(roles.m)) * lanes * columns) *
        (products + turning * inSquares);
    return turned < gain * asIs;
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
    turned.write();
    value->setType(value->type().withShape(shape));
    copy.operands = {{value, map}};
    copy.body = [](Builder &, std::span<Value *const> loaded) {
      return std::vector<Value *>(loaded.begin(), loaded.end());
    };
    Builder builder(nest.op->next());
    builder.location = nest.op->location;
    Value *result = buildNest(builder, std::move(copy))[0];
    std::swap(result->hint, value->hint);
    for (const Value::Use &use : uses)
      use.op->setOperand(use.operand, result);
  }

private:
  std::optional<int64_t> extentOf(const std::string &axis) const {
    const Dim &extent = nest.findParallel(axis)->extent;
    if (!extent.isConstant() || extent.value() < 1)
      return std::nullopt;
    return extent.value();
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
    Turning turning(nest);
    if (!turning.isCandidate(function) || !turning.pays() ||
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
