//===- ir/kernels/sum_parts.h - Long sums of products in parts ------------===//
#ifndef NNC_IR_KERNELS_SUM_PARTS_H
#define NNC_IR_KERNELS_SUM_PARTS_H

#include "ir/kernels/contraction.h"
#include "ir/pass.h"

namespace nnc {

/// In parts of how many places the first summed axes of a product are taken,
/// where it sums so many that a packed B would leave L2; else nothing. See Note
/// [Long sums].
AttrDict sumParts(const Nest &nest, const ContractionRoles &roles,
                  const Machine &machine, const AttrDict &expected);

/// How many places of the sum are in one part.
int64_t depthOfPart(const Nest &nest, const AttrDict &parts,
                    const AttrDict &expected);

} // namespace nnc

#endif // NNC_IR_KERNELS_SUM_PARTS_H
