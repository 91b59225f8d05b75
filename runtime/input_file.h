//===- runtime/input_file.h - Reads a file, compressed or not -------------===//
#ifndef NNRT_INPUT_FILE_H
#define NNRT_INPUT_FILE_H

#include "runtime/error.h"

#include <cstdio>

namespace nnrt {

/// The reader of gzip, in a library of its own (`nnrt_gzip`, which needs
/// zlib): a program that reads no .gz is linked without it. Linking with it
/// takes `-u nnrt_gzip`, since a weak reference pulls nothing in.
struct GzipReader {
  void *(*open)(FILE *file);
  /// Bytes read; fewer than `size` only at the end; -1 with `*reason` set if
  /// the stream is corrupt, truncated or cannot be read.
  int64_t (*read)(void *state, void *target, int64_t size, const char **reason);
  void (*close)(void *state);
};

class InputFile {
public:
  InputFile() = default;
  InputFile(const InputFile &) = delete;
  ~InputFile();

  /// Whether it is gzip is seen from its first bytes, not from its name.
  bool open(const char *path, Error &error);
  /// Reads until `size` bytes or the end; -1 on an error.
  int64_t read(void *target, int64_t size, Error &error);
  /// Passes over `size` bytes; false, with no error, at the end.
  bool skip(int64_t size, Error &error);
  /// The bytes that a plain file holds, or -1 if that is unknown.
  int64_t plainSize() const { return bytes; }
  const char *path() const { return name.c_str(); }

private:
  Text name;
  FILE *file = nullptr;
  void *gzip = nullptr;
  int64_t bytes = -1;
};

/// The whole of a file, which may hold `limit` bytes at most.
bool readWholeFile(const char *path, int64_t limit, Text &content,
                   Error &error);

} // namespace nnrt

extern "C" {
extern const nnrt::GzipReader nnrt_gzip __attribute__((weak));
}

#endif // NNRT_INPUT_FILE_H
