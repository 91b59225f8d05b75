//===- ir/kernels/over_sequences.h - New parts over those that were read --===//
//
// A scan reads a sequence part by part. If nobody reads it later, and a turn
// has read its part before a kernel computes what it puts together, this goes
// over it, as a carry's next value does: the gates of a recurrence over its
// input products, and their derivative over the gates.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_KERNELS_OVER_SEQUENCES_H
#define NNC_IR_KERNELS_OVER_SEQUENCES_H

#include "ir/kernels/buffers.h"

#include <optional>

namespace nnc {

/// Where the scan's results are that are written over one of its operands, by
/// their numbers; `operands` says where those are.
std::map<int64_t, TensorRef>
resultsOverSequences(const Buffers &buffers, const Op &scan,
                     const Refs &operands);

} // namespace nnc

#endif // NNC_IR_KERNELS_OVER_SEQUENCES_H
