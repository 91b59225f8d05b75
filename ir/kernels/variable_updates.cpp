#include "ir/kernels/variable_updates.h"

#include "ir/kernels/nest.h"

#include <algorithm>
#include <ranges>
#include <unordered_map>
#include <unordered_set>

namespace nnc {

static const Attr *variableOfResult(const Function &function, int64_t i) {
  return function.resultAttrs[i].find("variable");
}

std::vector<int64_t> oldValues(const Function &function, int64_t arguments) {
  std::unordered_map<std::string, int64_t> places;
  for (int64_t a = 0; a < arguments; ++a)
    if (const Attr *variable = function.argAttrs[a].find("variable"))
      places.emplace(variable->asString(), a);
  std::vector<int64_t> old;
  for (const AttrDict &result : function.resultAttrs) {
    const Attr *variable = result.find("variable");
    auto found = variable ? places.find(variable->asString()) : places.end();
    old.push_back(found == places.end() ? -1 : found->second);
  }
  return old;
}

/// The kernels that only give variables their new values, in order.
static std::vector<Op *> updatesOf(Function &function) {
  Op *end = function.body.terminator();
  std::unordered_set<const Op *> found{end};
  std::vector<Op *> updates;
  for (const auto &op : std::views::reverse(function.body.operations())) {
    if (!op->is("kernel"))
      continue;
    bool writes = false, only = true;
    for (int64_t r = 0; r < op->resultCount(); ++r)
      for (const Value::Use &use : op->result(r)->uses()) {
        only &= found.contains(use.op);
        writes |= use.op == end && variableOfResult(function, use.operand);
      }
    if (writes && only) {
      found.insert(op.get());
      updates.push_back(op.get());
    }
  }
  std::ranges::reverse(updates);
  return updates;
}

void placeUpdates(Function &function, const std::vector<int64_t> &old) {
  Op *end = function.body.terminator();
  std::vector<Op *> updates = updatesOf(function);
  std::unordered_set<const Op *> waiting(updates.begin(), updates.end());
  // Before which of the others may stand what has to come after an op.
  std::unordered_map<const Op *, size_t> next;
  std::vector<Op *> others;
  for (const auto &op : function.body.operations())
    if (!waiting.contains(op.get())) {
      others.push_back(op.get());
      next.emplace(op.get(), others.size());
    }
  for (Op *update : updates) {
    size_t place = 0;
    // An update that comes later in the program stays behind this one.
    auto comesAfter = [&](const Op *op) {
      if (op && op != end && !waiting.contains(op))
        place = std::max(place, next.at(op));
    };
    for (const Value *operand : update->operands())
      comesAfter(operand->definingOp());
    for (int64_t r = 0; r < update->resultCount(); ++r)
      for (const Value::Use &use : update->result(r)->uses())
        if (use.op == end && old[use.operand] >= 0)
          for (const Value::Use &read :
               function.body.argument(old[use.operand])->uses())
            comesAfter(read.op);
    waiting.erase(update);
    update->moveBefore(others[place]);
    next.emplace(update, place);
  }
}

/// `value` and what is the same memory in another shape.
static std::vector<const Value *> viewsOf(const Value &value) {
  std::vector<const Value *> views{&value};
  for (size_t i = 0; i < views.size(); ++i)
    for (const Value::Use &use : views[i]->uses())
      if (use.op->is("reshape"))
        views.push_back(use.op->result());
  return views;
}

/// As whyNotOver, of what `kernel` reads of operand `i` and `writer` writes to
/// `place`.
static std::string_view whyNotInTile(const Op &kernel, int64_t i,
                                     const Nest &writer, const Shape &place) {
  for (const Value::Use &use : kernel.region().argument(i)->uses()) {
    Nest reader(use.op);
    if (reader.isContraction())
      return "a product reads all of the old value for each new element";
    if (reader.into || !reader.loaded.empty() ||
        use.operand >= reader.loadCount() ||
        !(reader.maps[use.operand] == place) ||
        (use.op != writer.op && !use.op->isBefore(writer.op)))
      return "a new element hangs on other elements of the old value";
  }
  return "";
}

std::string_view whyNotOver(const Value &old, const Op &kernel,
                            int64_t result) {
  const Value *written = kernel.region().terminator()->operand(result);
  Nest writer(written->definingOp());
  const Shape &place = writer.results[written->index()];
  for (const Value *view : viewsOf(old))
    for (const Value::Use &use : view->uses()) {
      if (use.op->is("again"))
        return "the old value is read by another name";
      if (use.op != &kernel && !use.op->isBefore(&kernel))
        return "the old value is read later";
      if (use.op != &kernel)
        continue;
      if (!(view->type().shape() == kernel.result(result)->type().shape()))
        return "the old value is read in another shape";
      std::string_view why = whyNotInTile(kernel, use.operand, writer, place);
      if (!why.empty())
        return why;
    }
  return "";
}

std::optional<int64_t> operandWrittenInto(const Op &kernel, int64_t result) {
  const Value *value = kernel.region().terminator()->operand(result);
  const Op &nest = *value->definingOp();
  if (!nest.findAttr("into"))
    return std::nullopt;
  return nest.operand(nest.operandCount() - 1)->index();
}

bool isWrittenInto(const Value &value) {
  for (const Value::Use &use : value.uses())
    for (int64_t i = 0; i < use.op->resultCount(); ++i)
      if (use.op->is("kernel") &&
          operandWrittenInto(*use.op, i) == std::optional<int64_t>(use.operand))
        return true;
  return false;
}

} // namespace nnc
