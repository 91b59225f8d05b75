//===- test/runtime/unit_test.h - Conditions that are checked ------------===//
#ifndef TEST_RUNTIME_UNIT_TEST_H
#define TEST_RUNTIME_UNIT_TEST_H

#include <cstdio>

inline int failures = 0;

#define CHECK(condition)                                                       \
  ((condition) ? void()                                                        \
               : (++failures, void(std::printf("%s:%d: %s\n", __FILE__,        \
                                               __LINE__, #condition))))

/// What `main` returns.
inline int finish() {
  std::printf("%d failures\n", failures);
  return failures != 0;
}

#endif // TEST_RUNTIME_UNIT_TEST_H
