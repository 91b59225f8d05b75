#include "ir/interpreter.h"

#include "ir/check.h"
#include "ir/op_def.h"

#include <cmath>

namespace nnc {

int64_t evaluateDim(const Dim &dim, const DimBinding &dims) {
  std::optional<int64_t> value =
      dim.evaluate([&](std::string_view name) -> std::optional<Dim> {
        auto found = dims.find(name);
        if (found == dims.end())
          return std::nullopt;
        return Dim(found->second);
      });
  if (!value)
    internalError("size " + dim.str() + " is not known");
  return *value;
}

Extents evaluateShape(const Shape &shape, const DimBinding &dims) {
  Extents extents;
  for (const Dim &dim : shape)
    extents.push_back(evaluateDim(dim, dims));
  return extents;
}

double convertTo(Elem elem, double value) {
  if (elem == Elem::Bool)
    return value != 0;
  return isInteger(elem) ? std::trunc(value) : value;
}

bool advance(Extents &index, const Extents &shape) {
  for (size_t axis = shape.size(); axis-- > 0;) {
    if (++index[axis] < shape[axis])
      return true;
    index[axis] = 0;
  }
  return false;
}

class Interpreter {
public:
  explicit Interpreter(DimBinding dims) : dims(std::move(dims)) {}

  std::vector<Tensor> run(const Block &block, std::vector<Tensor> arguments) {
    for (int64_t i = 0; i < block.argumentCount(); ++i)
      values[block.argument(i)] = std::move(arguments[i]);
    for (const auto &op : block.operations()) {
      if (op.get() == block.terminator())
        break;
      evaluate(*op);
      if (!error.empty())
        return {};
    }
    std::vector<Tensor> handedOn;
    for (Value *value : block.terminator()->operands())
      handedOn.push_back(values.at(value));
    return handedOn;
  }

  void stop(const Op &op, std::string why) {
    error = std::move(why);
    location = op.location;
  }

  std::string error;
  Location location;

private:
  void evaluate(const Op &op) {
    if (!op.def().evaluate)
      internalError("op " + std::string(op.name()) +
                    " has no reference meaning: " + op.def().evaluate.whyNot);
    EvaluationContext context(op, *this, dims);
    for (Value *operand : op.operands())
      context.operands.push_back(&values.at(operand));
    for (const Type &type : op.resultTypes())
      context.results.emplace_back(type.elem(),
                                   evaluateShape(type.shape(), dims));
    op.def().evaluate.rule(context);
    for (int64_t i = 0; i < op.resultCount(); ++i)
      values[op.result(i)] = std::move(context.results[i]);
  }

  DimBinding dims;
  std::unordered_map<const Value *, Tensor> values;
};

std::vector<Tensor> EvaluationContext::run(const Block &region,
                                           std::vector<Tensor> arguments) {
  return interpreter.run(region, std::move(arguments));
}

void EvaluationContext::stop(std::string why) {
  interpreter.stop(op, std::move(why));
}

bool EvaluationContext::stopped() const { return !interpreter.error.empty(); }

RunResult interpret(const Function &function, std::span<const Tensor> arguments,
                    const DimBinding &dims) {
  Interpreter interpreter(dims);
  RunResult result;
  result.values = interpreter.run(
      function.body, std::vector<Tensor>(arguments.begin(), arguments.end()));
  result.error = interpreter.error;
  result.location = interpreter.location;
  return result;
}

std::optional<DimBinding> bindDims(const Function &function,
                                   std::span<const Tensor> arguments) {
  DimBinding dims;
  if (function.body.argumentCount() != static_cast<int64_t>(arguments.size()))
    return std::nullopt;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const Type &type = function.body.argument(i)->type();
    if (type.rank() != arguments[i].rank())
      return std::nullopt;
    for (int64_t axis = 0; axis < type.rank(); ++axis)
      if (std::optional<std::string> name = type.dim(axis).asSymbol())
        dims.emplace(*name, arguments[i].shape[axis]);
  }
  auto known = [&](const std::string &name) { return dims.contains(name); };
  for (size_t i = 0; i < arguments.size(); ++i) {
    const Type &type = function.body.argument(i)->type();
    for (int64_t axis = 0; axis < type.rank(); ++axis) {
      bool bound = true;
      type.dim(axis).forEachSymbol(
          [&](const std::string &name) { bound &= known(name); });
      if (!bound ||
          evaluateDim(type.dim(axis), dims) != arguments[i].shape[axis])
        return std::nullopt;
    }
  }
  return dims;
}

} // namespace nnc
