//===- runtime/metrics.cpp ------------------------------------------------===//
#include "runtime/metrics.h"

#include <cmath>
#include <cstring>

namespace nnrt {

bool Metrics::bind(const Program &program, const Train &train,
                   const BlockData &data, const Variables &variables,
                   const Team &team, const DataOptions &options, Error &error) {
  for (int32_t i = 0; i < train.metricCount; ++i) {
    const Evaluation &metric = train.metrics[i];
    Entry &entry = entries.push({&metric, {}, {}, 0});
    if (!bindEvaluation(program, metric, "metric", data, INT64_MAX, variables,
                        team, options, entry.call, error))
      return false;
    const char *end = std::strchr(metric.text, '(');
    bool unique = end != nullptr && end != metric.text;
    int64_t length = unique ? end - metric.text : 0;
    for (int32_t k = 0; k < train.metricCount; ++k)
      unique = unique && (k == i || std::strncmp(train.metrics[k].text,
                                                 metric.text, length + 1));
    if (unique)
      entry.label.append(metric.text, length);
    else
      entry.label.append(metric.text);
  }
  return true;
}

bool Metrics::evaluate(Team &team, Error &error) {
  for (Entry &entry : entries) {
    if (!nnrt::evaluate(entry.call, team, error))
      return false;
    entry.value = entry.call.scalarResult(0);
    if (std::isnan(entry.value)) // Printed, one could have a sign.
      entry.value = NAN;
  }
  return true;
}

} // namespace nnrt
