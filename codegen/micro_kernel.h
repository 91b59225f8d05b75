//===- codegen/micro_kernel.h - The batch-reduce matrix micro-kernel ------===//
//
//   C[m, panel, lane] = init + sum over batch loops, sum over k < depth of
//       A[m, k] * B[k, panel, lane]
//
// A is broadcast element by element, B is read by vectors of `lanes`, the
// C tile stays in registers. Each element of C is one chain of multiply-adds
// in ascending order of the batch loops and k, whatever the tile (Georganas et
// al., "High-Performance Deep Learning via a Single Building Block",
// arXiv 1906.06440).
//
// Which tiles are good was measured; target.cpp has the lists. GFLOP/s of one
// core (Zen 4), f32, packed B, A with a runtime row stride, depth 256, all in
// L1 or L2, by `codegen-check kernel-time`; rows x columns:
//   x86-64-v4: 14x32 114, 13x32 116, 12x32 115, 8x32 115, 4x32 116, 2x64 112,
//              1x64 58 (bound by loads)
//   x86-64-v3: 6x16 118, 5x16 105, 4x16 92, 3x16 70, 2x16 58, 1x16 29 (too few
//              chains for the latency; wider tiles at 1 and 2 rows are bound
//              by loads as well)
//   x86-64:    2x16 43, 1x16 34, 6x8 38; 3x16 spills (26)
//
//===----------------------------------------------------------------------===//
#ifndef NNC_CODEGEN_MICRO_KERNEL_H
#define NNC_CODEGEN_MICRO_KERNEL_H

#include "codegen/target.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"

namespace llvm {
class Function;
class IRBuilderBase;
class Module;
class Type;
class Value;
} // namespace llvm

namespace nnc {

/// Strides are i64 values and count elements. Constants give shorter code.
struct MicroKernelOperand {
  llvm::Value *base;
  /// A: the distance of two rows. B: of two panels.
  llvm::Value *tileStride;
  /// The distance of two k.
  llvm::Value *depthStride;
  /// One for each batch loop.
  llvm::SmallVector<llvm::Value *, 3> batchStrides;
};

/// Tensors that are read at the tile's places once the product is there: they
/// are prefetched before, some rows with each few k.
struct BesideTile {
  /// i64, at least 1. Null: there is nothing.
  llvm::Value *count = nullptr;
  llvm::Value *addresses = nullptr; ///< An i64 for each.
  llvm::Value *offset = nullptr;    ///< From there to the tile's corner.
  llvm::Value *rowStride = nullptr;
};

struct MicroKernel {
  llvm::Type *element; ///< float or double.
  TileShape tile;
  MicroKernelOperand a;
  MicroKernelOperand b;
  llvm::Value *depth; ///< i64, may be 0.
  /// i64, outermost first, each may be 0; at most three.
  llvm::SmallVector<llvm::Value *, 3> batchCounts;
  /// The accumulators' first values, row by row; zero if empty.
  llvm::SmallVector<llvm::Value *> init;
  /// What will be read as A next: with each k as many elements as the tile has
  /// rows are brought into the cache. Null: nothing is.
  llvm::Value *ahead = nullptr;
  BesideTile beside;
};

/// Called with the builder after the loops, once for each accumulator, row by
/// row. May create blocks.
using MicroKernelEpilogue =
    llvm::function_ref<void(llvm::IRBuilderBase &builder, unsigned row,
                            unsigned panel, llvm::Value *accumulator)>;

/// Emits the kernel at the builder's insertion point, which must be the end of
/// a block, and leaves the builder at the end of the last block.
void emitMicroKernel(llvm::IRBuilderBase &builder, const Target &target,
                     const MicroKernel &kernel, MicroKernelEpilogue epilogue);

/// Loads the C tile, for MicroKernel::init.
llvm::SmallVector<llvm::Value *>
loadTile(llvm::IRBuilderBase &builder, llvm::Type *element, TileShape tile,
         llvm::Value *base, llvm::Value *rowStride, llvm::Value *panelStride);

/// Stores one accumulator of it.
void storeTile(llvm::IRBuilderBase &builder, llvm::Type *element, unsigned row,
               unsigned panel, llvm::Value *accumulator, llvm::Value *base,
               llvm::Value *rowStride, llvm::Value *panelStride);

/// Heights, each from the target's list or below its largest one, that cover
/// `rows` with as few tiles as possible and as evenly as possible:
/// 64 rows and a largest height of 14 give 13, 13, 13, 13, 12.
llvm::SmallVector<unsigned> balancedHeights(unsigned rows, unsigned largest);

} // namespace nnc

#endif // NNC_CODEGEN_MICRO_KERNEL_H
