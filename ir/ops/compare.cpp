#include "ir/op_rules.h"

#include <algorithm>
#include <array>

namespace nnc {

static Inference shape(const Op &op, std::span<const Type> stated) {
  static constexpr std::array<std::string_view, 6> known = {"eq", "ne", "lt",
                                                            "le", "gt", "ge"};
  const std::string &predicate = op.attr("predicate").asString();
  if (std::find(known.begin(), known.end(), predicate) == known.end())
    return Inference::fail("there is no predicate " + predicate);
  return rules::comparison(op, stated);
}

static void evaluate(EvaluationContext &c) {
  const std::string &predicate = c.op.attr("predicate").asString();
  rules::evaluateBinary(c, [&](double a, double b) {
    if (predicate == "eq")
      return a == b;
    if (predicate == "ne")
      return a != b;
    if (predicate == "lt")
      return a < b;
    if (predicate == "le")
      return a <= b;
    if (predicate == "gt")
      return a > b;
    return a >= b;
  });
}

static constexpr AttrSpec attrs[] = {{"predicate", AttrForm::String, true,
                                      "`eq`, `ne`, `lt`, `le`, `gt` or `ge`."}};

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: f32[B, 3], %b: f32[B, 3], %i: i32[4], %j: i32[4]) {
  %lt = compare %a, %b {predicate = "lt"} : bool[B, 3]
  %eq = compare %i, %j {predicate = "eq"} : bool[4]
  %ge = compare %a, %b {predicate = "ge"} : bool[B, 3]
  return %lt, %eq, %ge
}
)"};

extern const OpDef op_compare;
const OpDef op_compare = {
    .name = "compare",
    .doc = "Compares two elements. Every predicate but `ne` is false if one is "
           "NaN.",
    .kind = OpKind::Elementwise,
    .stages = Graph | Kernels | Loops,
    .operands = {2, 2},
    .attrs = attrs,
    .shape = shape,
    .gradient = rules::zeroGradient,
    .evaluate = evaluate,
    .rounding = 0,
    .lower = rules::lowerElementwise,
    .examples = examples,
};

} // namespace nnc
