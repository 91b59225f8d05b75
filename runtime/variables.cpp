//===- runtime/variables.cpp ----------------------------------------------===//
#include "runtime/variables.h"
#include "runtime/executor.h"

#include <cstring>

namespace nnrt {

bool Variables::allocate(const Program &source, Error &error) {
  program = &source;
  buffers.resize(source.variableCount);
  for (int32_t i = 0; i < source.variableCount; ++i) {
    const Variable &variable = source.variables[i];
    int64_t bytes;
    if (!checkedProduct(variable.shape, variable.rank, elemSize(variable.elem),
                        bytes))
      return error.set("the size of %s overflows", variable.path);
    if (!buffers[i].allocate(bytes, variable.path, error))
      return false;
    std::memset(buffers[i].data(), 0, bytes);
  }
  return true;
}

bool Variables::initialise(int64_t seed, Team &team, Error &error) {
  for (Buffer &buffer : buffers)
    std::memset(buffer.data(), 0, buffer.size());
  return program->initFunction < 0 ||
         runOnce(program->functions[program->initFunction], seed, *this, team,
                 error);
}

TensorView Variables::view(int32_t variable) const {
  const Variable &entry = program->variables[variable];
  return {entry.path, entry.elem, entry.rank, entry.shape, data(variable)};
}

bool Variables::load(const char *path, Error &error) {
  Array<TensorView> views;
  for (int32_t i = 0; i < program->variableCount; ++i)
    if (program->variables[i].kind != VariableKind::Optimizer)
      views.push(view(i));
  SafetensorsFile file;
  // Paths of parameters begin with a net's name, in upper case.
  auto ofTraining = [](const char *name) {
    return *name >= 'a' && *name <= 'z';
  };
  return file.open(path, error) &&
         file.load(views.data(), views.size(), ofTraining, "", error);
}

} // namespace nnrt
