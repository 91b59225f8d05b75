#include "ir/reduction_rules.h"

#include <cmath>

namespace nnc {

static void gradient(GradientContext &c) { rules::giveToFirst(c, "gt"); }

static void evaluate(EvaluationContext &c) {
  rules::evaluateReduction(c, rules::worst(c.results[0].elem, false),
                           [](double best, double a) {
                             return std::isnan(best) || best < a ? best : a;
                           });
}

static void lower(LoweringContext &c) { rules::lowerReduction(c, "min"); }

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: f32[B, 3, 2]) {
  %y = reduce_min %a {axes = [0, 2]} : f32[3]
  %z = reduce_min %a {axes = [1]} : f32[B, 2]
  return %y, %z
}
)"};

extern const OpDef op_reduce_min;
const OpDef op_reduce_min = {
    .name = "reduce_min",
    .doc = "The smallest element along axes; NaN if one is NaN. The derivative "
           "goes to "
           "the first, in row-major order, of those that are equal to it.",
    .kind = OpKind::Reduction,
    .stages = Graph,
    .operands = {1, 1},
    .attrs = rules::reductionAttrs,
    .shape = rules::reduction,
    .gradient = gradient,
    .evaluate = evaluate,
    .rounding = 0,
    .lower = lower,
    .examples = examples,
};

} // namespace nnc
