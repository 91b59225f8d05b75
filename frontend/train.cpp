//===- train.cpp: a train block as one step -------------------------------===//
#include "frontend/elaborator.h"

#include "frontend/limitations.h"

#include <algorithm>

namespace nnc {

std::optional<double> Elaborator::constantOf(const ast::Expr &expr,
                                             const char *what) {
  size_t before = sink.errorCount();
  ++foldNamed;
  Val value = eval(expr);
  --foldNamed;
  std::optional<double> number = constant(value);
  if (!number && sink.errorCount() == before)
    error(expr.loc, std::string(what) +
                        " needs a number known when compiling, not " +
                        value.describe());
  return number;
}

std::vector<Value *> Elaborator::clip(const std::vector<Value *> &gradients,
                                      const ast::TrainItem &item) {
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
  if (item.kind == ast::TrainItem::ClipValue) {
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

static void addCalled(const std::string &net,
                      const std::map<std::string, std::set<std::string>> &calls,
                      std::set<std::string> &nets) {
  if (!nets.insert(net).second)
    return;
  auto called = calls.find(net);
  if (called != calls.end())
    for (const std::string &each : called->second)
      addCalled(each, calls, nets);
}

void Elaborator::elaborateTrain(const ast::Train &train,
                                const FileScope &file) {
  using Item = ast::TrainItem;
  int64_t index = static_cast<int64_t>(program.trains.size());
  TrainEntry entry;
  entry.stepFunction = "train." + std::to_string(index);
  FunctionState function;
  function.function = newFunction(entry.stepFunction);
  function.function->location = location(train.loc);
  function.builder = std::make_unique<Builder>(function.function->body);
  function.training = true;
  state = &function;
  Frame top = topFrame(file);
  frame = &top;
  for (const ast::Name &net : train.nets) {
    std::string path = trainedPath(net);
    if (path.empty())
      continue;
    entry.name += (entry.name.empty() ? "" : ", ") + net.text();
    addCalled(path, netCalls, function.trained);
  }
  batch = Dim(0);
  std::map<Item::Kind, const Item *> clauses;
  for (const Item &item : train.items) {
    switch (item.kind) {
    case Item::Accumulate:
      unsupported(item.loc, limitations::accumulate);
      break;
    case Item::KeepBest:
    case Item::StopAfter:
      unsupported(item.loc, limitations::keepBest);
      break;
    case Item::Freeze:
      unsupported(item.loc, limitations::freeze);
      break;
    case Item::Start:
      unsupported(item.loc, limitations::start);
      break;
    case Item::Step:
      unsupported(item.loc, limitations::step);
      break;
    case Item::Data:
      chooseBatch(item.names);
      break;
    case Item::Metric:
    case Item::Bind:
    case Item::Print:
      break;
    default:
      if (auto [known, fresh] = clauses.emplace(item.kind, &item); !fresh)
        error(item.loc, std::string("there are two clauses `") +
                            ast::spelling(item.kind) + "`")
            .note(known->second->loc, "the first is here");
    }
  }
  nameBatch();
  bool haveData = false;
  for (const Item &item : train.items)
    if (item.kind == Item::Data) {
      bindData(item, entry.sources);
      haveData = true;
    }
  for (const Item &item : train.items)
    if (item.kind == Item::Bind || item.kind == Item::Print)
      runStmt(*item.statement);
  if (!haveData)
    error(train.loc, "this train block has no `data`");
  auto number = [&](Item::Kind kind, double least, double standard,
                    bool whole) {
    auto found = clauses.find(kind);
    if (found == clauses.end())
      return standard;
    const char *what = ast::spelling(kind);
    double value = constantOf(*found->second->value, what).value_or(least);
    if (value < least || (whole && value != static_cast<int64_t>(value)) ||
        value > 1e15) {
      error(found->second->value->loc,
            std::string(what) + " must be a " +
                (whole ? "whole number, at least " : "number, at least ") +
                std::to_string(static_cast<int>(least)));
      return standard;
    }
    return value;
  };
  entry.batch = static_cast<int64_t>(number(Item::Batch, 1, 32, true));
  entry.epochs = static_cast<int64_t>(number(Item::Epochs, 1, 1, true));
  entry.seedGiven = clauses.contains(Item::Seed);
  entry.seed = static_cast<int64_t>(number(Item::Seed, 0, 0, true));
  entry.shuffle = clauses.contains(Item::Shuffle);
  entry.hold = number(Item::Hold, 0, 0, false);
  if (entry.hold >= 1)
    error(clauses[Item::Hold]->value->loc,
          "hold keeps back a part of the data, below 1");

  const Item *loss = clauses[Item::Loss], *optimizer = clauses[Item::Optimizer];
  if (!loss)
    error(train.loc, "this train block has no `loss`");
  if (!optimizer)
    error(train.loc, "this train block has no `optimizer`");
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
  if (!value.isPoison() && optimizer) {
    std::vector<std::string> paths;
    for (const Variable &variable : program.variables) {
      if (variable.kind == Variable::Parameter && isTrained(variable.path) &&
          !frozen.contains(variable.path) &&
          function.variables.contains(variable.path))
        paths.push_back(variable.path);
    }
    warnUntrained(value.ir);
    if (paths.empty() && !sink.hasErrors())
      error(loss->value->loc, "the loss uses no parameter of " + entry.name);
    std::vector<Value *> operands = {value.ir};
    for (const std::string &path : paths)
      operands.push_back(function.variables[path]);
    if (!paths.empty()) {
      at(loss->value->loc);
      Op *op = builder().create("gradient", std::span<Value *const>(operands));
      std::vector<Value *> gradients;
      for (size_t i = 0; i < paths.size(); ++i)
        gradients.push_back(op->result(static_cast<int64_t>(i)));
      for (Item::Kind kind : {Item::ClipNorm, Item::ClipValue})
        if (clauses.contains(kind) && clauses[kind])
          gradients = clip(gradients, *clauses[kind]);
      optimize(*optimizer, paths, gradients, entry, index);
    }
    for (const std::string &path : function.changed) {
      results.push_back(function.variables[path]);
      attrs.push_back({{"variable", path}});
    }
    results.push_back(value.ir);
    attrs.push_back({{"role", "loss"}});
  }
  finish(results, attrs);
  for (const Item &item : train.items)
    if (item.kind == Item::Metric)
      elaborateMetric(item, train, entry);
  program.trains.push_back(std::move(entry));
  frame = nullptr;
  state = nullptr;
}

void Elaborator::nameBatch() {
  if (!batch.isConstant())
    return;
  // Data without types: the examples' axis is B, if that is free.
  bool taken = findDim(*frame, "B", {}) != nullptr;
  batch = Dim::symbol(taken ? "Batch" : "B");
}

void Elaborator::elaborateMetric(const ast::TrainItem &item,
                                 const ast::Train &train, TrainEntry &entry) {
  FunctionState *outerState = state;
  Frame *outerFrame = frame;
  FunctionState function;
  std::string name = "metric." + std::to_string(metricCount++);
  function.function = newFunction(name);
  function.function->location = location(item.loc);
  function.builder = std::make_unique<Builder>(function.function->body);
  state = &function;
  function.prints = false;
  Frame top = topFrame(*outerFrame->file);
  frame = &top;
  batch = Dim(0);
  MetricEntry metric{ast::toSource(*item.value), name, item.onHeld ? -2 : -1};
  if (item.names.empty()) {
    std::vector<int64_t> ignored;
    for (const ast::TrainItem &each : train.items)
      if (each.kind == ast::TrainItem::Data)
        chooseBatch(each.names);
    nameBatch();
    for (const ast::TrainItem &each : train.items)
      if (each.kind == ast::TrainItem::Data)
        bindData(each, ignored);
    for (const ast::TrainItem &each : train.items)
      if (each.kind == ast::TrainItem::Bind)
        runStmt(*each.statement);
  } else {
    // A name has the type that the training data gives it, unless it has one.
    std::vector<int64_t> own;
    for (const ast::TrainItem &each : train.items)
      if (each.kind == ast::TrainItem::Data)
        chooseBatch(each.names);
    chooseBatch(item.names);
    nameBatch();
    inheritTypes(item, train);
    bindData(item, own);
    if (own.size() > 1)
      unsupported(item.loc, limitations::metricSources);
    else if (!own.empty())
      metric.source = own[0];
  }
  if (item.onHeld && entry.hold == 0)
    error(item.loc, "there is no `hold` that keeps a part of the data");
  Val value = eval(*item.value);
  value = materialise(value, std::nullopt, item.value->loc);
  if (!value.isPoison()) {
    if (value.ir->type().rank() != 0)
      error(item.value->loc,
            "a metric must be a scalar, and this is " + value.describe());
    finish({value.ir}, {{}});
  }
  entry.metrics.push_back(std::move(metric));
  state = outerState;
  frame = outerFrame;
}

} // namespace nnc
