//===- codegen/emit_function.cpp - A function of the loop stage -----------===//
//
// Note [Kernels are functions]
// A function is a list of calls: what stands between two barriers is a kernel
// and becomes an LLVM function of its own. Where there are none, since one
// thread does it all, a kernel ends when it has become long. It takes what it
// uses as arguments, in the order of first use, so that equal kernels (of a
// net, of the step that trains it and of its metrics) are equal code, which
// LLVM's `mergefunc` makes one before anything else is done to it. Small
// functions are also compiled faster: no pointer is alive from the start of a
// long function to its end.
//
//===----------------------------------------------------------------------===//
#include "codegen/emit_function.h"

#include "codegen/body_emitter.h"
#include "codegen/captures.h"
#include "ir/check.h"

namespace nnc {

namespace {

using llvm::BasicBlock;

/// Ops of a kernel that no barrier ends: LLVM takes a millisecond for each
/// function, and more than its share for each op of a long one.
constexpr int64_t longKernel = 64;

/// See Note [Kernels are functions].
class FunctionEmitter {
public:
  FunctionEmitter(llvm::Module &module, const Target &target,
                  const Function &source,
                  const std::vector<std::string> &dimNames)
      : module(module), target(target), source(source), dimNames(dimNames),
        pointer(llvm::PointerType::getUnqual(module.getContext())),
        i32(llvm::Type::getInt32Ty(module.getContext())),
        i64(llvm::Type::getInt64Ty(module.getContext())),
        run(create(runSymbol(source.name),
                   {pointer, pointer, pointer, i32, i32, pointer})),
        body(run, target) {}

  llvm::Function *emit() {
    llvm::IRBuilder<> &builder = body.builder;
    for (size_t i = 0; i < dimNames.size(); ++i)
      body.dims.bind(dimNames[i],
                     builder.CreateLoad(i64, builder.CreateConstGEP1_64(
                                                 i64, run->getArg(1), i)));
    body.scratch = run->getArg(2);
    body.thread =
        isAlone ? builder.getInt64(0) : builder.CreateSExt(run->getArg(3), i64);
    body.threads =
        isAlone ? builder.getInt64(1) : builder.CreateSExt(run->getArg(4), i64);
    for (int64_t i = 0; i < source.body.argumentCount(); ++i) {
      const Value *argument = source.body.argument(i);
      body.bind(argument, builder.CreateLoad(pointer,
                                             builder.CreateConstGEP1_64(
                                                 pointer, run->getArg(0), i),
                                             argument->hint));
    }
    block(source.body);
    builder.CreateRetVoid();
    return run;
  }

private:
  llvm::Function *create(const std::string &name,
                         llvm::ArrayRef<llvm::Type *> types) {
    auto *type = llvm::FunctionType::get(
        llvm::Type::getVoidTy(module.getContext()), types, false);
    llvm::Function *function = llvm::Function::Create(
        type, llvm::Function::InternalLinkage, name, module);
    function->setDoesNotThrow();
    return function;
  }

  static int64_t operationCount(const Op &op) {
    int64_t count = 1;
    for (int64_t i = 0; i < op.regionCount(); ++i)
      for (const auto &inner : op.region(i).operations())
        count += operationCount(*inner);
    return count;
  }

  /// Whether threads meet in there.
  bool hasBarrier(const Op &op) const {
    if (op.is("barrier"))
      return !isAlone;
    for (int64_t i = 0; i < op.regionCount(); ++i)
      for (const auto &inner : op.region(i).operations())
        if (hasBarrier(*inner))
          return true;
    return false;
  }

  /// Loops without a barrier run in kernels. The rest stays in the function:
  /// what names memory, and what decides on how its loops go on.
  BodyEmitter::Values block(const Block &block) {
    auto inside = [&](const Block &inner) { return this->block(inner); };
    std::vector<const Op *> loops;
    int64_t length = 0;
    auto endKernel = [&] {
      kernel(loops);
      loops.clear();
      length = 0;
    };
    for (const auto &op : block.operations()) {
      if (op->is("alloc") || (op->is("barrier") && isAlone))
        continue; // An alloc is found by those who use it.
      bool isLoop = op->is("for") && !op->resultCount() && !hasBarrier(*op);
      if (isLoop || (op->is("trace") && !loops.empty() && isAlone)) {
        loops.push_back(op.get());
        length += operationCount(*op);
        if (isAlone && length >= longKernel)
          endKernel();
        continue;
      }
      endKernel();
      for (const Op *alloc : scratchOf({op.get()}))
        body.emit(*alloc);
      if (op.get() == block.terminator())
        return body.operandsOf(*op);
      if (op->is("barrier"))
        barrier();
      else if (op->is("for") && hasBarrier(*op))
        body.loop(*op, inside);
      else if (op->is("if") && hasBarrier(*op))
        body.conditional(*op, [&](const Block &then) { inside(then); });
      else
        body.emit(*op);
    }
    return {};
  }

  /// The scratch memory that `ops` take from outside.
  std::vector<const Op *> scratchOf(llvm::ArrayRef<const Op *> ops) const {
    std::vector<const Op *> allocs;
    for (const Value *value : capturesOf(ops).values)
      if (!body.knows(value)) {
        check(value->definingOp() && value->definingOp()->is("alloc"),
              "a value of a kernel is used outside it");
        allocs.push_back(value->definingOp());
      }
    return allocs;
  }

  void kernel(llvm::ArrayRef<const Op *> loops) {
    if (loops.empty())
      return;
    std::vector<const Op *> ops = scratchOf(loops);
    ops.insert(ops.end(), loops.begin(), loops.end());
    Captures captures = capturesOf(ops);
    BodyEmitter::Values arguments = {body.scratch, body.thread, body.threads};
    for (const Value *value : captures.values)
      arguments.push_back(body.valueOf(value));
    for (const std::string &symbol : captures.symbols)
      arguments.push_back(body.dims.emit(Dim::symbol(symbol)));
    std::vector<llvm::Type *> types;
    for (llvm::Value *argument : arguments)
      types.push_back(argument->getType());
    llvm::Function *function = create(source.name + ".kernel", types);
    function->addFnAttr(llvm::Attribute::NoInline);

    BodyEmitter inner(function, target);
    auto *given = function->arg_begin();
    inner.scratch = given++;
    inner.thread = isAlone ? body.thread : given;
    inner.threads = isAlone ? body.threads : given + 1;
    given += 2;
    for (const Value *value : captures.values) {
      given->setName(value->hint);
      inner.bind(value, given++);
    }
    for (const std::string &symbol : captures.symbols)
      inner.dims.bind(symbol, given++);
    for (const Op *op : ops)
      inner.emit(*op);
    inner.builder.CreateRetVoid();
    body.builder.CreateCall(function, arguments);
  }

  void barrier() {
    llvm::FunctionCallee wait = module.getOrInsertFunction(
        "nnrt_barrier", body.builder.getVoidTy(), pointer);
    body.builder.CreateCall(wait, {run->getArg(5)});
  }

  llvm::Module &module;
  const Target &target;
  const Function &source;
  const std::vector<std::string> &dimNames;
  llvm::Type *pointer, *i32, *i64;
  const bool isAlone = source.attrs.find("alone");
  llvm::Function *run;
  BodyEmitter body; ///< Of `run`.
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

std::string runSymbol(const std::string &function) { return function + ".run"; }

EmittedFunction emitFunction(llvm::Module &module, const Target &target,
                             const Function &function,
                             const std::vector<std::string> &dims) {
  return {FunctionEmitter(module, target, function, dims).emit(),
          emitShapes(module, function, dims)};
}

} // namespace nnc
