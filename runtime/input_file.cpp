//===- runtime/input_file.cpp ---------------------------------------------===//
#include "runtime/input_file.h"
#include "runtime/interrupt.h"

#include <algorithm>
#include <cerrno>
#include <cinttypes>
#include <cstring>
#include <sys/stat.h>

namespace nnrt {

InputFile::~InputFile() {
  if (gzip)
    nnrt_zlib.close(gzip);
  if (file)
    std::fclose(file);
}

bool InputFile::open(const char *path, Error &error) {
  name = Text(path);
  if (!*path)
    return error.set("the name of a file is empty");
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
  if (!&nnrt_zlib)
    return error.limit("%s: is compressed with gzip, which this program was "
                       "built without; decompress it first",
                       path);
  gzip = nnrt_zlib.open(file);
  if (!gzip)
    return error.set("%s: cannot start decompression", path);
  return true;
}

void InputFile::view(const char *path, const void *content, int64_t size) {
  name = Text(path);
  memory = static_cast<const char *>(content);
  bytes = memoryLeft = size;
}

int64_t InputFile::read(void *target, int64_t size, Error &error) {
  if (memory) {
    int64_t got = std::min(size, memoryLeft);
    std::memcpy(target, memory, size_t(got));
    memory += got;
    memoryLeft -= got;
    return got;
  }
  if (gzip) {
    const char *reason = "";
    int64_t got = nnrt_zlib.read(gzip, target, size, &reason);
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
  if (file && bytes >= 0)
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

bool InputFile::map(Buffer &buffer, int64_t size) const {
  if (!file || gzip || size <= 0 || size > bytes || guardBuffers ||
      !buffer.mapFile(fileno(file), size))
    return false;
  endAtLostFile(path());
  return true;
}

bool InputFile::readBuffer(Buffer &buffer, int64_t size, int64_t &got,
                           Error &error) {
  int64_t room = std::min<int64_t>(size, int64_t(64) << 20);
  if (!buffer.allocate(room, path(), error))
    return false;
  got = 0;
  for (;;) {
    int64_t more =
        read(static_cast<char *>(buffer.data()) + got, room - got, error);
    if (more < 0)
      return false;
    got += more;
    if (got < room || room == size)
      return true;
    room = room > size / 2 ? size : room * 2;
    Buffer larger;
    if (!larger.allocate(room, path(), error))
      return false;
    std::memcpy(larger.data(), buffer.data(), size_t(got));
    buffer.swap(larger);
  }
}

bool inflateTo(Buffer &target, int64_t wanted, const void *source, int64_t size,
               bool raw, const char *path, Error &error) {
  if (!&nnrt_zlib)
    return error.limit("%s: is compressed, and this program was built without "
                       "decompression",
                       path);
  // Deflate makes nothing smaller than a 1032nd: a larger size is a lie.
  if (wanted / 1032 > size || wanted < 0)
    return error.set("%s: is corrupt: it cannot hold the size that its header "
                     "gives",
                     path);
  return target.allocate(wanted, path, error) &&
         (nnrt_zlib.inflate(source, size, raw, target.data(), wanted) ||
          error.set("%s: is corrupt: its compressed data is wrong", path));
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
