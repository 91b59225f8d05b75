//===- ir/kernels/kernel_loops.h - A kernel as loops over tiles -----------===//
#ifndef NNC_IR_KERNELS_KERNEL_LOOPS_H
#define NNC_IR_KERNELS_KERNEL_LOOPS_H

#include "ir/kernels/loop_builder.h"
#include "ir/kernels/tensor_ref.h"

namespace nnc {

/// Emits the loops of a scheduled `kernel`. `results` says where each of its
/// results goes: to one place or several.
void emitKernel(LoopBuilder &loops, const Op &kernel,
                const std::vector<TensorRef> &operands,
                const std::vector<std::vector<TensorRef>> &results);

} // namespace nnc

#endif // NNC_IR_KERNELS_KERNEL_LOOPS_H
