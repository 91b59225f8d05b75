#include "ir/loop_recomputation.h"

#include "ir/builder.h"
#include "ir/cost.h"
#include "ir/forward_part.h"
#include "ir/scan_editor.h"

#include <algorithm>
#include <map>
#include <unordered_set>

namespace nnc {

/// The scan that runs the other way and takes result `i` of `forward`, which is
/// no carry, turn by turn; null if anything else uses it or may use it
/// otherwise.
static Op *derivativeReading(const Op &forward, int64_t i) {
  ScanParts parts(forward);
  const std::vector<Value::Use> &uses = forward.result(i)->uses();
  if (uses.empty() || parts.until || parts.masked)
    return nullptr;
  Op *user = uses[0].op;
  if (!user->is("scan"))
    return nullptr;
  ScanParts other(*user);
  bool fits = other.reverse != parts.reverse && other.length == parts.length &&
              !other.masked && !other.until;
  for (const Value::Use &use : uses) {
    int64_t sequence = use.operand - other.carries;
    fits = fits && use.op == user && sequence >= 0 &&
           sequence < other.sequences &&
           other.sequenceAxes[sequence] == parts.resultAxes[i - parts.carries];
  }
  return fits ? user : nullptr;
}

/// The results of `forward` by which `backward` gets values of its body.
static std::map<const Value *, int64_t> handedOver(const Op &forward,
                                                   const Op *backward) {
  std::map<const Value *, int64_t> result;
  for (int64_t i = ScanParts(forward).carries; i < forward.resultCount(); ++i)
    if (derivativeReading(forward, i) == backward)
      result.emplace(forward.region().terminator()->operand(i), i);
  return result;
}

namespace {

/// What it takes to compute a value of the body.
struct Walk {
  bool isPossible = true;
  Work work;
};

} // namespace

/// Back from what makes `value` to what the derivative gets. With `least`, of
/// that to the carries, sequences and invariants alone.
static Walk walkFrom(const Value *value, const ScanParts &parts,
                     const std::map<const Value *, int64_t> &handed,
                     bool least) {
  Walk walk;
  std::unordered_set<const Value *> seen{value};
  std::vector<const Value *> waiting{value};
  while (!waiting.empty()) {
    const Value *now = waiting.back();
    waiting.pop_back();
    const Op *op = now->definingOp();
    bool isCarry = !op && now->index() >= 1 && now->index() <= parts.carries;
    if (!op) {
      walk.isPossible &= !isCarry || handed.contains(now);
      continue;
    }
    if (now != value && !least && handed.contains(now))
      continue;
    walk.isPossible &= isRepeatable(*op);
    walk.work = walk.work + workOf(*op);
    for (const Value *operand : op->operands())
      if (seen.insert(operand).second)
        waiting.push_back(operand);
  }
  return walk;
}

std::vector<Residual> loopResidualsOf(const Function &function,
                                      const Dim::Values &sizes) {
  std::vector<std::pair<double, Residual>> found;
  std::unordered_set<const Op *> readers;
  int64_t place = -1;
  for (const auto &op : function.body.operations()) {
    ++place;
    if (!op->is("scan"))
      continue;
    ScanParts parts(*op);
    for (int64_t i = parts.carries; i < op->resultCount(); ++i) {
      const Value *value = op->region().terminator()->operand(i);
      const Op *backward = derivativeReading(*op, i);
      if (!backward || !value->definingOp())
        continue;
      auto handed = handedOver(*op, backward);
      Walk walk = walkFrom(value, parts, handed, false);
      if (!walkFrom(value, parts, handed, true).isPossible)
        continue;
      int64_t bytes = sizeOf(bytesOf(op->result(i)->type()), sizes);
      found.emplace_back(static_cast<double>(bytes) / timeOf(walk.work, sizes),
                         Residual{place, i, bytes, walk.work,
                                  value->definingOp(), /*inLoop=*/true});
      readers.insert(backward);
    }
  }
  // Of three loops in a row the one between changes once.
  std::erase_if(found, [&](const auto &each) {
    return readers.contains(each.second.maker->parentOp());
  });
  std::stable_sort(
      found.begin(), found.end(),
      [](const auto &a, const auto &b) { return a.first > b.first; });
  std::vector<Residual> order;
  for (const auto &[score, residual] : found)
    order.push_back(residual);
  return order;
}

/// "" if turns of the derivative can compute it.
static std::string_view whyKept(const Op &scan, int64_t result) {
  ScanParts parts(scan);
  if (parts.until || parts.masked)
    return "the loop may end early";
  const Op *backward = derivativeReading(scan, result);
  if (!backward)
    return "all of them are read at once";
  const Value *value = scan.region().terminator()->operand(result);
  return walkFrom(value, parts, handedOver(scan, backward), true).isPossible
             ? ""
             : "what it is made of is not kept";
}

/// Whether a scan that runs the other way reads what this one puts together.
static bool isReadBackwards(const Op &scan) {
  ScanParts parts(scan);
  for (int64_t i = parts.carries; i < scan.resultCount(); ++i)
    for (const Value::Use &use : scan.result(i)->uses())
      if (use.op->is("scan") && ScanParts(*use.op).reverse != parts.reverse)
        return true;
  return false;
}

std::vector<KeptInLoop> keptInLoops(const Function &function) {
  std::vector<KeptInLoop> kept;
  for (const auto &op : function.body.operations()) {
    if (!op->is("scan") || !isReadBackwards(*op))
      continue;
    for (int64_t i = ScanParts(*op).carries; i < op->resultCount(); ++i) {
      const Op *maker = op->region().terminator()->operand(i)->definingOp();
      if (!maker || maker->is("constant") || op->result(i)->isUnused())
        continue;
      if (std::string_view why = whyKept(*op, i); !why.empty())
        kept.push_back({maker, bytesOf(op->result(i)->type()), why});
    }
  }
  return kept;
}

namespace {

/// A scan and its derivative, while values move from the one to the other.
class Turns {
public:
  Turns(Op &forward, Op &backward, const std::vector<int64_t> &results)
      : forward(forward), parts(forward), editor(backward),
        handed(handedOver(forward, &backward)) {
    for (int64_t result : results) {
      Value *value = forward.region().terminator()->operand(result);
      handed.erase(value);
      givenUp.emplace(forward.result(result), value);
    }
  }

