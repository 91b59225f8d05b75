//===- codegen/micro_kernel.cpp - The batch-reduce matrix micro-kernel ----===//
#include "codegen/micro_kernel.h"

#include "codegen/math_emitter.h"
#include "ir/check.h"

using llvm::IRBuilderBase;
using llvm::Value;

namespace nnc {
namespace {

/// The state carried by every loop: where A and B are read, and the tile.
struct State {
  Value *a;
  Value *b;
  Value *ahead; ///< MicroKernel::ahead.
  llvm::SmallVector<Value *> accumulators;

  llvm::SmallVector<Value **> all() {
    llvm::SmallVector<Value **> values = {&a, &b};
    if (ahead)
      values.push_back(&ahead);
    for (Value *&accumulator : accumulators)
      values.push_back(&accumulator);
    return values;
  }
};

class Emitter {
public:
  Emitter(IRBuilderBase &builder, const Target &target,
          const MicroKernel &kernel)
      : builder(builder), kernel(kernel),
        vectorType(
            llvm::FixedVectorType::get(kernel.element, kernel.tile.lanes)),
        math(builder, target, vectorType),
        elementSize(kernel.element->getScalarSizeInBits() / 8) {}

  void batch(unsigned level, State &state) {
    if (level == kernel.batchCounts.size()) {
      State inner = state;
      loop(kernel.depth, inner, [&](State &s) { step(s); });
      state.accumulators = inner.accumulators;
      state.ahead = inner.ahead;
      return;
    }
    State outer = state;
    loop(kernel.batchCounts[level], outer, [&](State &s) {
      batch(level + 1, s);
      s.a = advance(s.a, kernel.a.batchStrides[level]);
      s.b = advance(s.b, kernel.b.batchStrides[level]);
    });
    state.accumulators = outer.accumulators;
    state.ahead = outer.ahead;
  }

  Value *advance(Value *pointer, Value *stride) {
    return builder.CreateGEP(kernel.element, pointer, stride);
  }

private:
  /// `count` times `body`, tested at the end, with a test before it for 0.
  template <typename Body> void loop(Value *count, State &state, Body body) {
    llvm::BasicBlock *before = builder.GetInsertBlock();
    llvm::Function *function = before->getParent();
    llvm::LLVMContext &context = function->getContext();
    auto *head = llvm::BasicBlock::Create(context, "mk.loop", function);
    auto *exit = llvm::BasicBlock::Create(context, "mk.exit", function);
    builder.CreateCondBr(builder.CreateICmpSGT(count, builder.getInt64(0)),
                         head, exit);
    State initial = state;
    builder.SetInsertPoint(head);
    llvm::PHINode *left = builder.CreatePHI(builder.getInt64Ty(), 2);
    left->addIncoming(count, before);
    llvm::SmallVector<llvm::PHINode *> phis;
    for (Value **value : state.all()) {
      phis.push_back(builder.CreatePHI((*value)->getType(), 2));
      phis.back()->addIncoming(*value, before);
      *value = phis.back();
    }
    body(state);
    Value *next = builder.CreateSub(left, builder.getInt64(1));
    llvm::BasicBlock *last = builder.GetInsertBlock();
    left->addIncoming(next, last);
    for (auto [phi, value] : llvm::zip(phis, state.all()))
      phi->addIncoming(*value, last);
    builder.CreateCondBr(builder.CreateICmpSGT(next, builder.getInt64(0)), head,
                         exit);
    builder.SetInsertPoint(exit);
    for (auto [value, first] : llvm::zip(state.all(), initial.all())) {
      llvm::PHINode *phi = builder.CreatePHI((*value)->getType(), 2);
      phi->addIncoming(*first, before);
      phi->addIncoming(*value, last);
      *value = phi;
    }
  }

