//===- runtime/progress.cpp -----------------------------------------------===//
#include "runtime/progress.h"
#include "runtime/clock.h"

#include <cerrno>
#include <cinttypes>
#include <cstring>
#include <unistd.h>

namespace nnrt {

static Text durationText(double seconds) {
  Text text;
  auto whole = int64_t(seconds + 0.5);
  if (whole >= 3600)
    text.format("%" PRId64 "h %02" PRId64 "m", whole / 3600, whole / 60 % 60);
  else if (whole >= 60)
    text.format("%" PRId64 "m %02" PRId64 "s", whole / 60, whole % 60);
  else
    text.format("%" PRId64 "s", whole);
  return text;
}

Progress::Progress(int64_t epochs, int64_t stepsPerEpoch, int64_t begun,
                   bool quiet)
    : epochs(epochs), stepsPerEpoch(stepsPerEpoch), begun(begun), begin(now()),
      epochBegin(begin), quiet(quiet), terminal(isatty(STDOUT_FILENO)) {}

void Progress::clear() {
  if (dirty)
    std::printf("\r\033[K");
  std::fflush(stdout);
  dirty = false;
}

static Text lossText(const Losses &losses) {
  Text text;
  for (int64_t i = 0; i < losses.labels.size(); ++i) {
    text.format("  %s ", losses.labels[i].c_str());
    if (losses.values[i] == losses.values[i])
      text.format("%.5g", losses.values[i]);
    else
      text.append("-");
  }
  return text;
}

void Progress::step(int64_t epoch, int64_t step, const Losses &losses,
                    int64_t count) {
  examples += count;
  epochExamples += count;
  if (!terminal)
    return;
  double time = now();
  if (time - shown < 0.1)
    return;
  shown = time;
  double spent = time - begin;
  double left =
      spent / double(step - begun) * double(epochs * stepsPerEpoch - step);
  std::printf("\r\033[Kepoch %" PRId64 "/%" PRId64 "  step %" PRId64 "/%" PRId64
              "%s  %.0f examples/s  %s left",
              epoch, epochs, (step - 1) % stepsPerEpoch + 1, stepsPerEpoch,
              lossText(losses).c_str(),
              double(examples) / (spent > 0 ? spent : 1),
              durationText(left).c_str());
  std::fflush(stdout);
  dirty = true;
}

bool Progress::reports(int64_t epoch) const {
  int64_t every = (epochs + 19) / 20;
  return epoch % every == 0 || epoch == epochs;
}

void Progress::epoch(int64_t epoch, const Losses &losses,
                     const Metrics &metrics) {
  double time = now(), spent = time - epochBegin;
  if (!quiet) {
    clear();
    std::printf("epoch %" PRId64 "/%" PRId64 "%s  %.0f examples/s", epoch,
                epochs, lossText(losses).c_str(),
                double(epochExamples) / (spent > 0 ? spent : 1));
    for (int64_t i = 0; i < metrics.size(); ++i)
      std::printf("  %s %.5g", metrics.label(i), metrics.value(i));
    std::printf("\n");
    std::fflush(stdout);
  }
  epochExamples = 0;
  epochBegin = now();
}

EpochLog::~EpochLog() {
  if (file)
    std::fclose(file);
}

bool EpochLog::open(const char *path, bool append, Error &error) {
  name = path;
  file = std::fopen(path, append ? "ae" : "we");
  return file ||
         error.set("%s: cannot be written: %s", path, std::strerror(errno));
}

void EpochLog::header(const Losses &losses, const Metrics &metrics) {
  std::fseek(file, 0, SEEK_END);
  if (std::ftell(file) > 0)
    return;
  std::fprintf(file, "epoch,step");
  for (const Text &label : losses.labels)
    std::fprintf(file, ",%s", label.c_str());
  for (int64_t i = 0; i < metrics.size(); ++i) {
    std::fprintf(file, ",\"");
    for (const char *c = metrics.text(i); *c; ++c)
      std::fprintf(file, *c == '"' ? "\"\"" : "%c", *c);
    std::fprintf(file, "\"");
  }
  std::fprintf(file, "\n");
}

bool EpochLog::epoch(int64_t epoch, int64_t step, const Losses &losses,
                     const Metrics &metrics, Error &error) {
  std::fprintf(file, "%" PRId64 ",%" PRId64, epoch, step);
  for (double loss : losses.values)
    std::fprintf(file, loss == loss ? ",%.9g" : ",", loss);
  for (int64_t i = 0; i < metrics.size(); ++i)
    std::fprintf(file, ",%.9g", metrics.value(i));
  std::fprintf(file, "\n");
  // Kept up to date for whoever watches the file, and for Ctrl-C.
  return std::fflush(file) == 0 ||
         error.set("%s: cannot be written: %s", name, std::strerror(errno));
}

} // namespace nnrt
