//===- ir/kernels/variable_updates.h - New values over old ones -----------===//
//
// A variable is an argument of a function, and its new value a result; a carry
// is an argument of a scan's body, and its next value yielded. Where nobody
// reads the old value later the new one is written in its place.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_KERNELS_VARIABLE_UPDATES_H
#define NNC_IR_KERNELS_VARIABLE_UPDATES_H

#include "ir/op.h"

#include <optional>
#include <string_view>

namespace nnc {

/// For each result which of the first `arguments` arguments, those of the
/// program, holds the old value of the variable that it is the new value of; -1
/// if none.
std::vector<int64_t> oldValues(const Function &function, int64_t arguments);

/// Moves kernels that only give variables their new values to where others
/// have read the old ones, and no later: the gradients that they take need no
/// memory after that. `old` is oldValues.
void placeUpdates(Function &function, const std::vector<int64_t> &old);

/// Why `kernel` may not write its result over `old`, an argument of the block
/// that it stands in: "" if later nobody reads it, and the kernel itself reads
/// of it only the elements of the tile in hand, before it writes them.
std::string_view whyNotOver(const Value &old, const Op &kernel, int64_t result);

/// The operand of `kernel` whose elements a result keeps where it does not
/// write.
std::optional<int64_t> operandWrittenInto(const Op &kernel, int64_t result);
bool isWrittenInto(const Value &value);

} // namespace nnc

#endif // NNC_IR_KERNELS_VARIABLE_UPDATES_H
