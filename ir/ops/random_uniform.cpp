#include "ir/random_rules.h"

namespace nnc {

static void evaluate(EvaluationContext &c) {
  rules::evaluateRandom(
      c, [](const auto &bits) { return uniformFromBits(bits(0)); }, 0);
}

static void lower(LoweringContext &c) {
  Type scalar = Type::scalar(c.op.result()->type().elem());
  rules::lowerRandom(c, [&](Builder &b, const auto &bits) {
    return b.op("mul", {bits(0), b.constant(0x1p-24, scalar)});
  });
}

static constexpr std::string_view examples[] = {
    R"(
func @example(%seed: i64, %step: i32) {
  %y = random_uniform %seed, %step {place = 7} : f32[B, 3]
  %z = random_uniform %seed, %step {place = 7} : f64[B, 3]
  return %y, %z
}
)"};

extern const OpDef op_random_uniform;
const OpDef op_random_uniform = {
    .name = "random_uniform",
    .doc = "Random numbers, uniform in [0, 1), from Philox4x32-10 "
           "(ir/philox.h). The "
           "result type is stated.",
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
