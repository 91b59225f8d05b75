#include "codegen/body_emitter.h"

#include "codegen/brgemm.h"
#include "codegen/constants.h"
#include "codegen/philox.h"
#include "codegen/scalar_emitter.h"
#include "ir/check.h"

namespace nnc {

using llvm::BasicBlock;

BodyEmitter::BodyEmitter(llvm::Function *function, const Target &target)
    : builder(function->getContext()), dims(builder), function(function),
      context(function->getContext()), module(*function->getParent()),
      target(target), memory(builder, dims, target) {
  BasicBlock *entry = newBlock("entry"), *body = newBlock("body");
  builder.SetInsertPoint(entry);
  builder.CreateBr(body);
  builder.SetInsertPoint(body);
}

BasicBlock *BodyEmitter::newBlock(const char *name) {
  return BasicBlock::Create(context, name, function);
}

bool BodyEmitter::knows(const Value *value) const {
  const Op *op = value->definingOp();
  return values.contains(value) || (op ? op->is("view") && knows(op->operand(0))
                                       : value->owner() == argumentOwner);
}

llvm::Value *BodyEmitter::valueOf(const Value *value) {
  auto known = values.find(value);
  if (known != values.end())
    return known->second;
  if (const Op *op = value->definingOp(); op && op->is("view"))
    return valueOf(op->operand(0));
  check(!value->definingOp() && value->owner() == argumentOwner,
        "a value is computed before it is used");
  auto *pointer = llvm::PointerType::getUnqual(context);
  return builder.CreateLoad(
      pointer,
      builder.CreateConstGEP1_64(pointer, argumentArray, value->index()),
      value->hint);
}

BodyEmitter::Values BodyEmitter::operandsOf(const Op &op) {
  Values result;
  for (Value *operand : op.operands())
    result.push_back(valueOf(operand));
  return result;
}

BodyEmitter::Values BodyEmitter::block(const Block &block) {
  for (const auto &op : block.operations()) {
    if (op.get() == block.terminator())
      return operandsOf(*op);
    emit(*op);
  }
  return {};
}

void BodyEmitter::emit(const Op &op) {
  if (op.is("for"))
    return loop(op, [&](const Block &body) { return block(body); });
  if (op.is("if"))
    return conditional(op, [&](const Block &body) { block(body); });
  if (op.is("trace"))
    return trace(op);
  Values operands = operandsOf(op);
  if (op.is("load"))
    return bind(op.result(), memory.load(op, operands[0]));
  if (op.is("store"))
    return memory.store(op, operands[0], operands[1]);
  if (op.is("alloc"))
    return bind(op.result(),
                builder.CreateGEP(builder.getInt8Ty(), scratch,
                                  dims.emit(op.attr("offset").asDim())));
  if (op.is("view"))
    return bind(op.result(), operands[0]);
  if (op.is("global"))
    return global(op);
  if (op.is("let"))
    return let(op, operands[0]);
  if (op.is("brgemm"))
    return brgemm(op, operands);
  if (op.is("vtranspose"))
    return transpose(op, std::move(operands));
  if (op.is("vinterleave"))
    return interleave(op, std::move(operands));
  if (op.is("vdeinterleave"))
    return deinterleave(op, std::move(operands));
  if (op.is("random_bits"))
    return bind(op.result(), randomBits(op, operands));
  if (op.is("barrier"))
    return; // Of one thread. Where there are more, the function meets them.
  llvm::Value *value = emitScalarOp(builder, dims, target, op, operands);
  if (!value)
    internalError("op " + std::string(op.name()) + " has no code generation");
  bind(op.result(), value);
}

// Control.

void BodyEmitter::loop(const Op &op,
                       llvm::function_ref<Values(const Block &)> emitBody) {
  Values first = operandsOf(op);
  int64_t step = op.attr("step").asInt();
  llvm::Value *from = dims.emit(op.attr("from").asDim());
  llvm::Value *to = dims.emit(op.attr("to").asDim());
  // Turns are counted, so that a parallel loop can be divided.
  llvm::Value *length = builder.CreateSub(to, from);
  llvm::Value *turns =
      step == 1 ? length
                : builder.CreateSDiv(
                      builder.CreateAdd(length, builder.getInt64(step - 1)),
                      builder.getInt64(step));
  const Attr *divided = op.findAttr("parallel");
  bool isParallel = divided && divided->asBool();
  if (auto *known = llvm::dyn_cast<llvm::ConstantInt>(turns);
      known && known->isOne() && (first.empty() || !isParallel))
    return once(op, first, isParallel, from, emitBody);
  Turns range = {builder.getInt64(0), turns};
  if (isParallel && !llvm::isa<llvm::Constant>(thread))
    range = op.findAttr("alternate") ? shareOf(turns) : takenOf(turns);
  const auto &[begin, end, takeMore, afterAll] = range;
  BasicBlock *before = builder.GetInsertBlock();
  BasicBlock *header = newBlock("for");
  BasicBlock *body = newBlock("for.body");
  BasicBlock *after = newBlock("for.end");
  builder.CreateBr(header);
  builder.SetInsertPoint(header);
  llvm::PHINode *turn = builder.CreatePHI(builder.getInt64Ty(), 2);
  turn->addIncoming(begin, before);
  std::vector<llvm::PHINode *> carried;
  for (size_t i = 0; i < first.size(); ++i) {
    carried.push_back(builder.CreatePHI(first[i]->getType(), 2));
    carried[i]->addIncoming(first[i], before);
    values[op.region().argument(static_cast<int64_t>(i))] = carried[i];
    values[op.result(static_cast<int64_t>(i))] = carried[i];
  }
  builder.CreateCondBr(builder.CreateICmpSLT(turn, end), body, after);
  builder.SetInsertPoint(body);
  llvm::Value *place = turn;
  if (const Attr *alternate = op.findAttr("alternate")) {
    llvm::Value *last = builder.CreateSub(end, builder.getInt64(1));
    llvm::Value *opposite =
        builder.CreateSub(builder.CreateAdd(begin, last), turn);
    llvm::Value *isOdd =
        builder.CreateTrunc(dims.emit(alternate->asDim()), builder.getInt1Ty());
    place = builder.CreateSelect(isOdd, opposite, turn);
  }
  const Attr *reverse = op.findAttr("reverse");
  if (reverse && reverse->asBool())
    place =
        builder.CreateSub(builder.CreateSub(turns, builder.getInt64(1)), place);
  if (step != 1)
    place = builder.CreateMul(place, builder.getInt64(step));
  dims.bind(op.attr("axis").asString(), builder.CreateAdd(from, place));
  Values next = emitBody(op.region());
  BasicBlock *last = builder.GetInsertBlock();
  llvm::Value *following = builder.CreateAdd(turn, builder.getInt64(1));
  if (const Attr *until = op.findAttr("until"); until && until->asBool())
    following = builder.CreateSelect(next.back(), end, following);
  turn->addIncoming(following, last);
  for (size_t i = 0; i < carried.size(); ++i)
    carried[i]->addIncoming(next[i], last);
  builder.CreateBr(header);
  builder.SetInsertPoint(after);
  if (!takeMore)
    return;
  builder.CreateCondBr(builder.CreateIsNull(team), afterAll, takeMore);
  builder.SetInsertPoint(afterAll);
}

/// The thread's share, the same each time.
BodyEmitter::Turns BodyEmitter::shareOf(llvm::Value *turns) {
  llvm::Value *share = builder.CreateSDiv(
      builder.CreateAdd(turns, builder.CreateSub(threads, builder.getInt64(1))),
      threads);
  llvm::Value *begin = builder.CreateMul(thread, share);
  return {begin, builder.CreateBinaryIntrinsic(llvm::Intrinsic::smin,
                                               builder.CreateAdd(begin, share),
                                               turns)};
}

/// What the thread takes: Note [Turns are taken].
BodyEmitter::Turns BodyEmitter::takenOf(llvm::Value *turns) {
  llvm::Type *i64 = builder.getInt64Ty();
  auto *pointer = llvm::PointerType::getUnqual(context);
  llvm::Value *none = builder.getInt64(0);
  if (!turnsSlot) {
    BasicBlock &entry = function->getEntryBlock();
    turnsSlot = llvm::IRBuilder<>(&entry, entry.begin())
                    .CreateAlloca(llvm::ArrayType::get(i64, 2));
  }
  llvm::Value *endSlot = builder.CreateConstGEP1_64(i64, turnsSlot, 1);
  llvm::FunctionCallee take = module.getOrInsertFunction(
      "nnrt_take_turns", builder.getInt32Ty(), pointer, i64, i64, pointer);
  BasicBlock *before = builder.GetInsertBlock(), *more = newBlock("take"),
             *taken = newBlock("taken"), *begun = newBlock("begun"),
             *after = newBlock("taken.end");
  builder.CreateStore(builder.getInt64(-1), endSlot);
  builder.CreateCondBr(builder.CreateIsNull(team), begun, more);
  builder.SetInsertPoint(more);
  llvm::CallInst *any =
      builder.CreateCall(take, {team, thread, turns, turnsSlot});
  any->setDoesNotThrow();
  builder.CreateCondBr(builder.CreateIsNotNull(any), taken, after);
  builder.SetInsertPoint(taken);
  llvm::Value *from = builder.CreateLoad(i64, turnsSlot);
  llvm::Value *to = builder.CreateLoad(i64, endSlot);
  builder.CreateBr(begun);
  builder.SetInsertPoint(begun);
  auto either = [&](llvm::Value *alone, llvm::Value *shared) {
    llvm::PHINode *phi = builder.CreatePHI(i64, 2);
    phi->addIncoming(alone, before);
    phi->addIncoming(shared, taken);
    return phi;
  };
  llvm::Value *begin = either(none, from);
  return {begin, either(turns, to), more, after};
}

/// A loop with one turn; of a parallel one, the first thread's.
void BodyEmitter::once(const Op &op, const Values &first, bool isParallel,
                       llvm::Value *from,
                       llvm::function_ref<Values(const Block &)> emitBody) {
  dims.bind(op.attr("axis").asString(), from);
  if (isParallel && !llvm::isa<llvm::Constant>(thread))
    return onlyIf(builder.CreateICmpEQ(thread, builder.getInt64(0)),
                  [&] { emitBody(op.region()); });
  for (size_t i = 0; i < first.size(); ++i)
    values[op.region().argument(static_cast<int64_t>(i))] = first[i];
  Values last = emitBody(op.region());
  for (size_t i = 0; i < first.size(); ++i)
    values[op.result(static_cast<int64_t>(i))] = last[i];
}

void BodyEmitter::onlyIf(llvm::Value *holds, llvm::function_ref<void()> then) {
  BasicBlock *inside = newBlock("if");
  BasicBlock *after = newBlock("if.end");
  builder.CreateCondBr(holds, inside, after);
  builder.SetInsertPoint(inside);
  then();
  builder.CreateBr(after);
  builder.SetInsertPoint(after);
}

void BodyEmitter::conditional(
    const Op &op, llvm::function_ref<void(const Block &)> emitBody) {
  llvm::Value *holds = builder.getTrue();
  for (const Attr &condition : op.attr("conditions").asList())
    holds = builder.CreateAnd(
        holds, builder.CreateICmpSGE(dims.emit(condition.asDim()),
                                     builder.getInt64(0)));
  onlyIf(holds, [&] { emitBody(op.region()); });
}

void BodyEmitter::let(const Op &op, llvm::Value *value) {
  llvm::Value *index = builder.CreateSExt(value, builder.getInt64Ty());
  llvm::Value *size = dims.emit(op.attr("size").asDim());
  BasicBlock *bad = newBlock("out.of.range");
  BasicBlock *good = newBlock("in.range");
  builder.CreateCondBr(builder.CreateICmpULT(index, size), good, bad);
  builder.SetInsertPoint(bad);
  auto *pointer = llvm::PointerType::getUnqual(context);
  llvm::FunctionCallee report = module.getOrInsertFunction(
      "nnrt_index_error", builder.getVoidTy(), pointer, builder.getInt32Ty(),
      builder.getInt32Ty(), builder.getInt64Ty(), builder.getInt64Ty());
  llvm::Value *file =
      sharedText(module, op.location.file ? *op.location.file : std::string());
  builder.CreateCall(report,
                     {file, builder.getInt32(op.location.line),
                      builder.getInt32(op.location.column), index, size});
  builder.CreateUnreachable();
  builder.SetInsertPoint(good);
  dims.bind(op.attr("axis").asString(), index);
}

llvm::Value *BodyEmitter::randomBits(const Op &op, const Values &operands) {
  int64_t place = op.attr("place").asInt();
  auto given = places.find(place);
  llvm::Function *philox =
      philoxFunction(module, operands[0]->getType(),
                     registerType(context, op.result()->type()));
  return builder.CreateCall(
      philox, {operands[0], operands[1], operands[2],
               given == places.end() ? builder.getInt64(place) : given->second,
               builder.getInt32(op.attr("word").asInt())});
}

// Memory and products.

void BodyEmitter::global(const Op &op) {
  values[op.result()] =
      constantData(module, op.result()->type(), op.attr("value"));
}

/// Blocks of half the side change places across the diagonal, then blocks of
/// a quarter within these, and so on.
void BodyEmitter::transpose(const Op &op, Values rows) {
  int lanes = static_cast<int>(rows.size());
  for (int half = lanes / 2; half; half /= 2) {
    llvm::SmallVector<int> low, high;
    for (int lane = 0; lane < lanes; ++lane) {
      bool upper = lane & half;
      low.push_back(upper ? lanes + lane - half : lane);
      high.push_back(upper ? lanes + lane : lane + half);
    }
    for (int row = 0; row < lanes; ++row) {
      if (row & half)
        continue;
      llvm::Value *a = rows[row], *b = rows[row + half];
      rows[row] = builder.CreateShuffleVector(a, b, low);
      rows[row + half] = builder.CreateShuffleVector(a, b, high);
    }
  }
  for (int row = 0; row < lanes; ++row)
    values[op.result(row)] = rows[row];
}

/// Vectors that are half of all apart are interleaved two by two, until none
/// is.
void BodyEmitter::interleave(const Op &op, Values vectors) {
  int lanes = static_cast<int>(op.operand(0)->type().lanes());
  int count = static_cast<int>(vectors.size());
  llvm::SmallVector<int> low, high;
  for (int lane = 0; lane < lanes; ++lane) {
    low.push_back(lane / 2 + lane % 2 * lanes);
    high.push_back(low.back() + lanes / 2);
  }
  for (int step = 1; step < count; step *= 2) {
    Values next;
    for (int i = 0; i < count / 2; ++i) {
      llvm::Value *a = vectors[i], *b = vectors[i + count / 2];
      next.push_back(builder.CreateShuffleVector(a, b, low));
      next.push_back(builder.CreateShuffleVector(a, b, high));
    }
    vectors = next;
  }
  for (int i = 0; i < count; ++i)
    values[op.result(i)] = vectors[i];
}

/// The even lanes of neighbours and the odd ones go apart, until each vector
/// has one kind.
void BodyEmitter::deinterleave(const Op &op, Values vectors) {
  int lanes = static_cast<int>(op.operand(0)->type().lanes());
  int count = static_cast<int>(vectors.size());
  llvm::SmallVector<int> even, odd;
  for (int lane = 0; lane < lanes; ++lane) {
    even.push_back(lane * 2);
    odd.push_back(lane * 2 + 1);
  }
  for (int step = 1; step < count; step *= 2) {
    Values next(count);
    for (int i = 0; i < count / 2; ++i) {
      llvm::Value *a = vectors[2 * i], *b = vectors[2 * i + 1];
      next[i] = builder.CreateShuffleVector(a, b, even);
      next[i + count / 2] = builder.CreateShuffleVector(a, b, odd);
    }
    vectors = next;
  }
  for (int i = 0; i < count; ++i)
    values[op.result(i)] = vectors[i];
}

llvm::Value *BodyEmitter::address(llvm::Value *buffer, Elem elem,
                                  const Dim &offset) {
  return builder.CreateGEP(memoryType(context, elem), buffer,
                           dims.emit(offset));
}

void BodyEmitter::brgemm(const Op &op, const Values &operands) {
  Elem elem = op.operand(0)->type().elem();
  Shape extents = op.attr("reduce").asDims();
  Shape a = op.attr("a_reduce").asDims(), b = op.attr("b_reduce").asDims();
  while (extents.size() < 3) {
    extents.insert(extents.begin(), 1);
    a.insert(a.begin(), 0);
    b.insert(b.begin(), 0);
  }
  Dim fields[BrgemmFields];
  fields[BrgemmRows] = op.attr("rows").asDim();
  fields[BrgemmPanels] = op.attr("columns").asDim().ceilDiv(16);
  fields[BrgemmARow] = op.attr("a_row").asDim();
  fields[BrgemmBPanel] = op.attr("b_panel").asDim();
  fields[BrgemmCRow] = op.attr("c_row").asDim();
  const Attr *adds = op.findAttr("adds");
  fields[BrgemmAdds] = adds ? adds->asDim() : Dim(0);
  const Attr *besideRow = op.findAttr("beside_row");
  fields[BrgemmBesideCount] = op.operandCount() - 3;
  fields[BrgemmBesideRow] = besideRow ? besideRow->asDim() : Dim(0);
  for (unsigned i = 0; i < 3; ++i) {
    fields[BrgemmCount0 + i] = extents[i];
    fields[BrgemmA0 + i] = a[i];
    fields[BrgemmB0 + i] = b[i];
  }
  auto *array = llvm::ArrayType::get(builder.getInt64Ty(), BrgemmFields);
  if (!fieldSlot) {
    BasicBlock &entry = function->getEntryBlock();
    fieldSlot = llvm::IRBuilder<>(&entry, entry.begin()).CreateAlloca(array);
  }
  auto tell = [&](unsigned field, llvm::Value *value) {
    builder.CreateStore(value, builder.CreateConstGEP1_64(builder.getInt64Ty(),
                                                          fieldSlot, field));
  };
  const Attr *beside = op.findAttr("beside");
  Brgemm kind = beside ? Brgemm::Beside : Brgemm::Plain;
  for (unsigned i = 0; i < (beside ? BrgemmBeside : BrgemmBesideCount); ++i)
    tell(i, dims.emit(fields[i]));
  for (unsigned i = 0; beside && i < beside->asDims().size(); ++i)
    tell(BrgemmBeside + i, builder.CreatePtrToInt(address(operands[3 + i], elem,
                                                          beside->asDims()[i]),
                                                  builder.getInt64Ty()));
  builder.CreateCall(declareBrgemm(module, target, elem, kind),
                     {address(operands[0], elem, op.attr("a").asDim()),
                      address(operands[1], elem, op.attr("b").asDim()),
                      address(operands[2], elem, op.attr("c").asDim()),
                      fieldSlot});
}

// What training looks at.

void BodyEmitter::trace(const Op &op) {
  auto report = [&] {
    const Type &type = op.operand(0)->type();
    llvm::FunctionCallee function = module.getOrInsertFunction(
        "nnrt_trace", builder.getVoidTy(),
        llvm::PointerType::getUnqual(context), builder.getInt64Ty(),
        builder.getInt32Ty(), llvm::PointerType::getUnqual(context));
    lastTrace = builder.CreateCall(
        function,
        {valueOf(op.operand(0)), dims.emit(elementCount(type.shape())),
         builder.getInt32(static_cast<int>(type.elem())),
         sharedText(module, op.attr("text").asString())});
  };
  // Those in a row ask once.
  BasicBlock *after = builder.GetInsertBlock();
  if (lastTrace && after->empty() &&
      lastTrace->getParent()->getSingleSuccessor() == after) {
    builder.SetInsertPoint(lastTrace->getParent()->getTerminator());
    report();
    return builder.SetInsertPoint(after);
  }
  llvm::Value *flag = builder.CreateLoad(
      builder.getInt32Ty(),
      module.getOrInsertGlobal("nnrt_tracing", builder.getInt32Ty()));
  onlyIf(builder.CreateIsNotNull(flag), report);
}

} // namespace nnc
