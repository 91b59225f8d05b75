//===- runtime/metrics.h - Metrics of a train block -----------------------===//
#ifndef NNRT_METRICS_H
#define NNRT_METRICS_H

#include "runtime/dataset.h"

namespace nnrt {

/// The metrics of one train block, bound to their sets. Each is a function
/// that sees its whole set at once and gives a scalar.
class Metrics {
public:
  /// `own` is the training data; `train` and `held` are the examples of it
  /// that are trained on and held back.
  bool bind(const Program &program, const Train &train, const Dataset &own,
            const Array<int64_t> &trained, const Array<int64_t> &held,
            const Variables &variables, const Team &team,
            const DataOptions &options, Error &error);
  bool evaluate(Team &team, Error &error);

  int64_t size() const { return entries.size(); }
  const char *text(int64_t i) const { return entries[i].metric->text; }
  /// `accuracy`, where no other metric of the block begins with that.
  const char *label(int64_t i) const { return entries[i].label.c_str(); }
  double value(int64_t i) const { return entries[i].value; }

private:
  struct Entry {
    const Metric *metric;
    Call call;
    Text label;
    double value;
  };
  Array<Entry> entries;
};

} // namespace nnrt

#endif // NNRT_METRICS_H
