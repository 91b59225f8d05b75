#include "codegen/call_list.h"

#include "codegen/table_builder.h"

namespace nnc {

using nnrt::CallList;

static int32_t word(CallList::Place place, int64_t index) {
  return static_cast<int32_t>(index << 2 | place);
}

/// The number of `item` among the `known`.
template <typename Map, typename Item>
static int32_t indexOf(Map &known, const Item &item) {
  return known.try_emplace(item, known.size()).first->second;
}

int32_t CallListBuilder::buffer(int64_t index) {
  return word(CallList::Buffer, index);
}

int32_t CallListBuilder::dim(int64_t index) {
  return word(CallList::Dim, index);
}

int32_t CallListBuilder::pointer(llvm::Constant *constant) {
  return word(CallList::Pointer, indexOf(pointers, constant));
}

int32_t CallListBuilder::number(int64_t value) {
  return word(CallList::Number, indexOf(numbers, value));
}

/// A function that calls such a kernel with operands from an array. There is
/// one for kernels of the same type: LLVM takes a third of a millisecond for
/// each function.
static llvm::Function *callerOf(llvm::Function *kernel) {
  llvm::Module &module = *kernel->getParent();
  std::string name = "listed.";
  for (unsigned i = 4; i < kernel->arg_size(); ++i)
    name += kernel->getArg(i)->getType()->isPointerTy() ? 'p' : 'i';
  if (llvm::Function *known = module.getFunction(name))
    return known;
  llvm::LLVMContext &context = module.getContext();
  llvm::IRBuilder<> builder(context);
  auto *pointer = builder.getPtrTy();
  auto *i64 = builder.getInt64Ty();
  auto *function = llvm::Function::Create(
      llvm::FunctionType::get(builder.getVoidTy(),
                              {pointer, pointer, i64, i64, pointer, pointer},
                              false),
      llvm::Function::InternalLinkage, name, module);
  function->setDoesNotThrow();
  builder.SetInsertPoint(llvm::BasicBlock::Create(context, "entry", function));
  std::vector<llvm::Value *> arguments = {
      function->getArg(1), function->getArg(2), function->getArg(3),
      function->getArg(4)};
  for (unsigned i = 4; i < kernel->arg_size(); ++i)
    arguments.push_back(builder.CreateLoad(
        kernel->getArg(i)->getType(),
        builder.CreateConstGEP1_64(i64, function->getArg(5), i - 4)));
  llvm::CallInst *call = builder.CreateCall(kernel->getFunctionType(),
                                            function->getArg(0), arguments);
  call->setDoesNotThrow();
  call->setTailCall();
  builder.CreateRetVoid();
  return function;
}

void CallListBuilder::call(llvm::Function *kernel,
                           llvm::ArrayRef<int32_t> operands) {
  words.insert(words.end(), {CallList::Call, indexOf(kernels, kernel),
                             static_cast<int32_t>(operands.size())});
  words.insert(words.end(), operands.begin(), operands.end());
}

void CallListBuilder::barrier() { words.push_back(CallList::Barrier); }

void CallListBuilder::trace(int32_t array, Elem elem, llvm::Constant *text,
                            llvm::ArrayRef<int32_t> factors) {
  words.insert(words.end(),
               {CallList::Trace, array, static_cast<int32_t>(elem),
                pointer(text), static_cast<int32_t>(factors.size())});
  words.insert(words.end(), factors.begin(), factors.end());
}

llvm::Constant *CallListBuilder::finish(const llvm::Twine &name) {
  TableBuilder table(module);
  words.push_back(CallList::End);
  TableBuilder::Fields functions, constants, sizes;
  for (const auto &[kernel, index] : kernels)
    functions.push_back(table.structure({callerOf(kernel), kernel}));
  for (const auto &[constant, index] : pointers)
    constants.push_back(constant);
  for (const auto &[value, index] : numbers)
    sizes.push_back(table.i64(value));
  llvm::Constant *fields[] = {
      table.global(llvm::ConstantDataArray::get(module.getContext(), words)),
      table.array(functions), table.array(constants), table.array(sizes)};
  llvm::Constant *list = table.global(
      table.structure({std::begin(fields), std::end(fields)}), name);
  words.clear();
  kernels.clear();
  pointers.clear();
  numbers.clear();
  return list;
}

} // namespace nnc
