//===- codegen/captures.h - What a piece of loop IR takes from outside ----===//
#ifndef NNC_CODEGEN_CAPTURES_H
#define NNC_CODEGEN_CAPTURES_H

#include "ir/op.h"

#include <span>

namespace nnc {

struct Captures {
  std::vector<const Value *> values;
  std::vector<std::string> symbols; ///< Sizes and loop axes.
  /// Of random numbers: each parameter that begins with some has its own, and
  /// else they are made alike.
  std::vector<int64_t> places;
  /// What the piece does. All that it captures or defines stands there as the
  /// number of its first use, so that pieces of equal form are equal code.
  std::string form;
};

/// What `ops`, which follow each other in a block, use and do not define, each
/// once, in the order of first use. Names play no part in the order.
Captures capturesOf(std::span<const Op *const> ops);
/// Its values alone. The ops stand in one block.
std::vector<const Value *> capturedValues(std::span<const Op *const> ops);

} // namespace nnc

#endif // NNC_CODEGEN_CAPTURES_H
