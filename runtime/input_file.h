//===- runtime/input_file.h - Reads a file, compressed or not -------------===//
#ifndef NNRT_INPUT_FILE_H
#define NNRT_INPUT_FILE_H

#include "runtime/memory.h"

#include <cstdio>

namespace nnrt {

/// Decompression, in a library of its own (`nnrt_zlib`, which needs zlib): a
/// program that reads nothing compressed is linked without it. Linking with it
/// takes `-u nnrt_zlib`, since a weak reference pulls nothing in.
struct Zlib {
  void *(*open)(FILE *gzip);
  /// Bytes read; fewer than `size` only at the end; -1 with `*reason` set if
  /// the stream is corrupt, truncated or cannot be read.
  int64_t (*read)(void *state, void *target, int64_t size, const char **reason);
  void (*close)(void *state);
  /// Whether `size` bytes are a stream (`raw`: without zlib's header) of
  /// exactly `wanted` bytes, which then are in `target`.
  bool (*inflate)(const void *source, int64_t size, bool raw, void *target,
                  int64_t wanted);
};

class InputFile {
public:
  InputFile() = default;
  InputFile(const InputFile &) = delete;
  ~InputFile();

  /// Whether it is gzip is seen from its first bytes, not from its name.
  bool open(const char *path, Error &error);
  /// Reads from memory, which must stay; `path` is for messages.
  void view(const char *path, const void *content, int64_t size);
  /// Reads until `size` bytes or the end; -1 on an error.
  int64_t read(void *target, int64_t size, Error &error);
  /// Passes over `size` bytes; false, with no error, at the end.
  bool skip(int64_t size, Error &error);
  /// Reads `size` bytes into a new buffer, which grows only with what is
  /// really there: a header may lie. `got` are those that were there.
  bool readBuffer(Buffer &buffer, int64_t size, int64_t &got, Error &error);
  /// Has the first `size` bytes of a plain file in memory, without reading
  /// them; false, with no error, of any other. Should the file become shorter,
  /// or its disk fail, the program ends with a message where it reads them.
  bool map(Buffer &buffer, int64_t size) const;
  /// The bytes that a plain file holds, or -1 if that is unknown.
  int64_t plainSize() const { return bytes; }
  const char *path() const { return name.c_str(); }

private:
  Text name;
  FILE *file = nullptr;
  void *gzip = nullptr;
  const char *memory = nullptr;
  int64_t memoryLeft = 0;
  int64_t bytes = -1;
};

/// The whole of a file, which may hold `limit` bytes at most.
bool readWholeFile(const char *path, int64_t limit, Text &content,
                   Error &error);

/// Decompresses as Zlib::inflate does, into a new buffer; `path` is for
/// messages.
bool inflateTo(Buffer &target, int64_t wanted, const void *source, int64_t size,
               bool raw, const char *path, Error &error);

} // namespace nnrt

extern "C" {
extern const nnrt::Zlib nnrt_zlib __attribute__((weak));
}

#endif // NNRT_INPUT_FILE_H
