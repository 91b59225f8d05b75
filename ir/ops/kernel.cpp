#include "ir/op_rules.h"

namespace nnc {

static Inference shape(const Op &, std::span<const Type> stated) {
  return std::vector<Type>(stated.begin(), stated.end());
}

static std::string verifyRegions(const Op &op) {
  const Block &body = op.region();
  if (body.argumentCount() != op.operandCount())
    return "the body must have an argument for each operand";
  for (int64_t i = 0; i < op.operandCount(); ++i)
    if (!(body.argument(i)->type() == op.operand(i)->type()))
      return "argument " + std::to_string(i) +
             " has another type than its "
             "operand";
  const Op &yield = *body.terminator();
  if (yield.operandCount() != op.resultCount())
    return "the body must yield each result";
  for (int64_t i = 0; i < op.resultCount(); ++i)
    if (!(yield.operand(i)->type() == op.result(i)->type()))
      return "result " + std::to_string(i) +
             " has another type than what is "
             "yielded";
  for (const Value *value : yield.operands())
    if (!value->definingOp())
      return "it yields what none of its nests computes";
  for (const auto &inner : body.operations())
    if (!inner->is("nest") && !inner->is("yield"))
      return "only nests stand in a kernel";
  return "";
}

static void evaluate(EvaluationContext &c) {
  std::vector<Tensor> arguments;
  for (const Tensor *operand : c.operands)
    arguments.push_back(*operand);
  std::vector<Tensor> results = c.run(c.op.region(), std::move(arguments));
  if (!c.stopped())
    c.results = std::move(results);
}

static constexpr AttrSpec attrs[] = {
    {"axes", AttrForm::DimDict, true,
     "The axes that all nests share, in loop order, with their extents. A "
     "parallel axis of a nest with such a name runs within the tile."},
    {"pack", AttrForm::String, false,
     "whole: the second operand of a product is packed before the loops over "
     "its columns, not tile by tile. shared: likewise, by all threads "
     "together."},
    {"tile", AttrForm::DimDict, false, "The tile size of each axis."},
    {"rows", AttrForm::Int, false,
     "How many rows of a small product are summed together."},
    {"parts", AttrForm::DimDict, false,
     "In parts of how many places the product's first summed axes are taken."},
};

static constexpr std::string_view examples[] = {
    R"(
func @example(%x: f32[B, 3]) {
  %y = kernel %x {axes = {b = B}, tile = {b = 1}} : f32[B, 3] {
  ^(%t: f32[B, 3]):
    %m = nest %t {parallel = {b = B}, reduce = {i = 3}, combine = "max", maps = [[b, i]], results = [[b]]} : f32[B] {
    ^(%e: f32):
      yield %e
    }
    %d = nest %t, %m {parallel = {b = B, i = 3}, maps = [[b, i], [b]], results = [[b, i]]} : f32[B, 3] {
    ^(%e: f32, %n: f32):
      %s = mul %e, %n : f32
      yield %s
    }
    yield %d
  }
  return %y
}
)"};

extern const OpDef op_kernel;
const OpDef op_kernel = {
    .name = "kernel",
    .doc = "Nests that run together, tile by tile, over shared axes. What one "
           "nest gives another stays in scratch memory the size of a tile.",
    .kind = OpKind::Special,
    .stages = Kernels,
    .operands = {0, -1},
    .attrs = attrs,
    .regions = 1,
    .shape = shape,
    .verifyRegions = verifyRegions,
    .gradient = "it comes after differentiation",
    .evaluate = evaluate,
    .lower = "it holds nests already",
    .examples = examples,
};

} // namespace nnc
