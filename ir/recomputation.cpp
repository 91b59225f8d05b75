#include "ir/recomputation.h"

#include "ir/cost.h"
#include "ir/forward_part.h"
#include "ir/loop_recomputation.h"

#include <algorithm>
#include <functional>
#include <map>
#include <unordered_map>
#include <unordered_set>

namespace nnc {

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
          op->setOperand(i, again.before(op, op->operand(i)));
    computeInTurns(inLoops);
  }

private:
  bool isComputed(const Value *value) const {
    return isRepeatable(*value->definingOp()) &&
           (givenUp.contains(value) || !kept.contains(value));
  }

  ForwardPart forward;
  std::unordered_set<const Value *> givenUp, kept;
  std::vector<GivenUp> inLoops;
  ComputedAgain again{forward,
                      [this](const Value *value) { return isComputed(value); }};
};

} // namespace

void computeAgain(Function &function, std::span<const Residual> residuals) {
  Recomputing(function, residuals).run();
}

} // namespace nnc
