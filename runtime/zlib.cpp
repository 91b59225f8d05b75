//===- runtime/zlib.cpp - Decompression -----------------------------------===//
#include "runtime/input_file.h"

#include <cstdlib>
#include <zlib.h>

namespace nnrt {

namespace {
struct State {
  FILE *file;
  z_stream stream;
  bool ended; ///< The last member is complete.
  unsigned char input[1 << 16];
};
} // namespace

static void *openGzip(FILE *file) {
  auto *state = static_cast<State *>(std::calloc(1, sizeof(State)));
  if (!state)
    return nullptr;
  state->file = file;
  // 15: the largest window; 16: gzip, whose checksum zlib verifies.
  if (inflateInit2(&state->stream, 15 + 16) != Z_OK) {
    std::free(state);
    return nullptr;
  }
  return state;
}

static void closeGzip(void *opaque) {
  auto *state = static_cast<State *>(opaque);
  inflateEnd(&state->stream);
  std::free(state);
}

static int64_t readGzip(void *opaque, void *target, int64_t size,
                        const char **reason) {
  auto *state = static_cast<State *>(opaque);
  z_stream &stream = state->stream;
  int64_t done = 0;
  while (done < size) {
    if (stream.avail_in == 0) {
      stream.next_in = state->input;
      stream.avail_in =
          uInt(std::fread(state->input, 1, sizeof state->input, state->file));
      if (stream.avail_in == 0) {
        if (state->ended)
          break;
        *reason = std::ferror(state->file)
                      ? "cannot be read"
                      : "is truncated: its compressed data stops early";
        return -1;
      }
    }
    if (state->ended) { // A file may hold several members, end to end.
      inflateReset(&stream);
      state->ended = false;
    }
    int64_t room = size - done < (1 << 30) ? size - done : (1 << 30);
    stream.next_out = static_cast<unsigned char *>(target) + done;
    stream.avail_out = uInt(room);
    int result = inflate(&stream, Z_NO_FLUSH);
    done += room - stream.avail_out;
    if (result == Z_STREAM_END) {
      state->ended = true;
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      *reason = result == Z_MEM_ERROR ? "out of memory while decompressing"
                                      : "is corrupt: its compressed data or "
                                        "its checksum is wrong";
      return -1;
    }
  }
  return done;
}

static bool inflateAll(const void *source, int64_t size, bool raw, void *target,
                       int64_t wanted) {
  z_stream stream = {};
  if (size > UINT32_MAX || wanted >= UINT32_MAX ||
      inflateInit2(&stream, raw ? -15 : 15) != Z_OK)
    return false;
  stream.next_in = static_cast<unsigned char *>(const_cast<void *>(source));
  stream.avail_in = uInt(size);
  stream.next_out = static_cast<unsigned char *>(target);
  stream.avail_out = uInt(wanted);
  int result = inflate(&stream, Z_FINISH);
  bool exact = result == Z_STREAM_END && stream.avail_out == 0;
  inflateEnd(&stream);
  return exact;
}

} // namespace nnrt

extern "C" const nnrt::Zlib nnrt_zlib = {nnrt::openGzip, nnrt::readGzip,
                                         nnrt::closeGzip, nnrt::inflateAll};
