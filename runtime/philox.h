//===- runtime/philox.h - Counter-based random numbers --------------------===//
//
// Philox4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel Random Numbers: As Easy
// as 1, 2, 3", SC 2011. Each (key, counter) gives four words that depend on
// nothing else, so any thread can make any number.
//
//===----------------------------------------------------------------------===//
#ifndef NNRT_PHILOX_H
#define NNRT_PHILOX_H

#include <cstdint>

namespace nnrt {

struct PhiloxBlock {
  uint32_t words[4];
};

constexpr PhiloxBlock philox(PhiloxBlock counter, uint32_t key0,
                             uint32_t key1) {
  for (int round = 0; round < 10; ++round) {
    uint64_t a = uint64_t(0xD2511F53u) * counter.words[0];
    uint64_t b = uint64_t(0xCD9E8D57u) * counter.words[2];
    counter = {{uint32_t(b >> 32) ^ counter.words[1] ^ key0, uint32_t(b),
                uint32_t(a >> 32) ^ counter.words[3] ^ key1, uint32_t(a)}};
    key0 += 0x9E3779B9u; // The golden ratio.
    key1 += 0xBB67AE85u; // The square root of 3, less 1.
  }
  return counter;
}

constexpr PhiloxBlock philox(PhiloxBlock counter, uint64_t key) {
  return philox(counter, uint32_t(key), uint32_t(key >> 32));
}

/// Permutes `items` by Fisher and Yates, keyed by seed and epoch.
inline void shuffle(int64_t *items, int64_t count, int64_t seed,
                    int64_t epoch) {
  // The last word keeps these numbers apart from a program's own draws.
  constexpr uint32_t domain = 0x73687566; // "shuf"
  for (int64_t i = count - 1; i > 0; --i) {
    PhiloxBlock block = philox(
        {{uint32_t(i), uint32_t(uint64_t(i) >> 32), uint32_t(epoch), domain}},
        uint64_t(seed));
    uint64_t random = uint64_t(block.words[1]) << 32 | block.words[0];
    // Lemire's reduction; with 64 bits its bias is below 2^-30 for any set
    // that fits in memory.
    auto j = int64_t((unsigned __int128)random * uint64_t(i + 1) >> 64);
    int64_t kept = items[i];
    items[i] = items[j];
    items[j] = kept;
  }
}

} // namespace nnrt

#endif // NNRT_PHILOX_H
