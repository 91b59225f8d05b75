//===- ir/kernels/read_beside.h - What is read where a product is ---------===//
#ifndef NNC_IR_KERNELS_READ_BESIDE_H
#define NNC_IR_KERNELS_READ_BESIDE_H

#include "ir/kernels/nest.h"

namespace nnc {

struct ReadBeside {
  const Value *value;
  Shape map; ///< Over the product's axes.
};

/// What the nests that take a product, element by element, read of their
/// kernel's operands at its places, such as weights and moments beside a
/// gradient: of that what may lie beyond L2.
std::vector<ReadBeside> readBeside(const Nest &product);

} // namespace nnc

#endif // NNC_IR_KERNELS_READ_BESIDE_H
