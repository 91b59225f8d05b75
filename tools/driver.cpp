#include "tools/driver.h"

#include "codegen/jit.h"
#include "codegen/object.h"
#include "codegen/program_table.h"
#include "frontend/elaborate.h"
#include "frontend/parse.h"
#include "frontend/spelling.h"
#include "ir/gradient_function.h"
#include "ir/printer.h"
#include "ir/run_pipelines.h"
#include "runtime/all_commands.h"
#include "runtime/atomic_file.h"
#include "runtime/entry.h"
#include "runtime/generated_code.h"
#include "tools/byte_size.h"
#include "tools/data_shape.h"
#include "tools/freeze.h"
#include "tools/linked_symbols.h"
#include "tools/memory_report.h"
#include "tools/net_graph.h"
#include "tools/prune.h"
#include "tools/remarks.h"
#include "tools/tune.h"
#include "tools/work.h"

#include "llvm/Support/MemoryBuffer.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <thread>

namespace nnc {

PrintOptions printOptions(const DriverOptions &options) {
  PrintOptions how;
  if (!options.fullConstants)
    how.mostElements = 16;
  return how;
}

Driver::Driver(DriverOptions given)
    : options(std::move(given)),
      passPrinter(options.printAfter, printOptions(options)) {}

int Driver::fail(const std::string &message, int exitCode) {
  std::cerr << "nnc: error: " << message << "\n";
  return code = exitCode;
}

bool Driver::parseSizes(const std::vector<std::string> &texts,
                        const std::string &option,
                        std::map<std::string, int64_t> &sizes) {
  for (const std::string &text : texts) {
    size_t equals = text.find('=');
    int64_t value = 0;
    const char *end = text.data() + text.size();
    auto parsed = std::from_chars(
        text.data() + std::min(equals + 1, text.size()), end, value);
    if (equals == std::string::npos || equals == 0 ||
        parsed.ec != std::errc() || parsed.ptr != end || value < 1) {
      fail(option + " takes NAME=VALUE with a positive whole number, not '" +
           text + "'");
      return false;
    }
    sizes[text.substr(0, equals)] = value;
  }
  return true;
}

/// Tells the scheduler of kernels how large a batch will be. Only speed hangs
/// on it: the last batch may be smaller.
static void stateExpectedSizes(Program &program) {
  for (const TrainEntry &train : program.trains)
    for (const StepEntry &entry : train.steps) {
      Function *step = program.module.find(entry.function);
      AttrDict expected;
      for (size_t i = 0; step && i < step->argAttrs.size(); ++i) {
        const Type &type = step->body.argument(static_cast<int64_t>(i))->type();
        if (step->argAttrs[i].find("input") && type.rank() > 0)
          if (std::optional<std::string> symbol = type.dim(0).asSymbol())
            expected.set(*symbol, train.batch);
      }
      if (!expected.empty())
        step->attrs.set("expected", expected);
    }
}

bool Driver::prepareLog() {
  std::vector<std::string> known;
  for (std::string_view name : rewriteNames())
    known.emplace_back(name);
  for (const std::string &name : options.disabledRules)
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      fail("--disable-rule: there is no rule '" + name + "'" +
           didYouMean(nearest(name, known)) +
           "; nnc-opt --list-rules names them");
      return false;
    }
  log.disabled = {options.disabledRules.begin(), options.disabledRules.end()};
  log.limit = options.optBisect;
  log.records = !options.remarks.empty();
  return true;
}

bool Driver::readTuning() {
  if (!options.tune)
    return true;
  tuning.emplace();
  tuning->path =
      options.tune->empty() ? tuningPath(options.file) : *options.tune;
  auto file = llvm::MemoryBuffer::getFile(tuning->path);
  if (file.getError() == std::errc::no_such_file_or_directory)
    return true;
  if (!file) {
    fail("cannot read " + tuning->path + ": " + file.getError().message());
    return false;
  }
  std::string wrong = tuning->parse((*file)->getBuffer());
  if (wrong.empty())
    return true;
  std::cerr << wrong << "\n";
  code = 1;
  return false;
}

bool Driver::measureTuning(const Program &program,
                           const std::vector<const Target *> &list) {
  const Target &host = bestHostTarget();
  if (!tuning || std::find(list.begin(), list.end(), &host) == list.end())
    return true;
  Measured measured = measureKernels(program, host, options.level(), *tuning);
  if (!measured.kernels)
    return true;
  std::string text = tuning->print();
  nnrt::AtomicFile file;
  if (nnrt::Error error;
      !file.open(tuning->path.c_str(), error) ||
      !file.write(text.data(), static_cast<int64_t>(text.size()), error) ||
      !file.commit(error)) {
    fail(error.message());
    return false;
  }
  std::cerr << "nnc: kernels measured for " << host.name << ": "
            << measured.kernels
            << ", with another schedule than the model's: " << measured.changed
            << "; see " << tuning->path << "\n";
  return true;
}

