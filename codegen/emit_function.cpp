#include "codegen/emit_function.h"

#include "codegen/brgemm.h"
#include "codegen/dim_emitter.h"
#include "codegen/memory_emitter.h"
#include "codegen/scalar_emitter.h"
#include "ir/check.h"

#include <unordered_map>

namespace nnc {

namespace {

using llvm::BasicBlock;

class RunEmitter {
public:
  RunEmitter(llvm::Module &module, const Target &target, const Function &source,
             const std::vector<std::string> &dimNames)
      : module(module), context(module.getContext()), target(target),
        source(source), builder(context), dims(builder),
        memory(builder, dims, target), dimNames(dimNames) {}

  llvm::Function *emit() {
    auto *pointer = llvm::PointerType::getUnqual(context);
    auto *i32 = builder.getInt32Ty();
    auto *type = llvm::FunctionType::get(
        builder.getVoidTy(), {pointer, pointer, pointer, i32, i32, pointer},
        false);
    function = llvm::Function::Create(type, llvm::Function::InternalLinkage,
                                      source.name + ".run", module);
    function->setDoesNotThrow();
    builder.SetInsertPoint(BasicBlock::Create(context, "entry", function));
    for (size_t i = 0; i < dimNames.size(); ++i)
      dims.bind(dimNames[i], builder.CreateLoad(builder.getInt64Ty(),
                                                builder.CreateConstGEP1_64(
                                                    builder.getInt64Ty(),
                                                    function->getArg(1), i)));
    thread = builder.CreateSExt(function->getArg(3), builder.getInt64Ty());
    threads = builder.CreateSExt(function->getArg(4), builder.getInt64Ty());
    for (int64_t i = 0; i < source.body.argumentCount(); ++i)
      values[source.body.argument(i)] = builder.CreateLoad(
          pointer, builder.CreateConstGEP1_64(pointer, function->getArg(0), i),
          source.body.argument(i)->hint);
    // What follows may put stack slots into the first block.
    BasicBlock *body = BasicBlock::Create(context, "body", function);
    builder.CreateBr(body);
    builder.SetInsertPoint(body);
    block(source.body);
    builder.CreateRetVoid();
    return function;
  }

private:
  std::vector<llvm::Value *> operandsOf(const Op &op) {
    std::vector<llvm::Value *> result;
    for (Value *operand : op.operands())
      result.push_back(values.at(operand));
    return result;
  }

  /// Gives what the terminator hands on.
  std::vector<llvm::Value *> block(const Block &block) {
    for (const auto &op : block.operations()) {
      if (op.get() == block.terminator())
        return operandsOf(*op);
      emit(*op);
    }
    return {};
  }

  void emit(const Op &op) {
    std::vector<llvm::Value *> operands = operandsOf(op);
    if (op.is("for"))
      return loop(op, operands);
    if (op.is("if"))
      return conditional(op);
    if (op.is("load")) {
      values[op.result()] = memory.load(op, operands[0]);
      return;
    }
    if (op.is("store"))
      return memory.store(op, operands[0], operands[1]);
    if (op.is("alloc")) {
      values[op.result()] =
          builder.CreateGEP(builder.getInt8Ty(), function->getArg(2),
                            dims.emit(op.attr("offset").asDim()));
      return;
    }
    if (op.is("view")) {
      values[op.result()] = operands[0];
      return;
    }
    if (op.is("global"))
      return global(op);
    if (op.is("let"))
      return let(op, operands[0]);
    if (op.is("brgemm"))
      return brgemm(op, operands);
    if (op.is("barrier"))
      return barrier();
    if (op.is("vtranspose"))
      return transpose(op, std::move(operands));
    llvm::Value *value = emitScalarOp(builder, dims, target, op, operands);
    if (!value)
      internalError("op " + std::string(op.name()) + " has no code generation");
    values[op.result()] = value;
  }

  // Control.

