//===- runtime/png.cpp - PNG ----------------------------------------------===//
#include "runtime/crc32.h"
#include "runtime/image.h"
#include "runtime/input_file.h"

#include <algorithm>
#include <cstring>

namespace nnrt {

static const char signature[] = "\x89PNG\r\n\x1a\n";

bool isPng(const char *bytes, int64_t length) {
  return length >= 8 && !std::memcmp(bytes, signature, 8);
}

static int64_t bigEndian(const char *at, int bytes) {
  int64_t value = 0;
  while (bytes--)
    value = value << 8 | (unsigned char)*at++;
  return value;
}

namespace {
/// Every n-th row and column, as interlacing takes them.
struct Pass {
  int64_t x, y, stepX, stepY;
};

class Decoder {
public:
  Decoder(const char *path, Error &error) : path(path), error(error) {}

  bool read(const char *bytes, int64_t length, Tensor &image);

private:
  bool corrupt(const char *what) {
    return error.set("%s: is corrupt: %s", path, what);
  }
  bool readChunks(const char *at, const char *end);
  bool readHeader(const char *at, int64_t size);
  bool decodePass(const Pass &pass, unsigned char *&data, Tensor &image);
  bool store(const unsigned char *row, int64_t x, int64_t toX, int64_t toY,
             Tensor &image);
  int64_t rowBytes(int64_t columns) const {
    return (columns * samples * depth + 7) / 8;
  }

  const char *path;
  Error &error;
  int64_t width = 0, height = 0, depth = 0;
  int colour = 0, samples = 0, channels = 0; ///< Samples in the file.
  bool interlaced = false;
  Text packed; ///< All IDAT chunks.
  unsigned char palette[256][3];
  int64_t paletteSize = 0;
};
} // namespace

bool Decoder::readHeader(const char *at, int64_t size) {
  if (size != 13)
    return corrupt("its header has a wrong length");
  width = bigEndian(at, 4);
  height = bigEndian(at + 4, 4);
  depth = at[8];
  colour = at[9];
  interlaced = at[12] == 1;
  // By colour type: samples a pixel, and the depths allowed, as a set of bits.
  constexpr struct {
    int samples;
    unsigned depths;
  } types[] = {{1, 0x10116}, {0, 0}, {3, 0x10100}, {1, 0x00116},
               {2, 0x10100}, {0, 0}, {4, 0x10100}};
  if (colour < 0 || colour > 6 || depth < 1 || depth > 16 ||
      !(types[colour].depths >> depth & 1) || at[10] || at[11] ||
      (at[12] & ~1) || width < 1 || height < 1 || width > INT32_MAX ||
      height > INT32_MAX)
    return corrupt("its header is malformed");
  samples = types[colour].samples;
  channels = colour == 3 ? 3 : samples;
  return true;
}

bool Decoder::readChunks(const char *at, const char *end) {
  for (bool first = true;; first = false) {
    if (end - at < 12)
      return error.set("%s: is truncated", path);
    int64_t size = bigEndian(at, 4);
    const char *type = at + 4, *data = at + 8;
    if (size > end - at - 12)
      return error.set("%s: is truncated", path);
    if (crc32(type, size + 4) != bigEndian(data + size, 4))
      return corrupt("a checksum is wrong");
    auto is = [type](const char *name) { return !std::memcmp(type, name, 4); };
    at = data + size + 4;
    if (first != is("IHDR"))
      return corrupt("its header is not its first part");
    if (is("IHDR")) {
      if (!readHeader(data, size))
        return false;
    } else if (is("PLTE")) {
      if (size % 3 || size > int64_t(sizeof palette))
        return corrupt("its palette is malformed");
      std::memcpy(palette, data, size_t(size));
      paletteSize = size / 3;
    } else if (is("IDAT")) {
      packed.append(data, size);
    } else if (is("IEND")) {
      return at == end || error.set("%s: has more data than its picture", path);
    } else if (!(type[0] & 32)) { // Upper case: it cannot be left out.
      return error.limit("%s: has a part %.4s, which is not supported", path,
                         type);
    }
  }
}

/// Section 9.2 of the standard: the byte that is nearest to a + b - c.
static int paeth(int a, int b, int c) {
  int toA = std::abs(b - c), toB = std::abs(a - c),
      toC = std::abs(a + b - 2 * c);
  return toA <= toB && toA <= toC ? a : toB <= toC ? b : c;
}

/// Undoes the filter of one row in place; `above` is the row before, or null.
static bool unfilter(int filter, unsigned char *row, const unsigned char *above,
                     int64_t size, int64_t pixel) {
  if (filter > 4)
    return false;
  for (int64_t i = 0; i < size; ++i) {
    int a = i < pixel ? 0 : row[i - pixel], b = above ? above[i] : 0;
    int c = i < pixel || !above ? 0 : above[i - pixel];
    const int predicted[] = {0, a, b, (a + b) / 2, paeth(a, b, c)};
    row[i] = (unsigned char)(row[i] + predicted[filter]);
  }
  return true;
}

/// Pixel `x` of a row goes to its place in the image.
bool Decoder::store(const unsigned char *row, int64_t x, int64_t toX,
                    int64_t toY, Tensor &image) {
  int64_t area = width * height, to = toY * width + toX;
  auto *bytes = static_cast<uint8_t *>(image.storage.data());
  for (int s = 0; s < samples; ++s) {
    int64_t i = x * samples + s;
    if (depth == 16) {
      static_cast<uint16_t *>(image.storage.data())[s * area + to] =
          uint16_t(row[2 * i] << 8 | row[2 * i + 1]);
      continue;
    }
    int64_t first = i * depth, most = (1 << depth) - 1;
    int value = int(row[first / 8] >> (8 - depth - first % 8) & most);
    if (colour != 3) { // Few bits are stretched, so that 255 is white.
      bytes[s * area + to] = uint8_t(value * 255 / most);
      continue;
    }
    if (value >= paletteSize)
      return corrupt("a colour is not in its palette");
    for (int c = 0; c < 3; ++c)
      bytes[c * area + to] = palette[value][c];
  }
  return true;
}

bool Decoder::decodePass(const Pass &pass, unsigned char *&data,
                         Tensor &image) {
  int64_t columns = (width - pass.x + pass.stepX - 1) / pass.stepX;
  int64_t size = rowBytes(columns);
  int64_t pixel = std::max<int64_t>(1, samples * depth / 8);
  const unsigned char *above = nullptr;
  for (int64_t y = pass.y; y < height && columns > 0; y += pass.stepY) {
    unsigned char *row = data + 1;
    if (!unfilter(*data, row, above, size, pixel))
      return corrupt("a row has an unknown filter");
    for (int64_t x = 0; x < columns; ++x)
      if (!store(row, x, pass.x + x * pass.stepX, y, image))
        return false;
    above = row;
    data += 1 + size;
  }
  return true;
}

bool Decoder::read(const char *bytes, int64_t length, Tensor &image) {
  if (!readChunks(bytes + 8, bytes + length))
    return false;
  constexpr Pass whole[] = {{0, 0, 1, 1}};
  constexpr Pass interlace[] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8},
                                {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2},
                                {0, 1, 1, 2}};
  const Pass *passes = interlaced ? interlace : whole;
  int count = interlaced ? 7 : 1;
  int64_t size = 0; // Below 2^31 * 2^31 * 8 bytes... so it is checked.
  for (int i = 0; i < count; ++i) {
    const Pass &pass = passes[i];
    if (pass.x >= width || pass.y >= height)
      continue;
    int64_t rows = (height - pass.y + pass.stepY - 1) / pass.stepY;
    int64_t columns = (width - pass.x + pass.stepX - 1) / pass.stepX, part;
    if (__builtin_mul_overflow(rows, rowBytes(columns) + 1, &part) ||
        __builtin_add_overflow(size, part, &size))
      return corrupt("its size overflows");
  }
  Buffer rows;
  if (!inflateTo(rows, size, packed.c_str(), packed.size(), false, path, error))
    return false;
  image.type = depth == 16 ? RawType::U16 : RawType::U8;
  image.shape = {3, {channels, height, width}};
  if (!image.allocate(path, error))
    return false;
  auto *data = static_cast<unsigned char *>(rows.data());
  for (int i = 0; i < count; ++i)
    if (!decodePass(passes[i], data, image))
      return false;
  return true;
}