void Driver::printRemarks() const {
  if (options.remarks == "json")
    std::cout << remarksJson(log);
  else if (!options.remarks.empty())
    std::cout << remarksText(log, options.remarks == "missed");
  printRewrites();
}

void Driver::printRewrites() const {
  if (options.optBisect < 0)
    return;
  std::string last = log.last();
  std::cerr << "nnc: " << log.counted()
            << (log.counted() == 1 ? " rewrite was made"
                                   : " rewrites were made")
            << (last.empty() ? "" : "; the last: " + last) << "\n";
}

std::optional<Program> Driver::load() {
  ElaborateOptions elaborateOptions;
  if (!parseSizes(options.defines, "-D", elaborateOptions.defines) ||
      targets().empty() || !prepareLog() || !readTuning())
    return std::nullopt;
  if (options.memoryLimit) {
    std::optional<int64_t> limit = parseByteSize(*options.memoryLimit);
    if (!limit) {
      fail("--memory-limit takes a size such as 200MB, 64MiB or 1.5GB, not '" +
           *options.memoryLimit + "'");
      return std::nullopt;
    }
    memoryLimit = *limit;
  }
  std::vector<std::string> passes = {"changed"};
  for (const Pass *pass : allPasses())
    passes.emplace_back(pass->name);
  for (const std::string &name : options.printAfter)
    if (std::find(passes.begin(), passes.end(), name) == passes.end()) {
      fail("--print-after: there is no pass '" + name + "'" +
           didYouMean(nearest(name, passes)) +
           "; nnc-opt --list-passes names them");
      return std::nullopt;
    }
  elaborateOptions.f64 = options.precision == "f64";
  elaborateOptions.readShape = readDataShape;
  SourceManager sources;
  uint32_t id = sources.load(options.file);
  if (id == Loc::none) {
    fail("cannot read " + options.file);
    return std::nullopt;
  }
  DiagnosticSink sink(sources);
  std::optional<Program> program;
  if (std::unique_ptr<ast::File> file = parseFile(sources, id, sink))
    program = elaborate(*file, elaborateOptions, sources, sink);
  std::cerr << sink.render(options.colour);
  code = sink.exitCode();
  if (code || !program)
    return std::nullopt;
  if (options.weights) {
    std::string message;
    if (int wrong = freezeWeights(*program, *options.weights, message)) {
      fail(message, wrong);
      return std::nullopt;
    }
  }
  stateExpectedSizes(*program);
  if (memoryLimit && program->trains.empty())
    std::cerr << "nnc: warning: --memory-limit does nothing: it is for a step "
                 "of training, and "
              << (options.weights ? "with --weights the program does not train"
                                  : options.file + " trains nothing")
              << "\n";
  return program;
}

PassObserver Driver::observer(std::string target) {
  PassObserver result;
  if (options.printAfter.empty() && !options.timePasses)
    return result;
  result.before = [this](const Pass &, const Function &function) {
    passPrinter.before(function);
  };
  result.after = [this, target = std::move(target)](
                     const Pass &pass, const Function &function, double taken) {
    seconds[std::string(pass.name)] += taken;
    passPrinter.after(pass, function, target);
  };
  return result;
}

static std::string placeOf(const Location &location) {
  if (!location.file || !location.line)
    return "nnc: ";
  return *location.file + ":" + std::to_string(location.line) + ":" +
         std::to_string(location.column) + ": ";
}

void Driver::printWarnings() {
  for (const Warning &warning : log.warnings) {
    std::cerr << placeOf(warning.location) << "warning: " << warning.message
              << "\n";
    for (const Warning::Note &note : warning.notes)
      std::cerr << placeOf(note.location) << "note: " << note.message << "\n";
  }
  log.warnings.clear();
}

bool Driver::report(const std::optional<PassError> &error) {
  if (!error)
    return true;
  bool user = error->kind == PassError::User;
  std::cerr << placeOf(error->location) << (user ? "error: " : "unsupported: ")
            << error->message << "\n";
  code = user ? 1 : 2;
  return false;
}

PassContext Driver::contextForGraph() {
  // Scratch memory is largest with the widest instruction set.
  PassContext context = contextFor(*targets().back(), options.level());
  context.log = &log;
  context.memoryLimit = memoryLimit;
  context.assumeFinite = options.assumeFinite;
  context.planner = planArena;
  return context;
}

bool Driver::optimise(Program &program, Phase phase) {
  static constexpr std::string_view names[] = {"grad", "opt"};
  size_t count = phase == Phase::Graph ? 0 : phase == Phase::Grad ? 1 : 2;
  if (!report(runPipelines(program.module, std::span(names).first(count),
                           contextForGraph(), observer())))
    return false;
  printWarnings();
  return true;
}

