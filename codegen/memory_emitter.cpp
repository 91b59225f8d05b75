#include "codegen/memory_emitter.h"

#include "ir/check.h"

namespace nnc {

llvm::Type *registerType(llvm::LLVMContext &context, Elem elem) {
  switch (elem) {
  case Elem::Bool:
    return llvm::Type::getInt1Ty(context);
  case Elem::I32:
    return llvm::Type::getInt32Ty(context);
  case Elem::I64:
    return llvm::Type::getInt64Ty(context);
  case Elem::F32:
    return llvm::Type::getFloatTy(context);
  case Elem::F64:
    return llvm::Type::getDoubleTy(context);
  }
  internalError("unknown element type");
}

llvm::Type *memoryType(llvm::LLVMContext &context, Elem elem) {
  return elem == Elem::Bool ? llvm::Type::getInt8Ty(context)
                            : registerType(context, elem);
}

llvm::Type *registerType(llvm::LLVMContext &context, const Type &type) {
  llvm::Type *element = registerType(context, type.elem());
  if (type.isVector())
    return llvm::FixedVectorType::get(element, type.lanes());
  return element;
}

static llvm::Type *vectorOf(llvm::Type *element, int64_t lanes) {
  return lanes == 1 ? element : llvm::FixedVectorType::get(element, lanes);
}

llvm::Value *MemoryEmitter::address(llvm::Value *buffer, const Type &type,
                                    const Shape &index) {
  Dim offset = 0;
  for (int64_t axis = 0; axis < type.rank(); ++axis)
    offset = offset * type.dim(axis) + index[axis];
  return builder.CreateGEP(memoryType(builder.getContext(), type.elem()),
                           buffer, dims.emit(offset));
}

llvm::Value *MemoryEmitter::fromMemory(llvm::Value *value, Elem elem) {
  return elem == Elem::Bool ? builder.CreateIsNotNull(value) : value;
}

llvm::Constant *MemoryEmitter::laneNumbers(int64_t lanes) {
  llvm::SmallVector<llvm::Constant *> numbers;
  for (int64_t lane = 0; lane < lanes; ++lane)
    numbers.push_back(builder.getInt32(lane));
  return llvm::ConstantVector::get(numbers);
}

/// Lanes below `count`.
llvm::Value *MemoryEmitter::laneMask(int64_t lanes, llvm::Value *count) {
  llvm::Value *narrow = builder.CreateTrunc(count, builder.getInt32Ty());
  return builder.CreateICmpULT(laneNumbers(lanes),
                               builder.CreateVectorSplat(lanes, narrow));
}

bool MemoryEmitter::hasMasks(Elem elem) const {
  return target.hasMasks && elemBytes(elem) >= 4;
}

/// Of 1 to `lanes`.
static std::optional<int64_t> knownLanes(llvm::Value *count, int64_t lanes) {
  auto *constant = llvm::dyn_cast<llvm::ConstantInt>(count);
  if (!constant || constant->isZero() || constant->getValue().ugt(lanes))
    return std::nullopt;
  return constant->getSExtValue();
}

/// The first `lanes` of a vector, or of it and zeros.
llvm::Value *MemoryEmitter::withLanes(llvm::Value *value, int64_t lanes) {
  auto *type = llvm::dyn_cast<llvm::FixedVectorType>(value->getType());
  if (!type) // One lane.
    return builder.CreateInsertElement(
        llvm::Constant::getNullValue(vectorOf(value->getType(), lanes)), value,
        uint64_t(0));
  int64_t given = type->getNumElements();
  llvm::SmallVector<int> places;
  for (int64_t lane = 0; lane < lanes; ++lane)
    places.push_back(static_cast<int>(std::min(lane, given)));
  return builder.CreateShuffleVector(value, llvm::Constant::getNullValue(type),
                                     places);
}

/// In the function's first block, so that a loop does not grow the stack.
llvm::Value *MemoryEmitter::stackVector(llvm::Type *element, int64_t lanes) {
  llvm::BasicBlock &entry =
      builder.GetInsertBlock()->getParent()->getEntryBlock();
  llvm::IRBuilder<> first(&entry, entry.begin());
  llvm::AllocaInst *slot =
      first.CreateAlloca(llvm::FixedVectorType::get(element, lanes));
  slot->setAlignment(llvm::Align(64));
  return slot;
}

void MemoryEmitter::forLanes(llvm::Value *count,
                             llvm::function_ref<void(llvm::Value *lane)> body) {
  llvm::LLVMContext &context = builder.getContext();
  llvm::Function *function = builder.GetInsertBlock()->getParent();
  llvm::BasicBlock *before = builder.GetInsertBlock();
  auto *header = llvm::BasicBlock::Create(context, "lanes", function);
  auto *inside = llvm::BasicBlock::Create(context, "lane", function);
  auto *after = llvm::BasicBlock::Create(context, "lanes.end", function);
  builder.CreateBr(header);
  builder.SetInsertPoint(header);
  llvm::PHINode *lane = builder.CreatePHI(builder.getInt64Ty(), 2);
  lane->addIncoming(builder.getInt64(0), before);
  builder.CreateCondBr(builder.CreateICmpSLT(lane, count), inside, after);
  builder.SetInsertPoint(inside);
  body(lane);
  lane->addIncoming(builder.CreateAdd(lane, builder.getInt64(1)),
                    builder.GetInsertBlock());
  builder.CreateBr(header);
  builder.SetInsertPoint(after);
}

llvm::Value *MemoryEmitter::loadAt(llvm::Value *from, Elem elem, int64_t lanes,
                                   llvm::Value *count) {
  llvm::Type *element = memoryType(builder.getContext(), elem);
  llvm::Type *type = vectorOf(element, lanes);
  llvm::Align align(elemBytes(elem));
  if (!count)
    return fromMemory(builder.CreateAlignedLoad(type, from, align), elem);
  if (hasMasks(elem))
    return fromMemory(
        builder.CreateMaskedLoad(type, from, align, laneMask(lanes, count),
                                 llvm::Constant::getNullValue(type)),
        elem);
  if (std::optional<int64_t> known = knownLanes(count, lanes)) {
    llvm::Type *part = vectorOf(element, *known);
    llvm::Value *loaded = builder.CreateAlignedLoad(part, from, align);
    return fromMemory(withLanes(loaded, lanes), elem);
  }
  llvm::Value *slot = stackVector(element, lanes);
  builder.CreateAlignedStore(llvm::Constant::getNullValue(type), slot,
                             llvm::Align(64));
  forLanes(count, [&](llvm::Value *lane) {
    llvm::Value *one = builder.CreateAlignedLoad(
        element, builder.CreateGEP(element, from, lane), align);
    builder.CreateAlignedStore(one, builder.CreateGEP(element, slot, lane),
                               align);
  });
  return fromMemory(builder.CreateAlignedLoad(type, slot, llvm::Align(64)),
                    elem);
}

/// Of the first `axes`.
llvm::Value *MemoryEmitter::isInside(const Shape &index, const Type &buffer,
                                     int64_t axes) {
  llvm::Value *inside = builder.getTrue();
  for (int64_t axis = 0; axis < axes; ++axis) {
    // As unsigned numbers, so that one comparison does for both ends.
    llvm::Value *below = builder.CreateICmpULT(dims.emit(index[axis]),
                                               dims.emit(buffer.dim(axis)));
    inside = builder.CreateAnd(inside, below);
  }
  return inside;
}

/// Lanes below `count`, if there is one, whose element the buffer has. 32 bits
/// are enough: an axis has less than 2^31 elements, so that an index from
/// outside is none from inside by them.
llvm::Value *MemoryEmitter::insideMask(const Shape &index, const Type &buffer,
                                       int64_t lanes, llvm::Value *count) {
  int64_t last = buffer.rank() - 1;
  llvm::Type *i32 = builder.getInt32Ty();
  auto splat = [&](llvm::Value *value) {
    return builder.CreateVectorSplat(lanes, builder.CreateTrunc(value, i32));
  };
  llvm::Value *first = dims.emit(index[last]);
  llvm::Value *end = dims.emit(buffer.dim(last));
  // One comparison for both bounds. To combine it with the mask of a known
  // count would not do: LLVM 19 loads the half of a vector whole of which it
  // then finds the mask to be false.
  if (count)
    end = builder.CreateBinaryIntrinsic(
        llvm::Intrinsic::smax, dims.constant(0),
        builder.CreateBinaryIntrinsic(llvm::Intrinsic::smin, end,
                                      builder.CreateAdd(first, count)));
  end = builder.CreateSelect(isInside(index, buffer, last), end,
                             dims.constant(0));
  llvm::Value *places = builder.CreateAdd(splat(first), laneNumbers(lanes));
  return builder.CreateICmpULT(places, splat(end));
}

static llvm::Constant *fillConstant(llvm::Type *type, double value) {
  if (type->isFPOrFPVectorTy())
    return llvm::ConstantFP::get(type, value);
  return llvm::ConstantInt::get(type, static_cast<int64_t>(value), true);
}

/// Every `step`-th element: as many vectors as that are loaded, without gaps,
/// and the lanes picked from them.
llvm::Value *MemoryEmitter::loadSteps(const Op &op, llvm::Value *buffer,
                                      int64_t step) {
  const Type &from = op.operand(0)->type();
  int64_t lanes = op.result()->type().lanes();
  const Attr *partial = op.findAttr("count"), *fill = op.findAttr("fill");
  llvm::Value *count =
      partial ? dims.emit(partial->asDim()) : dims.constant(lanes);
  if (!hasMasks(from.elem()))
    return loadLaneByLane(op, buffer, count);
  llvm::Type *type = registerType(builder.getContext(), op.result()->type());
  llvm::Constant *outside = fillConstant(type, fill ? fill->asFloat() : 0);
  llvm::Value *length = builder.CreateSub(
      builder.CreateMul(count, dims.constant(step)), dims.constant(step - 1));
  Shape index = op.attr("index").asDims();
  llvm::Value *result = llvm::PoisonValue::get(type);
  for (int64_t part = 0; part < step; ++part) {
    // Known numbers are known here: at -O0 LLVM 19 else takes the half of a
    // mask that it finds to be false for one that is true.
    llvm::Value *more = builder.CreateSub(length, dims.constant(part * lanes));
    llvm::Value *left = builder.CreateSelect(
        builder.CreateICmpSLT(more, dims.constant(0)), dims.constant(0), more);
    llvm::Value *loaded = builder.CreateMaskedLoad(
        type, address(buffer, from, index), llvm::Align(elemBytes(from.elem())),
        fill ? insideMask(index, from, lanes, left) : laneMask(lanes, left),
        outside);
    llvm::SmallVector<int> places;
    for (int64_t lane = 0; lane < lanes; ++lane)
      places.push_back(static_cast<int>(
          lane * step / lanes == part ? lanes + lane * step % lanes : lane));
    result = builder.CreateShuffleVector(result, loaded, places);
    index.back() = index.back() + lanes;
  }
  return result;
}

llvm::Value *MemoryEmitter::load(const Op &op, llvm::Value *buffer) {
  if (const Attr *step = op.findAttr("step"); step && step->asInt() > 1)
    return loadSteps(op, buffer, step->asInt());
  if (op.findAttr("fill"))
    return loadFilled(op, buffer);
  const Type &from = op.operand(0)->type(), &type = op.result()->type();
  const Attr *count = op.findAttr("count");
  return loadAt(address(buffer, from, op.attr("index").asDims()), from.elem(),
                type.isVector() ? type.lanes() : 1,
                count ? dims.emit(count->asDim()) : nullptr);
}

/// With masks the lanes inside are loaded, whichever they are. Without: all
/// lanes inside: one load; all lanes outside by an axis that they share, or
/// some outside: lane by lane.
llvm::Value *MemoryEmitter::loadFilled(const Op &op, llvm::Value *buffer) {
  const Type &from = op.operand(0)->type(), &type = op.result()->type();
  Shape index = op.attr("index").asDims();
  int64_t lanes = type.isVector() ? type.lanes() : 1;
  const Attr *partial = op.findAttr("count");
  llvm::Value *count = partial ? dims.emit(partial->asDim()) : nullptr;
  if (lanes > 1 && hasMasks(from.elem())) {
    llvm::Type *vector = registerType(builder.getContext(), type);
    return builder.CreateMaskedLoad(
        vector, address(buffer, from, index),
        llvm::Align(elemBytes(from.elem())),
        insideMask(index, from, lanes, count),
        fillConstant(vector, op.attr("fill").asFloat()));
  }
  llvm::Value *inside = isInside(index, from, from.rank());
  if (lanes > 1) {
    llvm::Value *last = builder.CreateAdd(
        dims.emit(index.back()),
        builder.CreateSub(count ? count : dims.constant(lanes),
                          dims.constant(1)));
    inside = builder.CreateAnd(
        inside, builder.CreateICmpULT(last, dims.emit(from.shape().back())));
  }
  llvm::LLVMContext &context = builder.getContext();
  llvm::Function *function = builder.GetInsertBlock()->getParent();
  auto *whole = llvm::BasicBlock::Create(context, "inside", function);
  auto *edge = llvm::BasicBlock::Create(context, "edge", function);
  auto *join = llvm::BasicBlock::Create(context, "loaded", function);
  builder.CreateCondBr(inside, whole, edge);
  builder.SetInsertPoint(whole);
  llvm::Value *loaded =
      loadAt(address(buffer, from, index), from.elem(), lanes, count);
  llvm::BasicBlock *wholeEnd = builder.GetInsertBlock();
  builder.CreateBr(join);
  builder.SetInsertPoint(edge);
  llvm::Value *filled =
      lanes == 1
          ? fillConstant(registerType(context, type), op.attr("fill").asFloat())
          : loadLaneByLane(op, buffer, count ? count : dims.constant(lanes));
  llvm::BasicBlock *edgeEnd = builder.GetInsertBlock();
  builder.CreateBr(join);
  builder.SetInsertPoint(join);
  llvm::PHINode *result = builder.CreatePHI(loaded->getType(), 2);
  result->addIncoming(loaded, wholeEnd);
  result->addIncoming(filled, edgeEnd);
  return result;
}

llvm::Value *MemoryEmitter::loadLaneByLane(const Op &op, llvm::Value *buffer,
                                           llvm::Value *count) {
  const Type &from = op.operand(0)->type();
  int64_t lanes = op.result()->type().lanes();
  const Attr *fill = op.findAttr("fill"), *step = op.findAttr("step");
  llvm::Type *element = memoryType(builder.getContext(), from.elem());
  llvm::Type *type = vectorOf(element, lanes);
  llvm::Align align(elemBytes(from.elem()));
  llvm::Value *slot = stackVector(element, lanes);
  builder.CreateAlignedStore(fillConstant(type, fill ? fill->asFloat() : 0),
                             slot, llvm::Align(64));
  forLanes(count, [&](llvm::Value *lane) {
    dims.bind("@lane", lane);
    Shape index = op.attr("index").asDims();
    index.back() =
        index.back() + Dim::symbol("@lane") * (step ? step->asInt() : 1);
    auto take = [&] {
      llvm::Value *one = builder.CreateAlignedLoad(
          element, address(buffer, from, index), align);
      builder.CreateAlignedStore(one, builder.CreateGEP(element, slot, lane),
                                 align);
    };
    if (!fill)
      return take();
    llvm::LLVMContext &context = builder.getContext();
    llvm::Function *function = builder.GetInsertBlock()->getParent();
    auto *inside = llvm::BasicBlock::Create(context, "lane.inside", function);
    auto *after = llvm::BasicBlock::Create(context, "lane.end", function);
    builder.CreateCondBr(isInside(index, from, from.rank()), inside, after);
    builder.SetInsertPoint(inside);
    take();
    builder.CreateBr(after);
    builder.SetInsertPoint(after);
  });
  return fromMemory(builder.CreateAlignedLoad(type, slot, llvm::Align(64)),
                    from.elem());
}

void MemoryEmitter::store(const Op &op, llvm::Value *value,
                          llvm::Value *buffer) {
  const Type &to = op.operand(1)->type(), &type = op.operand(0)->type();
  int64_t lanes = type.isVector() ? type.lanes() : 1;
  llvm::Type *element = memoryType(builder.getContext(), to.elem());
  llvm::Align align(elemBytes(to.elem()));
  if (to.elem() == Elem::Bool)
    value = builder.CreateZExt(value, vectorOf(element, lanes));
  llvm::Value *place = address(buffer, to, op.attr("index").asDims());
  const Attr *partial = op.findAttr("count");
  if (!partial) {
    builder.CreateAlignedStore(value, place, align);
    return;
  }
  llvm::Value *count = dims.emit(partial->asDim());
  if (hasMasks(to.elem())) {
    builder.CreateMaskedStore(value, place, align, laneMask(lanes, count));
    return;
  }
  if (std::optional<int64_t> known = knownLanes(count, lanes)) {
    value = withLanes(value, *known);
    builder.CreateAlignedStore(value, place, align);
    return;
  }
  llvm::Value *slot = stackVector(element, lanes);
  builder.CreateAlignedStore(value, slot, llvm::Align(64));
  forLanes(count, [&](llvm::Value *lane) {
    llvm::Value *one = builder.CreateAlignedLoad(
        element, builder.CreateGEP(element, slot, lane), align);
    builder.CreateAlignedStore(one, builder.CreateGEP(element, place, lane),
                               align);
  });
}

} // namespace nnc
