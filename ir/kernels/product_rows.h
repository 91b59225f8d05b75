//===- ir/kernels/product_rows.h - The rows of a product in a turn --------===//
#ifndef NNC_IR_KERNELS_PRODUCT_ROWS_H
#define NNC_IR_KERNELS_PRODUCT_ROWS_H

#include "ir/kernels/contraction.h"
#include "ir/pass.h"

namespace nnc {

/// As many rows as the micro-kernel's tile has at most, and in each turn nearly
/// as many: 11, 11 and 10 of 32, not 14, 14 and 4. Fewer if they share a set of
/// L1; some tiles together if they are copied, or if each part of a long sum is
/// packed for them.
int64_t productRows(const Nest &nest, const ContractionRoles &roles,
                    const Machine &machine, const AttrDict &expected);

/// The rows of a small product whose sums fit into registers together, beside a
/// row of B, in turns of nearly as many; 0: not even those of one.
int64_t smallProductRows(const Nest &nest, const ContractionRoles &roles,
                         const Machine &machine);
/// The rows of a turn.
int64_t smallProductTile(const Nest &nest, const ContractionRoles &roles,
                         const Machine &machine);

} // namespace nnc

#endif // NNC_IR_KERNELS_PRODUCT_ROWS_H