  void loop(const Op &op, const std::vector<llvm::Value *> &first) {
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
    llvm::Value *begin = builder.getInt64(0), *end = turns;
    if (const Attr *parallel = op.findAttr("parallel");
        parallel && parallel->asBool()) {
      llvm::Value *share = builder.CreateSDiv(
          builder.CreateAdd(turns,
                            builder.CreateSub(threads, builder.getInt64(1))),
          threads);
      begin = builder.CreateMul(thread, share);
      end = builder.CreateBinaryIntrinsic(
          llvm::Intrinsic::smin, builder.CreateAdd(begin, share), turns);
    }
    BasicBlock *before = builder.GetInsertBlock();
    BasicBlock *header = BasicBlock::Create(context, "for", function);
    BasicBlock *body = BasicBlock::Create(context, "for.body", function);
    BasicBlock *after = BasicBlock::Create(context, "for.end", function);
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
    const Attr *reverse = op.findAttr("reverse");
    if (reverse && reverse->asBool())
      place = builder.CreateSub(builder.CreateSub(turns, builder.getInt64(1)),
                                turn);
    if (step != 1)
      place = builder.CreateMul(place, builder.getInt64(step));
    dims.bind(op.attr("axis").asString(), builder.CreateAdd(from, place));
    std::vector<llvm::Value *> next = block(op.region());
    BasicBlock *last = builder.GetInsertBlock();
    llvm::Value *following = builder.CreateAdd(turn, builder.getInt64(1));
    if (const Attr *until = op.findAttr("until"); until && until->asBool())
      following = builder.CreateSelect(next.back(), end, following);
    turn->addIncoming(following, last);
    for (size_t i = 0; i < carried.size(); ++i)
      carried[i]->addIncoming(next[i], last);
    builder.CreateBr(header);
    builder.SetInsertPoint(after);
  }

  void conditional(const Op &op) {
    llvm::Value *holds = builder.getTrue();
    for (const Attr &condition : op.attr("conditions").asList())
      holds = builder.CreateAnd(
          holds, builder.CreateICmpSGE(dims.emit(condition.asDim()),
                                       builder.getInt64(0)));
    BasicBlock *then = BasicBlock::Create(context, "if", function);
    BasicBlock *after = BasicBlock::Create(context, "if.end", function);
    builder.CreateCondBr(holds, then, after);
    builder.SetInsertPoint(then);
    block(op.region());
    builder.CreateBr(after);
    builder.SetInsertPoint(after);
  }

  void let(const Op &op, llvm::Value *value) {
    llvm::Value *index = builder.CreateSExt(value, builder.getInt64Ty());
    llvm::Value *size = dims.emit(op.attr("size").asDim());
    BasicBlock *bad = BasicBlock::Create(context, "out.of.range", function);
    BasicBlock *good = BasicBlock::Create(context, "in.range", function);
    builder.CreateCondBr(builder.CreateICmpULT(index, size), good, bad);
    builder.SetInsertPoint(bad);
    auto *pointer = llvm::PointerType::getUnqual(context);
    llvm::FunctionCallee report = module.getOrInsertFunction(
        "nnrt_index_error", builder.getVoidTy(), pointer, builder.getInt32Ty(),
        builder.getInt32Ty(), builder.getInt64Ty(), builder.getInt64Ty());
    llvm::Value *file = builder.CreateGlobalString(
        op.location.file ? *op.location.file : "", "file");
    builder.CreateCall(report,
                       {file, builder.getInt32(op.location.line),
                        builder.getInt32(op.location.column), index, size});
    builder.CreateUnreachable();
    builder.SetInsertPoint(good);
    dims.bind(op.attr("axis").asString(), index);
  }

  void barrier() {
    auto *pointer = llvm::PointerType::getUnqual(context);
    llvm::FunctionCallee wait = module.getOrInsertFunction(
        "nnrt_barrier", builder.getVoidTy(), pointer);
    builder.CreateCall(wait, {function->getArg(5)});
  }

  // Memory and products.

