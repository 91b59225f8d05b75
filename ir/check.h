//===- ir/check.h - Faults of nnc itself ----------------------------------===//
//
// A wrong program is a diagnostic (exit 1), a missing feature a limitation
// (exit 2). This is the third kind: something that no input may reach.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_CHECK_H
#define NNC_IR_CHECK_H

#include <string>

namespace nnc {

/// Says which pass was at work and what was wrong, and exits with code 70.
[[noreturn]] void internalError(const std::string &what);

/// On in every build.
inline void check(bool holds, const char *what) {
  if (!holds) [[unlikely]]
    internalError(what);
}

/// Names the work in hand for internalError, while it lives.
class WorkInHand {
public:
  explicit WorkInHand(std::string what);
  ~WorkInHand();
  WorkInHand(const WorkInHand &) = delete;
  WorkInHand &operator=(const WorkInHand &) = delete;
};

} // namespace nnc

#endif // NNC_IR_CHECK_H
