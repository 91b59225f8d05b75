#include "ir/interpreter.h"
#include "ir/pass.h"
#include "ir/rewriter.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace nnc {

/// Constants stay short enough to read. What is larger is better computed by
/// the program.
static constexpr int64_t largestResult = 64, largestOperand = 4096;

static bool isSmall(const Type &type, int64_t limit) {
  Dim count = elementCount(type.shape());
  return type.isTensor() && count.isConstant() && count.value() <= limit;
}

/// What the program itself would hold, or nothing if the value does not fit.
static std::optional<double> rounded(Elem elem, double value) {
  if (elem == Elem::F32)
    return static_cast<double>(static_cast<float>(value));
  if (!isInteger(elem))
    return value;
  double limit = elem == Elem::I32 ? 0x1p31 : 0x1p53;
  if (!(value >= -limit && value < limit))
    return std::nullopt;
  return value + 0.0; // Integers have one zero.
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
      std::optional<double> held = rounded(elem, *splat);
      if (!held)
        return std::nullopt;
      value = *held;
    } else {
      auto elements =
          std::make_shared<std::vector<double>>(*value.get<DenseData>());
      for (double &element : *elements) {
        std::optional<double> held = rounded(elem, element);
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
  RunResult result = interpret(alone, {}, {});
  if (!result.ok())
    return std::nullopt;
  for (double &element : result.values[0].data) {
    std::optional<double> held = rounded(type.elem(), element);
    if (!held)
      return std::nullopt;
    element = *held;
  }
  return result.values[0];
}

static bool sameBits(double a, double b) {
  return std::memcmp(&a, &b, sizeof a) == 0;
}

static bool fold(Op &op, Rewriter &r) {
  if (op.resultCount() != 1 || op.operandCount() == 0 || op.regionCount() ||
      !op.def().evaluate || !op.result()->type().isTensor() ||
      (op.def().effect != Effect::None && op.def().effect != Effect::Stop) ||
      op.is("stop_gradient"))
    return false;
  bool scalars = op.def().kind == OpKind::Elementwise;
  bool small = isSmall(op.result()->type(), largestResult);
  for (Value *operand : op.operands()) {
    Op *made = operand->definingOp();
    if (!made || !made->is("constant"))
      return false;
    scalars &= splatOf(operand).has_value();
    small &= isSmall(operand->type(), largestOperand);
  }
  if (!scalars && !small)
    return false;
  std::optional<Tensor> result = evaluate(op, scalars);
  if (!result || result->data.empty())
    return false;
  const std::vector<double> &data = result->data;
  bool splat = std::all_of(data.begin(), data.end(), [&](double element) {
    return sameBits(element, data[0]);
  });
  Attr value = splat ? Attr(data[0])
                     : Attr(std::make_shared<const std::vector<double>>(data));
  return r.replace(
      op, r.op("constant", {}, {{"value", value}}, {op.result()->type()}));
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
