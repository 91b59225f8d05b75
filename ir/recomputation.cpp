#include "ir/recomputation.h"

#include "ir/builder.h"
#include "ir/cost.h"
#include "ir/loop_recomputation.h"
#include "ir/op_def.h"

#include <algorithm>
#include <functional>
#include <map>
#include <unordered_map>
#include <unordered_set>

namespace nnc {

namespace {

/// The ops up to the one that makes the loss, and what those behind it need. A
/// derivative stands behind what it derives; a state's update may stand before.
class ForwardPart {
public:
  explicit ForwardPart(const Function &function);

  bool contains(const Op *op) const { return forward.contains(op); }
  /// Whether a derivative reads the value. The program's own results stay.
  bool isResidual(const Value *value) const;
  /// Whether the value depends on more than variables and constants.
  bool varies(const Value *value) const { return varying.contains(value); }
  /// Calls `visit` with each op that is run again to get the results of `op`
  /// from residuals, and `leaf` with each residual.
  void walk(const Op &op, const std::function<void(const Op &)> &visit,
            const std::function<void(const Value *)> &leaf) const;

  std::vector<Op *> ops; ///< All of the body.

private:
  const Op *end;
  std::unordered_set<const Op *> forward;
  std::unordered_set<const Value *> varying;
};

} // namespace

ForwardPart::ForwardPart(const Function &function)
    : end(function.body.terminator()) {
  for (const auto &op : function.body.operations())
    ops.push_back(op.get());
  std::unordered_set<const Op *> losses;
  for (int64_t i = 0; i < end->operandCount(); ++i) {
    const Attr *role = function.resultAttrs[i].find("role");
    if (role && role->asString() == "loss")
      losses.insert(end->operand(i)->definingOp());
  }
  size_t last = ops.size();
  while (last > 0 && !losses.contains(ops[last - 1]))
    --last;
  forward.insert(ops.begin(), ops.begin() + static_cast<int64_t>(last));
  for (int64_t i = 0; i < function.body.argumentCount(); ++i)
    if (!function.argAttrs[i].find("variable"))
      varying.insert(function.body.argument(i));
  for (const Op *op : ops)
    if (std::ranges::any_of(op->operands(), [&](const Value *operand) {
          return varying.contains(operand);
        }))
      for (int64_t i = 0; i < op->resultCount(); ++i)
        varying.insert(op->result(i));
}

bool ForwardPart::isResidual(const Value *value) const {
  bool isRead = false;
  for (const Value::Use &use : value->uses()) {
    if (use.op == end)
      return false;
    isRead |= !contains(use.op);
  }
  return isRead && contains(value->definingOp()) && varies(value) &&
         isRepeatable(*value->definingOp());
}

void ForwardPart::walk(const Op &root,
                       const std::function<void(const Op &)> &visit,
                       const std::function<void(const Value *)> &leaf) const {
  std::unordered_set<const Op *> seen{&root};
  std::vector<const Op *> waiting{&root};
  while (!waiting.empty()) {
    const Op *op = waiting.back();
    waiting.pop_back();
    visit(*op);
    for (const Value *operand : op->operands()) {
      const Op *made = operand->definingOp();
      if (!made || !varies(operand))
        continue;
      if (isResidual(operand) || !isRepeatable(*made))
        leaf(operand);
      else if (seen.insert(made).second)
        waiting.push_back(made);
    }
  }
}

namespace {

/// Sets of residuals that are given up and computed from one another.
class Runs {
public:
  explicit Runs(std::vector<int64_t> bytes)
      : bytes(std::move(bytes)), parents(this->bytes.size(), none) {}

