//===- runtime/progress.h - What training shows ---------------------------===//
#ifndef NNRT_PROGRESS_H
#define NNRT_PROGRESS_H

#include "runtime/metrics.h"

#include <cstdio>

namespace nnrt {

/// The loss of each `step` of a block.
struct Losses {
  Array<Text> labels;   ///< "loss", or "loss Disc".
  Array<double> values; ///< NaN if it has not run.
};

/// On a terminal: one line, rewritten. Everywhere: a line for an epoch, for
/// about twenty of them if there are more.
class Progress {
public:
  /// `begun`: the steps that were done before.
  Progress(int64_t epochs, int64_t stepsPerEpoch, int64_t begun, bool quiet);

  void step(int64_t epoch, int64_t step, const Losses &losses,
            int64_t examples);
  /// Whether `epoch` gets a line, and so needs its metrics.
  bool reports(int64_t epoch) const;
  void epoch(int64_t epoch, const Losses &losses, const Metrics &metrics);
  /// Takes the rewritten line away before other output.
  void clear();

private:
  int64_t epochs, stepsPerEpoch, begun, examples = 0, epochExamples = 0;
  double begin, epochBegin, shown = 0;
  bool quiet, terminal, dirty = false;
};

/// `--log FILE`: a csv with one line an epoch. A run that goes on adds to it.
class EpochLog {
public:
  EpochLog() = default;
  EpochLog(const EpochLog &) = delete;
  ~EpochLog();
  bool open(const char *path, bool append, Error &error);
  bool isOpen() const { return file; }
  /// Nothing if lines of an earlier run stand there.
  void header(const Losses &losses, const Metrics &metrics);
  bool epoch(int64_t epoch, int64_t step, const Losses &losses,
             const Metrics &metrics, Error &error);

private:
  FILE *file = nullptr;
  const char *name = nullptr;
};

} // namespace nnrt

#endif // NNRT_PROGRESS_H
