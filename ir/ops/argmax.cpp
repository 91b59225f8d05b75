#include "ir/error_bound.h"
#include "ir/reduction_rules.h"

#include <cmath>

namespace nnc {

static Inference shape(const Op &op, std::span<const Type>) {
  Inference operand = rules::numbersAlongAxis(op);
  if (!operand.ok())
    return operand;
  const Type &type = operand.types[0];
  rules::Axes kept = rules::otherAxes(type.rank(), {op.attr("axis").asInt()});
  return Type::tensor(Elem::I32, rules::pick(type.shape(), kept));
}

static void evaluate(EvaluationContext &c) {
  const Tensor &operand = *c.operands[0];
  int64_t axis = c.op.attr("axis").asInt();
  Extents outer = operand.shape;
  outer[axis] = 1;
  if (operand.size() == 0)
    return;
  Extents index(outer.size(), 0);
  int64_t i = 0;
  do {
    auto at = [&](int64_t place) {
      Extents at = index;
      at[axis] = place;
      return operand.element(operand.offset(at));
    };
    auto element = [&](int64_t place) { return at(place).value; };
    int64_t best = 0;
    bool hasNan = std::isnan(element(0));
    for (int64_t place = 1; place < operand.shape[axis]; ++place) {
      hasNan |= std::isnan(element(place));
      if (element(place) > element(best))
        best = place;
    }
    // Whether another one might be the largest hangs on their errors.
    bool sure = true;
    for (int64_t place = 0; place < operand.shape[axis]; ++place) {
      double errors = roundingUnit * (at(place).bound + at(best).bound);
      sure &= place == best || errors == 0 ||
              element(best) - element(place) > errors;
    }
    c.results[0].set(
        i++, {static_cast<double>(hasNan ? 0 : best), sure ? 0 : unbounded});
  } while (advance(index, outer));
}

/// The maximum, then the least place of an element that is not below it.
static void lower(LoweringContext &c) {
  const Type &type = c.operand(0)->type();
  int64_t axis = c.op.attr("axis").asInt();
  std::vector<NestAxis> all = LoweringContext::axesOf(type.shape()), kept;
  for (int64_t other : rules::otherAxes(type.rank(), {axis}))
    kept.push_back(all[other]);
  Shape whole = LoweringContext::identity(all);
  Shape rest = LoweringContext::identity(kept);

  NestSpec largest;
  largest.parallel = kept;
  largest.reduce = {all[axis]};
  largest.combine = "max";
  largest.operands = {{c.operand(0), whole}};
  largest.results = {{type.withShape(c.op.result()->type().shape()), rest}};
  largest.body = rules::loadedValues;
  Value *maximum = c.nest(std::move(largest))[0];

  NestSpec first;
  first.parallel = kept;
  first.reduce = {all[axis]};
  first.combine = "min";
  first.operands = {{c.operand(0), whole}, {maximum, rest}};
  first.results = {{c.op.result()->type(), rest}};
  first.body = [&](Builder &b, std::span<Value *const> loaded) {
    Type i32 = Type::scalar(Elem::I32);
    Value *below =
        b.op("compare", {loaded[0], loaded[1]}, {{"predicate", "lt"}});
    Value *end = b.op("size", {}, {{"value", type.dim(axis)}}, {i32});
    Value *place = b.op("axis", {}, {{"value", whole[axis]}}, {i32});
    return std::vector{b.op("select", {below, end, place})};
  };
  c.replace(0, c.nest(std::move(first))[0]);
}

static constexpr AttrSpec attrs[] = {
    {"axis", AttrForm::Int, true, "The axis that goes."}};

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: f32[B, 3, 2]) {
  %y = argmax %a {axis = 1} : i32[B, 2]
  return %y
}
)"};

extern const OpDef op_argmax;
const OpDef op_argmax = {
    .name = "argmax",
    .doc = "The place, an i32, of the largest element along an axis; the first "
           "one of "
           "equal elements; 0 if one is NaN.",
    .kind = OpKind::Reduction,
    .stages = Graph,
    .operands = {1, 1},
    .attrs = attrs,
    .shape = shape,
    .gradient = rules::zeroGradient,
    .evaluate = evaluate,
    .rounding = 0,
    .lower = lower,
    .examples = examples,
};

} // namespace nnc
