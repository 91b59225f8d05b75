//===- codegen/call_list.h - A long list of calls, as data ----------------===//
#ifndef NNC_CODEGEN_CALL_LIST_H
#define NNC_CODEGEN_CALL_LIST_H

#include "ir/type.h"
#include "runtime/call_list.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/IR/Module.h"

#include <cstdint>
#include <vector>

namespace nnc {

/// Makes an `nnrt::CallList`.
class CallListBuilder {
public:
  explicit CallListBuilder(llvm::Module &module) : module(module) {}

  // Operands, as their words.
  static int32_t buffer(int64_t index);
  static int32_t dim(int64_t index);
  int32_t pointer(llvm::Constant *constant);
  int32_t number(int64_t value);

  /// The kernel takes scratch memory, thread, threads, the team, and then as
  /// many operands: each a pointer or an i64.
  void call(llvm::Function *kernel, llvm::ArrayRef<int32_t> operands);
  void barrier();
  void trace(int32_t array, Elem elem, llvm::Constant *text,
             llvm::ArrayRef<int32_t> factors);

  bool empty() const { return words.empty(); }
  /// The list as a constant. Then it is empty.
  llvm::Constant *finish(const llvm::Twine &name);

private:
  llvm::Module &module;
  std::vector<int32_t> words;
  llvm::MapVector<llvm::Function *, int32_t> kernels;
  llvm::MapVector<llvm::Constant *, int32_t> pointers;
  llvm::MapVector<int64_t, int32_t> numbers;
};

} // namespace nnc

#endif // NNC_CODEGEN_CALL_LIST_H
