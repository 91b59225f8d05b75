//===- tools/written_program.h - What emit --as=nn prints -----------------===//
#ifndef NNC_TOOLS_WRITTEN_PROGRAM_H
#define NNC_TOOLS_WRITTEN_PROGRAM_H

#include "frontend/write.h"
#include "ir/program.h"

#include <memory>

namespace nnc {

/// Functions with the names and comments that their nets get.
struct FunctionsToWrite {
  std::vector<std::unique_ptr<Function>> functions;
  std::vector<NetToWrite> nets; ///< In the same order.
};

/// Of each step of training, the loss and its gradients; of each net and test
/// that asks for derivatives, these. Before `differentiate`.
FunctionsToWrite gradientsToWrite(Program &program);

/// Every function of the program.
FunctionsToWrite functionsToWrite(const Program &program);

} // namespace nnc

#endif // NNC_TOOLS_WRITTEN_PROGRAM_H
