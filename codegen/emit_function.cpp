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

#include <map>

namespace nnc {

namespace {

using llvm::BasicBlock;

/// Ops of a kernel that no barrier ends: LLVM takes a millisecond for each
/// function, and more than its share for each op of a long one.
constexpr int64_t longKernel = 64;
/// The same of a list of calls.
constexpr int64_t longPart = 64;

/// See Note [Kernels are functions].
class FunctionEmitter {
public:
  FunctionEmitter(llvm::Module &module, const Target &target,
                  const Function &source,
                  const std::vector<std::string> &dimNames,
                  KernelFunctions &kernels)
      : module(module), target(target), source(source), dimNames(dimNames),
        kernels(kernels),
        pointer(llvm::PointerType::getUnqual(module.getContext())),
        i32(llvm::Type::getInt32Ty(module.getContext())),
        i64(llvm::Type::getInt64Ty(module.getContext())),
        run(create(runSymbol(source.name),
                   {pointer, pointer, pointer, i32, i32, pointer})) {}

  llvm::Function *emit() {
    start(run);
    block(source.body);
    body->builder.CreateRetVoid();
    return run;
  }

private:
  /// Goes on in `function`, which has the parameters of `run`.
  void start(llvm::Function *function) {
    part = function;
    body = std::make_unique<BodyEmitter>(part, target);
    partLength = 0;
    llvm::IRBuilder<> &builder = body->builder;
    for (size_t i = 0; i < dimNames.size(); ++i)
      body->dims.bind(dimNames[i],
                      builder.CreateLoad(i64, builder.CreateConstGEP1_64(
                                                  i64, part->getArg(1), i)));
    body->scratch = part->getArg(2);
    body->thread = isAlone ? builder.getInt64(0)
                           : builder.CreateSExt(part->getArg(3), i64);
    body->threads = isAlone ? builder.getInt64(1)
                            : builder.CreateSExt(part->getArg(4), i64);
    body->bindArguments(source.body, part->getArg(0));
    for (const auto &[value, global] : globals)
      body->bind(value, global);
  }

  /// A long list of calls goes on in a function of its own: LLVM takes more
  /// than its share for each op of a long function.
  void nextPart() {
    llvm::Function *next =
        create(source.name + ".part", run->getFunctionType()->params());
    next->addFnAttr(llvm::Attribute::NoInline);
    next->addFnAttr(partOfRun);
    std::vector<llvm::Value *> arguments;
    for (llvm::Argument &argument : part->args())
      arguments.push_back(&argument);
    body->builder.CreateCall(next, arguments);
    body->builder.CreateRetVoid();
    start(next);
  }

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
      // An alloc or a view is found by those who use it.
      if (op->is("alloc") || op->is("view"))
        continue;
      // Of what stands before a barrier only memory is used behind it.
      if (op->is("barrier") && &block == &source.body &&
          partLength > longPart) {
        endKernel();
        if (!isAlone)
          barrier();
        nextPart();
        continue;
      }
      if (op->is("barrier") && isAlone)
        continue;
      bool isLoop = op->is("for") && !op->resultCount() && !hasBarrier(*op);
      if (isLoop || (op->is("trace") && !loops.empty() && isAlone)) {
        loops.push_back(op.get());
        length += operationCount(*op);
        if (isAlone && length >= longKernel)
          endKernel();
        continue;
      }
      endKernel();
      for (const Op *alloc : scratchOf(*op))
        body->emit(*alloc);
      if (op.get() == block.terminator())
        return body->operandsOf(*op);
      ++partLength;
      if (op->is("barrier"))
        barrier();
      else if (op->is("for") && hasBarrier(*op))
        body->loop(*op, inside);
      else if (op->is("if") && hasBarrier(*op))
        body->conditional(*op, [&](const Block &then) { inside(then); });
      else
        body->emit(*op);
      if (op->is("global"))
        globals.emplace_back(op->result(), body->valueOf(op->result()));
    }
    return {};
  }

  /// The ops that name the scratch memory which an op takes from outside.
  std::vector<const Op *> scratchOf(const Op &op) const {
    if (!op.regionCount())
      return scratchAmong(op.operands());
    const Op *ops[] = {&op};
    return scratchAmong(capturesOf(ops).values);
  }

  std::vector<const Op *>
  scratchAmong(llvm::ArrayRef<const Value *> values) const {
    std::vector<const Op *> names;
    for (const Value *value : values)
      addScratch(value, names);
    return names;
  }

