#include "codegen/constants.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/Constants.h"
#include "llvm/Support/BLAKE3.h"

namespace nnc {

llvm::GlobalVariable *sharedText(llvm::Module &module,
                                 const std::string &text) {
  std::string name = "text." + text;
  if (llvm::GlobalVariable *known = module.getGlobalVariable(name, true))
    return known;
  auto *data = llvm::ConstantDataArray::getString(module.getContext(), text);
  return new llvm::GlobalVariable(module, data->getType(), true,
                                  llvm::GlobalValue::PrivateLinkage, data,
                                  name);
}

/// Large data, such as frozen weights, are the same for every instruction set:
/// the linker keeps one of those that are called after the same content.
static llvm::GlobalVariable *sharedIfLarge(llvm::GlobalVariable *data) {
  constexpr uint64_t large = 1 << 12;
  auto *array = llvm::dyn_cast<llvm::ConstantDataArray>(data->getInitializer());
  if (!array || array->getRawDataValues().size() < large)
    return data;
  llvm::ArrayRef<uint8_t> bytes =
      llvm::arrayRefFromStringRef(array->getRawDataValues());
  std::string name = "nn.constant." + std::to_string(bytes.size()) + "." +
                     llvm::toHex(llvm::BLAKE3::hash<16>(bytes));
  llvm::Module &module = *data->getParent();
  if (llvm::GlobalVariable *known = module.getNamedGlobal(name)) {
    data->eraseFromParent();
    return known;
  }
  data->setName(name);
  data->setLinkage(llvm::GlobalValue::LinkOnceODRLinkage);
  data->setVisibility(llvm::GlobalValue::HiddenVisibility);
  data->setComdat(module.getOrInsertComdat(name));
  return data;
}

llvm::GlobalVariable *constantData(llvm::Module &module, const Type &type,
                                   const Attr &value) {
  llvm::LLVMContext &context = module.getContext();
  int64_t count = elementCount(type.shape()).value();
  auto at = [&](int64_t i) {
    return value.getIf<double>() ? value.asFloat()
                                 : (*value.get<DenseData>())[i];
  };
  auto filled = [&](auto zero) {
    std::vector<decltype(zero)> elements(count);
    for (int64_t i = 0; i < count; ++i)
      elements[i] = static_cast<decltype(zero)>(at(i));
    return llvm::ConstantDataArray::get(context, elements);
  };
  llvm::Constant *array = nullptr;
  switch (type.elem()) {
  case Elem::Bool:
    array = filled(uint8_t(0));
    break;
  case Elem::I32:
    array = filled(int32_t(0));
    break;
  case Elem::I64:
    array = filled(int64_t(0));
    break;
  case Elem::F32:
    array = filled(0.0f);
    break;
  case Elem::F64:
    array = filled(0.0);
    break;
  }
  auto *data = new llvm::GlobalVariable(module, array->getType(), true,
                                        llvm::GlobalValue::PrivateLinkage,
                                        array, "constant");
  data->setAlignment(llvm::Align(64));
  return sharedIfLarge(data);
}

} // namespace nnc
