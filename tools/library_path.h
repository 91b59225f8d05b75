//===- tools/library_path.h - Where nnc's own libraries are ---------------===//
#ifndef NNC_TOOLS_LIBRARY_PATH_H
#define NNC_TOOLS_LIBRARY_PATH_H

#include <optional>
#include <string>

namespace nnc {

/// `lib/nnc` beside the folder that the running nnc is in.
std::optional<std::string> libraryFolder();

} // namespace nnc

#endif // NNC_TOOLS_LIBRARY_PATH_H
