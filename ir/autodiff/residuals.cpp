#include "ir/autodiff/residuals.h"

#include "ir/op_def.h"
#include "ir/passes/dead_code.h"

#include <unordered_map>
#include <unordered_set>

namespace nnc {

namespace {

class Choice {
public:
  explicit Choice(const CopiedBody &body)
      : body(body), block(body.block),
        originals(body.copiedOps.begin(), body.copiedOps.end()) {}

  std::vector<Residual> run() {
    saveWhatIsDear();
    while (saveWhatIsLess())
      ;
    for (const Residual &carry : body.carries)
      if (!carry.argument->isUnused())
        saved.push_back(carry);
    return saved;
  }

private:
  static bool isDear(const Op &op) {
    OpKind kind = op.def().kind;
    return kind == OpKind::Reduction || kind == OpKind::Loop ||
           (kind == OpKind::Contraction && !isShallow(op));
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
      auto count = [&](const std::vector<Residual> &list) {
        for (const Residual &each : list)
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
      std::erase_if(
          saved, [&](const Residual &each) { return isSpared(each.argument); });
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

  const CopiedBody &body;
  Block &block;
  std::unordered_map<Op *, Op *> originals;
  std::vector<Residual> saved;
};

} // namespace

std::vector<Residual> chooseResiduals(const CopiedBody &body) {
  return Choice(body).run();
}

} // namespace nnc
