#include "ir/pass.h"
#include "ir/simplify/compute.h"

namespace nnc {

/// Constants stay short enough to read. What is larger is better computed by
/// the program.
static constexpr int64_t largestResult = 64, largestOperand = 4096;

static bool isSmall(const Type &type, int64_t limit) {
  Dim count = elementCount(type.shape());
  return type.isTensor() && count.isConstant() && count.value() <= limit;
}

/// Runs `op` alone. `scalars`: every operand is a splat and the op works
/// element by element, so one element stands for all.
static std::optional<Tensor> evaluate(const Op &op, bool scalars) {
  Function alone;
  Builder b(alone.body);
  auto reduced = [&](const Type &type) {
    return scalars ? Type::scalar(type.elem()) : type;
  };
  std::vector<Value *> operands;
  for (Value *operand : op.operands()) {
    Elem elem = operand->type().elem();
    Attr value = operand->definingOp()->attr("value");
    if (const double *splat = value.getIf<double>()) {
      std::optional<double> held = simplify::rounded(elem, *splat);
      if (!held)
        return std::nullopt;
      value = *held;
    } else {
      auto elements =
          std::make_shared<std::vector<double>>(*value.get<DenseData>());
      for (double &element : *elements) {
        std::optional<double> held = simplify::rounded(elem, element);
        if (!held)
          return std::nullopt;
        element = *held;
      }
      value = DenseData(elements);
    }
    operands.push_back(
        b.create("constant", {}, {{"value", value}}, {reduced(operand->type())})
            ->result());
  }
  Type type = reduced(op.result()->type());
  Op *copy = b.create(op.name(), operands, op.attrs, std::span(&type, 1));
  b.create("return", {copy->result()});
  return simplify::computed(alone);
}

static bool fold(Op &op, Rewriter &r) {
  if (op.resultCount() != 1 || op.operandCount() == 0 || op.regionCount() ||
      !op.def().evaluate || !op.result()->type().isTensor() ||
      (op.def().effect != Effect::None && op.def().effect != Effect::Stop) ||
      op.is("stop_gradient"))
    return false;
  bool scalars = op.def().kind == OpKind::Elementwise;
  bool small = isSmall(op.result()->type(), largestResult);
  // Of frozen weights all is computed that does not grow by it.
  bool frozen = false;
  Dim growth = elementCount(op.result()->type().shape());
  for (Value *operand : op.operands()) {
    Op *made = operand->definingOp();
    if (!made || !made->is("constant"))
      return false;
    scalars &= splatOf(operand).has_value();
    small &= isSmall(operand->type(), largestOperand);
    frozen |= made->findAttr("frozen") != nullptr;
    growth = growth - elementCount(operand->type().shape());
  }
  bool grows = !growth.isConstant() || growth.value() > 0;
  if (CostRule cost = op.def().multiplyAdds;
      cost && !simplify::areFewProducts(cost(op)))
    return false;
  if (!scalars && !small && (!frozen || grows))
    return false;
  std::optional<Tensor> result = evaluate(op, scalars);
  if (!result)
    return false;
  AttrDict attrs{{"value", simplify::constantValue(*result)}};
  if (frozen)
    attrs.set("frozen", true);
  return r.replace(op, r.op("constant", {}, attrs, {op.result()->type()}));
}

static const RewriteRule rules[] = {
    {"fold-constants", "", "an op of constants is a constant", fold}};
static const std::span<const RewriteRule> groups[] = {rules};

static std::optional<PassError> run(Function &function,
                                    const PassContext &context) {
  rewrite(function, groups, context.log);
  return std::nullopt;
}

extern const Pass pass_constant_folding;
const Pass pass_constant_folding = {
    .name = "constant-folding",
    .doc = "Computes what depends on constants only, in its own precision.",
    .from = Graph,
    .to = Graph,
    .run = run,
    .rules = groups,
};

} // namespace nnc