  void step(State &state) {
    auto [rows, panels, lanes] = kernel.tile;
    llvm::SmallVector<Value *> b;
    for (unsigned panel = 0; panel < panels; ++panel)
      b.push_back(builder.CreateAlignedLoad(
          vectorType, at(state.b, kernel.b.tileStride, panel),
          llvm::Align(elementSize)));
    if (state.ahead) {
      prefetch(state.ahead);
      state.ahead = advance(state.ahead, builder.getInt64(rows));
    }
    for (unsigned row = 0; row < rows; ++row) {
      Value *a = builder.CreateAlignedLoad(
          kernel.element, at(state.a, kernel.a.tileStride, row),
          llvm::Align(elementSize));
      a = builder.CreateVectorSplat(lanes, a);
      for (unsigned panel = 0; panel < panels; ++panel) {
        Value *&accumulator = state.accumulators[row * panels + panel];
        accumulator = math.mulAdd(a, b[panel], accumulator);
      }
    }
    state.a = advance(state.a, kernel.a.depthStride);
    state.b = advance(state.b, kernel.b.depthStride);
  }

  /// For reading, into every cache.
  void prefetch(Value *pointer) {
    constexpr int read = 0, everyLevel = 3, data = 1;
    builder.CreateIntrinsic(llvm::Intrinsic::prefetch, {pointer->getType()},
                            {pointer, builder.getInt32(read),
                             builder.getInt32(everyLevel),
                             builder.getInt32(data)});
  }

  Value *at(Value *pointer, Value *stride, unsigned index) {
    return advance(pointer, builder.CreateMul(stride, builder.getInt64(index)));
  }

  IRBuilderBase &builder;
  const MicroKernel &kernel;
  llvm::Type *vectorType;
  MathEmitter math;
  unsigned elementSize;
};

Value *tileAddress(IRBuilderBase &builder, llvm::Type *element, Value *base,
                   unsigned row, Value *rowStride, unsigned panel,
                   Value *panelStride) {
  Value *offset = builder.CreateAdd(
      builder.CreateMul(rowStride, builder.getInt64(row)),
      builder.CreateMul(panelStride, builder.getInt64(panel)));
  return builder.CreateGEP(element, base, offset);
}

} // namespace

void emitMicroKernel(IRBuilderBase &builder, const Target &target,
                     const MicroKernel &kernel, MicroKernelEpilogue epilogue) {
  size_t batches = kernel.batchCounts.size();
  check(batches <= 3 && kernel.a.batchStrides.size() == batches &&
            kernel.b.batchStrides.size() == batches,
        "batch loops of a micro-kernel");
  unsigned count = kernel.tile.rows * kernel.tile.panels;
  State state{kernel.a.base, kernel.b.base, kernel.ahead, kernel.init};
  if (state.accumulators.empty())
    state.accumulators.assign(
        count, llvm::Constant::getNullValue(llvm::FixedVectorType::get(
                   kernel.element, kernel.tile.lanes)));
  check(state.accumulators.size() == count, "tile of a micro-kernel");
  Emitter(builder, target, kernel).batch(0, state);
  for (unsigned i = 0; i < count; ++i)
    epilogue(builder, i / kernel.tile.panels, i % kernel.tile.panels,
             state.accumulators[i]);
}

llvm::SmallVector<Value *> loadTile(IRBuilderBase &builder, llvm::Type *element,
                                    TileShape tile, Value *base,
                                    Value *rowStride, Value *panelStride) {
  auto *type = llvm::FixedVectorType::get(element, tile.lanes);
  llvm::SmallVector<Value *> values;
  for (unsigned row = 0; row < tile.rows; ++row)
    for (unsigned panel = 0; panel < tile.panels; ++panel)
      values.push_back(builder.CreateAlignedLoad(
          type,
          tileAddress(builder, element, base, row, rowStride, panel,
                      panelStride),
          llvm::Align(element->getScalarSizeInBits() / 8)));
  return values;
}

void storeTile(IRBuilderBase &builder, llvm::Type *element, unsigned row,
               unsigned panel, Value *accumulator, Value *base,
               Value *rowStride, Value *panelStride) {
  builder.CreateAlignedStore(
      accumulator,
      tileAddress(builder, element, base, row, rowStride, panel, panelStride),
      llvm::Align(element->getScalarSizeInBits() / 8));
}

llvm::SmallVector<unsigned> balancedHeights(unsigned rows, unsigned largest) {
  unsigned count = (rows + largest - 1) / largest;
  llvm::SmallVector<unsigned> heights;
  for (unsigned i = 0; i < count; ++i)
    heights.push_back(rows / count + (i < rows % count));
  return heights;
}

} // namespace nnc
