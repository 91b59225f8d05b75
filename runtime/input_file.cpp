//===- runtime/input_file.cpp ---------------------------------------------===//
#include "runtime/input_file.h"

#include <cerrno>
#include <cinttypes>
#include <cstring>
#include <sys/stat.h>

namespace nnrt {

InputFile::~InputFile() {
  if (gzip)
    nnrt_gzip.close(gzip);
  if (file)
    std::fclose(file);
}

bool InputFile::open(const char *path, Error &error) {
  name = Text(path);
  file = std::fopen(path, "rbe");
  if (!file)
    return error.set("%s: %s", path, std::strerror(errno));
  struct stat status;
  if (fstat(fileno(file), &status) == 0) {
    if (S_ISDIR(status.st_mode))
      return error.set("%s: is a folder, not a file", path);
    if (S_ISREG(status.st_mode))
      bytes = status.st_size;
  }
  // Both bytes of the magic must be given back: a buffered stream promises
  // only one, so this goes by rewinding.
  unsigned char magic[2];
  bool compressed = bytes >= 2 && std::fread(magic, 1, 2, file) == 2 &&
                    magic[0] == 0x1f && magic[1] == 0x8b;
  std::rewind(file);
  if (!compressed)
    return true;
  bytes = -1;
  if (!&nnrt_gzip)
    return error.limit("%s: is compressed with gzip, which this program was "
                       "built without; decompress it first",
                       path);
  gzip = nnrt_gzip.open(file);
  if (!gzip)
    return error.set("%s: cannot start decompression", path);
  return true;
}

int64_t InputFile::read(void *target, int64_t size, Error &error) {
  if (gzip) {
    const char *reason = "";
    int64_t got = nnrt_gzip.read(gzip, target, size, &reason);
    if (got < 0)
      error.set("%s: %s", path(), reason);
    return got;
  }
  int64_t got = int64_t(std::fread(target, 1, size_t(size), file));
  if (got < size && std::ferror(file)) {
    error.set("%s: %s", path(), std::strerror(errno));
    return -1;
  }
  return got;
}

bool InputFile::skip(int64_t size, Error &error) {
  if (bytes >= 0)
    return fseeko(file, off_t(size), SEEK_CUR) == 0 ||
           error.set("%s: %s", path(), std::strerror(errno));
  char ignored[4096];
  while (size > 0) {
    int64_t part = size < int64_t(sizeof ignored) ? size : sizeof ignored;
    if (read(ignored, part, error) != part)
      return false;
    size -= part;
  }
  return true;
}

bool readWholeFile(const char *path, int64_t limit, Text &content,
                   Error &error) {
  InputFile file;
  if (!file.open(path, error))
    return false;
  constexpr int64_t chunk = 1 << 16;
  Array<char> bytes;
  bytes.resize(chunk);
  content.clear();
  if (file.plainSize() > 0 && file.plainSize() <= limit)
    content.reserve(file.plainSize());
  for (;;) {
    int64_t got = file.read(bytes.data(), chunk, error);
    if (got < 0)
      return false;
    content.append(bytes.data(), got);
    if (content.size() > limit)
      return error.limit("%s: holds more than %s", path,
                         bytesText(double(limit)).c_str());
    if (got < chunk)
      return true;
  }
}

} // namespace nnrt
