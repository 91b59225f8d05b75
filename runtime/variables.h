//===- runtime/variables.h - Parameters and state in memory ---------------===//
#ifndef NNRT_VARIABLES_H
#define NNRT_VARIABLES_H

#include "runtime/memory.h"
#include "runtime/program.h"
#include "runtime/safetensors.h"

namespace nnrt {

class Team;

/// Whether a tensor of a weight file is one that training keeps for itself: an
/// optimizer's, or what `last.` keeps apart from the best weights.
bool isOfTraining(const char *name);

/// Whether a variable belongs to the weights.
inline bool isSaved(const Variable &variable) {
  return variable.kind == VariableKind::Parameter ||
         variable.kind == VariableKind::State;
}

/// The storage of Program::variables; all zero until they are set.
class Variables {
public:
  bool allocate(const Program &program, Error &error);
  /// Whoever asks may change it.
  void *data(int32_t variable) const {
    markChanged();
    return pointers[variable];
  }
  /// Grows with each change.
  int64_t version() const { return changes; }
  void markChanged() const { ++changes; }
  /// Runs Program::initFunction, which draws from `seed`.
  bool initialise(int64_t seed, Team &team, Error &error);

  /// Reads a weight file: every Parameter and State by its path. What training
  /// keeps there for itself is passed over.
  bool load(const char *path, Error &error);
  /// The same for a program that reads each once: what the file has as it is
  /// wanted stays there.
  bool map(const char *path, Error &error);
  /// The same for what is below a path; the file may hold more.
  bool loadBelow(const char *path, const char *file, Error &error) const;
  /// The variable's storage, by its path.
  TensorView view(int32_t variable) const;

private:
  bool allocateTogether(bool optimizer, Error &error);
  Array<TensorView> savedViews() const;

  const Program *program = nullptr;
  Array<void *> pointers; // One a variable.
  mutable int64_t changes = 0;
  Array<Buffer> buffers;
  Buffer file;
};

} // namespace nnrt

#endif // NNRT_VARIABLES_H
