//===- ir/kernels/small_product_loops.h - Small products, in registers ----===//
//
// The sums of some rows, of all columns, stay in registers over all terms: the
// second operand is read where it lies, once for these rows, and nothing is
// packed or called. What lies outside of an image is left out. Terms are added
// in the order of the micro-kernel, to the same last bit.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_KERNELS_SMALL_PRODUCT_LOOPS_H
#define NNC_IR_KERNELS_SMALL_PRODUCT_LOOPS_H

#include "ir/kernels/nest_loops.h"

namespace nnc {

/// `nest` is Nest::isSmallProduct or isProductInLanes, of which `rows` rows are
/// summed together.
void emitSmallProduct(LoopBuilder &loops, const Nest &nest,
                      const NestCode &code, int64_t rows);

} // namespace nnc

#endif // NNC_IR_KERNELS_SMALL_PRODUCT_LOOPS_H