  void run() {
    copies.set(forward.region().argument(0), editor.scan.region().argument(0));
    std::vector<Op *> ops;
    for (const auto &op : editor.scan.region().operations())
      ops.push_back(op.get());
    for (Op *op : ops)
      for (int64_t i = 0; i < op->operandCount(); ++i)
        if (Value *value = valueOf(op->operand(i)))
          editor.replace(op->operand(i), compute(value, op));
    std::erase_if(editor.sequences, [&](const ScanEditor::Sequence &each) {
      return givenUp.contains(each.operand);
    });
    editor.finish();
    editor.scan.erase();
  }

private:
  /// What the forward body computes, if an argument of the other stands for
  /// that and it is given up.
  Value *valueOf(const Value *argument) const {
    for (const ScanEditor::Sequence &each : editor.sequences)
      if (each.argument == argument)
        if (auto found = givenUp.find(each.operand); found != givenUp.end())
          return found->second;
    return nullptr;
  }

  Value *sequence(Value *operand, int64_t axis) {
    for (const ScanEditor::Sequence &each : editor.sequences)
      if (each.operand == operand && each.axis == axis)
        return each.argument;
    Type type = withoutAxis(operand->type(), axis);
    Value *argument = editor.addArgument(type, operand->hint);
    editor.sequences.push_back({operand, axis, argument});
    return argument;
  }

  /// For a value that the turns of the derivative get; else null.
  Value *given(Value *value) {
    if (auto found = handed.find(value); found != handed.end())
      return sequence(forward.result(found->second),
                      parts.resultAxes[found->second - parts.carries]);
    if (value->definingOp())
      return nullptr;
    int64_t i = value->index() - 1 - parts.carries;
    return i < parts.sequences
               ? sequence(parts.sequence(i), parts.sequenceAxes[i])
               : editor.invariant(parts.invariant(i - parts.sequences));
  }

  /// The value in the derivative's body, from ops before `user`.
  Value *compute(Value *value, Op *user) {
    std::vector<Value *> waiting{value};
    while (!waiting.empty()) {
      Value *now = waiting.back();
      if (copies.knows(now)) {
        waiting.pop_back();
        continue;
      }
      if (Value *argument = given(now)) {
        copies.set(now, argument);
        continue;
      }
      size_t before = waiting.size();
      for (Value *operand : now->definingOp()->operands())
        if (!copies.knows(operand))
          waiting.push_back(operand);
      if (waiting.size() == before)
        Builder(user).clone(*now->definingOp(), copies);
    }
    return copies.find(value);
  }

  Op &forward;
  ScanParts parts;
  ScanEditor editor; ///< Of the derivative.
  std::map<const Value *, int64_t> handed;
  std::map<const Value *, Value *> givenUp; ///< Results; in the body.
  ValueMap copies; ///< Of the forward body in the other.
};

} // namespace

void computeInTurns(std::span<const GivenUp> residuals) {
  std::vector<std::pair<Op *, std::vector<int64_t>>> scans;
  for (const GivenUp &each : residuals) {
    auto known = std::ranges::find(
        scans, each.forward, [](const auto &entry) { return entry.first; });
    if (known == scans.end())
      known = scans.insert(known, {each.forward, {}});
    known->second.push_back(each.result);
  }
  for (const auto &[forward, results] : scans) {
    std::map<Op *, std::vector<int64_t>> byDerivative;
    for (int64_t result : results)
      byDerivative[derivativeReading(*forward, result)].push_back(result);
    for (const auto &[backward, own] : byDerivative)
      Turns(*forward, *backward, own).run();
    ScanEditor editor(*forward);
    std::erase_if(editor.stacked, [&](const ScanEditor::Stacked &each) {
      return each.result->isUnused();
    });
    editor.finish();
    forward->erase();
  }
}

} // namespace nnc
