//===- ir/simplify/depthwise.h - A depthwise convolution and a 1x1 --------===//
#ifndef NNC_IR_SIMPLIFY_DEPTHWISE_H
#define NNC_IR_SIMPLIFY_DEPTHWISE_H

#include "ir/op.h"
#include "ir/rewrite_log.h"

#include <string_view>

namespace nnc::simplify {

/// Whether each place of `y` is that of `x`, multiplied by one matrix: a 1x1
/// convolution of stride 1.
bool isPointwise(const Op &op, const Type &x, const Type &w);

/// Whether the image comes out of a convolution of each channel by itself, by
/// ops on its elements.
bool followsDepthwise(const Value *image, int depth = 8);

/// Why a depthwise convolution and the 1x1 one that reads it, with this image
/// between them, had better not be one kernel, some rows of the image at a
/// time.
/// "" if they had.
std::string_view whyNotByRows(const Type &image);

/// Says which such pairs stay two kernels, and why.
void sayWhatStaysApart(const Function &function, RewriteLog &log);

} // namespace nnc::simplify

#endif // NNC_IR_SIMPLIFY_DEPTHWISE_H
