//===- runtime/bench_command.cpp - How fast a program is ------------------===//
//
// Nets and steps of training run on made-up data: floats spread evenly over
// [0, 1), whole numbers 0, which any label or index may be.
//
//===----------------------------------------------------------------------===//
#include "runtime/clock.h"
#include "runtime/commands.h"
#include "runtime/executor.h"
#include "runtime/philox.h"
#include "runtime/sizes.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstring>

namespace nnrt {

namespace {
/// A function to measure.
struct Subject {
  const char *kind, *name;
  const Function *function;
  const int64_t *dimDefaults; ///< Or null.
  int64_t batch;              ///< Of training; 0: of a net.
};

struct BenchOptions {
  int64_t batch = 0, milliseconds = 500;
  bool csv = false;
  GivenSizes sizes; ///< Of what is not the batch.
};
} // namespace

static Array<Subject> subjectsOf(const Program &program) {
  Array<Subject> subjects;
  for (int32_t i = 0; i < program.netCount; ++i) {
    const Net &net = program.nets[i];
    subjects.push({"net", net.name, &program.functions[net.function],
                   net.dimDefaults, 0});
  }
  for (int32_t t = 0; t < program.trainCount; ++t) {
    const Train &train = program.trains[t];
    for (int32_t s = 0; s < train.stepCount; ++s) {
      const Step &step = train.steps[s];
      const char *name = *step.name ? step.name : train.name;
      subjects.push({"train", name, &program.functions[step.function], nullptr,
                     train.batch});
      if (step.updateFunction >= 0)
        subjects.push({"update", name, &program.functions[step.updateFunction],
                       nullptr, train.batch});
    }
  }
  return subjects;
}

/// The batches at which a net is measured: one example, and as in training.
static Array<int64_t> batchesOf(const Program &program, const Subject &subject,
                                const BenchOptions &options) {
  Array<int64_t> batches;
  if (options.batch || subject.batch) {
    batches.push(options.batch ? options.batch : subject.batch);
    return batches;
  }
  batches.push(1);
  for (int32_t t = 0;
       t < program.trainCount && batchDim(*subject.function) >= 0; ++t) {
    int64_t batch = program.trains[t].batch;
    if (std::find(batches.begin(), batches.end(), batch) == batches.end())
      batches.push(batch);
  }
  return batches;
}

static void makeUp(ElemType elem, void *data, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    double value = 0;
    if (elem == ElemType::F32 || elem == ElemType::F64)
      value = 0x1p-32 *
              philox({{uint32_t(i), uint32_t(i >> 32), 0, 0}}, 0).words[0];
    convert(RawType::F64, &value, elem,
            static_cast<char *>(data) + i * elemSize(elem), 1);
  }
}

/// Binds a call to made-up inputs. The dimensions give every shape, so that
/// the function's own rule is asked for them.
static bool bindMadeUp(const Subject &subject, int64_t batch,
                       const BenchOptions &options, const Variables &variables,
                       const Team &team, Call &call, Error &error) {
  const Function &function = *subject.function;
  Array<int64_t> dims;
  options.sizes.find(function, subject.dimDefaults, dims);
  for (int32_t d = 0; d < function.dimCount; ++d) {
    if (d == batchDim(function))
      dims[d] = batch;
    if (dims[d] < 0)
      return error.set("bench needs --%s N for %s", function.dimNames[d],
                       subject.name);
  }
  Array<int64_t> shapes = shapesOf(function, dims.data());
  Array<Offer> offers;
  offers.resize(function.argCount);
  const int64_t *extents = shapes.data();
  for (int32_t i = 0; i < function.argCount; ++i) {
    offers[i].given = true;
    offers[i].shape.rank = function.args[i].rank;
    for (int32_t axis = 0; axis < function.args[i].rank; ++axis)
      offers[i].shape.extents[axis] = *extents++;
  }
  if (!call.bind(function, offers.data(), dims.data(), variables, team, error))
    return false;
  for (int32_t i = 0; i < function.argCount; ++i)
    if (function.args[i].kind == SlotKind::Input)
      makeUp(function.args[i].elem, call.argument(i),
             elementCount(call.argumentShape(i), function.args[i].rank));
  for (SlotKind kind :
       {SlotKind::Step, SlotKind::Epoch, SlotKind::Steps, SlotKind::Count})
    call.setScalar(kind, 1);
  return true;
}

/// "12.3 us", in a unit that suits it.
static Text timeText(double seconds) {
  Text text;
  if (seconds < 999.5e-6)
    text.format("%.3g us", seconds * 1e6);
  else if (seconds < 999.5e-3)
    text.format("%.3g ms", seconds * 1e3);
  else
    text.format("%.3g s", seconds);
  return text;
}

/// Runs `call` so often, and gives the seconds of one; negative: it failed.
static double secondsOf(Call &call, int64_t times, Team &team, Error &error) {
  double before = now();
  for (int64_t i = 0; i < times; ++i)
    if (!call.run(team, error))
      return -1;
  return (now() - before) / double(times);
}