bool parsePng(const char *path, const char *bytes, int64_t length,
              Tensor &image, Error &error) {
  if (!isPng(bytes, length))
    return error.set("%s: is not a PNG file", path);
  return Decoder(path, error).read(bytes, length, image);
}

static void appendNumber(Text &text, int64_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    char byte = char(value >> shift);
    text.append(&byte, 1);
  }
}

static void appendChunk(Text &png, const char *type, const Text &data) {
  Text chunk;
  chunk.append(type, 4).append(data.c_str(), data.size());
  appendNumber(png, data.size());
  png.append(chunk.c_str(), chunk.size());
  appendNumber(png, crc32(chunk.c_str(), chunk.size()));
}

// Stored blocks, uncompressed: no program needs a compressor to draw.
Text formatPng(const uint8_t *pixels, const int64_t extents[3]) {
  int64_t channels = extents[0], height = extents[1], width = extents[2];
  int64_t area = width * height;
  Text rows;
  rows.reserve(height * (channels * width + 1));
  for (int64_t y = 0; y < height; ++y) {
    rows.append("", 1); // Filter 0: none.
    for (int64_t x = 0; x < width; ++x)
      for (int64_t c = 0; c < channels; ++c)
        rows.append(reinterpret_cast<const char *>(pixels) + c * area +
                        y * width + x,
                    1);
  }
  Text zlib;
  zlib.reserve(rows.size() + rows.size() / 65535 * 5 + 16);
  zlib.append("\x78\x01", 2);
  uint32_t a = 1, b = 0; // Adler-32, RFC 1950
  for (int64_t at = 0; at < rows.size(); at += 65535) {
    int64_t size = std::min<int64_t>(65535, rows.size() - at);
    const char block[] = {char(at + size == rows.size()), char(size),
                          char(size >> 8), char(~size), char(~size >> 8)};
    zlib.append(block, 5).append(rows.c_str() + at, size);
    for (int64_t i = 0; i < size; ++i) {
      a = (a + (unsigned char)rows.c_str()[at + i]) % 65521;
      b = (b + a) % 65521;
    }
  }
  appendNumber(zlib, int64_t(b) << 16 | a);

  Text png, header;
  png.append(signature, 8);
  appendNumber(header, width);
  appendNumber(header, height);
  const char rest[] = {8, char(channels == 3 ? 2 : 0), 0, 0, 0};
  appendChunk(png, "IHDR", header.append(rest, 5));
  appendChunk(png, "IDAT", zlib);
  appendChunk(png, "IEND", Text());
  return png;
}

} // namespace nnrt
