//===- ir/kernels/scan_loops.h - A scan as a loop over buffers ------------===//
#ifndef NNC_IR_KERNELS_SCAN_LOOPS_H
#define NNC_IR_KERNELS_SCAN_LOOPS_H

#include "ir/kernels/buffers.h"

namespace nnc {

/// Emits the loop of a scan. `lowerOp` lowers an op of its body.
void emitScan(Buffers &buffers, const Op &scan,
              const std::function<void(Op &)> &lowerOp);

} // namespace nnc

#endif // NNC_IR_KERNELS_SCAN_LOOPS_H
