//===- ir/kernels/fusion_limits.h - What a kernel of several nests costs --===//
#ifndef NNC_IR_KERNELS_FUSION_LIMITS_H
#define NNC_IR_KERNELS_FUSION_LIMITS_H

#include "ir/kernels/fusion_group.h"
#include "ir/pass.h"

#include <map>
#include <set>
#include <string_view>

namespace nnc {

/// Whether so little is computed that one turn does it: then a number that
/// hangs on all of it may be computed behind. A kernel without axes has one
/// turn.
bool isOneTurn(const FusionGroup &group, const AttrDict &expected);

/// Whether both operands and the result of a contraction have a common axis.
bool isBatched(const Nest &nest);

// These give the reason, for --remarks=missed; "" if there is none.

/// Why a kernel had better not give up axes for a nest that needs all of them
/// at once.
std::string_view whyNotGiveUp(const FusionGroup &group,
                              const std::set<std::string> &lost,
                              const Machine &machine, const AttrDict &expected);
/// Why a product had better not join, if those axes are given up.
std::string_view whyNotTake(const FusionGroup &group, const Nest &product,
                            const AxisMatch &match,
                            const std::set<std::string> &lost,
                            const Machine &machine, const AttrDict &expected);
/// Why a product had better not have the group's tiles as its columns.
std::string_view whyNotTileColumns(const FusionGroup &group, const Nest &nest,
                                   const AxisMatch &match);

/// Whether the group computes rows of a product, and no product itself: it may
/// run on each tile of rows before the product, as its prologue.
bool canPrecede(const FusionGroup &group, const Nest &product,
                const AxisMatch &match, const std::set<std::string> &lost);
/// Why it had better not.
std::string_view whyNotPrecede(const Nest &product, const Machine &machine,
                               const AttrDict &expected);

} // namespace nnc

#endif // NNC_IR_KERNELS_FUSION_LIMITS_H
