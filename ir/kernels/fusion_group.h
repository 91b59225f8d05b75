//===- ir/kernels/fusion_group.h - Nests that become one kernel -----------===//
#ifndef NNC_IR_KERNELS_FUSION_GROUP_H
#define NNC_IR_KERNELS_FUSION_GROUP_H

#include "ir/kernels/nest.h"

#include <map>
#include <set>
#include <string_view>

namespace nnc {

/// Nests that run as one kernel, over tiles of axes that all of them have.
struct FusionGroup {
  std::vector<Op *> ops;
  std::vector<NestAxis> axes;
  bool isClosed = false; ///< Nothing may join.

  bool hasAxis(std::string_view name) const;
  std::set<std::string> axisNames() const;
  bool contains(const Op *op) const;
  bool hasProduct() const;
  bool hasContraction() const;
};

/// Of an axis of a group, the axis of a nest that coincides with it.
using AxisMatch = std::map<std::string, std::string>;

/// Which axis of a nest each axis of a group coincides with, where the nest
/// reads what the group makes.
struct Coincidence {
  AxisMatch match;
  std::set<std::string> lost; ///< Axes of the group without one.
  bool hasOtherOrder = false;
};
Coincidence coincide(const FusionGroup &group, const Nest &nest);

/// Whether `op` reads what a nest of the group computes.
bool readsOf(const Op &op, const FusionGroup &group);

/// Of each axis of `other`, the axis of `group` that coincides with it, as all
/// nests of `group` read it; nothing if they have not the same axes, or if
/// both have a contraction. A number has none: each turn of the group may
/// compute it.
std::optional<Nest::AxisNames> sharedTiles(const FusionGroup &group,
                                           const FusionGroup &other);

} // namespace nnc

#endif // NNC_IR_KERNELS_FUSION_GROUP_H
