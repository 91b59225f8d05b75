//===- runtime/crc32.cpp --------------------------------------------------===//
#include "runtime/crc32.h"

namespace nnrt {

// ISO 3309, bit by bit and reversed, four bits at a time.
uint32_t crc32(const void *data, int64_t size, uint32_t before) {
  static constexpr uint32_t table[] = {
      0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
      0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
      0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
  uint32_t crc = ~before;
  for (int64_t i = 0; i < size; ++i) {
    crc ^= static_cast<const unsigned char *>(data)[i];
    crc = crc >> 4 ^ table[crc & 15];
    crc = crc >> 4 ^ table[crc & 15];
  }
  return ~crc;
}

} // namespace nnrt
