#include "codegen/table_builder.h"

namespace nnc {

llvm::Constant *TableBuilder::text(const std::string &value) {
  Constant *&known = texts[value];
  if (!known)
    known = global(llvm::ConstantDataArray::getString(context, value));
  return known;
}

llvm::Constant *TableBuilder::array(const Fields &elements) {
  if (elements.empty())
    return null();
  auto *type = llvm::ArrayType::get(elements[0]->getType(), elements.size());
  Constant *value = llvm::ConstantArray::get(type, elements);
  Constant *&known = arrays[value];
  if (!known)
    known = global(value);
  return known;
}

llvm::Constant *TableBuilder::global(Constant *value, const llvm::Twine &name) {
  return new llvm::GlobalVariable(module, value->getType(), true,
                                  llvm::GlobalValue::PrivateLinkage, value,
                                  name);
}

} // namespace nnc
