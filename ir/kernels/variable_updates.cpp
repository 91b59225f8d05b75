#include "ir/kernels/variable_updates.h"

#include "ir/kernels/nest.h"

#include <ranges>
#include <set>
#include <unordered_map>

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

void sinkUpdates(Function &function) {
  Op *end = function.body.terminator();
  std::set<const Op *> sinks{end};
  std::vector<Op *> moved;
  for (const auto &op : std::views::reverse(function.body.operations())) {
    if (!op->is("kernel"))
      continue;
    bool writes = false, only = true;
    for (int64_t r = 0; r < op->resultCount(); ++r)
      for (const Value::Use &use : op->result(r)->uses()) {
        only &= sinks.contains(use.op);
        writes |= use.op == end && variableOfResult(function, use.operand);
      }
    if (writes && only) {
      sinks.insert(op.get());
      moved.push_back(op.get());
    }
  }
  for (Op *op : std::views::reverse(moved))
    op->moveBefore(end);
}

bool mayOverwrite(const Function &function, int64_t old, const Op &kernel,
                  int64_t result) {
  Value *argument = function.body.argument(old);
  for (const Value::Use &use : argument->uses()) {
    if (use.op != &kernel && !use.op->isBefore(&kernel))
      return false;
    if (use.op->is("reshape"))
      return false;
  }
  const Block &body = kernel.region();
  const Value *written = body.terminator()->operand(result);
  if (!written->definingOp())
    return false;
  Nest writer(written->definingOp());
  if (writer.isContraction() || writer.into || !writer.loaded.empty())
    return false;
  const Shape &place = writer.results[written->index()];
  for (int64_t i = 0; i < kernel.operandCount(); ++i) {
    if (kernel.operand(i) != argument)
      continue;
    for (const Value::Use &use : body.argument(i)->uses()) {
      Nest reader(use.op);
      if (reader.isContraction() || reader.into || !reader.loaded.empty() ||
          use.operand >= reader.loadCount() ||
          !(reader.maps[use.operand] == place) ||
          (use.op != writer.op && !use.op->isBefore(writer.op)))
        return false;
    }
  }
  return true;
}

} // namespace nnc
