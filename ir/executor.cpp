#include "ir/executor.h"

namespace nnc {

bool isLowered(const Function &function) {
  return function.attrs.find("arguments");
}

int64_t inputCount(const Function &function) {
  const Attr *arguments = function.attrs.find("arguments");
  return arguments ? arguments->asInt() : function.body.argumentCount();
}

int64_t memoryOf(const Function &lowered, int64_t i) {
  const Attr *variable = lowered.argAttrs[i].find("variable");
  if (!variable || !lowered.argAttrs[i].find("result"))
    return i;
  for (int64_t input = 0; input < inputCount(lowered); ++input)
    if (const Attr *old = lowered.argAttrs[input].find("variable"))
      if (*old == *variable)
        return input;
  return i;
}

} // namespace nnc
