#include "ir/check.h"

#include <cstdio>
#include <cstdlib>
#include <vector>

namespace nnc {

static std::vector<std::string> &stack() {
  static thread_local std::vector<std::string> names;
  return names;
}

WorkInHand::WorkInHand(std::string what) { stack().push_back(std::move(what)); }
WorkInHand::~WorkInHand() { stack().pop_back(); }

void internalError(const std::string &what) {
  std::fprintf(stderr, "nnc: internal error: %s\n", what.c_str());
  for (size_t i = stack().size(); i-- > 0;)
    std::fprintf(stderr, "nnc: in %s\n", stack()[i].c_str());
  std::fprintf(stderr, "nnc: this is a fault of nnc, not of your program\n");
  std::fflush(nullptr);
  std::_Exit(70);
}

} // namespace nnc
