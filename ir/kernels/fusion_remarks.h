//===- ir/kernels/fusion_remarks.h - What is said of fusion ---------------===//
#ifndef NNC_IR_KERNELS_FUSION_REMARKS_H
#define NNC_IR_KERNELS_FUSION_REMARKS_H

#include "ir/kernels/fusion_group.h"
#include "ir/rewrite_log.h"

namespace nnc {

bool hasOtherReader(const Value &value, const Nest &nest);

/// Why a nest stays a kernel of its own, and what it costs to store what it
/// reads.
Remark remarkOnMissed(const FusionGroup &group, const Nest &nest,
                      std::string_view whyNot);

/// What a kernel of several nests moves, and what they would move one by one.
Remark remarkOnFused(const Op &kernel, const FusionGroup &group);

} // namespace nnc

#endif // NNC_IR_KERNELS_FUSION_REMARKS_H
