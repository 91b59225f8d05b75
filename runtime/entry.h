//===- runtime/entry.h - Where a built program begins ---------------------===//
#ifndef NNRT_ENTRY_H
#define NNRT_ENTRY_H

#include "runtime/program.h"

namespace nnrt {
/// Whether a built program has the command `name`.
bool isCommand(const char *name);
} // namespace nnrt

extern "C" {
/// Runs the one of `commands` that `argv` gives on the best of `programs` that
/// this machine can execute (env NN_TARGET names another). Returns the exit
/// code: 0, 1 for an error of the user, 2 for what is not supported, 130 after
/// Ctrl-C.
int nnrt_main(const nnrt::Program *const *programs, int count,
              const nnrt::Commands *commands, int argc, char **argv);
}

#endif // NNRT_ENTRY_H
