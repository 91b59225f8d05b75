#include "ir/kernels/fusion_remarks.h"

#include <algorithm>
#include <set>

namespace nnc {

bool hasOtherReader(const Value &value, const Nest &nest) {
  return std::ranges::any_of(
      value.uses(), [&](const Value::Use &use) { return use.op != nest.op; });
}

Remark remarkOnMissed(const FusionGroup &group, const Nest &nest,
                      std::string_view whyNot) {
  Remark remark{.rule = "fuse-kernels",
                .missed = true,
                .text = "starts a kernel of its own: " + std::string(whyNot),
                .location = nest.op->location};
  std::set<const Value *> counted;
  for (int64_t i = 0; i < nest.loadCount(); ++i) {
    const Value *value = nest.op->operand(i);
    if (!group.contains(value->definingOp()) || !counted.insert(value).second)
      continue;
    Dim bytes =
        elementCount(value->type().shape()) * elemBytes(value->type().elem());
    bool isStored = hasOtherReader(*value, nest);
    remark.before.bytes = remark.before.bytes + bytes * 2;
    remark.after.bytes = remark.after.bytes + (isStored ? bytes : Dim(0));
    remark.source = value->definingOp()->location;
  }
  return remark;
}

Remark remarkOnFused(const Op &kernel, const FusionGroup &group) {
  Remark remark{.rule = "fuse-kernels",
                .text = std::to_string(group.ops.size()) +
                        " loops run as one kernel, tile by tile",
                .location = group.ops[0]->location};
  for (const Op *op : group.ops)
    remark.before = remark.before + workOf(*op);
  remark.after = workOf(kernel);
  remark.after.multiplyAdds = remark.before.multiplyAdds;
  return remark;
}

} // namespace nnc