bool Driver::lower(Program &program, const Target &target, Phase phase) {
  int stages = phase == Phase::Kernels ? 1 : 2;
  PassContext context = contextFor(target, options.level());
  context.log = &log;
  context.tuning = tuning ? &*tuning : nullptr;
  if (!report(
          lowerModule(program.module, context, stages, observer(target.name))))
    return false;
  printWarnings();
  return true;
}

bool Driver::compile(Function &function,
                     std::initializer_list<std::string_view> pipelines) {
  for (std::string_view name : pipelines) {
    bool isGraph = name == "grad" || name == "opt";
    PassContext context = isGraph ? contextForGraph() : passContext();
    if (!report(runPasses(function, pipeline(name, options.level()), context,
                          observer(isGraph ? "" : oneTarget()->name))))
      return false;
  }
  printWarnings();
  return true;
}

std::vector<const Target *> Driver::targets() {
  if (options.march.empty())
    return hostTargets();
  if (const Target *target = findTarget(options.march))
    return {target};
  std::string known = "native";
  for (const Target *target : allTargets())
    known += std::string(", ") + target->name;
  fail("--march takes " + known + "; not '" + options.march + "'");
  return {};
}

const Target *Driver::oneTarget() {
  if (options.march.empty())
    return &bestHostTarget();
  std::vector<const Target *> list = targets();
  return list.empty() ? nullptr : list[0];
}

PassContext Driver::passContext() {
  PassContext context = contextFor(*oneTarget(), options.level());
  context.log = &log;
  return context;
}

Elem Driver::precision() const {
  return options.precision == "f64" ? Elem::F64 : Elem::F32;
}

void Driver::printTimes() const {
  if (!options.timePasses)
    return;
  double all = 0;
  for (const auto &[name, taken] : seconds) {
    std::fprintf(stderr, "%10.3f ms  %s\n", taken * 1e3, name.c_str());
    all += taken;
  }
  std::fprintf(stderr, "%10.3f ms  all\n", all * 1e3);
}

int Driver::execute(const std::vector<std::string> &arguments) {
  std::optional<Program> program = load();
  if (program && arguments[0] == "test")
    pruneForTests(*program);
  // Only a report and `grad` need these, and they take time to compile.
  bool reports = arguments[0] == "train" &&
                 std::any_of(arguments.begin(), arguments.end(),
                             [](const std::string &argument) {
                               return argument.starts_with("--report");
                             });
  if (program && reports)
    addNetGraphs(*program);
  if (program && (reports || arguments[0] == "grad"))
    addGradientFunctions(*program);
  if (!program || !optimise(*program, Phase::Opt))
    return code;
  const Target *target = oneTarget();
  if (!hostSupports(*target))
    return fail(std::string("this machine cannot run ") + target->name +
                " code");
  if (!lower(*program, *target, Phase::Loops))
    return code;
  // Machine code for little work takes longer to be made well than it runs.
  bool quickly =
      arguments[0] == "test" && !options.statedLevel && hasLittleWork(*program);
  int level = quickly ? 0 : options.level();
  auto address = [](auto *function) {
    return reinterpret_cast<void *>(function);
  };
  std::vector<RuntimeSymbol> symbols = linkedSymbols();
  symbols.push_back({"nnrt_barrier", address(nnrt_barrier)});
  symbols.push_back({"nnrt_take_turns", address(nnrt_take_turns)});
  symbols.push_back({"nnrt_index_error", address(nnrt_index_error)});
  symbols.push_back({"nnrt_tracing", &nnrt_tracing});
  symbols.push_back({"nnrt_trace", address(nnrt_trace)});
  Jit jit(*target, static_cast<OptimizationLevel>(level), symbols);
  int threads = static_cast<int>(std::thread::hardware_concurrency());
  auto begin = std::chrono::steady_clock::now();
  for (std::unique_ptr<llvm::MemoryBuffer> &object :
       compileObjects(*program, *target, level, std::clamp(threads, 1, 4)))
    if (Status status = jit.add(std::move(object)); !status.ok())
      return fail(status.message(), status.exitCode());
  std::chrono::duration<double> taken =
      std::chrono::steady_clock::now() - begin;
  seconds[quickly ? "machine code, quickly made" : "machine code"] =
      taken.count();
  void *table = nullptr;
  if (Status status = jit.lookup(programSymbol(*target), table); !status.ok())
    return fail(status.message(), status.exitCode());
  printTimes();
  printRewrites();
  std::vector<char *> argv;
  std::string name = "nnc";
  argv.push_back(name.data());
  std::vector<std::string> copies = arguments;
  for (std::string &argument : copies)
    argv.push_back(argument.data());
  argv.push_back(nullptr);
  const auto *compiled = static_cast<const nnrt::Program *>(table);
  return code = nnrt_main(&compiled, 1, &nnrt::allCommands,
                          static_cast<int>(argv.size()) - 1, argv.data());
}

} // namespace nnc
