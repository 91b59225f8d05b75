//===- runtime/codec.h - Text as whole numbers, and back ------------------===//
//
// The codec of a `text` source: a byte is a number from 0 to 255. It has no
// vocabulary, so that a program predicts without the file that it learned from.
//
//===----------------------------------------------------------------------===//
#ifndef NNRT_CODEC_H
#define NNRT_CODEC_H

#include "runtime/tensor.h"

namespace nnrt {

/// Whether data of the program is text.
bool readsText(const Program &program);

/// Whether a slot can hold text: whole numbers with an axis for the places.
bool canHoldText(const Slot &slot);

/// Whether the numbers that a net of text gives are text too. A class for each
/// example is none: it has fewer axes than the net's inputs.
bool givesText(const Function &function, const Slot &result);

/// The bytes of a text as a tensor, u8[length].
bool encode(const char *bytes, int64_t length, Tensor &tensor, Error &error);

/// A text for each row, on a line of its own. Zeros at the end are left out: a
/// loop that `until` ended early has them.
bool decode(const char *name, RawType type, const void *data,
            const int64_t *extents, int32_t rank, Text &text, Error &error);

} // namespace nnrt

#endif // NNRT_CODEC_H
