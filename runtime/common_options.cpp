//===- runtime/common_options.cpp - What several commands take ------------===//
#include "runtime/commands.h"
#include "runtime/threads.h"

#include <cstdlib>
#include <cstring>

namespace nnrt {

void CommonOptions::addTo(Array<OptionSpec> &specs) {
  specs.push({"threads", nullptr, "N",
              "Threads; as many as there are cores by default.",
              OptionKind::Integer, &threads, nullptr, 1});
  specs.push({"guard", nullptr, nullptr,
              "End every buffer at a protected page.", OptionKind::Flag,
              &guard});
}

static bool isOne(const char *variable) {
  const char *value = std::getenv(variable);
  return value && !std::strcmp(value, "1");
}

bool CommonOptions::apply(Error &error) {
  const char *variable = std::getenv("NN_THREADS");
  if (!threads && variable && *variable &&
      (!parseInteger(variable, threads) || threads < 1))
    return error.set("NN_THREADS=%s: a whole number from 1 is needed",
                     variable);
  if (threads > mostThreads)
    return error.set("%lld threads are too many: at most %d",
                     (long long)threads, mostThreads);
  pinThreads = isOne("NN_PIN");
  guardBuffers = guard || isOne("NN_GUARD");
  if (guardBuffers && !hasPages)
    return error.limit("memory cannot be guarded here: WebAssembly has no "
                       "protected pages");
  return true;
}

void addDataOptions(Array<OptionSpec> &specs, Array<const char *> &data,
                    DataOptions &options) {
  specs.push({"data", nullptr, "NAME=PATH",
              "Read this data from another file, or for a tensor literal "
              "take another; metric.NAME=PATH for a metric's own.",
              OptionKind::Text, &data, nullptr, 0, true});
  specs.push({"data-dir", nullptr, "FOLDER",
              "Look for every data file in this folder.", OptionKind::Text,
              &options.folder});
}

bool addOverrides(const Array<const char *> &texts, const char *option,
                  Array<DataOptions::Override> &overrides, Error &error) {
  for (const char *text : texts) {
    const char *equals = std::strchr(text, '=');
    if (!equals || equals == text || !equals[1])
      return error.set("%s needs NAME=PATH, not '%s'", option, text);
    DataOptions::Override &override = overrides.push({});
    override.name.append(text, equals - text);
    override.path = Text(equals + 1);
  }
  return true;
}

} // namespace nnrt
