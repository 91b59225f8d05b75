#include "ir/autodiff/residuals.h"

#include "ir/op_def.h"
#include "ir/passes/dead_code.h"
#include "ir/scan.h"
#include "ir/scores.h"

#include <unordered_map>
#include <unordered_set>

namespace nnc {

namespace {

class Choice {
public:
  Choice(const CopiedBody &body, RewriteLog *log)
      : body(body), block(body.block), log(log),
        originals(body.copiedOps.begin(), body.copiedOps.end()) {}

  std::vector<ScanResidual> run() {
    saveWhatIsDear();
    while (saveWhatIsLess())
      ;
    for (const ScanResidual &carry : body.carries)
      if (!carry.argument->isUnused())
        saved.push_back(carry);
    remarkOnProducts();
    return saved;
  }

private:
  bool isDear(const Op &op) {
    OpKind kind = op.def().kind;
    return kind == OpKind::Reduction || kind == OpKind::Loop ||
           (kind == OpKind::Contraction && !isComputedAgain(op));
  }

  /// Asks the log once for each product.
  bool isComputedAgain(const Op &product) {
    if (!isShallow(product) && (!isScores(product) || isForFewThreads(product)))
      return false;
    auto [known, isNew] = computedAgain.try_emplace(&product, true);
    if (!isNew || !log)
      return known->second;
    known->second = log->allows(again);
    if (known->second)
      log->count(again, product.location);
    return known->second;
  }

  void remarkOnProducts() const {
    if (!log || !log->records)
      return;
    for (const auto &op : block.operations()) {
      const Op *product = originalOf(op.get());
      auto found = computedAgain.find(product);
      if (found == computedAgain.end() || !found->second)
        continue;
      Work once = workOf(*product);
      Dim turns = ScanParts(*product->parentOp()).length;
      log->record({.rule = again,
                   .text = std::string(product->name()) +
                           " is computed again in each turn of the loop's "
                           "derivative, not kept: " +
                           (turns * bytesOf(*product->result())).str() +
                           " bytes",
                   .location = product->location,
                   .before = {once.multiplyAdds, 0},
                   .after = {once.multiplyAdds * 2, 0}});
    }
  }

  /// A product of few terms that is larger than its operands, such as the
  /// scores of attention: reading one back takes longer than to sum it again.
  static bool isShallow(const Op &op) {
    constexpr int64_t fewTerms = 128;
    const Value &left = *op.operand(0), &right = *op.operand(1),
                &result = *op.result();
    Dim more = bytesOf(result) - bytesOf(left) - bytesOf(right);
    Dim most = elementCount(result.type().shape()) * fewTerms;
    return op.def().multiplyAdds && more.isKnownNonNegative() &&
           (most - op.def().multiplyAdds(op)).isKnownNonNegative();
  }

  /// The last first, so that nothing is saved for the sake of what is saved
  /// itself.
  void saveWhatIsDear() {
    for (bool found = true; found;) {
      found = false;
      for (auto place = block.operations().rbegin();
           place != block.operations().rend(); ++place) {
        Op *copy = place->get();
        const Op *original = originalOf(copy);
        for (int64_t i = 0; original && i < copy->resultCount(); ++i) {
          // What the forward scan puts out anyway costs nothing.
          if (copy->result(i)->isUnused() ||
              (!isDear(*original) && !body.isFree(original->result(i))))
            continue;
          save(copy->result(i), original->result(i));
          found = true;
        }
        if (!found)
          continue;
        removeDeadOps(block);
        break;
      }
    }
  }

  void save(Value *copy, Value *value) {
    Value *argument = block.addArgument(value->type(), value->hint);
    copy->replaceAllUsesWith(argument);
    saved.push_back({argument, value});
  }

  /// Saves the result of an elementwise op if a fifth less is saved then: it is
  /// no more use than what it is made of.
  bool saveWhatIsLess() {
    for (const auto &op : block.operations()) {
      const Op *original = originalOf(op.get());
      if (!original || original->def().kind != OpKind::Elementwise)
        continue;
      std::unordered_set<const Value *> needed = neededWithout(*op);
      auto isSpared = [&](const Value *argument) {
        return !argument->isUnused() && !needed.contains(argument);
      };
      Dim spared = 0;
      auto count = [&](const std::vector<ScanResidual> &list) {
        for (const ScanResidual &each : list)
          if (isSpared(each.argument) && !body.isFree(each.value))
            spared = spared + bytesOf(*each.argument);
      };
      count(saved);
      count(body.carries);
      for (const Value *sequence : body.sequences)
        if (isSpared(sequence))
          spared = spared + bytesOf(*sequence);
      if (!(4 * spared - 5 * bytesOf(*original->result())).isKnownNonNegative())
        continue;
      std::erase_if(saved, [&](const ScanResidual &each) {
        return isSpared(each.argument);
      });
      save(op->result(), original->result());
      removeDeadOps(block);
      return true;
    }
    return false;
  }

  static Dim bytesOf(const Value &value) {
    return elementCount(value.type().shape()) * elemBytes(value.type().elem());
  }

  const Op *originalOf(Op *copy) const {
    auto found = originals.find(copy);
    return found == originals.end() ? nullptr : found->second;
  }

  /// The values that the body needs if somebody else gives the result of `op`.
  std::unordered_set<const Value *> neededWithout(const Op &op) const {
    std::unordered_set<const Value *> needed;
    for (auto place = block.operations().rbegin();
         place != block.operations().rend(); ++place) {
      const Op &each = **place;
      bool isNeeded = &each == block.terminator();
      for (int64_t i = 0; i < each.resultCount(); ++i)
        isNeeded |= needed.contains(each.result(i));
      if (isNeeded && &each != &op)
        addOperands(each, needed);
    }
    return needed;
  }

  static void addOperands(const Op &op,
                          std::unordered_set<const Value *> &needed) {
    needed.insert(op.operands().begin(), op.operands().end());
    for (int64_t i = 0; i < op.regionCount(); ++i)
      for (const auto &inner : op.region(i).operations())
        addOperands(*inner, needed);
  }

  static constexpr std::string_view again = "recompute";

  const CopiedBody &body;
  Block &block;
  RewriteLog *log;
  std::unordered_map<Op *, Op *> originals;
  /// Of products that take longer to read back than to compute, whether they
  /// are computed again.
  std::unordered_map<const Op *, bool> computedAgain;
  std::vector<ScanResidual> saved;
};

} // namespace

std::vector<ScanResidual> chooseResiduals(const CopiedBody &body,
                                          RewriteLog *log) {
  return Choice(body, log).run();
}

} // namespace nnc
