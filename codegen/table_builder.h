//===- codegen/table_builder.h - Constant structures in LLVM IR -----------===//
#ifndef NNC_CODEGEN_TABLE_BUILDER_H
#define NNC_CODEGEN_TABLE_BUILDER_H

#include "llvm/ADT/DenseMap.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"

#include <map>

namespace nnc {

/// Makes constants field by field. Structures are laid out as a C compiler
/// does it for the same fields, since LLVM uses the same rules.
class TableBuilder {
public:
  using Constant = llvm::Constant;
  using Fields = std::vector<Constant *>;

  explicit TableBuilder(llvm::Module &module)
      : module(module), context(module.getContext()) {}

  Constant *i32(int64_t value) {
    return llvm::ConstantInt::get(llvm::Type::getInt32Ty(context), value, true);
  }
  Constant *i64(int64_t value) {
    return llvm::ConstantInt::get(llvm::Type::getInt64Ty(context), value, true);
  }
  Constant *f64(double value) {
    return llvm::ConstantFP::get(llvm::Type::getDoubleTy(context), value);
  }
  Constant *boolean(bool value) {
    return llvm::ConstantInt::get(llvm::Type::getInt8Ty(context), value);
  }
  Constant *null() {
    return llvm::ConstantPointerNull::get(
        llvm::PointerType::getUnqual(context));
  }
  /// A pointer to the text, ended by a zero; equal texts are one.
  Constant *text(const std::string &value);
  Constant *structure(const Fields &fields) {
    return llvm::ConstantStruct::getAnon(fields);
  }
  /// A pointer to an array of these; null for none. Equal arrays are one.
  Constant *array(const Fields &elements);
  Constant *global(Constant *value, const llvm::Twine &name = "");

private:
  llvm::Module &module;
  llvm::LLVMContext &context;
  std::map<std::string, Constant *> texts;
  llvm::DenseMap<Constant *, Constant *> arrays;
};

} // namespace nnc

#endif // NNC_CODEGEN_TABLE_BUILDER_H
