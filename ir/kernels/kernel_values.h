//===- ir/kernels/kernel_values.h - Where a kernel's values are -----------===//
#ifndef NNC_IR_KERNELS_KERNEL_VALUES_H
#define NNC_IR_KERNELS_KERNEL_VALUES_H

#include "ir/kernels/kernel_tiles.h"

#include <set>

namespace nnc {

/// The memory of a kernel's operands and of what its nests compute: a place
/// that the kernel is to give it to, an operand's that nobody reads any more,
/// or a tile of scratch memory.
class KernelValues {
public:
  /// `results`: where each result of the kernel goes, to one place or several.
  KernelValues(LoopBuilder &loops, const Op &kernel,
               const std::vector<TensorRef> &operands,
               const std::vector<std::vector<TensorRef>> &results,
               const KernelTiles &tiles, const KernelDepths &depths);

  /// Null if it has no place yet.
  const TensorRef *find(const Value *value) const;
  const TensorRef &at(const Value *value) const { return refs.at(value); }
  /// The places outside the kernel that it gives a value to.
  const std::vector<TensorRef> &outside(const Value *value) const;
  bool isGiven(const Value *value) const { return !outside(value).empty(); }

  void set(const Value *value, const TensorRef &ref) { refs[value] = ref; }
  /// Chooses a place for result `i` of a nest.
  const TensorRef &place(const Nest &nest, int64_t i);
  /// The nest reads nothing any more.
  void finish(const Nest &nest) { finished.insert(nest.op); }

private:
  const Value *operandTakenOver(const Nest &nest) const;
  bool isReadLast(const Value &value, const Nest &nest) const;
  TensorRef scratchFor(const Nest &nest, int64_t i);

  LoopBuilder &loops;
  const KernelTiles &tiles;
  const KernelDepths &depths;
  std::map<const Value *, TensorRef> refs;
  std::map<const Value *, std::vector<TensorRef>> given;
  std::set<const Op *> finished;
};

} // namespace nnc

#endif // NNC_IR_KERNELS_KERNEL_VALUES_H
