//===- runtime/metrics.h - Metrics of a train block -----------------------===//
#ifndef NNRT_METRICS_H
#define NNRT_METRICS_H

#include "runtime/evaluation.h"

namespace nnrt {

/// The metrics of one train block, bound to their sets. Each is a function
/// that sees its whole set at once and gives a scalar.
class Metrics {
public:
  bool bind(const Program &program, const Train &train, const BlockData &data,
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
    const Evaluation *metric;
    Call call;
    Text label;
    double value;
  };
  Array<Entry> entries;
};

} // namespace nnrt

#endif // NNRT_METRICS_H
