//===- metrics.cpp: the metrics and pictures of a train block -------------===//
#include "frontend/train_state.h"

namespace nnc {

using Item = ast::TrainItem;

/// [H, W], [N, H, W], [C, H, W] or [N, C, H, W], as the runtime draws it.
static bool isPicture(const Type &type) {
  if (type.rank() != 4)
    return type.rank() == 2 || type.rank() == 3;
  return type.dim(1).isConstant(1) || type.dim(1).isConstant(3);
}

Evaluation Elaborator::elaborateEvaluation(const Item &item,
                                           const TrainState &train) {
  const ast::Train &block = train.train;
  FunctionState *outerState = state;
  Frame *outerFrame = frame;
  FunctionState function;
  std::string kind = ast::spelling(item.kind);
  std::string name = kind + "." + std::to_string(evaluationCount++);
  function.function = newFunction(name);
  function.function->location = location(item.loc);
  function.builder = std::make_unique<Builder>(function.function->body);
  state = &function;
  function.prints = false;
  Frame top = topFrame(*outerFrame->file);
  frame = &top;
  Evaluation evaluation{ast::toSource(*item.value),
                        name,
                        item.onHeld          ? Evaluation::Held
                        : item.names.empty() ? Evaluation::Trained
                                             : Evaluation::Other,
                        {}};
  if (item.names.empty()) {
    std::vector<int64_t> ignored;
    bindTrainNames(block, ignored);
  } else {
    // A name has the type that the training data gives it, unless it has one.
    batch = Dim(0);
    for (const Item &each : block.items)
      if (each.kind == Item::Data)
        chooseBatch(each.names);
    chooseBatch(item.names);
    nameBatch();
    inheritTypes(item, block);
    bindData(item, evaluation.sources);
  }
  if (item.onHeld && train.entry.hold == 0)
    error(item.loc, "there is no `hold` that keeps a part of the data");
  Val value = eval(*item.value);
  value = materialise(value, std::nullopt, item.value->loc);
  if (!value.isPoison()) {
    if (item.kind == Item::Metric && value.ir->type().rank() != 0)
      error(item.value->loc,
            "a metric must be a scalar, and this is " + value.describe());
    if (item.kind == Item::Picture && !isPicture(value.ir->type()))
      error(item.value->loc,
            "a picture is [H, W], [C, H, W] or [N, C, H, W], with 1 or 3 for "
            "C, and this is " +
                value.describe());
    finish({value.ir}, {{}});
  }
  state = outerState;
  frame = outerFrame;
  return evaluation;
}

/// Whether a larger value of a metric is better, if it is a call of one of
/// std's.
static std::optional<bool> directionOf(const std::string &file,
                                       const std::string &name) {
  if (file == "std/losses.nn" || name == "perplexity")
    return false;
  if (file == "std/metrics.nn")
    return true;
  return std::nullopt;
}

/// `keep` and `stop after` go by the first metric.
void Elaborator::chooseBest(TrainState &train) {
  const Item *keep = train.clauses.find(Item::KeepBest);
  const Item *stop = train.clauses.find(Item::StopAfter);
  const Item *clause = keep ? keep : stop;
  if (!clause)
    return;
  const Item *metric = nullptr;
  for (const Item &item : train.train.items)
    if (!metric && item.kind == Item::Metric)
      metric = &item;
  std::string what = keep ? "keep" : "stop after";
  if (!metric) {
    error(clause->loc,
          "`" + what + "` goes by the first metric, and there is none");
    return;
  }
  train.entry.keepsBest = keep;
  if (keep && keep->kind != Item::KeepBest) {
    train.entry.highestIsBest = keep->kind == Item::KeepHighest;
    return;
  }
  auto *call = ast::as<ast::Call>(metric->value);
  auto *callee = call ? ast::as<ast::Name>(call->callee) : nullptr;
  std::optional<bool> direction;
  if (callee && callee->isSimple()) {
    Definition definition = scopes.find(*frame->file, callee->first());
    if (!definition)
      definition = scopes.findStd(callee->first().text);
    std::string file =
        definition ? sources.file(definition.callable->loc.file).name() : "";
    if (file.starts_with("std/"))
      direction = directionOf(file, callee->first().text);
  }
  if (!direction)
    error(clause->loc, "it is not known whether a high value of this metric is "
                       "good; write `keep highest` or `keep lowest`")
        .note(metric->value->loc, "the metric is here");
  train.entry.highestIsBest = direction.value_or(false);
}

} // namespace nnc
