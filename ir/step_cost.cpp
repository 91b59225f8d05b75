#include "ir/step_cost.h"

#include "ir/op_def.h"

#include <map>
#include <set>

namespace nnc {

namespace {

using Name = std::shared_ptr<const std::string>;

/// The ops that lead to the loss.
std::set<const Op *> forwardOps(const Function &step) {
  std::set<const Op *> found;
  std::vector<const Op *> waiting;
  auto follow = [&](const Value *value) {
    if (const Op *op = value->definingOp(); op && found.insert(op).second)
      waiting.push_back(op);
  };
  const Op *end = step.body.terminator();
  for (int64_t i = 0; i < end->operandCount(); ++i)
    if (const Attr *role = step.resultAttrs[i].find("role");
        role && role->asString() == "loss")
      follow(end->operand(i));
  while (!waiting.empty()) {
    const Op *op = waiting.back();
    waiting.pop_back();
    for (const Value *operand : op->operands())
      follow(operand);
  }
  return found;
}

/// What ops of one layer, or of one line of the net, have alike.
using Key = std::tuple<const void *, const void *, int>;

Key keyOf(const Location &at) {
  if (at.layer)
    return {at.layer.get(), nullptr, 0};
  return {nullptr, at.file.get(), at.line};
}

class StepLayers {
public:
  StepLayers(Function &step, const std::vector<Variable> &variables)
      : step(step), variables(variables), forward(forwardOps(step)) {}

  void mark() {
    for (const Op *op : forward)
      lines.insert(keyOf(op->location));
    findUpdates();
    mark(step.body, false);
  }

  StepTable table() {
    StepTable table{costsOf(step, variables), {}, {}, {}};
    for (const LayerCost &row : table.rows.rows) {
      auto found = marks.find(row.location.layer.get());
      Mark mark =
          found == marks.end() ? Mark{row.location, Forward} : found->second;
      int64_t place = placeOf(table.layers, row, mark);
      StepLayer &layer = table.layers[place];
      StepPart part = mark.part;
      layer.multiplyAdds[part] = layer.multiplyAdds[part] + row.multiplyAdds;
      layer.bytes[part] = layer.bytes[part] + row.bytes;
      table.layerOf.push_back(place);
      table.partOf.push_back(part);
    }
    return table;
  }

private:
  /// What the ops of a row had for a location before they were marked.
  struct Mark {
    Location at;
    StepPart part;
  };

  /// The layer of the parameter that is updated, or whose average of gradients
  /// is, as "optimizer.adam.m.Net.dense1.w".
  std::string layerOf(const std::string &path) const {
    std::string found;
    for (const Variable &each : variables)
      if (each.kind == Variable::Parameter &&
          ("." + path).ends_with("." + each.path) &&
          each.path.size() > found.size())
        found = each.path;
    return found.substr(0, found.rfind('.'));
  }

  /// What leads to parameters' new values and is no derivative of a layer. What
  /// is computed for several layers, such as a rate, belongs to none of them.
  void findUpdates() {
    const std::string shared = "optimizer";
    const Op *end = step.body.terminator();
    for (int64_t i = 0; i < end->operandCount(); ++i) {
      const Attr *path = step.resultAttrs[i].find("variable");
      std::string layer = path ? layerOf(path->asString()) : "";
      if (layer.empty())
        continue;
      std::vector<const Value *> waiting{end->operand(i)};
      while (!waiting.empty()) {
        const Op *op = waiting.back()->definingOp();
        waiting.pop_back();
        if (!op || lines.contains(keyOf(op->location)))
          continue;
        auto [known, isNew] = updated.emplace(op, layer);
        if (!isNew && (known->second == layer || known->second == shared))
          continue;
        if (!isNew)
          known->second = shared;
        waiting.insert(waiting.end(), op->operands().begin(),
                       op->operands().end());
      }
    }
  }

  /// Gives each part of a layer a name of its own, so that it gets its own row.
  void mark(Block &block, bool isInForward) {
    for (const auto &op : block.operations()) {
      bool isForward = isInForward || forward.contains(op.get());
      for (int64_t i = 0; i < op->regionCount(); ++i)
        mark(op->region(i), isForward);
      if (isForward)
        continue;
      Location &at = op->location;
      auto update = updated.find(op.get());
      Name &name = update != updated.end() ? updates[update->second]
                                           : derivatives[keyOf(at)];
      if (!name) {
        name = std::make_shared<const std::string>(
            update != updated.end() ? update->second
            : at.layer              ? *at.layer
                                    : std::string(op->name()));
        marks[name.get()] = {at, update != updated.end() ? Update : Backward};
      }
      at.layer = name;
    }
  }

  int64_t placeOf(std::vector<StepLayer> &layers, const LayerCost &row,
                  const Mark &mark) {
    auto next = static_cast<int64_t>(layers.size());
    if (mark.part == Update) {
      for (int64_t i = 0; i < next; ++i)
        if (layers[i].name == row.name)
          return i;
      layers.push_back({row.name, row.location, row.depth, {}, {}});
      return next;
    }
    auto [known, isNew] = places.try_emplace(keyOf(mark.at), next);
    if (isNew)
      layers.push_back({row.name, mark.at, row.depth, {}, {}});
    return known->second;
  }

  Function &step;
  const std::vector<Variable> &variables;
  std::set<const Op *> forward;
  std::set<Key> lines;                       ///< Of forward ops.
  std::map<const Op *, std::string> updated; ///< The layer of each.
  std::map<Key, Name> derivatives;
  std::map<std::string, Name> updates;
  std::map<const std::string *, Mark> marks;
  std::map<Key, int64_t> places;
};

} // namespace

StepTable stepCostsOf(Function &step, const std::vector<Variable> &variables) {
  StepLayers layers(step, variables);
  layers.mark();
  return layers.table();
}

} // namespace nnc
