//===- runtime/partial_file.h - A file while it is being written ----------===//
#ifndef NNRT_PARTIAL_FILE_H
#define NNRT_PARTIAL_FILE_H

#include "runtime/text.h"

#include <sys/types.h>

namespace nnrt {

/// Where `path` leads through symbolic links, as far as that can be found.
Text resolvePath(const char *path);

/// Makes the file that is written for `path`, beside it, and gives its
/// descriptor and its name; -1 and errno if it cannot be made.
int openPartial(const char *path, mode_t mode, Text &name);

} // namespace nnrt

#endif // NNRT_PARTIAL_FILE_H
