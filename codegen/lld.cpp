//===- codegen/lld.cpp - LLVM's linker, in this process -------------------===//
#include "codegen/lld.h"

#include "lld/Common/Driver.h"
#include "llvm/Support/raw_ostream.h"

LLD_HAS_DRIVER(elf)
LLD_HAS_DRIVER(wasm)

namespace nnc {

Status runLld(const std::vector<std::string> &arguments) {
  std::vector<const char *> pointers;
  for (const std::string &argument : arguments)
    pointers.push_back(argument.c_str());
  std::string errors;
  llvm::raw_string_ostream stream(errors);
  lld::Result result = lld::lldMain(
      pointers, llvm::nulls(), stream,
      {{lld::Gnu, &lld::elf::link}, {lld::Wasm, &lld::wasm::link}});
  if (result.retCode != 0)
    return Status::limitation("cannot link the program: " + stream.str());
  return Status::success();
}

} // namespace nnc
