//===- runtime/crc32.h - The checksum of PNG and zip ----------------------===//
#ifndef NNRT_CRC32_H
#define NNRT_CRC32_H

#include <cstdint>

namespace nnrt {

/// Of these bytes, after others that gave `before`.
uint32_t crc32(const void *data, int64_t size, uint32_t before = 0);

} // namespace nnrt

#endif // NNRT_CRC32_H
