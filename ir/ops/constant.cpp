#include "ir/op_rules.h"

namespace nnc {

static Inference shape(const Op &op, std::span<const Type> stated) {
  if (stated.size() != 1 || stated[0].isBuffer())
    return Inference::fail("the result type must be stated");
  const Attr &value = op.attr("value");
  if (value.getIf<double>())
    return stated[0];
  const DenseData *dense = value.getIf<DenseData>();
  if (!dense)
    return Inference::fail("value must be a float or dense[...]");
  if (!stated[0].isTensor() ||
      !elementCount(stated[0].shape())
           .isConstant(static_cast<int64_t>((*dense)->size())))
    return Inference::fail("value has " + std::to_string((*dense)->size()) +
                           " elements, which does not fit " + stated[0].str());
  return stated[0];
}

static void evaluate(EvaluationContext &c) {
  Tensor &result = c.results[0];
  const Attr &value = c.op.attr("value");
  for (int64_t i = 0; i < result.size(); ++i)
    result.data[i] = convertTo(result.elem, value.getIf<double>()
                                                ? value.asFloat()
                                                : (*value.get<DenseData>())[i]);
}

/// A splat is computed where it is used; dense data are memory and stay.
static void lower(LoweringContext &c) {
  Attr value = c.op.attr("value");
  if (!value.getIf<double>())
    return;
  Type type = c.op.result()->type();
  NestSpec spec;
  spec.parallel = LoweringContext::axesOf(type.shape());
  spec.results = {{type, LoweringContext::identity(spec.parallel)}};
  spec.body = [&](Builder &b, std::span<Value *const>) {
    return std::vector<Value *>{
        b.constant(value.asFloat(), Type::scalar(type.elem()))};
  };
  c.replace(0, c.nest(std::move(spec))[0]);
}

static constexpr AttrSpec attrs[] = {
    {"value", AttrForm::Any, true,
     "A float, which every element is, or `dense[...]`, the elements in "
     "row-major order."},
    {"frozen", AttrForm::Bool, false,
     "It is of the weights that the program was compiled with: what depends on "
     "such alone is computed by the compiler, whatever its size."}};

static constexpr std::string_view examples[] = {
    R"(
func @example() {
  %y = constant {value = 2.0} : f32[B, 3]
  %z = constant {value = dense[1.0, -0.5, 0.1, 3.0]} : f32[2, 2]
  %t = constant {value = 1.0} : bool
  return %y, %z, %t
}
)"};

extern const OpDef op_constant;
const OpDef op_constant = {
    .name = "constant",
    .doc = "A tensor whose elements are known. Its type is stated.",
    .kind = OpKind::Structural,
    .stages = Graph | Kernels | Loops,
    .operands = {0, 0},
    .attrs = attrs,
    .shape = shape,
    .gradient = rules::zeroGradient,
    .evaluate = evaluate,
    .lower = lower,
    .examples = examples,
};

} // namespace nnc
