//===- tools/format_command.h - nnc fmt -----------------------------------===//
#ifndef NNC_TOOLS_FORMAT_COMMAND_H
#define NNC_TOOLS_FORMAT_COMMAND_H

#include <string>
#include <vector>

namespace nnc {

/// Lays out files, every .nn file below folders, and, for `-`, standard input
/// to standard output. Prints the names of those that change; with `onlyCheck`
/// nothing is written, and a file that would change is exit code 1.
int formatFiles(const std::vector<std::string> &paths, bool onlyCheck,
                bool colour);

} // namespace nnc

#endif // NNC_TOOLS_FORMAT_COMMAND_H
