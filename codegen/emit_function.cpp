//===- codegen/emit_function.cpp - A function of the loop stage -----------===//
//
// Note [Kernels are functions]
// A function is a list of calls: what stands between two barriers is a kernel
// and becomes an LLVM function of its own. Where there are none, since one
// thread does it all, a kernel ends when it has become long. It takes what it
// uses as arguments, in the order of first use, so that equal kernels (of a
// net, of the step that trains it and of its metrics) are one. Small functions
// are also compiled faster: no pointer is alive from the start of a long
// function to its end. A long list is no code at all, but a table
// (runtime/call_list.h).
//
//===----------------------------------------------------------------------===//
#include "codegen/emit_function.h"

#include "codegen/body_emitter.h"
#include "codegen/call_list.h"
#include "codegen/captures.h"
#include "codegen/constants.h"
#include "ir/check.h"

#include <map>
#include <unordered_set>

namespace nnc {

namespace {

using llvm::BasicBlock;

/// Ops of a kernel that no barrier ends: LLVM takes a millisecond for each
/// function, and more than its share for each op of a long one.
constexpr int64_t longKernel = 64;
/// Loops of a list of calls that is no code.
constexpr int64_t longList = 64;

bool isLong(const Block &block) {
  return llvm::count_if(block.operations(), [](const auto &op) {
           return op->is("for");
         }) > longList;
}

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
                   {pointer, pointer, pointer, i32, i32, pointer})),
        body(run, target), list(module) {}

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
    body.team = run->getArg(5);
    body.bindArguments(source.body, run->getArg(0));
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

  static bool isLoop(const Op &op) { return op.is("for") && !op.resultCount(); }

  /// Whether an op cannot be part of a kernel: threads meet there, or what it
  /// gives holds until the block's end.
  bool endsKernel(const Op &op) const {
    return op.is("barrier") || op.is("let") || op.is("global") ||
           op.is("yield") || op.is("return") || (op.is("trace") && !isAlone) ||
           hasBarrier(op);
  }

  /// The ops of a block that run in kernels: loops, and what stands beside them
  /// if nothing further away uses it.
  std::unordered_set<const Op *> opsOfKernels(const Block &block) const {
    std::unordered_set<const Op *> result, piece;
    auto isUsedWithin = [&](const Op *op) {
      for (int64_t i = 0; i < op->resultCount(); ++i)
        for (const Value::Use &use : op->result(i)->uses()) {
          const Op *user = use.op;
          while (user->parentBlock() != &block)
            user = user->parentOp();
          if (!piece.contains(user))
            return false;
        }
      return true;
    };
    for (const auto &op : block.operations()) {
      if (op->is("alloc") || op->is("view"))
        continue;
      if (!endsKernel(*op)) {
        piece.insert(op.get());
        continue;
      }
      bool isClosed = llvm::all_of(piece, isUsedWithin);
      for (const Op *each : piece)
        if (isClosed || isLoop(*each))
          result.insert(each);
      piece.clear();
    }
    return result;
  }

  /// What does not run in kernels stays in the function: what names memory, and
  /// what decides on how its loops go on.
  BodyEmitter::Values block(const Block &block) {
    auto inside = [&](const Block &inner) { return this->block(inner); };
    std::vector<const Op *> ops;
    int64_t length = 0;
    const bool toList = isLong(block);
    std::unordered_set<const Op *> inKernels = opsOfKernels(block);
    auto endKernel = [&] {
      kernel(ops, toList);
      ops.clear();
      length = 0;
    };
    for (const auto &op : block.operations()) {
      // An alloc or a view is found by those who use it.
      if (op->is("alloc") || op->is("view"))
        continue;
      if (op->is("barrier") && isAlone) {
        if (length >= longKernel)
          endKernel();
        continue;
      }
      if (inKernels.contains(op.get()) && (!op->is("trace") || !ops.empty())) {
        ops.push_back(op.get());
        length += operationCount(*op);
        continue;
      }
      endKernel();
      for (const Op *alloc : scratchOf(*op))
        body.emit(*alloc);
      if (toList && addToList(*op))
        continue;
      makeListedCalls();
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

  /// The ops that name the scratch memory which an op takes from outside.
  std::vector<const Op *> scratchOf(const Op &op) const {
    if (!op.regionCount())
      return scratchAmong(op.operands());
    const Op *ops[] = {&op};
    return scratchAmong(capturedValues(ops));
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
    if (body.knows(value) || llvm::is_contained(names, op))
      return;
    if (op && op->is("view"))
      addScratch(op->operand(0), names);
    else if (!op || !op->is("alloc"))
      internalError("a value of a kernel is used outside it: " +
                    (op ? std::string(op->name()) : value->hint));
    names.push_back(op);
  }

  void kernel(llvm::ArrayRef<const Op *> loops, bool toList) {
    if (loops.empty())
      return;
    std::vector<const Op *> ops = scratchAmong(capturedValues(loops));
    ops.insert(ops.end(), loops.begin(), loops.end());
    Captures captures = capturesOf(ops);
    llvm::Function *&function =
        kernels[(isAlone ? "alone " : "") + captures.form];
    if (!function)
      function = emitKernel(ops, captures);
    if (toList && addToList(function, captures))
      return;
    makeListedCalls();
    BodyEmitter::Values arguments = {body.scratch, body.thread, body.threads,
                                     body.team};
    for (const Value *value : captures.values)
      arguments.push_back(body.valueOf(value));
    for (const std::string &symbol : captures.symbols)
      arguments.push_back(body.dims.emit(Dim::symbol(symbol)));
    for (int64_t place : captures.places)
      arguments.push_back(body.builder.getInt64(place));
    body.builder.CreateCall(function, arguments);
  }

  llvm::Function *emitKernel(llvm::ArrayRef<const Op *> ops,
                             const Captures &captures) {
    std::vector<llvm::Type *> types = {pointer, i64, i64, pointer};
    for (const Value *value : captures.values)
      types.push_back(value->type().isBuffer()
                          ? pointer
                          : registerType(module.getContext(), value->type()));
    types.insert(types.end(), captures.symbols.size() + captures.places.size(),
                 i64);
    llvm::Function *function = create(source.name + ".kernel", types);
    function->addFnAttr(llvm::Attribute::NoInline);

    BodyEmitter inner(function, target);
    auto *given = function->arg_begin();
    inner.scratch = given++;
    inner.thread = isAlone ? body.thread : given;
    inner.threads = isAlone ? body.threads : given + 1;
    given += 2;
    inner.team = given++;
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
        "nnrt_barrier", body.builder.getVoidTy(), pointer);
    body.builder.CreateCall(wait, {body.team});
  }

  // A long list of calls. What only code can do stands between two tables.

  /// The value as an operand of the list, if a list can have it.
  std::optional<int32_t> operand(const Value *value) {
    const Op *op = value->definingOp();
    if (op && op->is("view"))
      return operand(op->operand(0));
    if (!op && value->owner() == &source.body)
      return CallListBuilder::buffer(value->index());
    if (op && op->is("global"))
      return list.pointer(llvm::cast<llvm::Constant>(body.valueOf(value)));
    return std::nullopt;
  }

  std::optional<int32_t> operand(const std::string &symbol) {
    auto found = llvm::find(dimNames, symbol);
    if (found == dimNames.end())
      return std::nullopt;
    return CallListBuilder::dim(found - dimNames.begin());
  }

  /// What a size is the product of, likewise.
  std::optional<std::vector<int32_t>> factors(const Dim &size) {
    if (size.isConstant())
      return std::vector{list.number(size.value())};
    if (size.constantPart() || size.termList().size() > 1)
      return std::nullopt;
    const Dim::Term &term = size.termList()[0];
    std::vector<int32_t> result = {list.number(term.coefficient)};
    for (const Dim::AtomRef &atom : term.atoms) {
      std::optional<int32_t> factor = operand(atom->name);
      if (!factor)
        return std::nullopt;
      result.push_back(*factor);
    }
    return result;
  }

  bool addToList(llvm::Function *kernel, const Captures &captures) {
    std::vector<int32_t> operands;
    auto add = [&](const auto &item) {
      std::optional<int32_t> word = operand(item);
      operands.push_back(word.value_or(0));
      return word.has_value();
    };
    if (!llvm::all_of(captures.values, add) ||
        !llvm::all_of(captures.symbols, add))
      return false;
    for (int64_t place : captures.places)
      operands.push_back(list.number(place));
    if (operands.size() > nnrt::CallList::mostOperands)
      return false;
    list.call(kernel, operands);
    return true;
  }

  bool addToList(const Op &op) {
    if (op.is("global")) { // Has no code.
      body.emit(op);
      return true;
    }
    if (op.is("barrier")) {
      list.barrier();
      return true;
    }
    if (!op.is("trace"))
      return false;
    const Value *array = op.operand(0);
    std::optional<int32_t> place = operand(array);
    auto count = factors(elementCount(array->type().shape()));
    if (!place || !count)
      return false;
    list.trace(*place, array->type().elem(),
               sharedText(module, op.attr("text").asString()), *count);
    return true;
  }

  void makeListedCalls() {
    if (list.empty())
      return;
    llvm::IRBuilder<> &builder = body.builder;
    llvm::FunctionCallee makeCalls = module.getOrInsertFunction(
        "nnrt_make_calls", builder.getVoidTy(), pointer, pointer, pointer,
        pointer, i32, i32, pointer);
    BodyEmitter::Values arguments = {list.finish(source.name + ".calls")};
    for (llvm::Argument &argument : run->args())
      arguments.push_back(&argument);
    builder.CreateCall(makeCalls, arguments);
  }

  llvm::Module &module;
  const Target &target;
  const Function &source;
  const std::vector<std::string> &dimNames;
  KernelFunctions &kernels;
  llvm::Type *pointer, *i32, *i64;
  const bool isAlone = source.attrs.find("alone");
  llvm::Function *run;
  BodyEmitter body; ///< Of `run`.
  CallListBuilder list;
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

std::vector<std::string> boundDims(const Function &function) {
  std::vector<std::string> dims = function.dimSymbols();
  if (function.attrs.find("keeps"))
    dims.emplace_back(runsSymbol);
  return dims;
}

EmittedFunction emitFunction(llvm::Module &module, const Target &target,
                             const Function &function,
                             KernelFunctions &kernels) {
  std::vector<std::string> dims = boundDims(function);
  return {FunctionEmitter(module, target, function, dims, kernels).emit(),
          emitShapes(module, function, function.dimSymbols())};
}

} // namespace nnc
