//===- runtime/npz.h - NumPy's file of named arrays -----------------------===//
//
// A zip archive of .npy files, https://pkware.cachefly.net/webdocs/APPNOTE:
// numpy.savez stores them, numpy.savez_compressed deflates them.
//
//===----------------------------------------------------------------------===//
#ifndef NNRT_NPZ_H
#define NNRT_NPZ_H

#include "runtime/tensor.h"

namespace nnrt {

/// One array of an archive that is in memory. Where `member` is null, the
/// archive must have just one. `path` is for messages.
bool parseNpz(const char *path, const char *bytes, int64_t length,
              const char *member, Tensor &tensor, Error &error);

bool readNpz(const char *path, const char *member, Tensor &tensor,
             Error &error);

} // namespace nnrt

#endif // NNRT_NPZ_H
