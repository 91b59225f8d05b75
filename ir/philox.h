//===- ir/philox.h - Counter-based random numbers -------------------------===//
//
// Philox4x32-10 of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as
// easy as 1, 2, 3" (SC 2011): ten rounds turn a counter of four words and a
// key of two into four random words. No state, so any thread can make any
// element.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_PHILOX_H
#define NNC_IR_PHILOX_H

#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace nnc {

inline std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter,
                                      std::array<uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    uint64_t a = uint64_t{0xD2511F53} * counter[0];
    uint64_t b = uint64_t{0xCD9E8D57} * counter[2];
    counter = {static_cast<uint32_t>(b >> 32) ^ counter[1] ^ key[0],
               static_cast<uint32_t>(b),
               static_cast<uint32_t>(a >> 32) ^ counter[3] ^ key[1],
               static_cast<uint32_t>(a)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return counter;
}

/// The upper 24 bits of a word (0 to 3) for one element of a random tensor:
/// the counter is (index low, index high, step, place), the key the seed.
inline int32_t randomBits(int64_t index, int64_t seed, int64_t step,
                          int64_t place, int64_t word) {
  auto low = [](int64_t value) { return static_cast<uint32_t>(value); };
  auto high = [](int64_t value) {
    return static_cast<uint32_t>(static_cast<uint64_t>(value) >> 32);
  };
  return static_cast<int32_t>(
      philox({low(index), high(index), low(step), low(place)},
             {low(seed), high(seed)})[word] >>
      8);
}

/// In [0, 1), a multiple of 2^-24, so that f32 and f64 agree.
inline double uniformFromBits(int32_t bits) { return bits * 0x1p-24; }

/// Box and Muller: two uniform numbers to one of the normal distribution.
inline double normalFromBits(int32_t first, int32_t second) {
  double radius = std::sqrt(-2 * std::log((first + 1) * 0x1p-24));
  return radius * std::cos(2 * std::numbers::pi * uniformFromBits(second));
}

} // namespace nnc

#endif // NNC_IR_PHILOX_H
