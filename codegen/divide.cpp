//===- codegen/divide.cpp - One module compiled by several threads --------===//
//
// An LLVM context belongs to one thread. Emitting LLVM IR is quick beside what
// follows, so each thread emits the whole program, and then keeps its share of
// the kernels.
//
//===----------------------------------------------------------------------===//
#include "codegen/divide.h"

#include "ir/check.h"

#include "llvm/ADT/STLExtras.h"

namespace nnc {

/// The functions in `count` lists of about equal size: the largest that is
/// left goes to the shortest list.
static std::vector<std::vector<llvm::Function *>> divide(llvm::Module &module,
                                                         int count) {
  std::vector<std::pair<unsigned, llvm::Function *>> bySize;
  for (llvm::Function &function : module)
    if (!function.isDeclaration())
      bySize.emplace_back(function.getInstructionCount(), &function);
  llvm::stable_sort(
      bySize, [](const auto &a, const auto &b) { return a.first > b.first; });
  std::vector<std::vector<llvm::Function *>> lists(count);
  std::vector<int64_t> sizes(count);
  for (const auto &[size, function] : bySize) {
    auto shortest = llvm::min_element(sizes) - sizes.begin();
    lists[shortest].push_back(function);
    sizes[shortest] += size;
  }
  return lists;
}

void keepPart(llvm::Module &module, Part part) {
  if (part.count == 1)
    return;
  std::vector<std::vector<llvm::Function *>> lists = divide(module, part.count);
  for (int i = 0; i < part.count; ++i)
    for (llvm::Function *function : lists[i])
      if (i == part.index)
        function->setLinkage(llvm::GlobalValue::ExternalLinkage);
      else
        function->deleteBody();
  for (llvm::GlobalVariable &global : module.globals()) {
    check(global.isConstant() || global.isDeclaration(),
          "only constants may stand in several modules");
    if (global.hasLocalLinkage())
      continue;
    global.setComdat(nullptr);
    global.setLinkage(llvm::GlobalValue::ExternalLinkage);
    if (part.index)
      global.setInitializer(nullptr);
  }
}

} // namespace nnc
