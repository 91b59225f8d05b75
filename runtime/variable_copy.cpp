//===- runtime/variable_copy.cpp ------------------------------------------===//
#include "runtime/variable_copy.h"

#include <cstring>

namespace nnrt {

bool VariableCopy::take(const Program &program, const Variables &variables,
                        What what, Error &error) {
  buffers.resize(program.variableCount);
  for (int32_t i = 0; i < program.variableCount; ++i) {
    const Variable &variable = program.variables[i];
    if ((what == All ? variable.kind != VariableKind::GradientSum
                     : isSaved(variable)) &&
        !buffers[i].allocate(elementCount(variable.shape, variable.rank) *
                                 elemSize(variable.elem),
                             variable.path, error))
      return false;
  }
  update(variables);
  return true;
}

void VariableCopy::update(const Variables &variables) {
  for (int32_t i = 0; i < buffers.size(); ++i)
    if (buffers[i].data())
      std::memcpy(buffers[i].data(), variables.data(i), buffers[i].size());
}

void VariableCopy::restore(const Variables &variables) const {
  for (int32_t i = 0; i < buffers.size(); ++i)
    if (buffers[i].data())
      std::memcpy(variables.data(i), buffers[i].data(), buffers[i].size());
}

} // namespace nnrt
