//===- runtime/plan.h - Places temporaries into one arena -----------------===//
//
// A pure function: the runtime calls it once for each binding of the dims,
// and nnc calls it to say what a program will need.
//
//===----------------------------------------------------------------------===//
#ifndef NNRT_PLAN_H
#define NNRT_PLAN_H

#include <cstdint>

namespace nnrt {

struct PlanItem {
  int64_t bytes;
  int32_t firstUse, lastUse; ///< A closed interval of steps.
};

/// Gives each item an offset, such that two items whose intervals meet never
/// overlap: a multiple of 64, and for few bytes of the largest power of two
/// that divides them. Returns the bytes of the arena, or -1 if the sizes are
/// negative or their sum does not fit in 64 bits.
///
/// Greedy (Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net
/// Inference", arXiv 2001.03288): by size, the largest first, each into the
/// tightest gap that its interval leaves; if that misses the lower bound, also
/// those first that begin where most is alive, and those that take most for
/// longest. A test holds the examples to 1.15 times the bound.
int64_t planMemory(const PlanItem *items, int64_t count, int64_t *offsets);

/// The most bytes alive in one step: no plan can need less. -1 as above.
int64_t planLowerBound(const PlanItem *items, int64_t count);

} // namespace nnrt

#endif // NNRT_PLAN_H
