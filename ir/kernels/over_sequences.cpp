#include "ir/kernels/over_sequences.h"

#include "ir/kernels/variable_updates.h"
#include "ir/scan.h"

#include <algorithm>
#include <set>

namespace nnc {

/// Whether what a scan puts together shares memory with one of its carries.
static bool mayBeCarried(const Op &scan, int64_t result) {
  ScanParts parts(scan);
  const Op &yield = *scan.region().terminator();
  const Value *value = yield.operand(result);
  if (result < parts.carries || value->owner())
    return true;
  for (int64_t i = 0; i < parts.carries; ++i)
    if (yield.operand(i) == value)
      return true;
  return false;
}

/// Whether the memory of `value`, which has one user, is nobody else's.
static bool hasOwnMemory(const Buffers &buffers, const Value &value,
                         const TensorRef &ref) {
  const Op *producer = value.definingOp();
  if (!producer || value.uses().size() != 1 || buffers.isKept(ref))
    return false;
  return producer->is("kernel") ||
         (producer->is("scan") && !mayBeCarried(*producer, value.index()));
}

/// Whether a turn has read its part of the sequence before it computes that of
/// the result.
static bool isReadFirst(const Value &part, const Value &written) {
  const Op *kernel = written.definingOp();
  return kernel && kernel->is("kernel") && part.type() == written.type() &&
         whyNotOver(part, *kernel, written.index()).empty();
}

/// The tensor that is `sequence`, with the parts along another axis.
static TensorRef withParts(const TensorRef &sequence, int64_t rank,
                           int64_t from, int64_t to) {
  Shape element;
  for (int64_t axis = 0; axis < rank; ++axis)
    if (axis != to)
      element.push_back(TensorRef::at(axis));
  element.insert(element.begin() + from, TensorRef::at(to));
  return {sequence.buffer, sequence.resolve(element)};
}

/// Whether the innermost axis still is, and who reads the result need not have
/// it whole.
static bool mayBeThere(const TensorRef &ref, const Value &result) {
  return ref.isWhole() ||
         (ref.index.back() == TensorRef::at(result.type().rank() - 1) &&
          std::ranges::all_of(result.uses(), [](const Value::Use &use) {
            return use.op->is("kernel") || use.op->is("scan");
          }));
}

std::map<int64_t, TensorRef>
resultsOverSequences(const Buffers &buffers, const Op &scan,
                     const Refs &operands) {
  ScanParts parts(scan);
  std::map<int64_t, TensorRef> places;
  // Of turns that are not run the results are zeros, from the beginning.
  if (parts.until || parts.masked)
    return places;
  std::set<int64_t> taken;
  for (int64_t i = parts.carries; i < scan.resultCount(); ++i)
    for (int64_t j = parts.carries; j < parts.carries + parts.sequences; ++j) {
      const Value *written = scan.region().terminator()->operand(i);
      const Value *result = scan.result(i);
      if (taken.contains(j) || buffers.hasWish(result) ||
          !hasOwnMemory(buffers, *scan.operand(j), operands[j]) ||
          !isReadFirst(*parts.argumentOf(j), *written))
        continue;
      TensorRef ref = withParts(operands[j], result->type().rank(),
                                parts.sequenceAxes[j - parts.carries],
                                parts.resultAxes[i - parts.carries]);
      if (!mayBeThere(ref, *result))
        continue;
      taken.insert(j);
      places.emplace(i, ref);
      break;
    }
  return places;
}

} // namespace nnc
