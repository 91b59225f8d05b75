#include "ir/memory_rules.h"

namespace nnc::rules {

Inference buffer(const Op &, std::span<const Type> stated) {
  if (stated.size() != 1 || !stated[0].isBuffer())
    return Inference::fail("the result must be a buffer");
  return stated[0];
}

std::string checkAccess(const Op &op, const Type &buffer, const Type &value) {
  if (!buffer.isBuffer() || value.isBuffer() || value.rank() != 0 ||
      value.elem() != buffer.elem())
    return "a buffer holds scalars and vectors of its element type";
  if (static_cast<int64_t>(op.attr("index").asList().size()) != buffer.rank())
    return "index does not fit the rank of the buffer";
  if (value.isVector() && buffer.rank() == 0)
    return "a vector lies along the last axis, and the buffer has none";
  return "";
}

} // namespace nnc::rules