static bool measure(const Subject &subject, int64_t batch,
                    const BenchOptions &options, const Variables &variables,
                    Team &team, Error &error) {
  Call call;
  if (!bindMadeUp(subject, batch, options, variables, team, call, error) ||
      !call.run(team, error)) // The first run warms up.
    return false;
  // A look at the clock takes as long as the product of two small matrices.
  double seconds = secondsOf(call, 1, team, error);
  const int64_t calls = seconds > 1e-5 ? 1 : 100;
  constexpr int64_t least = 5, most = 1000000;
  Array<double> times;
  double limit = now() + 1e-3 * double(options.milliseconds);
  while (seconds >= 0 &&
         ((now() < limit && times.size() < most) || times.size() < least)) {
    seconds = secondsOf(call, calls, team, error);
    times.push(seconds);
  }
  if (seconds < 0)
    return false;
  // libc++ has its own comparisons in a library, which is not linked.
  std::sort(times.begin(), times.end(),
            [](double a, double b) { return a < b; });
  double median = times[times.size() / 2];
  if (options.csv)
    std::printf("%s %s,%" PRId64 ",%" PRId64 ",%.9g,%.9g,%" PRId64 "\n",
                subject.kind, subject.name, batch, times.size() * calls,
                times[0], median, call.bytes());
  else
    std::printf("%-6s %-20s %6" PRId64 "  %10s  %10s  %12.0f  %10s\n",
                subject.kind, subject.name, batch, timeText(times[0]).c_str(),
                timeText(median).c_str(), double(batch) / median,
                bytesText(double(call.bytes())).c_str());
  std::fflush(stdout);
  return true;
}

static bool measureAll(const Program &program, const Array<Subject> &subjects,
                       const BenchOptions &options, int threads, Error &error) {
  Team team(threads);
  int most = team.threadsFor(INT64_MAX);
  if (options.csv)
    std::printf("what,batch,runs,min_seconds,median_seconds,bytes\n");
  else
    std::printf("%s, %s, %d thread%s\n%-27s %6s  %10s  %10s  %12s  %10s\n",
                program.name, program.target, most, most == 1 ? "" : "s", "",
                "batch", "fastest", "median", "examples/s", "memory");
  for (const Subject &subject : subjects) {
    // Training changes them.
    Variables variables;
    if (!variables.allocate(program, error) ||
        !variables.initialise(0, team, error))
      return false;
    for (int64_t batch : batchesOf(program, subject, options))
      if (!measure(subject, batch, options, variables, team, error))
        return false;
  }
  return true;
}

static int benchCommand(const Program &program, int argc, char **argv) {
  CommonOptions common;
  BenchOptions options;
  Error error;
  bool help;
  Array<Subject> subjects = subjectsOf(program);
  Array<const char *> positional;
  Array<OptionSpec> specs;
  for (const Subject &subject : subjects)
    options.sizes.add(*subject.function, batchDim(*subject.function));
  options.sizes.addTo(specs);
  specs.push({"batch", nullptr, "N",
              "Examples at a time; by default one, and as many as in training.",
              OptionKind::Integer, &options.batch, nullptr, 1});
  specs.push({"ms", nullptr, "N", "Measure each for so many milliseconds.",
              OptionKind::Integer, &options.milliseconds});
  specs.push({"csv", nullptr, nullptr, "Write comma-separated values.",
              OptionKind::Flag, &options.csv});
  common.addTo(specs);
  if (!parseOptions(argc, argv, specs.data(), specs.size(), positional, help,
                    error))
    return error.report();
  if (help) {
    std::printf("Usage: %s bench [NAME...] [options]\nMeasures nets and the "
                "steps of training, on made-up data and initial weights.\n\n%s",
                program.name, optionsHelp(specs.data(), specs.size()).c_str());
    return ExitOk;
  }
  Array<Subject> chosen;
  for (const char *name : positional) {
    int64_t before = chosen.size();
    Array<const char *> names;
    for (const Subject &subject : subjects) {
      names.push(subject.name);
      if (!std::strcmp(subject.name, name))
        chosen.push(subject);
    }
    if (chosen.size() > before)
      continue;
    const char *near = nearest(name, names.data(), names.size());
    error.set("%s has no net and trains nothing of the name %s%s%s%s",
              program.name, name, near ? "; did you mean " : "",
              near ? near : "", near ? "?" : "");
    return error.report();
  }
  if (subjects.empty()) {
    error.set("%s has no net and no train block to measure", program.name);
    return error.report();
  }
  if (!common.apply(error) ||
      !measureAll(program, positional.empty() ? subjects : chosen, options,
                  int(common.threads), error))
    return error.report();
  return ExitOk;
}

} // namespace nnrt

const nnrt::Command nnrt_bench = {"bench", "Measure how fast it is.",
                                  nnrt::benchCommand};
