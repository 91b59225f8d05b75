//===- Computes values of one shape in one loop ---------------------------===//
#include "ir/kernels/nest.h"
#include "ir/pass.h"

#include <algorithm>

namespace nnc {

namespace {

bool isPlain(const Nest &nest) {
  return !nest.isReduction() && !nest.into && nest.loaded.empty();
}

bool sameAxes(const Nest &a, const Nest &b) {
  return std::equal(a.parallel.begin(), a.parallel.end(), b.parallel.begin(),
                    b.parallel.end(), [](const NestAxis &x, const NestAxis &y) {
                      return x.name == y.name && x.extent == y.extent;
                    });
}

/// A copy with its last axis exchanged goes by squares of elements, in loops of
/// its own (kernels/transpose_loops.h).
bool isTransposition(const Nest &nest) {
  return nest.isCopy() && nest.loadCount() == 1 && !nest.maps[0].empty() &&
         !nest.results[0].empty() &&
         !(nest.maps[0].back() == nest.results[0].back());
}

/// Whether `second` reads of the results of `first` only the element that the
/// same point of the axes computes.
bool readsSamePoint(const Nest &first, const Nest &second) {
  for (int64_t i = 0; i < second.loadCount(); ++i) {
    Value *value = second.op->operand(i);
    if (value->definingOp() == first.op &&
        (second.fill[i] || !(second.maps[i] == first.results[value->index()])))
      return false;
  }
  return true;
}

/// Makes one nest of both, in the place of the second.
Op *merge(const Nest &first, const Nest &second) {
  NestSpec spec;
  spec.parallel = first.parallel;
  for (int64_t i = 0; i < first.loadCount(); ++i)
    spec.operands.push_back(
        {first.op->operand(i), first.maps[i], first.fill[i]});
  // What the second loads is a load of the first, a result of it, or new.
  std::vector<int64_t> loadOf(second.loadCount(), -1);
  for (int64_t i = 0; i < second.loadCount(); ++i) {
    Value *value = second.op->operand(i);
    if (value->definingOp() == first.op)
      continue;
    for (size_t known = 0; known < spec.operands.size(); ++known)
      if (spec.operands[known].value == value &&
          spec.operands[known].map == second.maps[i] &&
          spec.operands[known].fill == second.fill[i])
        loadOf[i] = static_cast<int64_t>(known);
    if (loadOf[i] < 0) {
      loadOf[i] = static_cast<int64_t>(spec.operands.size());
      spec.operands.push_back({value, second.maps[i], second.fill[i]});
    }
  }
  for (const Nest *nest : {&first, &second})
    for (int64_t i = 0; i < nest->op->resultCount(); ++i)
      spec.results.push_back({nest->op->result(i)->type(), nest->results[i]});
  spec.body = [&](Builder &b, std::span<Value *const> loaded) {
    std::vector<Value *> yields;
    ValueMap values;
    auto copyBody = [&](const Nest &nest) {
      for (const auto &op : nest.body().operations())
        if (!op->is("yield"))
          b.clone(*op, values);
      for (Value *value : nest.yield()->operands())
        yields.push_back(values.find(value));
    };
    for (int64_t i = 0; i < first.loadCount(); ++i)
      values.set(first.body().argument(i), loaded[i]);
    copyBody(first);
    for (int64_t i = 0; i < second.loadCount(); ++i)
      values.set(second.body().argument(i),
                 loadOf[i] < 0 ? yields[second.op->operand(i)->index()]
                               : loaded[loadOf[i]]);
    copyBody(second);
    return yields;
  };
  Builder builder(second.op);
  std::vector<Value *> results = buildNest(builder, std::move(spec));
  size_t next = 0;
  for (const Nest *nest : {&first, &second})
    for (int64_t i = 0; i < nest->op->resultCount(); ++i, ++next) {
      results[next]->hint = nest->op->result(i)->hint;
      nest->op->result(i)->replaceAllUsesWith(results[next]);
    }
  second.op->erase();
  first.op->erase();
  return results[0]->definingOp();
}

/// True if a nest between the two uses what the first computes: the merged
/// nest, in the place of the second, would come too late.
bool isNeededBetween(const Op *first, const Op *second) {
  for (const Op *op = first->next(); op && op != second; op = op->next())
    for (Value *operand : op->operands())
      if (operand->definingOp() == first)
        return true;
  return false;
}

/// Merges `op` with a nest before it, if there is one that fits.
Op *mergeWithEarlier(Op *op, const PassContext &context) {
  Block &block = *op->parentBlock();
  for (const auto &earlier : block.operations()) {
    if (earlier.get() == op)
      break;
    Nest first(earlier.get()), second(op);
    if (isPlain(first) && !isTransposition(first) && !isTransposition(second) &&
        sameAxes(first, second) && readsSamePoint(first, second) &&
        !isNeededBetween(first.op, op) && !waitTooLong(first, second) &&
        context.allows("merge-nests")) {
      context.applied({.rule = "merge-nests",
                       .text = "two loops over the same axes become one",
                       .location = op->location});
      return merge(first, second);
    }
  }
  return nullptr;
}

void mergeIn(Block &kernel, const PassContext &context) {
  for (Op *op = kernel.operations().front().get(); op; op = op->next())
    if (op->is("nest") && isPlain(Nest(op)))
      while (Op *merged = mergeWithEarlier(op, context))
        op = merged;
}

void visit(Block &block, const PassContext &context) {
  for (const auto &op : block.operations()) {
    if (op->is("kernel"))
      mergeIn(op->region(), context);
    else
      for (int64_t i = 0; i < op->regionCount(); ++i)
        visit(op->region(i), context);
  }
}

} // namespace

static std::optional<PassError> run(Function &function,
                                    const PassContext &context) {
  visit(function.body, context);
  return std::nullopt;
}

extern const Pass pass_merge_nests;
const Pass pass_merge_nests = {
    .name = "merge-nests",
    .doc = "Makes one nest of the elementwise nests of a kernel that run over "
           "the same axes.",
    .from = Kernels,
    .to = Kernels,
    .run = run,
    .asks = true,
};

} // namespace nnc
