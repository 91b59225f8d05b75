//===- tools/library_path.h - Where nnc's own libraries are ---------------===//
#ifndef NNC_TOOLS_LIBRARY_PATH_H
#define NNC_TOOLS_LIBRARY_PATH_H

#include "codegen/target.h"

#include <optional>
#include <string>

namespace nnc {

/// `lib/nnc` beside the folder that the running nnc is in; for another family
/// of machines than this one, a folder in there.
std::optional<std::string> libraryFolder(const Target &target);
/// In the form of a sentence.
std::string whyNoLibraries(const Target &target);

} // namespace nnc

#endif // NNC_TOOLS_LIBRARY_PATH_H
