//===- runtime/metrics.cpp ------------------------------------------------===//
#include "runtime/metrics.h"

#include <cstring>

namespace nnrt {

bool Metrics::bind(const Program &program, const Train &train,
                   const Dataset &own, const Array<int64_t> &trained,
                   const Array<int64_t> &held, const Variables &variables,
                   const Team &team, const DataOptions &options, Error &error) {
  for (int32_t i = 0; i < train.metricCount; ++i) {
    const Metric &metric = train.metrics[i];
    Entry &entry = entries.push({&metric, {}, {}, 0});
    Dataset other;
    const Dataset *set = &own;
    Array<int64_t> all;
    const Array<int64_t> *examples =
        metric.set == MetricSet::Held ? &held : &trained;
    if (metric.set == MetricSet::Other) {
      for (int32_t k = 0; k < metric.sourceCount; ++k)
        if (!other.add(program.sources[metric.sources[k]], "metric.", options,
                       error))
          return false;
      for (int64_t k = 0; k < other.examples; ++k)
        all.push(k);
      set = &other;
      examples = &all;
    }
    if (examples->empty())
      return error.set("metric %s: no examples are held back", metric.text);
    const Function &function = program.functions[metric.function];
    Array<int32_t> columnOf;
    if (!set->bind(function, examples->size(), variables, team, entry.call,
                   columnOf, error))
      return false;
    // The set does not change while the block trains: gathered once.
    set->gather(entry.call, function, columnOf, examples->data(),
                examples->size());

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
    // A metric is deterministic and belongs to no step.
    entry.call.setScalar(SlotKind::Seed, 0);
    for (SlotKind kind : {SlotKind::Step, SlotKind::Epoch, SlotKind::Steps})
      entry.call.setScalar(kind, 1);
    if (!entry.call.run(team, error))
      return false;
    entry.value = entry.call.scalarResult(0);
  }
  return true;
}

} // namespace nnrt
