//===- loop_plan.h: a loop while it is elaborated (private to frontend/) --===//
#ifndef NNC_FRONTEND_LOOP_PLAN_H
#define NNC_FRONTEND_LOOP_PLAN_H

#include "frontend/expression_elaborator.h"

namespace nnc {

/// A loop as its head states it.
struct ExpressionElaborator::LoopPlan {
  const ast::Loop *loop = nullptr;
  /// Those after `carry`, then the outer names that the body rebinds.
  std::vector<ast::Ident> carryNames;
  std::vector<Val> carries; ///< what they start as
  std::vector<bool> fresh;  ///< starts as 0, whatever its shape
  std::vector<Val> sequences;
  std::vector<int64_t> sequenceAxes;
  Dim length = 1;
  AxisName axis;

  bool isRepeat() const { return loop->loop == ast::LoopKind::Repeat; }
};

/// One walk over the body of a loop, which makes a block of its own.
struct ExpressionElaborator::LoopRun {
  Block body;
  LoopState state;
  std::vector<Val> next;      ///< the carries after a turn
  std::vector<Val> outputs;   ///< what it yields
  std::vector<size_t> finals; ///< the carries after `final`
  Val until;                  ///< whether this turn is the last
  /// Of the fresh carries, on a trial.
  std::vector<std::shared_ptr<Literal>> open;
};

} // namespace nnc

#endif // NNC_FRONTEND_LOOP_PLAN_H
