//===- tools/byte_size.h - Sizes of memory on the command line ------------===//
#ifndef NNC_TOOLS_BYTE_SIZE_H
#define NNC_TOOLS_BYTE_SIZE_H

#include <cstdint>
#include <optional>
#include <string_view>

namespace nnc {

/// "200MB", "64MiB", "1.5GB", "4096": kB, MB and GB count in thousands, KiB,
/// MiB and GiB in 1024; nothing if the text is no such size or less than a
/// byte.
std::optional<int64_t> parseByteSize(std::string_view text);

} // namespace nnc

#endif // NNC_TOOLS_BYTE_SIZE_H
