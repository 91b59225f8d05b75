//===- ir/kernels/fusion_limits.h - What a kernel of several nests costs --===//
#ifndef NNC_IR_KERNELS_FUSION_LIMITS_H
#define NNC_IR_KERNELS_FUSION_LIMITS_H

#include "ir/kernels/nest.h"
#include "ir/pass.h"

#include <map>
#include <set>
#include <string_view>

namespace nnc {

/// Nests that run as one kernel, over tiles of axes that all of them have.
struct FusionGroup {
  std::vector<Op *> ops;
  std::vector<NestAxis> axes; ///< Empty: nothing may join.

  bool hasAxis(std::string_view name) const;
};

/// Of an axis of a group, the axis of a nest that coincides with it.
using AxisMatch = std::map<std::string, std::string>;

// Both give the reason, for --remarks=missed; "" if there is none.

/// Why a kernel had better not give up axes for a nest that needs all of them
/// at once.
std::string_view whyNotGiveUp(const FusionGroup &group,
                              const std::set<std::string> &lost);
/// Why a product had better not join, if those axes are given up.
std::string_view whyNotTake(const FusionGroup &group, const Nest &product,
                            const AxisMatch &match,
                            const std::set<std::string> &lost);

/// Whether the group computes rows of a product, and no product itself: it may
/// run on each tile of rows before the product, as its prologue.
bool canPrecede(const FusionGroup &group, const Nest &product);
/// Why it had better not.
std::string_view whyNotPrecede(const Nest &product, const Machine &machine,
                               const AttrDict &expected);

} // namespace nnc

#endif // NNC_IR_KERNELS_FUSION_LIMITS_H
