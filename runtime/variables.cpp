//===- runtime/variables.cpp ----------------------------------------------===//
#include "runtime/variables.h"
#include "runtime/executor.h"

#include <cstring>

namespace nnrt {

// `optimizer.adam.m.Xor.dense1.w`; of the second train block `optimizer2.`.
bool isOfTraining(const char *name) {
  constexpr const char *optimizer = "optimizer", *last = "last.";
  if (!std::strncmp(name, last, std::strlen(last)))
    return true;
  if (std::strncmp(name, optimizer, std::strlen(optimizer)))
    return false;
  name += std::strlen(optimizer);
  return name[std::strspn(name, "0123456789")] == '.';
}

/// Variables of one kind share a buffer, since a large one is cheap to come
/// by; where buffers are guarded each has its own.
bool Variables::allocateTogether(bool optimizer, Error &error) {
  Array<int32_t> members;
  Array<int64_t> offsets;
  int64_t total = 0, largest = -1;
  Text what;
  for (int32_t i = 0; i < program->variableCount; ++i) {
    const Variable &variable = program->variables[i];
    int64_t bytes;
    if (isSaved(variable) == optimizer)
      continue;
    if (!checkedProduct(variable.shape, variable.rank, elemSize(variable.elem),
                        bytes))
      return error.set("the size of %s overflows", variable.path);
    if (guardBuffers) {
      if (!buffers.push({}).allocate(bytes, variable.path, error,
                                     Contents::Zero))
        return false;
      pointers[i] = buffers.back().data();
      continue;
    }
    if (bytes > largest) {
      largest = bytes;
      what.clear();
      what.format("the memory of %s and of all variables like it",
                  variable.path);
    }
    members.push(i);
    offsets.push(total);
    if (bytes > INT64_MAX - bufferAlignment ||
        __builtin_add_overflow(total, roundUp(bytes, bufferAlignment), &total))
      return error.set("the size of %s overflows", what.c_str());
  }
  if (!members.empty() &&
      !buffers.push({}).allocate(total, what.c_str(), error, Contents::Zero))
    return false;
  for (int64_t i = 0; i < members.size(); ++i)
    pointers[members[i]] =
        static_cast<char *>(buffers.back().data()) + offsets[i];
  return true;
}

bool Variables::allocate(const Program &source, Error &error) {
  program = &source;
  buffers.clear();
  pointers.resize(source.variableCount);
  // Apart, since a program that only predicts never touches the optimizer's.
  return allocateTogether(false, error) && allocateTogether(true, error);
}

bool Variables::initialise(int64_t seed, Team &team, Error &error) {
  return program->initFunction < 0 ||
         runOnce(program->functions[program->initFunction], seed, *this, team,
                 error);
}

TensorView Variables::view(int32_t variable) const {
  const Variable &entry = program->variables[variable];
  return {entry.path, entry.elem, entry.rank, entry.shape, data(variable)};
}

Array<TensorView> Variables::savedViews() const {
  Array<TensorView> views;
  for (int32_t i = 0; i < program->variableCount; ++i)
    if (isSaved(program->variables[i]))
      views.push(view(i));
  return views;
}

bool Variables::load(const char *path, Error &error) {
  Array<TensorView> views = savedViews();
  SafetensorsFile source;
  return source.open(path, error) &&
         source.load(views.data(), views.size(), isOfTraining, "", error);
}

bool Variables::map(const char *path, Error &error) {
  Array<TensorView> views = savedViews();
  SafetensorsFile source;
  if (!source.open(path, error) ||
      !source.map(views.data(), views.size(), isOfTraining, "", file, error))
    return false;
  const TensorView *next = views.data();
  for (int32_t i = 0; i < program->variableCount; ++i)
    if (isSaved(program->variables[i]))
      pointers[i] = next++->data;
  return true;
}

bool Variables::loadBelow(const char *path, const char *name,
                          Error &error) const {
  Array<TensorView> views;
  size_t length = std::strlen(path);
  for (int32_t i = 0; i < program->variableCount; ++i) {
    const Variable &variable = program->variables[i];
    if (isSaved(variable) && !std::strncmp(variable.path, path, length) &&
        (variable.path[length] == '.' || !variable.path[length]))
      views.push(view(i));
  }
  SafetensorsFile file;
  return file.open(name, error) &&
         file.load(
             views.data(), views.size(), [](const char *) { return true; }, "",
             error);
}

} // namespace nnrt
