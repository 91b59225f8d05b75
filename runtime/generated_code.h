//===- runtime/generated_code.h - What generated code calls ---------------===//
#ifndef NNRT_GENERATED_CODE_H
#define NNRT_GENERATED_CODE_H

#include <cstdint>

namespace nnrt {
struct Barrier;
}

extern "C" {
/// Waits until every thread of the team has come here.
void nnrt_barrier(nnrt::Barrier *barrier);

/// A computed index was out of range: stops the program with
/// `file:line:col: error: index 7 is out of range for an axis of size 4`.
[[noreturn]] void nnrt_index_error(const char *file, int32_t line,
                                   int32_t column, int64_t index,
                                   int64_t size);
}

#endif // NNRT_GENERATED_CODE_H
