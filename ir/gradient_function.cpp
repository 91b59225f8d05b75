#include "ir/gradient_function.h"

#include "ir/builder.h"
#include "ir/check.h"

#include <algorithm>

namespace nnc {

/// The result that is the loss.
static Value *lossOf(const Function &step) {
  for (size_t i = 0; i < step.resultAttrs.size(); ++i) {
    const Attr *role = step.resultAttrs[i].find("role");
    if (role && role->asString() == "loss")
      return step.body.terminator()->operand(static_cast<int64_t>(i));
  }
  internalError("a step of training gives no loss");
}

/// The `gradient` from which the step updates: of the loss, by parameters. The
/// last one, since a program may ask for others before.
static Op *gradientOf(const Function &step, const Value *loss) {
  Op *found = nullptr;
  for (const auto &op : step.body.operations())
    if (op->is("gradient") && op->operand(0) == loss)
      found = op.get();
  return found;
}

static std::unique_ptr<Function> gradientFunction(const Function &step) {
  std::unique_ptr<Function> function = cloneFunction(step);
  function->name += ".gradient";
  Value *loss = lossOf(*function);
  Op *gradient = gradientOf(*function, loss);
  check(gradient, "a step of training trains nothing");
  std::vector<Value *> results = {loss};
  std::vector<AttrDict> attrs = {{{"role", "loss"}}};
  for (int64_t i = 0; i < gradient->resultCount(); ++i) {
    const AttrDict &parameter =
        function->argAttrs[gradient->operand(i + 1)->index()];
    results.push_back(gradient->result(i));
    attrs.push_back({{"gradient", *parameter.find("variable")}});
  }
  function->body.terminator()->erase();
  Builder(function->body).create("return", std::span<Value *const>(results));
  function->resultAttrs = std::move(attrs);
  return function;
}

static void openConstants(Function &function) {
  std::vector<Op *> named;
  for (const auto &op : function.body.operations())
    if (op->is("constant") && !op->result()->hint.empty())
      named.push_back(op.get());
  // Each was put before the ones that the program names earlier.
  std::stable_sort(named.begin(), named.end(), [](const Op *a, const Op *b) {
    return std::pair(a->location.line, a->location.column) <
           std::pair(b->location.line, b->location.column);
  });
  for (Op *op : named) {
    Value *constant = op->result();
    Value *argument = function.addArgument(constant->type(), constant->hint,
                                           {{"input", constant->hint}});
    constant->replaceAllUsesWith(argument);
    op->erase();
  }
}

std::unique_ptr<Function> derivativesOf(const Function &original) {
  std::unique_ptr<Function> function = cloneFunction(original);
  openConstants(*function);
  std::vector<Value *> results;
  std::vector<AttrDict> attrs;
  for (const auto &op : function->body.operations()) {
    if (!op->is("gradient"))
      continue;
    for (int64_t i = 0; i < op->resultCount(); ++i) {
      results.push_back(op->result(i));
      std::string name =
          "d" + op->operand(0)->hint + "_d" + op->operand(i + 1)->hint;
      attrs.push_back({{"output", name}});
    }
  }
  if (results.empty())
    return nullptr;
  function->name += ".gradient";
  function->body.terminator()->erase();
  Builder(function->body).create("return", std::span<Value *const>(results));
  function->resultAttrs = std::move(attrs);
  return function;
}

void addGradientFunctions(Program &program) {
  for (TrainEntry &train : program.trains)
    for (StepEntry &step : train.steps) {
      std::unique_ptr<Function> gradient =
          gradientFunction(*program.module.find(step.function));
      step.gradientFunction = gradient->name;
      program.module.functions.push_back(std::move(gradient));
    }
}

} // namespace nnc
