#include "ir/passes/dead_code.h"

#include "ir/pass.h"

namespace nnc {

/// Last op first, so that what only dead ops use is dead in the same run.
void removeDeadOps(Block &block) {
  for (auto place = block.operations().end();
       place != block.operations().begin();) {
    Op &op = **--place;
    bool used =
        op.def().effect == Effect::Keep || op.def().effect == Effect::Memory;
    for (int64_t i = 0; i < op.resultCount(); ++i)
      used |= !op.result(i)->isUnused();
    if (used) {
      for (int64_t i = 0; i < op.regionCount(); ++i)
        removeDeadOps(op.region(i));
      continue;
    }
    ++place;
    op.erase();
  }
}

static std::optional<PassError> run(Function &function, const PassContext &) {
  removeDeadOps(function.body);
  return std::nullopt;
}

extern const Pass pass_dead_code;
const Pass pass_dead_code = {
    .name = "dead-code",
    .doc = "Removes ops whose results nobody uses.",
    .from = Graph | Kernels | Loops,
    .to = Graph | Kernels | Loops,
    .run = run,
};

} // namespace nnc
