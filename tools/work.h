//===- tools/work.h - How much a program's tests compute ------------------===//
#ifndef NNC_TOOLS_WORK_H
#define NNC_TOOLS_WORK_H

#include "ir/program.h"

namespace nnc {

/// Whether the tests, and the training that they need, take so few operations
/// that machine code which is made quickly is the shorter way: some
/// milliseconds. False where that depends on data that are not read yet.
/// Requires functions at the loop stage.
bool hasLittleWork(const Program &program);

} // namespace nnc

#endif // NNC_TOOLS_WORK_H
