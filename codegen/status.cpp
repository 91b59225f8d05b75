//===- codegen/status.cpp - What can go wrong in the back end -------------===//
#include "codegen/status.h"

#include "llvm/Support/Error.h"

namespace nnc {

Status fromLlvm(llvm::Error error, const std::string &what) {
  if (!error)
    return Status::success();
  return Status::limitation(what + ": " + llvm::toString(std::move(error)));
}

} // namespace nnc
