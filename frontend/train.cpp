//===- train.cpp: a train block -------------------------------------------===//
#include "frontend/train_state.h"

namespace nnc {

using Item = ast::TrainItem;

/// Which clauses a `step` has of its own.
static bool mayStandInStep(Item::Kind kind) {
  return kind == Item::Loss || kind == Item::Optimizer ||
         kind == Item::ClipNorm || kind == Item::ClipValue ||
         kind == Item::Bind || kind == Item::Print;
}

Clauses Elaborator::collectClauses(const std::vector<Item> &items,
                                   bool inStep) {
  Clauses clauses;
  for (const Item &item : items) {
    if (inStep && !mayStandInStep(item.kind)) {
      error(item.loc, std::string("`") + ast::spelling(item.kind) +
                          "` belongs to the whole train block, outside of "
                          "`step`");
      continue;
    }
    switch (item.kind) {
    case Item::Data:
    case Item::Metric:
    case Item::Picture:
    case Item::Bind:
    case Item::Print:
    case Item::Freeze:
    case Item::Start:
    case Item::Step:
      break;
    case Item::Optimizer:
      if (!clauses.optimizers.empty() &&
          clauses.optimizers.back()->patterns.empty())
        error(item.loc, "nothing is left for this `optimizer`")
            .note(clauses.optimizers.back()->loc,
                  "this one has no `on` and takes every parameter");
      clauses.optimizers.push_back(&item);
      break;
    default: {
      bool keep =
          item.kind == Item::KeepHighest || item.kind == Item::KeepLowest;
      Item::Kind kind = keep ? Item::KeepBest : item.kind;
      std::string text = keep ? "keep" : ast::spelling(kind);
      if (auto [known, fresh] = clauses.single.emplace(kind, &item); !fresh)
        error(item.loc, "there are two clauses `" + text + "`")
            .note(known->second->loc, "the first is here");
    }
    }
  }
  return clauses;
}

std::optional<double> Elaborator::numberOf(const Clauses &clauses,
                                           Item::Kind kind, double least,
                                           bool whole) {
  const Item *item = clauses.find(kind);
  if (!item)
    return std::nullopt;
  const char *what = ast::spelling(kind);
  std::optional<double> value = constantOf(*item->value, what);
  if (value && !(*value >= least && *value <= 1e15 &&
                 (!whole || *value == static_cast<double>(
                                          static_cast<int64_t>(*value))))) {
    error(item->value->loc,
          std::string(what) + " must be a " +
              (whole ? "whole number, at least " : "number, at least ") +
              std::to_string(static_cast<int>(least)));
    return std::nullopt;
  }
  return value;
}

static void addCalled(const std::string &net,
                      const std::map<std::string, std::set<std::string>> &calls,
                      const std::set<std::string> &frozen,
                      std::set<std::string> &nets) {
  if (frozen.contains(net) || !nets.insert(net).second)
    return;
  auto called = calls.find(net);
  if (called != calls.end())
    for (const std::string &each : called->second)
      addCalled(each, calls, frozen, nets);
}

/// The nets of the block and those that they call. A net that is frozen as a
/// whole is not trained at all: `training` is false in it.
void Elaborator::resolveNets(TrainState &train) {
  std::set<std::string> frozenNets;
  for (const Item &item : train.train.items)
    if (item.kind == Item::Freeze)
      for (const ast::Name &path : item.paths)
        if (checkBelow(path)) {
          train.frozen.push_back(path.text());
          if (path.isSimple())
            frozenNets.insert(path.text());
        }
  for (const ast::Name &net : train.train.nets) {
    std::string path = trainedPath(net);
    if (path.empty())
      continue;
    train.entry.name += (train.entry.name.empty() ? "" : ", ") + net.text();
    addCalled(path, netCalls, frozenNets, train.nets);
  }
}

/// The clauses that are no numbers, for `info`.
static void describe(const std::vector<Item> &items, const std::string &indent,
                     std::vector<std::string> &lines) {
  for (const Item &item : items) {
    std::string line = indent + ast::spelling(item.kind);
    switch (item.kind) {
    case Item::Loss:
    case Item::Optimizer:
    case Item::ClipNorm:
    case Item::ClipValue:
      line += " " + ast::toSource(*item.value);
      for (const ast::String &pattern : item.patterns)
        line += (&pattern == item.patterns.data() ? " on " : ", ") +
                quoted(pattern.value);
      break;
    case Item::Freeze:
    case Item::Step:
      for (const ast::Name &path : item.paths)
        line += (&path == item.paths.data() ? " " : ", ") + path.text();
      if (item.value)
        line += " every " + ast::toSource(*item.value);
      break;
    default:
      continue;
    }
    lines.push_back(std::move(line));
    describe(item.items, indent + "  ", lines);
  }
}

void Elaborator::elaborateTrain(const ast::Train &block,
                                const FileScope &file) {
  TrainState train{block, {}, {}, static_cast<int64_t>(program.trains.size()),
                   {},    {}, {}, {},
                   {},    {}};
  // A function for what is known when compiling; nothing of it stays.
  FunctionState none;
  Function scratch;
  none.function = &scratch;
  none.builder = std::make_unique<Builder>(scratch.body);
  state = &none;
  Frame top = topFrame(file);
  frame = &top;
  resolveNets(train);
  resolveStarts(train);
  bindConstants(block);
  train.clauses = collectClauses(block.items, false);
  const Clauses &clauses = train.clauses;
  TrainEntry &entry = train.entry;
  auto whole = [&](Item::Kind kind, double least, int64_t standard) {
    return static_cast<int64_t>(numberOf(clauses, kind, least, true)
                                    .value_or(static_cast<double>(standard)));
  };
  bool haveData = false;
  for (const Item &item : block.items)
    haveData |= item.kind == Item::Data;
  if (!haveData)
    error(block.loc, "this train block has no `data`");
  entry.batch = whole(Item::Batch, 1, 32);
  entry.epochs = whole(Item::Epochs, 1, 1);
  entry.seed = whole(Item::Seed, 0, 0);
  entry.seedGiven = clauses.find(Item::Seed);
  entry.shuffle = clauses.find(Item::Shuffle);
  entry.accumulate = whole(Item::Accumulate, 1, 1);
  entry.patience = whole(Item::StopAfter, 1, 0);
  entry.hold = numberOf(clauses, Item::Hold, 0, false).value_or(0);
  if (entry.hold >= 1)
    error(clauses.find(Item::Hold)->value->loc,
          "hold keeps back a part of the data, below 1");
  describe(block.items, "", entry.clauses);
  chooseBest(train);
  elaborateSteps(train);
  for (const Item &item : block.items)
    if (item.kind == Item::Metric)
      entry.metrics.push_back(elaborateEvaluation(item, train));
    else if (item.kind == Item::Picture)
      entry.pictures.push_back(elaborateEvaluation(item, train));
  program.trains.push_back(std::move(entry));
  frame = nullptr;
  state = nullptr;
}

} // namespace nnc