  void global(const Op &op) {
    const Type &type = op.result()->type();
    llvm::Type *element = memoryType(context, type.elem());
    int64_t count = elementCount(type.shape()).value();
    const Attr &value = op.attr("value");
    auto number = [&](double x) -> llvm::Constant * {
      if (isFloat(type.elem()))
        return llvm::ConstantFP::get(element, x);
      return llvm::ConstantInt::get(element, static_cast<int64_t>(x), true);
    };
    std::vector<llvm::Constant *> elements;
    for (int64_t i = 0; i < count; ++i)
      elements.push_back(number(value.getIf<double>()
                                    ? value.asFloat()
                                    : (*value.get<DenseData>())[i]));
    auto *array = llvm::ArrayType::get(element, count);
    auto *data = new llvm::GlobalVariable(
        module, array, true, llvm::GlobalValue::PrivateLinkage,
        llvm::ConstantArray::get(array, elements), "constant");
    data->setAlignment(llvm::Align(64));
    values[op.result()] = data;
  }

  /// Blocks of half the side change places across the diagonal, then blocks of
  /// a quarter within these, and so on.
  void transpose(const Op &op, std::vector<llvm::Value *> rows) {
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

  llvm::Value *address(llvm::Value *buffer, Elem elem, const Dim &offset) {
    return builder.CreateGEP(memoryType(context, elem), buffer,
                             dims.emit(offset));
  }

  void brgemm(const Op &op, const std::vector<llvm::Value *> &operands) {
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
    for (unsigned i = 0; i < BrgemmFields; ++i)
      builder.CreateStore(
          dims.emit(fields[i]),
          builder.CreateConstGEP1_64(builder.getInt64Ty(), fieldSlot, i));
    builder.CreateCall(declareBrgemm(module, target, elem),
                       {address(operands[0], elem, op.attr("a").asDim()),
                        address(operands[1], elem, op.attr("b").asDim()),
                        address(operands[2], elem, op.attr("c").asDim()),
                        fieldSlot});
  }

  llvm::Module &module;
  llvm::LLVMContext &context;
  const Target &target;
  const Function &source;
  llvm::IRBuilder<> builder;
  DimEmitter dims;
  MemoryEmitter memory;
  const std::vector<std::string> &dimNames;
  llvm::Function *function = nullptr;
  llvm::Value *thread = nullptr, *threads = nullptr;
  llvm::Value *fieldSlot = nullptr; ///< What brgemm is told.
  std::unordered_map<const Value *, llvm::Value *> values;
};

} // namespace

/// Extents of arguments and results, bytes of temporaries, bytes of scratch.
static llvm::Function *emitShapes(llvm::Module &module, const Function &source,
                                  const std::vector<std::string> &dimNames) {
  llvm::LLVMContext &context = module.getContext();
  llvm::IRBuilder<> builder(context);
  auto *pointer = llvm::PointerType::getUnqual(context);
  auto *type =
      llvm::FunctionType::get(builder.getVoidTy(), {pointer, pointer}, false);
  auto *function = llvm::Function::Create(type, llvm::Function::InternalLinkage,
                                          source.name + ".shapes", module);
  function->setDoesNotThrow();
  builder.SetInsertPoint(BasicBlock::Create(context, "entry", function));
  DimEmitter dims(builder);
  llvm::Type *i64 = builder.getInt64Ty();
  for (size_t i = 0; i < dimNames.size(); ++i)
    dims.bind(dimNames[i],
              builder.CreateLoad(i64, builder.CreateConstGEP1_64(
                                          i64, function->getArg(0), i)));
  int64_t place = 0;
  auto put = [&](const Dim &value) {
    builder.CreateStore(
        dims.emit(value),
        builder.CreateConstGEP1_64(i64, function->getArg(1), place++));
  };
  for (int64_t i = 0; i < source.body.argumentCount(); ++i) {
    const Type &buffer = source.body.argument(i)->type();
    if (source.argAttrs[i].find("temporary"))
      put(elementCount(buffer.shape()) * elemBytes(buffer.elem()));
    else
      for (const Dim &extent : buffer.shape())
        put(extent);
  }
  put(source.attrs.find("scratch")->asDim());
  builder.CreateRetVoid();
  return function;
}

EmittedFunction emitFunction(llvm::Module &module, const Target &target,
                             const Function &function,
                             const std::vector<std::string> &dims) {
  return {RunEmitter(module, target, function, dims).emit(),
          emitShapes(module, function, dims)};
}

} // namespace nnc
