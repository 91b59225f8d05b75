//===- runtime/generated_code.h - What generated code calls ---------------===//
#ifndef NNRT_GENERATED_CODE_H
#define NNRT_GENERATED_CODE_H

#include <cstdint>

namespace nnrt {
class Team;
struct Turns;
} // namespace nnrt

extern "C" {
/// Whether code looks for the first NaN or infinity; see runtime/trace.h.
extern int32_t nnrt_tracing;

/// While it is set: `count` elements of a float type (ElemType), and what made
/// them.
void nnrt_trace(const void *data, int64_t count, int32_t elem,
                const char *text);

/// Waits until every thread of the team has come here. No team: one thread.
void nnrt_barrier(nnrt::Team *team);

/// The next turns that `thread` runs of a parallel loop with `count`, or 0:
/// none are left. `turns` is what it gave last (runtime/loop_shares.h). One
/// thread alone does not ask.
int32_t nnrt_take_turns(nnrt::Team *team, int64_t thread, int64_t count,
                        nnrt::Turns *turns);

/// A computed index was out of range: stops the program with
/// `file:line:col: error: index 7 is out of range for an axis of size 4`.
[[noreturn]] void nnrt_index_error(const char *file, int32_t line,
                                   int32_t column, int64_t index, int64_t size);
}

#endif // NNRT_GENERATED_CODE_H
