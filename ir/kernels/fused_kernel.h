//===- ir/kernels/fused_kernel.h - One kernel of several nests ------------===//
#ifndef NNC_IR_KERNELS_FUSED_KERNEL_H
#define NNC_IR_KERNELS_FUSED_KERNEL_H

#include "ir/kernels/fusion_group.h"

namespace nnc {

/// Moves the nests of a group, which stand in order at the end of the block,
/// into a kernel there. What others read of theirs are its results.
Op *makeKernel(Block &block, FusionGroup &group);

} // namespace nnc

#endif // NNC_IR_KERNELS_FUSED_KERNEL_H
