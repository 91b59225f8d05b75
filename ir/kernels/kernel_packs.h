//===- ir/kernels/kernel_packs.h - What a kernel's products pack ----------===//
#ifndef NNC_IR_KERNELS_KERNEL_PACKS_H
#define NNC_IR_KERNELS_KERNEL_PACKS_H

#include "ir/kernels/contraction_loops.h"
#include "ir/kernels/kernel_values.h"

#include <memory>

namespace nnc {

/// The products of a kernel, and where their operands are packed.
class KernelPacks {
public:
  KernelPacks(LoopBuilder &loops, const Op &kernel, const KernelTiles &tiles,
              const std::vector<Nest> &nests, const KernelDepths &depths,
              const KernelValues &values)
      : loops(loops), kernel(kernel), tiles(tiles), nests(nests),
        depths(depths), values(values) {}

  /// What is packed before the kernel's loops, for all of them.
  void begin();
  /// Packs, where `level` loops have begun, what does not change further in.
  /// What a nest of this kernel computes is packed later.
  void enter(size_t level);
  /// A product, at the tile in hand; what is not packed yet is packed here.
  ContractionLoops &at(const Nest &product);

  /// A product of the micro-kernel; small ones are summed in registers.
  bool has(const Nest &nest) const {
    return nest.isProduct() && !kernel.findAttr("rows");
  }
  /// How many loops must have begun for operand B of a product to be packed.
  size_t levelOf(const Nest &product) const;
  /// Operand B is the same in each turn of the loop around the kernel, as the
  /// weights of a recurrence: it is packed once, whole, if that is not too much
  /// for each thread to keep.
  bool isHeld(const Nest &product) const;

private:
  void packAhead(const Nest &product);
  void packTogether();
  void packRows(size_t level);
  bool packsWhole(const Nest &product) const;
  bool isPart(const TensorRef &ref) const;
  const Value *operandB(const Nest &product) const;
  std::vector<TensorRef> operandsOf(const Nest &product) const;
  ContractionLoops &make(const Nest &product);
  ContractionLoops &prepare(const Nest &product, bool isFirst);

  LoopBuilder &loops;
  const Op &kernel;
  const KernelTiles &tiles;
  const std::vector<Nest> &nests;
  const KernelDepths &depths;
  const KernelValues &values;
  std::map<const Op *, std::unique_ptr<ContractionLoops>> made;
  std::map<const Op *, PackedAhead> ahead;
};

} // namespace nnc

#endif // NNC_IR_KERNELS_KERNEL_PACKS_H
