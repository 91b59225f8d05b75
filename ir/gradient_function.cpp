#include "ir/gradient_function.h"

#include "ir/builder.h"

namespace nnc {

/// The result that is the loss, or null.
static Value *lossOf(const Function &step) {
  for (size_t i = 0; i < step.resultAttrs.size(); ++i) {
    const Attr *role = step.resultAttrs[i].find("role");
    if (role && role->asString() == "loss")
      return step.body.terminator()->operand(static_cast<int64_t>(i));
  }
  return nullptr;
}

/// The parameter that a value of the function is, or null.
static const Attr *parameterOf(const Function &step, const Value *value) {
  if (value->owner() != &step.body)
    return nullptr;
  return step.argAttrs[value->index()].find("variable");
}

/// The `gradient` from which the step updates: of the loss, by parameters. The
/// last one, since a program may ask for others before.
static Op *gradientOf(const Function &step, const Value *loss) {
  Op *found = nullptr;
  for (const auto &op : step.body.operations())
    if (op->is("gradient") && op->operand(0) == loss &&
        parameterOf(step, op->operand(1)))
      found = op.get();
  return found;
}

static std::unique_ptr<Function> gradientFunction(const Function &step) {
  std::unique_ptr<Function> function = cloneFunction(step);
  function->name += ".gradient";
  Value *loss = lossOf(*function);
  Op *gradient = loss ? gradientOf(*function, loss) : nullptr;
  if (!gradient)
    return nullptr;
  std::vector<Value *> results = {loss};
  std::vector<AttrDict> attrs = {{{"role", "loss"}}};
  for (int64_t i = 0; i < gradient->resultCount(); ++i) {
    results.push_back(gradient->result(i));
    attrs.push_back(
        {{"gradient", *parameterOf(*function, gradient->operand(i + 1))}});
  }
  function->body.terminator()->erase();
  Builder(function->body).create("return", std::span<Value *const>(results));
  function->resultAttrs = std::move(attrs);
  return function;
}

void addGradientFunctions(Program &program) {
  for (TrainEntry &train : program.trains)
    for (StepEntry &step : train.steps) {
      const Function *function = program.module.find(step.function);
      std::unique_ptr<Function> gradient =
          function ? gradientFunction(*function) : nullptr;
      if (!gradient)
        continue;
      step.gradientFunction = gradient->name;
      program.module.functions.push_back(std::move(gradient));
    }
}

} // namespace nnc
