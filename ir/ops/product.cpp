#include "ir/reduction_rules.h"
#include "ir/wrapping.h"

namespace nnc {

/// For each element the product of the others along `axis`, without a division,
/// which would fail at 0: the table of all pairs, with ones on its diagonal.
static Value *productOfOthers(Builder &b, Value *x, int64_t axis) {
  Shape pairs = x->type().shape();
  pairs.insert(pairs.begin() + axis, pairs[axis]);
  Type places = Type::tensor(Elem::I32, pairs);
  Value *row = b.op("iota", {}, {{"axis", axis}}, {places});
  Value *column = b.op("iota", {}, {{"axis", axis + 1}}, {places});
  Value *same = b.op("compare", {row, column}, {{"predicate", "eq"}});
  Value *factors = rules::unreduce(b, x, {axis}, pairs);
  Value *others =
      b.op("select", {same, b.constant(1, factors->type()), factors});
  return b.op("product", {others}, {{"axes", Attr::ints({axis + 1})}});
}

static void gradient(GradientContext &c) {
  Builder &b = c.builder;
  rules::Axes axes = c.op.attr("axes").asInts();
  std::vector<Value *> partial = {c.operand(0)};
  for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis)
    partial.push_back(
        b.op("product", {partial.back()}, {{"axes", Attr::ints({*axis})}}));
  Value *derivative = c.cotangent();
  for (size_t i = 0; i < axes.size(); ++i) {
    Value *factors = partial[axes.size() - 1 - i];
    const Shape &shape = factors->type().shape();
    Value *spread = rules::unreduce(b, derivative, {axes[i]}, shape);
    derivative = b.op("mul", {spread, productOfOthers(b, factors, axes[i])});
  }
  c.give(0, derivative);
}

static void evaluate(EvaluationContext &c) {
  Elem elem = c.results[0].elem;
  rules::evaluateReduction(c, 1, [elem](double soFar, double a) {
    return nnc::product(elem, soFar, a);
  });
}

static void lower(LoweringContext &c) { rules::lowerReduction(c, "mul"); }

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: f32[B, 3, 2]) {
  %y = product %a {axes = [0, 2]} : f32[3]
  %z = product %a {axes = [1]} : f32[B, 2]
  return %y, %z
}
)"};

extern const OpDef op_product;
const OpDef op_product = {
    .name = "product",
    .doc = "The product along axes.",
    .kind = OpKind::Reduction,
    .stages = Graph,
    .operands = {1, 1},
    .attrs = rules::reductionAttrs,
    .shape = rules::reduction,
    .gradient = gradient,
    .evaluate = evaluate,
    .lower = lower,
    .examples = examples,
};

} // namespace nnc
