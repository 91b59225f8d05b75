//===- ir/memory_rules.h - Rules that ops on memory share -----------------===//
#ifndef NNC_IR_MEMORY_RULES_H
#define NNC_IR_MEMORY_RULES_H

#include "ir/op_rules.h"

namespace nnc::rules {

/// The result type must be stated, a buffer.
Inference buffer(const Op &op, std::span<const Type> stated);

/// What is wrong with an access of `buffer` by a scalar or vector `value` at
/// the op's attribute `index`; empty if nothing is.
std::string checkAccess(const Op &op, const Type &buffer, const Type &value);

/// Calls `visit(lane, index)` for each lane of an access that counts.
template <typename F>
void forEachLane(EvaluationContext &c, const Type &value, F visit) {
  Extents index = c.extents(c.op.attr("index").asDims());
  int64_t lanes = value.isVector() ? value.lanes() : 1, counted = lanes;
  const Attr *step = c.op.findAttr("step");
  if (const Attr *count = c.op.findAttr("count"))
    counted = c.dim(count->asDim());
  if (counted < 0 || counted > lanes)
    return c.stop(std::string(c.op.name()) + ": " + std::to_string(counted) +
                  " of " + std::to_string(lanes) + " lanes count");
  for (int64_t lane = 0; lane < counted && !c.stopped(); ++lane) {
    visit(lane, index);
    if (!index.empty())
      index.back() += step ? step->asInt() : 1;
  }
}

} // namespace nnc::rules

#endif // NNC_IR_MEMORY_RULES_H
