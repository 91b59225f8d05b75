#include "ir/random_rules.h"

namespace nnc {

static void evaluate(EvaluationContext &c) {
  // The angle, below 2 pi, is rounded twice and goes through `cos`; the radius
  // is below sqrt(2 * 24 * log(2)) = 5.8.
  constexpr double bound = 5.8 * (2 * 2 * std::numbers::pi + 8);
  rules::evaluateRandom(
      c, [](const auto &bits) { return normalFromBits(bits(0), bits(1)); },
      bound);
}

/// Box and Muller, as in normalFromBits.
static void lower(LoweringContext &c) {
  Type scalar = Type::scalar(c.op.result()->type().elem());
  rules::lowerRandom(c, [&](Builder &b, const auto &bits) {
    auto number = [&](double value) { return b.constant(value, scalar); };
    Value *above = b.op("add", {bits(0), number(1)});
    Value *log = b.op("log", {b.op("mul", {above, number(0x1p-24)})});
    Value *radius = b.op("sqrt", {b.op("mul", {log, number(-2)})});
    Value *turn = number(2 * std::numbers::pi * 0x1p-24);
    Value *angle = b.op("mul", {bits(1), turn});
    return b.op("mul", {radius, b.op("cos", {angle})});
  });
}

static constexpr std::string_view examples[] = {
    R"(
func @example(%seed: i64, %step: i32) {
  %y = random_normal %seed, %step {place = 3} : f32[B, 3]
  return %y
}
)"};

extern const OpDef op_random_normal;
const OpDef op_random_normal = {
    .name = "random_normal",
    .doc = "Random numbers of the normal distribution with mean 0 and "
           "deviation 1, from "
           "Philox4x32-10 and Box-Muller (ir/philox.h). The result type is "
           "stated.",
    .kind = OpKind::Special,
    .stages = Graph,
    .operands = {2, 2},
    .attrs = rules::randomAttrs,
    .shape = rules::random,
    .gradient = rules::zeroGradient,
    .evaluate = evaluate,
    .lower = lower,
    .examples = examples,
};

} // namespace nnc
