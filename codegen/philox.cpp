#include "codegen/philox.h"

#include "llvm/IR/IRBuilder.h"

namespace nnc {

namespace {

class PhiloxEmitter {
public:
  PhiloxEmitter(llvm::Function *function, llvm::Type *wide)
      : b(function->getContext()), function(function), wide(wide) {}

  void emit() {
    llvm::LLVMContext &context = b.getContext();
    auto *entry = llvm::BasicBlock::Create(context, "entry", function);
    auto *round = llvm::BasicBlock::Create(context, "round", function);
    auto *done = llvm::BasicBlock::Create(context, "done", function);
    b.SetInsertPoint(entry);
    llvm::Value *index = function->getArg(0), *seed = function->getArg(1);
    llvm::Value *step = b.CreateZExt(function->getArg(2), wide);
    llvm::Value *first[] = {low(index), high(index),
                            step,       low(spread(function->getArg(3))),
                            low(seed),  high(seed)};
    b.CreateBr(round);

    b.SetInsertPoint(round);
    llvm::PHINode *count = b.CreatePHI(b.getInt32Ty(), 2);
    count->addIncoming(b.getInt32(0), entry);
    llvm::PHINode *state[6]; // Four words of the counter, two of the key.
    for (int i = 0; i < 6; ++i) {
      state[i] = b.CreatePHI(wide, 2);
      state[i]->addIncoming(first[i], entry);
    }
    llvm::Value *x = b.CreateMul(state[0], number(0xD2511F53));
    llvm::Value *y = b.CreateMul(state[2], number(0xCD9E8D57));
    llvm::Value *next[] = {
        b.CreateXor(b.CreateXor(high(y), state[1]), state[4]),
        low(y),
        b.CreateXor(b.CreateXor(high(x), state[3]), state[5]),
        low(x),
        low(b.CreateAdd(state[4], number(0x9E3779B9))),
        low(b.CreateAdd(state[5], number(0xBB67AE85)))};
    for (int i = 0; i < 6; ++i)
      state[i]->addIncoming(next[i], round);
    llvm::Value *counted = b.CreateAdd(count, b.getInt32(1));
    count->addIncoming(counted, round);
    b.CreateCondBr(b.CreateICmpULT(counted, b.getInt32(10)), round, done);

    b.SetInsertPoint(done);
    llvm::Value *word = next[0];
    for (int i = 1; i < 4; ++i)
      word = b.CreateSelect(b.CreateICmpEQ(function->getArg(4), b.getInt32(i)),
                            next[i], word);
    b.CreateRet(b.CreateTrunc(b.CreateLShr(word, number(8)),
                              function->getReturnType()));
  }

private:
  llvm::Constant *number(uint64_t value) {
    return llvm::ConstantInt::get(wide, value);
  }
  llvm::Value *low(llvm::Value *x) {
    return b.CreateAnd(x, number(0xffffffff));
  }
  llvm::Value *high(llvm::Value *x) { return b.CreateLShr(x, number(32)); }
  llvm::Value *spread(llvm::Value *scalar) {
    auto *vector = llvm::dyn_cast<llvm::FixedVectorType>(wide);
    return vector ? b.CreateVectorSplat(vector->getNumElements(), scalar)
                  : scalar;
  }

  llvm::IRBuilder<> b;
  llvm::Function *function;
  llvm::Type *wide;
};

} // namespace

llvm::Function *philoxFunction(llvm::Module &module, llvm::Type *wide,
                               llvm::Type *narrow) {
  std::string name = wide->isVectorTy() ? "philox.vector" : "philox";
  if (llvm::Function *known = module.getFunction(name))
    return known;
  llvm::LLVMContext &context = module.getContext();
  auto *type = llvm::FunctionType::get(narrow,
                                       {wide, wide, narrow,
                                        llvm::Type::getInt64Ty(context),
                                        llvm::Type::getInt32Ty(context)},
                                       false);
  auto *function = llvm::Function::Create(type, llvm::Function::InternalLinkage,
                                          name, module);
  function->setDoesNotThrow();
  function->addFnAttr(llvm::Attribute::NoInline);
  PhiloxEmitter(function, wide).emit();
  return function;
}

} // namespace nnc
