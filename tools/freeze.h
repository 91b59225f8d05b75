//===- tools/freeze.h - A program with its weights inside -----------------===//
#ifndef NNC_TOOLS_FREEZE_H
#define NNC_TOOLS_FREEZE_H

#include "ir/program.h"

namespace nnc {

/// Makes constants of all parameters and states, with the values of a weight
/// file, and leaves training out. 0; or an exit code and a message, if the file
/// does not fit (1) or has integers that an f64 does not hold (2).
int freezeWeights(Program &program, const std::string &path,
                  std::string &message);

} // namespace nnc

#endif // NNC_TOOLS_FREEZE_H
