//===- ir/scores.h - Products that take longer to read than to sum --------===//
#ifndef NNC_IR_SCORES_H
#define NNC_IR_SCORES_H

#include "ir/op.h"

namespace nnc {

/// Whether a product in a batch is made of few terms for each element, and may
/// be more to keep than its operands, as are the scores of attention.
bool isScores(const Op &op);

/// Whether so few matrices of scores are in the batch that kernels for each
/// would leave threads idle (ir/kernels/fusion_limits.h).
bool isForFewThreads(const Op &scores);

} // namespace nnc

#endif // NNC_IR_SCORES_H
