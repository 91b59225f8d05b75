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
  Value *ahead = nullptr; ///< MicroKernel::ahead.
  /// Which of MicroKernel::beside comes next, and at which row; or null.
  Value *which = nullptr, *offset = nullptr;
  Value *left = nullptr; ///< How many k are left, where that is counted.
  llvm::SmallVector<Value *> accumulators;

  llvm::SmallVector<Value **> all() {
    llvm::SmallVector<Value **> values = {&a, &b};
    for (Value **optional : {&ahead, &which, &offset, &left})
      if (*optional)
        values.push_back(optional);
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
      if (inner.which)
        bringingBeside(inner);
      else
        loop(kernel.depth, inner, [&](State &s) { step(s); });
      state.accumulators = inner.accumulators;
      keepPrefetched(state, inner);
      return;
    }
    State outer = state;
    loop(kernel.batchCounts[level], outer, [&](State &s) {
      batch(level + 1, s);
      s.a = advance(s.a, kernel.a.batchStrides[level]);
      s.b = advance(s.b, kernel.b.batchStrides[level]);
    });
    state.accumulators = outer.accumulators;
    keepPrefetched(state, outer);
  }

  Value *advance(Value *pointer, Value *stride) {
    return builder.CreateGEP(kernel.element, pointer, stride);
  }

private:
  /// How far prefetching has come is kept from loop to loop.
  static void keepPrefetched(State &state, const State &from) {
    state.ahead = from.ahead;
    state.which = from.which;
    state.offset = from.offset;
  }

  /// All k, some at a time, and before these as many rows beside the tile:
  /// between loops, since inside of one there are no registers for it.
  void bringingBeside(State &state) {
    constexpr unsigned together = 8;
    Value *some = builder.getInt64(together);
    state.left = kernel.depth;
    Value *turns = builder.CreateSDiv(
        builder.CreateAdd(kernel.depth, builder.getInt64(together - 1)), some);
    loop(turns, state, [&](State &s) {
      for (unsigned i = 0; i < together; ++i)
        bringRow(s);
      Value *now =
          builder.CreateBinaryIntrinsic(llvm::Intrinsic::smin, s.left, some);
      s.left = builder.CreateSub(s.left, now);
      State inner = s;
      inner.which = inner.offset = inner.left = nullptr;
      loop(now, inner, [&](State &k) { step(k); });
      s.a = inner.a;
      s.b = inner.b;
      s.accumulators = inner.accumulators;
    });
    state.left = nullptr;
  }

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

  /// The same row of each tensor, then the next row. It stays at the last one.
  void bringRow(State &state) {
    const BesideTile &beside = kernel.beside;
    llvm::Type *i64 = builder.getInt64Ty();
    Value *address = builder.CreateLoad(
        i64, builder.CreateGEP(i64, beside.addresses, state.which));
    Value *row =
        advance(builder.CreateIntToPtr(address, llvm::PointerType::getUnqual(
                                                    builder.getContext())),
                state.offset);
    for (unsigned panel = 0; panel < kernel.tile.panels; ++panel)
      prefetch(advance(row, builder.getInt64(panel * kernel.tile.lanes)));
    Value *next = builder.CreateAdd(state.which, builder.getInt64(1));
    Value *isLast = builder.CreateICmpEQ(next, beside.count);
    state.which = builder.CreateSelect(isLast, builder.getInt64(0), next);
    Value *lastRow = builder.CreateAdd(
        beside.offset,
        builder.CreateMul(beside.rowStride,
                          builder.getInt64(kernel.tile.rows - 1)));
    Value *below = builder.CreateBinaryIntrinsic(
        llvm::Intrinsic::smin,
        builder.CreateAdd(state.offset, beside.rowStride), lastRow);
    state.offset = builder.CreateSelect(isLast, below, state.offset);
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
  State state{.a = kernel.a.base,
              .b = kernel.b.base,
              .ahead = kernel.ahead,
              .which = kernel.beside.count ? builder.getInt64(0) : nullptr,
              .offset = kernel.beside.offset,
              .accumulators = kernel.init};
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
