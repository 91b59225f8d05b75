//===- runtime/cpu.cpp ----------------------------------------------------===//
#include "runtime/cpu.h"

#include <cstring>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace nnrt {

int targetLevel(const char *target) {
  if (std::strncmp(target, "x86-64", 6))
    return 0;
  if (!target[6])
    return 1;
  if (target[6] == '-' && target[7] == 'v' && target[8] >= '2' &&
      target[8] <= '4' && !target[9])
    return target[8] - '0';
  return 0;
}

#if defined(__x86_64__)
static bool all(unsigned value, unsigned bits) {
  return (value & bits) == bits;
}

// The levels of the x86-64 psABI, section 3.1.1, table "Micro-architecture
// levels".
int machineLevel() {
  unsigned a, b, c, d;
  __cpuid(0, a, b, c, d);
  unsigned leaves = a;
  __cpuid(1, a, b, c, d);
  unsigned features = c;
  // sse3, ssse3, cmpxchg16b, sse4.1, sse4.2, popcnt
  if (!all(features,
           1u << 0 | 1u << 9 | 1u << 13 | 1u << 19 | 1u << 20 | 1u << 23))
    return 1;
  // fma, movbe, osxsave, avx, f16c; then avx2, bmi1, bmi2; then lzcnt
  if (!all(features, 1u << 12 | 1u << 22 | 1u << 27 | 1u << 28 | 1u << 29) ||
      leaves < 7)
    return 2;
  unsigned extended, low, high;
  __cpuid_count(7, 0, a, extended, c, d);
  if (!all(extended, 1u << 3 | 1u << 5 | 1u << 8))
    return 2;
  __cpuid(0x80000001, a, b, c, d);
  if (!all(c, 1u << 5))
    return 2;
  // The system must save the wide registers too.
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  if (!all(low, 1u << 1 | 1u << 2))
    return 2;
  // avx512f, dq, cd, bw, vl; their state: opmask, upper halves, upper 16
  if (!all(extended, 1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31) ||
      !all(low, 1u << 5 | 1u << 6 | 1u << 7))
    return 3;
  return 4;
}
#else
int machineLevel() { return 0; }
#endif

static struct {
  const Program *const *programs;
  int count;
} known;

Text knownTargets() {
  Text text;
  for (int i = 0; i < known.count; ++i) {
    const char *target = known.programs[i]->target;
    int level = targetLevel(target);
    text.append(i ? ", " : "").append(target);
    text.append(level == 3 ? " (AVX2)" : level == 4 ? " (AVX-512)" : "");
  }
  return text;
}

const Program *chooseProgram(const Program *const *programs, int count,
                             const char *forced, Error &error) {
  if (count == 0) {
    error.set("this program holds no code");
    return nullptr;
  }
  known = {programs, count};
  Text targets;
  int machine = machineLevel();
  const Program *best = nullptr;
  for (int i = 0; i < count; ++i) {
    const Program *program = programs[i];
    targets.append(i ? ", " : "").append(program->target);
    int level = targetLevel(program->target);
    if (forced) {
      if (!std::strcmp(forced, program->target))
        best = program;
    } else if (level <= machine &&
               (!best || level > targetLevel(best->target))) {
      best = program;
    }
  }
  if (!best && forced)
    error.set("NN_TARGET=%s: this program holds code for %s only", forced,
              targets.c_str());
  else if (best && targetLevel(best->target) > machine)
    error.limit("NN_TARGET=%s: this machine cannot execute that", forced);
  else if (!best)
    error.limit("this program holds code for %s, which this machine cannot "
                "execute",
                targets.c_str());
  else
    return best;
  return nullptr;
}

} // namespace nnrt
