//===- runtime/atomic_file.h - A file that is whole or untouched ----------===//
#ifndef NNRT_ATOMIC_FILE_H
#define NNRT_ATOMIC_FILE_H

#include "runtime/error.h"

#include <cstdio>

namespace nnrt {

enum class FileUse { Data, Program }; ///< A program may be executed.

/// Writes to a temporary file beside `path`; `commit` puts it in its place
/// after it has reached the disk. Without it nothing changes. What is no
/// regular file (/dev/stdout) is written directly.
class AtomicFile {
public:
  AtomicFile() = default;
  AtomicFile(const AtomicFile &) = delete;
  ~AtomicFile();

  bool open(const char *path, Error &error, FileUse use = FileUse::Data);
  bool write(const void *data, int64_t size, Error &error);
  bool commit(Error &error);

private:
  bool fail(Error &error);

  Text shown, target, temporary;
  FILE *file = nullptr;
};

/// Removes what processes that were killed while they wrote `path` left beside
/// it: `path.PID.partial` of no living process, which none has locked.
void removeAbandoned(const char *path);

/// Whether a file could be written there, so that a long training does not
/// find out at its end. Removes what was abandoned.
bool checkWritable(const char *path, Error &error);

} // namespace nnrt

#endif // NNRT_ATOMIC_FILE_H
