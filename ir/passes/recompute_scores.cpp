//===- Scores that a derivative computes again ----------------------------===//
//
// The scores of attention, q k', have more elements than q and k, and each is a
// sum of few products. To store them for the derivative and to read them back
// would take longer than to sum them again, and far more memory: from q, k and
// what softmax keeps of each row, one kernel for each head computes them in
// scratch memory of its thread, with all of their derivative; Dao et al.,
// arXiv 2205.14135, section 3.1.
//
//===----------------------------------------------------------------------===//
#include "ir/cost.h"
#include "ir/forward_part.h"
#include "ir/op_def.h"
#include "ir/pass.h"
#include "ir/scores.h"

#include <algorithm>

namespace nnc {

namespace {

class Recompute {
public:
  explicit Recompute(Function &function) : forward(function) {}

  /// What is computed from the scores without another product or reduction.
  void follow(const Op *scores) {
    fromScores.insert(scores->result());
    for (const Op *op : forward.ops)
      if (forward.contains(op) && keepsElements(*op) &&
          std::ranges::any_of(op->operands(), [&](const Value *operand) {
            return fromScores.contains(operand);
          }))
        fromScores.insert(op->result());
  }

  /// Of that, what the derivative reads.
  Dim kept() const {
    Dim bytes = 0;
    for (const Op *op : forward.ops)
      for (int64_t i = 0; i < op->resultCount(); ++i)
        if (isKept(op->result(i)))
          bytes = bytes + bytesOf(op->result(i)->type());
    return bytes;
  }

  void run() {
    std::unordered_set<const Value *> replaced;
    for (const Value *value : fromScores)
      if (isKept(value))
        replaced.insert(value);
    for (Op *op : forward.ops)
      for (int64_t i = 0; i < op->operandCount(); ++i)
        if (!forward.contains(op) && replaced.contains(op->operand(i)))
          op->setOperand(i, again.before(op, op->operand(i)));
  }

private:
  static bool keepsElements(const Op &op) {
    OpKind kind = op.def().kind;
    return op.resultCount() == 1 && isRepeatable(op) &&
           (kind == OpKind::Elementwise || kind == OpKind::Indexing);
  }

  bool isKept(const Value *value) const {
    return fromScores.contains(value) && forward.isResidual(value);
  }

  ForwardPart forward;
  std::unordered_set<const Value *> fromScores;
  ComputedAgain again{forward, [this](const Value *value) {
                        const Op *made = value->definingOp();
                        return fromScores.contains(value) ||
                               (made->def().kind == OpKind::Indexing &&
                                isRepeatable(*made));
                      }};
};

} // namespace

static std::optional<PassError> run(Function &function,
                                    const PassContext &context) {
  std::vector<const Op *> found;
  for (const auto &op : function.body.operations())
    if (isScores(*op))
      found.push_back(op.get());
  for (const Op *scores : found) {
    Recompute recompute(function);
    recompute.follow(scores);
    Dim kept = recompute.kept();
    if (kept.isConstant(0) || !context.allows("recompute-scores"))
      continue;
    if (isForFewThreads(*scores)) {
      context.record({.rule = "recompute-scores",
                      .missed = true,
                      .text = "what the derivative reads of this product is "
                              "kept: with fewer than 4 heads, kernels for each "
                              "would leave threads idle",
                      .location = scores->location,
                      .before = {0, kept}});
      continue;
    }
    Work once{scores->def().multiplyAdds(*scores), 0};
    context.applied({.rule = "recompute-scores",
                     .text = "the derivative computes what it reads of this "
                             "product again, instead of keeping up to " +
                             kept.str() + " bytes",
                     .location = scores->location,
                     .before = once,
                     .after = {once.multiplyAdds * 2, 0}});
    recompute.run();
  }
  return std::nullopt;
}

extern const Pass pass_recompute_scores;
const Pass pass_recompute_scores = {
    .name = "recompute-scores",
    .doc = "Has a derivative compute the scores of attention again, where they "
           "are many and take few products each, instead of keeping them.",
    .from = Graph,
    .to = Graph,
    .run = run,
    .asks = true,
};

} // namespace nnc
