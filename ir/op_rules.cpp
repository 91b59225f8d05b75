#include "ir/op_rules.h"

#include "ir/check.h"

namespace nnc::rules {

static Inference sameType(const Op &op) {
  const Type &type = op.operand(0)->type();
  if (type.isBuffer())
    return Inference::fail("operand 0 is a buffer");
  for (Value *operand : op.operands())
    if (!(operand->type() == type))
      return Inference::fail("operands have types " + type.str() + " and " +
                             operand->type().str());
  return type;
}

static Inference sameTypeIf(const Op &op, bool (*accepts)(Elem),
                            const char *wanted) {
  Inference result = sameType(op);
  if (result.ok() && !accepts(result.types[0].elem()))
    return Inference::fail("operands are " + result.types[0].str() +
                           ", and must be " + wanted);
  return result;
}

Inference sameFloat(const Op &op, std::span<const Type>) {
  return sameTypeIf(op, isFloat, "f32 or f64");
}

Inference sameNumber(const Op &op, std::span<const Type>) {
  return sameTypeIf(
      op, [](Elem elem) { return elem != Elem::Bool; }, "numbers");
}

Inference sameInteger(const Op &op, std::span<const Type>) {
  return sameTypeIf(op, isInteger, "i32 or i64");
}

Inference sameAny(const Op &op, std::span<const Type>) { return sameType(op); }

Inference sameBool(const Op &op, std::span<const Type>) {
  return sameTypeIf(
      op, [](Elem elem) { return elem == Elem::Bool; }, "bool");
}

Inference comparison(const Op &op, std::span<const Type>) {
  Inference result = sameType(op);
  if (result.ok())
    return result.types[0].withElem(Elem::Bool);
  return result;
}

Inference noResults(const Op &, std::span<const Type>) {
  return std::vector<Type>();
}

void zeroGradient(GradientContext &) {}

void lowerElementwise(LoweringContext &c) {
  const Op &op = c.op;
  NestSpec spec;
  spec.parallel = LoweringContext::axesOf(op.result()->type().shape());
  Shape identity = LoweringContext::identity(spec.parallel);
  for (Value *operand : op.operands())
    spec.operands.push_back({operand, identity});
  for (const Type &type : op.resultTypes())
    spec.results.push_back({type, identity});
  spec.body = [&op](Builder &b, std::span<Value *const> scalars) {
    std::vector<Type> stated;
    for (const Type &type : op.resultTypes())
      stated.push_back(Type::scalar(type.elem()));
    Op *scalar = b.create(op.name(), scalars, op.attrs, stated);
    std::vector<Value *> values;
    for (int64_t i = 0; i < scalar->resultCount(); ++i)
      values.push_back(scalar->result(i));
    return values;
  };
  std::vector<Value *> results = c.nest(std::move(spec));
  for (size_t i = 0; i < results.size(); ++i)
    c.replace(static_cast<int64_t>(i), results[i]);
}

std::vector<Value *> loadedValues(Builder &, std::span<Value *const> loaded) {
  return std::vector<Value *>(loaded.begin(), loaded.end());
}

} // namespace nnc::rules
