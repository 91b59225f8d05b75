//===- codegen/body_emitter.h - Ops of the loop stage as LLVM IR ----------===//
//
// One op after the other, in the body of one LLVM function. What is around
// them, a whole function or one kernel of it, is emit_function.cpp's.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_CODEGEN_BODY_EMITTER_H
#define NNC_CODEGEN_BODY_EMITTER_H

#include "codegen/dim_emitter.h"
#include "codegen/memory_emitter.h"
#include "codegen/target.h"
#include "ir/op.h"

#include "llvm/IR/Module.h"

#include <unordered_map>

namespace nnc {

class BodyEmitter {
public:
  using Values = std::vector<llvm::Value *>;

  /// Starts `function`, which is empty. Stack slots stand in its first block,
  /// so that a loop does not grow the stack.
  BodyEmitter(llvm::Function *function, const Target &target);

  /// What the code runs with: the thread's scratch memory, its number and how
  /// many there are (both i64), and the team, null where it has one thread.
  llvm::Value *scratch = nullptr, *thread = nullptr, *threads = nullptr,
              *team = nullptr;

  llvm::IRBuilder<> builder;
  DimEmitter dims;

  void bind(const Value *value, llvm::Value *code) { values[value] = code; }
  /// The arguments of `block` are the pointers of an array. Each is loaded
  /// where it is used: so it does not stay alive from the start of a long
  /// function to its end.
  void bindArguments(const Block &block, llvm::Value *array) {
    argumentOwner = &block;
    argumentArray = array;
  }
  /// A place of random numbers that the function is told.
  void bindPlace(int64_t place, llvm::Value *value) { places[place] = value; }
  bool knows(const Value *value) const;
  llvm::Value *valueOf(const Value *value);

  void emit(const Op &op);
  /// Gives what the terminator hands on.
  Values block(const Block &block);
  /// A `for`, whose body `emitBody` emits.
  void loop(const Op &op,
            llvm::function_ref<Values(const Block &body)> emitBody);
  /// An `if`, likewise.
  void conditional(const Op &op,
                   llvm::function_ref<void(const Block &body)> emitBody);
  Values operandsOf(const Op &op);

private:
  /// The turns [begin, end) that this thread runs of a loop. If `more`, it goes
  /// there after them, and from there to `after` when there are no others.
  struct Turns {
    llvm::Value *begin, *end;
    llvm::BasicBlock *more = nullptr, *after = nullptr;
  };
  Turns shareOf(llvm::Value *turns);
  Turns takenOf(llvm::Value *turns);
  void once(const Op &op, const Values &first, bool isParallel,
            llvm::Value *from,
            llvm::function_ref<Values(const Block &)> emitBody);
  void onlyIf(llvm::Value *holds, llvm::function_ref<void()> then);
  void let(const Op &op, llvm::Value *value);
  void global(const Op &op);
  llvm::Value *randomBits(const Op &op, const Values &operands);
  void transpose(const Op &op, Values rows);
  void interleave(const Op &op, Values vectors);
  void deinterleave(const Op &op, Values vectors);
  void trace(const Op &op);
  llvm::Value *address(llvm::Value *buffer, Elem elem, const Dim &offset);
  void brgemm(const Op &op, const Values &operands);
  llvm::BasicBlock *newBlock(const char *name);

  llvm::Function *function;
  llvm::LLVMContext &context;
  llvm::Module &module;
  const Target &target;
  MemoryEmitter memory;
  llvm::Value *fieldSlot = nullptr; ///< What brgemm is told.
  llvm::Value *turnsSlot = nullptr; ///< nnrt::Turns.
  llvm::Instruction *lastTrace = nullptr;
  std::unordered_map<const Value *, llvm::Value *> values;
  std::unordered_map<int64_t, llvm::Value *> places;
  const Block *argumentOwner = nullptr;
  llvm::Value *argumentArray = nullptr;
};

} // namespace nnc

#endif // NNC_CODEGEN_BODY_EMITTER_H
