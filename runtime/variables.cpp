//===- runtime/variables.cpp ----------------------------------------------===//
#include "runtime/variables.h"
#include "runtime/executor.h"
#include "runtime/safetensors.h"

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

/// The variables of weight files, as views of `buffers`.
static Array<TensorView> savedViews(const Program &program,
                                    const Array<Buffer> &buffers) {
  Array<TensorView> views;
  for (int32_t i = 0; i < program.variableCount; ++i) {
    const Variable &variable = program.variables[i];
    if (variable.kind != VariableKind::Optimizer)
      views.push({variable.path, variable.elem, variable.rank, variable.shape,
                  buffers[i].data()});
  }
  return views;
}

bool Variables::load(const char *path, Error &error) {
  Array<TensorView> views = savedViews(*program, buffers);
  return loadSafetensors(path, views.data(), views.size(), error);
}

bool Variables::save(const char *path, Error &error) const {
  Array<TensorView> views = savedViews(*program, buffers);
  return saveSafetensors(path, views.data(), views.size(), error);
}

} // namespace nnrt