  bool contains(size_t i) const { return parents[i] != none; }
  void add(size_t i) { parents[i] = i; }
  size_t rootOf(size_t i) const {
    while (parents[i] != i)
      i = parents[i];
    return i;
  }
  int64_t bytesOf(size_t root) const { return bytes[root]; }
  void join(size_t a, size_t b) {
    a = rootOf(a), b = rootOf(b);
    if (a != b) {
      parents[b] = a;
      bytes[a] += bytes[b];
    }
  }

private:
  static constexpr size_t none = SIZE_MAX;
  std::vector<int64_t> bytes; ///< Of all, at the root.
  std::vector<size_t> parents;
};

} // namespace

bool isRepeatable(const Op &op) {
  return op.def().effect == Effect::None && op.regionCount() == 0;
}

int64_t sizeOf(const Dim &dim, const Dim::Values &sizes) {
  return dim.evaluate(sizes).value_or(0);
}

double timeOf(const Work &work, const Dim::Values &sizes) {
  // The ratio of a core that does 100 GFLOP/s and gets 20 GB/s.
  constexpr double productsPerByte = 2.5;
  double products = static_cast<double>(sizeOf(work.multiplyAdds, sizes));
  double moved = static_cast<double>(sizeOf(work.bytes, sizes));
  return std::max(1.0, products + productsPerByte * moved);
}

std::vector<Residual> residualsOf(const Function &function,
                                  const Dim::Values &sizes) {
  ForwardPart forward(function);
  std::vector<Residual> found;
  std::vector<double> cost;
  std::vector<int64_t> bytes;
  std::vector<std::vector<size_t>> neighbours;
  std::unordered_map<const Value *, size_t> numbers;
  for (size_t i = 0; i < forward.ops.size(); ++i)
    for (int64_t r = 0; r < forward.ops[i]->resultCount(); ++r) {
      const Op &op = *forward.ops[i];
      if (!forward.isResidual(op.result(r)))
        continue;
      size_t number = found.size();
      Residual residual{static_cast<int64_t>(i), r, 0, {}, &op};
      neighbours.emplace_back();
      forward.walk(
          op,
          [&](const Op &again) {
            residual.work = residual.work + workOf(again);
          },
          [&](const Value *leaf) {
            if (auto known = numbers.find(leaf); known != numbers.end()) {
              neighbours[number].push_back(known->second);
              neighbours[known->second].push_back(number);
            }
          });
      residual.bytes = sizeOf(bytesOf(op.result(r)->type()), sizes);
      bytes.push_back(residual.bytes);
      cost.push_back(timeOf(residual.work, sizes));
      numbers.emplace(op.result(r), number);
      found.push_back(std::move(residual));
    }

  Runs runs(bytes);
  std::vector<Residual> order;
  auto score = [&](size_t i) {
    auto own = static_cast<double>(bytes[i]);
    double run = own;
    std::unordered_set<size_t> roots;
    for (size_t other : neighbours[i])
      if (runs.contains(other) && roots.insert(runs.rootOf(other)).second)
        run += static_cast<double>(runs.bytesOf(runs.rootOf(other)));
    return own / cost[i] * own / run;
  };
  std::vector<Residual> inLoops = loopResidualsOf(function, sizes);
  for (bool takesProducts : {false, true}) {
    for (const Residual &each : inLoops)
      if (each.work.multiplyAdds.isConstant(0) != takesProducts)
        order.push_back(each);
    for (;;) {
      std::optional<size_t> best;
      double most = 0;
      for (size_t i = 0; i < found.size(); ++i) {
        bool fits = !runs.contains(i) && bytes[i] > 0 &&
                    found[i].work.multiplyAdds.isConstant(0) != takesProducts;
        if (double now = fits ? score(i) : 0; now > most)
          best = i, most = now;
      }
      if (!best)
        break;
      runs.add(*best);
      for (size_t other : neighbours[*best])
        if (runs.contains(other))
          runs.join(*best, other);
      order.push_back(found[*best]);
    }
  }
  return order;
}

namespace {

class Recomputing {
public:
  Recomputing(Function &function, std::span<const Residual> residuals)
      : forward(function) {
    for (const Residual &each : residuals)
      if (each.inLoop)
        inLoops.push_back({forward.ops[each.op], each.result});
      else
        givenUp.insert(forward.ops[each.op]->result(each.result));
    // Found before the first op is made anew and has uses of its own.
    for (const Op *op : forward.ops)
      for (int64_t i = 0; i < op->resultCount(); ++i)
        if (forward.contains(op) && forward.isResidual(op->result(i)))
          kept.insert(op->result(i));
  }

  void run() {
    for (Op *op : forward.ops)
      for (int64_t i = 0; i < op->operandCount(); ++i)
        if (!forward.contains(op) && givenUp.contains(op->operand(i)))
          op->setOperand(i, again(op->operand(i), op));
    computeInTurns(inLoops);
  }

private:
  /// The value, from ops of its own before `user`.
  Value *again(Value *value, Op *user) {
    // Operands come before what is made of them: no recursion.
    std::vector<Value *> waiting{value};
    while (!waiting.empty()) {
      Value *now = waiting.back();
      Op *made = now->definingOp();
      if (copies.knows(now)) {
        waiting.pop_back();
        continue;
      }
      bool isComputed = made && isRepeatable(*made) &&
                        (givenUp.contains(now) || !kept.contains(now));
      Builder builder(user);
      if (!forward.varies(now) || !isComputed) {
        // Variables stand for themselves, so that they can be updated in place.
        copies.set(now, forward.varies(now) ? builder.op("again", {now}) : now);
        continue;
      }
      size_t before = waiting.size();
      for (Value *operand : made->operands())
        if (!copies.knows(operand))
          waiting.push_back(operand);
      if (waiting.size() > before)
        continue;
      builder.location = made->location;
      builder.clone(*made, copies);
    }
    return copies.find(value);
  }

  ForwardPart forward;
  std::unordered_set<const Value *> givenUp, kept;
  std::vector<GivenUp> inLoops;
  ValueMap copies;
};

} // namespace

void computeAgain(Function &function, std::span<const Residual> residuals) {
  Recomputing(function, residuals).run();
}

} // namespace nnc
