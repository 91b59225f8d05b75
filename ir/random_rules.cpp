#include "ir/random_rules.h"

namespace nnc::rules {

Inference random(const Op &op, std::span<const Type> stated) {
  if (!(op.operand(0)->type() == Type::scalar(Elem::I64)) ||
      !(op.operand(1)->type() == Type::scalar(Elem::I32)))
    return Inference::fail("the seed must be an i64 and the step an i32");
  if (stated.size() != 1 || !stated[0].isTensor() || !isFloat(stated[0].elem()))
    return Inference::fail("the result type must be stated, with floats");
  return stated[0];
}

void evaluateRandom(
    EvaluationContext &c,
    const std::function<double(const std::function<int32_t(int64_t)> &)>
        &number,
    double bound) {
  int64_t seed = static_cast<int64_t>(c.operands[0]->data[0]);
  int64_t step = static_cast<int64_t>(c.operands[1]->data[0]);
  int64_t place = c.op.attr("place").asInt();
  for (int64_t i = 0; i < c.results[0].size(); ++i)
    c.results[0].set(i, {number([&](int64_t word) {
                           return randomBits(i, seed, step, place, word);
                         }),
                         bound});
}

void lowerRandom(
    LoweringContext &c,
    const std::function<
        Value *(Builder &, const std::function<Value *(int64_t)> &)> &number) {
  const Type &type = c.op.result()->type();
  NestSpec spec;
  spec.parallel = LoweringContext::axesOf(type.shape());
  spec.operands = {{c.operand(0), {}}, {c.operand(1), {}}};
  spec.results = {{type, LoweringContext::identity(spec.parallel)}};
  Dim index = 0;
  for (const NestAxis &axis : spec.parallel)
    index = index * axis.extent + Dim::symbol(axis.name);
  spec.body = [&](Builder &b, std::span<Value *const> loaded) {
    Value *at = b.op("axis", {}, {{"value", index}}, {Type::scalar(Elem::I64)});
    auto bits = [&](int64_t word) {
      Value *integer = b.op("random_bits", {at, loaded[0], loaded[1]},
                            {{"place", c.op.attr("place")}, {"word", word}});
      return b.op("cast", {integer}, {}, {Type::scalar(type.elem())});
    };
    return std::vector{number(b, bits)};
  };
  c.replace(0, c.nest(std::move(spec))[0]);
}

} // namespace nnc::rules
