//===- tools/processes.h - Work that may crash, in processes --------------===//
#ifndef NNC_TOOLS_PROCESSES_H
#define NNC_TOOLS_PROCESSES_H

#include <cstddef>
#include <functional>
#include <string>

namespace nnc {

/// How a process ended and what it wrote, to standard output or error.
struct Outcome {
  /// Its exit code; 128 and more: the signal that ended it.
  int status = 0;
  std::string said;
};

/// Runs `work(i)` for each i below `count`, each in a process of its own that
/// ends with the exit code that `work` gives, or after two minutes; as many at
/// a time as there are processors. `done(i, outcome)` is called here, in the
/// order in which they end.
void inProcesses(size_t count, const std::function<int(size_t)> &work,
                 const std::function<void(size_t, Outcome)> &done);

/// Does so once.
Outcome inProcess(const std::function<int()> &work);

} // namespace nnc

#endif // NNC_TOOLS_PROCESSES_H
