//===- ir/kernels/trace_text.h - What may make a NaN ----------------------===//
#ifndef NNC_IR_KERNELS_TRACE_TEXT_H
#define NNC_IR_KERNELS_TRACE_TEXT_H

#include "ir/op.h"

#include <string>

namespace nnc {

/// The ops behind a result of a kernel that may make a NaN or an infinity out
/// of finite numbers, in order, each as a line "FILE:LINE:COLUMN: NAME". Those
/// that overflow only at the end of the range stand there if there is no other.
std::string traceText(const Op &kernel, int64_t result);

} // namespace nnc

#endif // NNC_IR_KERNELS_TRACE_TEXT_H
