//===- runtime/all_commands.h - For programs that are made in memory ------===//
#ifndef NNRT_ALL_COMMANDS_H
#define NNRT_ALL_COMMANDS_H

#include "runtime/program.h"

namespace nnrt {

extern const Commands allCommands;

} // namespace nnrt

#endif // NNRT_ALL_COMMANDS_H
