//===- runtime/best_weights.cpp -------------------------------------------===//
#include "runtime/best_weights.h"

#include <cstring>

namespace nnrt {

bool BestWeights::take(const Program &program, const Variables &variables,
                       Error &error) {
  buffers.resize(program.variableCount);
  for (int32_t i = 0; i < program.variableCount; ++i) {
    const Variable &variable = program.variables[i];
    if (isSaved(variable) &&
        !buffers[i].allocate(elementCount(variable.shape, variable.rank) *
                                 elemSize(variable.elem),
                             variable.path, error))
      return false;
  }
  update(variables);
  return true;
}

void BestWeights::update(const Variables &variables) {
  for (int32_t i = 0; i < buffers.size(); ++i)
    if (buffers[i].data())
      std::memcpy(buffers[i].data(), variables.data(i), buffers[i].size());
}

void BestWeights::restore(const Variables &variables) const {
  for (int32_t i = 0; i < buffers.size(); ++i)
    if (buffers[i].data())
      std::memcpy(variables.data(i), buffers[i].data(), buffers[i].size());
}

} // namespace nnrt
