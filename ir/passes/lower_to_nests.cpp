#include "ir/kernels/lowering.h"
#include "ir/pass.h"

namespace nnc {

static std::optional<PassError> lowerBlock(Block &block) {
  std::vector<Op *> ops;
  for (const auto &op : block.operations())
    ops.push_back(op.get());
  for (Op *op : ops) {
    for (int64_t i = 0; i < op->regionCount() && !op->is("nest"); ++i)
      if (std::optional<PassError> error = lowerBlock(op->region(i)))
        return error;
    if (op->def().lower) {
      Builder builder(op);
      LoweringContext context(*op, builder);
      op->def().lower.rule(context);
      // A rule may keep the op: constant data stay.
      bool kept = false;
      for (int64_t i = 0; i < op->resultCount(); ++i)
        kept |= !op->result(i)->isUnused();
      if (!kept)
        op->erase();
    } else if (!(op->def().stages & Kernels)) {
      return PassError{PassError::Unsupported,
                       "op " + std::string(op->name()) +
                           " cannot be compiled: " + op->def().lower.whyNot,
                       op->location};
    }
  }
  return std::nullopt;
}

static std::optional<PassError> run(Function &function, const PassContext &) {
  return lowerBlock(function.body);
}

extern const Pass pass_lower_to_nests;
const Pass pass_lower_to_nests = {
    .name = "lower-to-nests",
    .doc = "Rewrites each graph op as nests.",
    .from = Graph | Kernels,
    .to = Kernels,
    .run = run,
};

} // namespace nnc
