//===- Mutants: what is compiled broken and whole at once -----------------===//
// scripts/mutate.py includes this in the files that it breaks. Of all mutants
// that were compiled into a program, the environment chooses one:
//   NNC_MUTANT=N          the program behaves as mutant N
//   NNC_MUTANTS_REACHED=F byte N of the file F becomes 1 if the program comes to
//                         the place of mutant N; F has the size already
#pragma once
// What mutants do, people should not.
#pragma GCC diagnostic ignored "-Wbool-operation"
#pragma GCC diagnostic ignored "-Wint-in-bool-context"
#pragma GCC diagnostic ignored "-Wnarrowing"
#pragma GCC diagnostic ignored "-Wparentheses"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wtype-limits"
#pragma GCC diagnostic ignored "-Wunused-value"

// A program for WebAssembly is always whole.
#ifndef __wasm__
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#endif

namespace nnc_mutant {

#ifndef __wasm__
inline int chosen() {
  const char *number = getenv("NNC_MUTANT");
  return number ? atoi(number) : -1;
}

inline char *reachedBytes() {
  const char *path = getenv("NNC_MUTANTS_REACHED");
  int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
  struct stat status;
  if (file < 0 || fstat(file, &status) != 0)
    return nullptr;
  void *bytes = mmap(nullptr, status.st_size, PROT_READ | PROT_WRITE,
                     MAP_SHARED, file, 0);
  return bytes == MAP_FAILED ? nullptr : static_cast<char *>(bytes);
}

#endif

/// Whether mutant `number` is the one.
inline bool on([[maybe_unused]] int number) {
#ifdef __wasm__
  return false;
#else
  static const int one = chosen();
  static char *const reached = reachedBytes();
  if (reached)
    reached[number] = 1;
  return number == one;
#endif
}

/// `a < Mark<N>() < b` is `a < b`, and `a <= b` if mutant N is on. The operators
/// keep their precedence: no expression need be parsed.
template <int Number> struct Mark {};
template <typename T, int Number> struct Left {
  const T &value;
};

#define NNC_MUTANT(OLD, NEW)                                                   \
  template <typename T, int Number>                                            \
  Left<T, Number> operator OLD(const T &left, Mark<Number>) {                  \
    return {left};                                                             \
  }                                                                            \
  template <typename T, int Number, typename U>                                \
  auto operator OLD(Left<T, Number> left, const U &right) {                    \
    using Result = decltype(left.value OLD right);                             \
    if constexpr (requires { Result(left.value NEW right); }) {                \
      if (on(Number))                                                          \
        return Result(left.value NEW right);                                   \
    }                                                                          \
    return Result(left.value OLD right);                                       \
  }
NNC_MUTANT(+, -)
NNC_MUTANT(-, +)
NNC_MUTANT(*, +)
NNC_MUTANT(/, *)
NNC_MUTANT(%, *)
NNC_MUTANT(<, <=)
NNC_MUTANT(<=, <)
NNC_MUTANT(>, >=)
NNC_MUTANT(>=, >)
NNC_MUTANT(==, !=)
NNC_MUTANT(!=, ==)
#undef NNC_MUTANT

} // namespace nnc_mutant
