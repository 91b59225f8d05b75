//===- runtime/clock.h - Seconds ------------------------------------------===//
#ifndef NNRT_CLOCK_H
#define NNRT_CLOCK_H

#include <ctime>

namespace nnrt {

/// Seconds since some fixed moment.
inline double now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return double(time.tv_sec) + 1e-9 * double(time.tv_nsec);
}

} // namespace nnrt

#endif // NNRT_CLOCK_H
