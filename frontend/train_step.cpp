//===- train_step.cpp: one step of training as functions ------------------===//
//
// A step is one function: data and variables to the loss and the variables' new
// values. With `accumulate` it is two: one that adds the gradients of a batch
// to their sums, and one that updates by the mean of some batches.
//
//===----------------------------------------------------------------------===//
#include "frontend/train_state.h"

namespace nnc {

using Item = ast::TrainItem;

std::vector<Value *> Elaborator::clip(const std::vector<Value *> &gradients,
                                      const Item &item) {
  std::optional<double> limit = constantOf(*item.value, "clip");
  if (limit && !(*limit > 0)) {
    error(item.value->loc, "clip takes a positive number");
    return gradients;
  }
  if (!limit || gradients.empty())
    return gradients;
  at(item.loc);
  Builder &b = builder();
  std::vector<Value *> clipped;
  if (item.kind == Item::ClipValue) {
    for (Value *g : gradients) {
      Value *low = b.op("max", {g, b.constant(-*limit, g->type())});
      clipped.push_back(b.op("min", {low, b.constant(*limit, g->type())}));
    }
    return clipped;
  }
  // Pascanu et al., arXiv 1211.5063: g * c / max(|g|, c), |g| over all.
  Value *total = nullptr;
  for (Value *g : gradients) {
    std::vector<int64_t> axes;
    for (int64_t i = 0; i < g->type().rank(); ++i)
      axes.push_back(i);
    Value *square = b.op("mul", {g, g});
    if (!axes.empty())
      square = b.op("sum", {square}, {{"axes", Attr::ints(axes)}});
    total = total ? b.op("add", {total, square}) : square;
  }
  Value *c = b.constant(*limit, total->type());
  Value *norm = b.op("max", {b.op("sqrt", {total}), c});
  Value *scale = b.op("div", {c, norm});
  for (Value *g : gradients)
    clipped.push_back(
        b.op("mul", {g, b.broadcastTo(scale, g->type().shape())}));
  return clipped;
}

void Elaborator::bindTrainNames(const ast::Train &train,
                                std::vector<int64_t> &sources) {
  batch = Dim(0);
  for (const Item &item : train.items)
    if (item.kind == Item::Data)
      chooseBatch(item.names);
  nameBatch();
  for (const Item &item : train.items)
    if (item.kind == Item::Data)
      bindData(item, sources);
  for (const Item &item : train.items)
    if (item.kind == Item::Bind || item.kind == Item::Print)
      runStmt(*item.statement);
}

/// The same where there is no data: what is made of it is silently nothing.
void Elaborator::bindConstants(const ast::Train &train) {
  for (const Item &item : train.items)
    if (item.kind == Item::Data)
      for (const Item::DataName &name : item.names)
        frame->values[name.name.text] = Val();
  for (const Item &item : train.items)
    if (item.kind == Item::Bind)
      runStmt(*item.statement);
}

void Elaborator::nameBatch() {
  if (!batch.isConstant())
    return;
  // Data without types: the examples' axis is B, if that is free.
  bool taken = findDim(*frame, "B", {}) != nullptr;
  batch = Dim::symbol(taken ? "Batch" : "B");
}

void Elaborator::elaborateSteps(TrainState &train) {
  std::string name = "train." + std::to_string(train.index);
  train.initFunction = std::make_unique<Function>();
  train.initFunction->name = name + ".init";
  train.initFunction->location = location(train.train.loc);
  train.init.function = train.initFunction.get();
  train.init.builder = std::make_unique<Builder>(train.initFunction->body);
  // This keeps an optimizer's variables apart from parameters, in weight
  // files too.
  std::string prefix = "optimizer";
  if (train.index)
    prefix += std::to_string(train.index + 1);
  prefix += ".";

  int64_t steps = 0;
  for (const Item &item : train.train.items) {
    if (item.kind != Item::Step)
      continue;
    StepState step{&item, item.items, collectClauses(item.items, true), {}, {},
                   {},    {}};
    std::string number = "step" + std::to_string(++steps);
    step.name = name + "." + number;
    step.prefix = prefix + number + ".";
    for (const ast::Name &path : item.paths)
      step.entry.name += (step.entry.name.empty() ? "" : ", ") + path.text();
    if (item.value) {
      std::optional<double> every = constantOf(*item.value, "`every`");
      if (every && (*every < 1 ||
                    *every != static_cast<double>(static_cast<int>(*every)))) {
        error(item.value->loc, "every must be a whole number, at least 1");
        every = std::nullopt;
      }
      step.entry.every = static_cast<int64_t>(every.value_or(1));
    }
    elaborateStep(train, std::move(step));
  }
  if (!steps) {
    StepState step{nullptr, train.train.items, train.clauses, name, prefix, {},
                   {}};
    elaborateStep(train, std::move(step));
  } else {
    std::vector<const Item *> misplaced = train.clauses.optimizers;
    for (Item::Kind kind : {Item::Loss, Item::ClipNorm, Item::ClipValue})
      if (const Item *item = train.clauses.find(kind))
        misplaced.push_back(item);
    for (const Item *item : misplaced)
      error(item->loc, std::string("where there is a `step`, `") +
                           ast::spelling(item->kind) + "` stands in it");
  }
  if (train.initResults.empty())
    return;
  FunctionState *outer = state;
  state = &train.init;
  finish(train.initResults, train.initAttrs);
  state = outer;
  train.entry.initFunction = train.initFunction->name;
  program.module.functions.push_back(std::move(train.initFunction));
}

void Elaborator::elaborateStep(TrainState &train, StepState step) {
  Loc loc = step.item ? step.item->loc : train.train.loc;
  std::string what = step.item ? "this step" : "this train block";
  const Item *loss = step.clauses.find(Item::Loss);
  if (!loss)
    error(loc, what + " has no `loss`");
  if (step.clauses.optimizers.empty())
    error(loc, what + " has no `optimizer`");

  FunctionState *outerState = state;
  Frame *outerFrame = frame;
  FunctionState function;
  function.function = newFunction(step.name);
  function.function->location = location(loc);
  function.function->attrs.set("traced", true);
  function.builder = std::make_unique<Builder>(function.function->body);
  function.training = true;
  function.trained = train.nets;
  state = &function;
  Frame top = topFrame(*outerFrame->file);
  frame = &top;
  train.entry.sources.clear();
  bindTrainNames(train.train, train.entry.sources);
  if (step.item)
    for (const Item &item : step.items)
      if (item.kind == Item::Bind || item.kind == Item::Print)
        runStmt(*item.statement);
  Val value = loss ? eval(*loss->value) : Val();
  if (loss)
    value = floats(value, "the loss", loss->value->loc);
  if (!value.isPoison() && value.ir->type().rank() != 0) {
    error(loss->value->loc, "the loss must be a scalar, and is " +
                                value.describe() + "; take its mean or sum");
    value = {};
  }
  std::vector<Value *> results;
  std::vector<AttrDict> attrs;
  if (!value.isPoison() && !step.clauses.optimizers.empty()) {
    step.entry.function = step.name;
    step.entry.lossLocation = location(loss->value->loc);
    step.paths = parametersOf(train, step);
    if (!step.item)
      warnUntrained(value.ir, train);
    std::vector<Value *> operands = {value.ir};
    for (const std::string &path : step.paths)
      operands.push_back(function.variables[path]);
    if (!step.paths.empty()) {
      at(loss->value->loc);
      Op *op = builder().create("gradient", std::span<Value *const>(operands));
      std::vector<Value *> gradients;
      for (size_t i = 0; i < step.paths.size(); ++i)
        gradients.push_back(op->result(static_cast<int64_t>(i)));
      if (train.entry.accumulate > 1) {
        for (size_t i = 0; i < step.paths.size(); ++i) {
          const std::string &path = step.paths[i];
          std::string sum = step.prefix + "sum." + path;
          program.variables.push_back(
              {Variable::GradientSum, sum, gradients[i]->type()});
          function.variables[sum] =
              builder().op("add", {variable(sum), gradients[i]});
          function.changed.insert(sum);
        }
      } else {
        optimize(train, step, gradients);
      }
    }
    for (const std::string &path : function.changed) {
      results.push_back(function.variables[path]);
      attrs.push_back({{"variable", path}});
    }
    results.push_back(value.ir);
    attrs.push_back({{"role", "loss"}});
  }
  finish(results, attrs);
  state = outerState;
  frame = outerFrame;
  if (train.entry.accumulate > 1 && !step.paths.empty())
    elaborateUpdate(train, step);
  train.entry.steps.push_back(std::move(step.entry));
}

/// The function that updates by the mean of the gradients of `count` batches.
void Elaborator::elaborateUpdate(TrainState &train, StepState &step) {
  FunctionState *outerState = state;
  Frame *outerFrame = frame;
  FunctionState function;
  step.entry.updateFunction = step.name + ".update";
  function.function = newFunction(step.entry.updateFunction);
  function.function->location = location(train.train.loc);
  function.function->attrs.set("traced", true);
  function.builder = std::make_unique<Builder>(function.function->body);
  state = &function;
  Frame top = topFrame(*outerFrame->file);
  frame = &top;
  bindConstants(train.train);
  if (step.item)
    for (const Item &item : step.items)
      if (item.kind == Item::Bind)
        runStmt(*item.statement);
  at(step.clauses.optimizers[0]->loc);
  Value *count = floatRole("count");
  std::vector<Value *> gradients;
  for (const std::string &path : step.paths) {
    variable(path);
    Value *sum = variable(step.prefix + "sum." + path);
    Value *n = builder().broadcastTo(count, sum->type().shape());
    gradients.push_back(builder().op("div", {sum, n}));
  }
  size_t before = sink.errorCount();
  optimize(train, step, gradients);
  if (sink.errorCount() == before && function.changed.empty())
    error(step.clauses.optimizers[0]->loc,
          "with `accumulate` an optimizer's arguments cannot use the data: the "
          "update follows after several batches");
  std::vector<Value *> results;
  std::vector<AttrDict> attrs;
  for (const std::string &path : function.changed) {
    results.push_back(function.variables[path]);
    attrs.push_back({{"variable", path}});
  }
  finish(results, attrs);
  state = outerState;
  frame = outerFrame;
}

} // namespace nnc