  void addScratch(const Value *value, std::vector<const Op *> &names) const {
    const Op *op = value->definingOp();
    if (body->knows(value) || llvm::is_contained(names, op))
      return;
    if (!op || !op->is("alloc"))
      internalError("a value of a kernel is used outside it: " +
                    (op ? std::string(op->name()) : value->hint));
    names.push_back(op);
  }

  void kernel(llvm::ArrayRef<const Op *> loops) {
    if (loops.empty())
      return;
    Captures captures = capturesOf(loops);
    std::vector<const Op *> ops = scratchAmong(captures.values);
    bool takesScratch = !ops.empty();
    ops.insert(ops.end(), loops.begin(), loops.end());
    if (takesScratch)
      captures = capturesOf(ops);
    BodyEmitter::Values arguments = {body->scratch, body->thread,
                                     body->threads};
    for (const Value *value : captures.values)
      arguments.push_back(body->valueOf(value));
    for (const std::string &symbol : captures.symbols)
      arguments.push_back(body->dims.emit(Dim::symbol(symbol)));
    for (int64_t place : captures.places)
      arguments.push_back(body->builder.getInt64(place));
    llvm::Function *&function =
        kernels[(isAlone ? "alone " : "") + captures.form];
    if (!function)
      function = emitKernel(ops, captures, arguments);
    body->builder.CreateCall(function, arguments);
    ++partLength;
  }

  llvm::Function *emitKernel(llvm::ArrayRef<const Op *> ops,
                             const Captures &captures,
                             llvm::ArrayRef<llvm::Value *> arguments) {
    std::vector<llvm::Type *> types;
    for (llvm::Value *argument : arguments)
      types.push_back(argument->getType());
    llvm::Function *function = create(source.name + ".kernel", types);
    function->addFnAttr(llvm::Attribute::NoInline);

    BodyEmitter inner(function, target);
    auto *given = function->arg_begin();
    inner.scratch = given++;
    inner.thread = isAlone ? body->thread : given;
    inner.threads = isAlone ? body->threads : given + 1;
    given += 2;
    for (const Value *value : captures.values) {
      given->setName(value->hint);
      inner.bind(value, given++);
    }
    for (const std::string &symbol : captures.symbols)
      inner.dims.bind(symbol, given++);
    for (int64_t place : captures.places)
      inner.bindPlace(place, given++);
    for (const Op *op : ops)
      inner.emit(*op);
    inner.builder.CreateRetVoid();
    return function;
  }

  void barrier() {
    llvm::FunctionCallee wait = module.getOrInsertFunction(
        "nnrt_barrier", body->builder.getVoidTy(), pointer);
    body->builder.CreateCall(wait, {part->getArg(5)});
  }

  llvm::Module &module;
  const Target &target;
  const Function &source;
  const std::vector<std::string> &dimNames;
  KernelFunctions &kernels;
  llvm::Type *pointer, *i32, *i64;
  const bool isAlone = source.attrs.find("alone");
  llvm::Function *run;
  llvm::Function *part = nullptr;    ///< `run`, or what it goes on in.
  std::unique_ptr<BodyEmitter> body; ///< Of `part`.
  int64_t partLength = 0;            ///< Ops beside kernels.
  std::vector<std::pair<const Value *, llvm::Value *>> globals;
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
  // A store for each of thousands takes LLVM long: what is known is a table.
  std::vector<uint64_t> table;
  std::vector<std::pair<size_t, Dim>> unknown;
  auto put = [&](const Dim &size) {
    if (!size.isConstant())
      unknown.emplace_back(table.size(), size);
    table.push_back(size.isConstant() ? size.value() : 0);
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
  auto *known = llvm::ConstantDataArray::get(context, table);
  auto *global = new llvm::GlobalVariable(module, known->getType(), true,
                                          llvm::GlobalValue::PrivateLinkage,
                                          known, source.name + ".sizes");
  builder.CreateMemCpy(function->getArg(1), {}, global, {},
                       table.size() * sizeof table[0]);
  std::map<std::string, llvm::Value *> computed;
  for (const auto &[place, size] : unknown) {
    llvm::Value *&value = computed[size.str()];
    if (!value)
      value = dims.emit(size);
    builder.CreateStore(
        value, builder.CreateConstGEP1_64(i64, function->getArg(1), place));
  }
  builder.CreateRetVoid();
  return function;
}

std::string runSymbol(const std::string &function) { return function + ".run"; }

EmittedFunction emitFunction(llvm::Module &module, const Target &target,
                             const Function &function,
                             const std::vector<std::string> &dims,
                             KernelFunctions &kernels) {
  return {FunctionEmitter(module, target, function, dims, kernels).emit(),
          emitShapes(module, function, dims)};
}

} // namespace nnc
