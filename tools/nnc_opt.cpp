//===- nnc-opt: reads IR text, runs passes, writes IR text ----------------===//
//
// Exit code 0: all is well. 1: the text or the command line is wrong. 2: not
// supported. 70: a fault of a pass.
//
//===----------------------------------------------------------------------===//
#include "ir/check.h"
#include "ir/check_ops.h"
#include "ir/parser.h"
#include "ir/pass.h"
#include "ir/printer.h"
#include "ir/verifier.h"
#include "tools/check_graphs.h"
#include "tools/compiled_check.h"
#include "tools/op_pages.h"
#include "tools/pass_printer.h"
#include "tools/reference_run.h"
#include "tools/remarks.h"
#include "tools/rule_checks.h"
#include "tools/uncaught.h"

#include <CLI/CLI.hpp>

#include <charconv>
#include <fstream>
#include <iostream>
#include <sstream>

using namespace nnc;

namespace {

struct Options {
  std::string path = "-";
  std::vector<std::string> passes;
  PassContext context;
  bool listPasses = false, printExamples = false, checkOps = false;
  bool documentOps = false, documentRules = false;
  bool listRules = false, checkRules = false;
  std::vector<std::string> disabledRules;
  RewriteLog log;
  bool checkCompiled = false;
  bool checkGraphs = false, everyOp = false;
  bool verifyOnly = false, checkEachPass = false, timePasses = false;
  std::string printAfter;
  bool interpret = false;
  std::string function;
  uint64_t seed = 1;
  std::vector<std::string> dims, inputs;
  DimChoices chosen; ///< What `dims` says.
};

} // namespace

static void addOptions(CLI::App &app, Options &options) {
  app.add_option("file", options.path, "IR text; - is standard input");
  app.add_option("-p,--pass", options.passes,
                 "A pass or a pipeline to run; may be given again")
      ->allow_extra_args(false);
  app.add_option("-O", options.context.level, "Optimisation level, 0 to 3")
      ->check(CLI::Range(0, 3));
  app.add_option("--memory-limit", options.context.memoryLimit,
                 "Bytes that a function with a loss may need");
  app.add_flag("--assume-finite", options.context.assumeFinite,
               "Let the pass assume-finite apply its rules");
  app.add_flag("--list-passes", options.listPasses,
               "Print every pass and what it does");
  app.add_flag("--list-rules", options.listRules,
               "Print every rule and pass that can be left out");
  app.add_option("--disable-rule", options.disabledRules,
                 "Leave this rule out; may be given again")
      ->allow_extra_args(false);
  app.add_option("--opt-bisect", options.log.limit,
                 "Make only the first N rewrites");
  app.add_flag("--remarks", options.log.records,
               "Print what rewrites did and nearly did, to standard error");
  app.add_flag("--check-rules", options.checkRules,
               "Apply each rule alone to every function, compare on random "
               "inputs, and print how often it was applied");
  app.add_flag("--print-examples", options.printExamples,
               "Print the examples of every op");
  app.add_flag("--document-ops", options.documentOps, "Print docs/ops.md");
  app.add_flag("--document-rules", options.documentRules,
               "Print docs/rules.md");
  app.add_flag("--check-ops", options.checkOps,
               "Take every op's examples through every check: text, shapes, "
               "lowering, first and second derivative");
  app.add_option("--print-after", options.printAfter,
                 "Print each function after this pass, or what each pass "
                 "'changed', to standard error");
  app.add_flag("--time-passes", options.timePasses,
               "Print how long each pass took, to standard error");
  app.add_flag("--verify-only", options.verifyOnly,
               "Check the text and print nothing");
  app.add_flag("--check-compiled", options.checkCompiled,
               "Compile each function for every instruction set that this "
               "machine has, with -O0 and -O2, in f32 and f64, and compare "
               "with the interpreter");
  app.add_flag("--check-graphs", options.checkGraphs,
               "Take each function through every pass and through compiling, "
               "in a process of its own; print those that fail, reduced");
  app.add_flag("--every-op", options.everyOp,
               "With --check-graphs: each op of the graph must occur")
      ->needs("--check-graphs");
  app.add_flag("--check-each-pass", options.checkEachPass,
               "Interpret each function before the passes and after each of "
               "them on random inputs and compare");
  app.add_flag("--interpret", options.interpret,
               "Run a function and print its results");
  app.add_option("--function", options.function,
                 "The function to interpret; the first, if not given");
  app.add_option("--seed", options.seed, "Chooses the random inputs");
  app.add_option("--dim", options.dims,
                 "NAME=SIZE,...: sizes for --interpret (the first; 2, if not "
                 "given) and for the checks (one after the other)")
      ->allow_extra_args(false);
  app.add_option("--input", options.inputs,
                 "NAME=V,V,...: an argument's elements for --interpret, or one "
                 "number that all are; random, if not given");
}

static std::optional<std::string> readAll(const std::string &path) {
  std::ostringstream text;
  if (path == "-") {
    text << std::cin.rdbuf();
    return text.str();
  }
  std::ifstream file(path, std::ios::binary);
  if (!file || file.peek() == std::ifstream::traits_type::eof()) {
    // A folder opens and cannot be read; an empty file is empty.
    if (!file.eof())
      return std::nullopt;
    return "";
  }
  text << file.rdbuf();
  return text.str();
}

static int fail(const std::string &path, const Location &where,
                const std::string &message, int code = 1) {
  std::cerr << path;
  if (where.line)
    std::cerr << ":" << where.line << ":" << where.column;
  std::cerr << ": error: " << message << "\n";
  return code;
}

static int usageError(const std::string &message) {
  std::cerr << "nnc-opt: error: " << message << "\n";
  return 1;
}

static int printExamples() {
  bool first = true;
  for (const OpDef *op : allOps())
    for (std::string_view example : op->examples) {
      ParseError error;
      std::unique_ptr<Module> module = parseModule(example, error);
      if (!module)
        internalError("an example of " + std::string(op->name) + " in line " +
                      std::to_string(error.line) + ": " + error.message);
      // Each op has an @example; together they need names of their own.
      for (const auto &function : module->functions) {
        function->name = std::string(op->name) + "." + function->name;
        std::cout << (first ? "" : "\n") << print(*function);
        first = false;
      }
    }
  return 0;
}

static void listRules() {
  std::vector<std::string_view> names = rewriteNames();
  for (const Pass *pass : allPasses()) {
    if (std::find(names.begin(), names.end(), pass->name) != names.end())
      std::cout << pass->name << "\n    " << pass->doc << "\n";
    for (std::span<const RewriteRule> group : pass->rules)
      for (const RewriteRule &rule : group)
        std::cout << rule.name << " (" << pass->name << ")\n    " << rule.doc
                  << "\n";
  }
}

static int runRuleChecks(const Module &module, const DimChoices &chosen) {
  RuleChecks checks = checkRules(module, chosen);
  for (const std::string &failure : checks.failures)
    std::cout << failure << "\n";
  for (const auto &[rule, times] : checks.applied)
    std::cout << rule << ": " << times << " times\n";
  return checks.failures.empty() ? 0 : 1;
}

static int runOpChecks() {
  OpChecks checks = checkOps();
  for (const std::string &failure : checks.failures)
    std::cout << failure << "\n";
  std::cout << checks.examples << " examples, " << checks.derivatives
            << " derivatives, " << checks.failures.size() << " failures\n";
  return checks.failures.empty() ? 0 : 1;
}

static int runCompiledChecks(Module &module, const DimChoices &chosen) {
  CompiledChecks checks;
  checkCompiled(module, chosen, checks);
  for (const std::string &failure : checks.failures)
    std::cout << failure << "\n";
  std::cout << checks.comparisons << " comparisons, " << checks.failures.size()
            << " failures\n";
  if (checks.unbounded)
    std::cout << checks.unbounded << " elements have no bound\n";
  return checks.failures.empty() ? 0 : 1;
}

/// Splits NAME=VALUE.
static std::optional<std::pair<std::string, std::string>>
splitSetting(const std::string &text) {
  size_t equals = text.find('=');
  if (equals == 0 || equals == std::string::npos)
    return std::nullopt;
  return std::pair(text.substr(0, equals), text.substr(equals + 1));
}

template <typename T> static bool readNumber(std::string_view text, T &value) {
  auto [end, bad] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  return bad == std::errc() && end == text.data() + text.size();
}

/// Reads --dim; nothing, and a message, if it is wrong.
static std::optional<DimChoices>
dimChoices(const std::vector<std::string> &texts) {
  DimChoices chosen;
  for (const std::string &text : texts) {
    auto setting = splitSetting(text);
    std::stringstream words(setting ? setting->second : "");
    int64_t size = 0;
    bool good = true;
    for (std::string word; std::getline(words, word, ',');) {
      good &= readNumber(word, size) && size >= 1;
      chosen[setting->first].push_back(size);
    }
    if (!setting || !size || !good) {
      usageError("--dim takes NAME=SIZE,..., not '" + text + "'");
      return std::nullopt;
    }
  }
  return chosen;
}

/// The passes that `-p` names; nothing, and a message, if there is none.
static std::optional<std::vector<const Pass *>>
passesOf(const Options &options) {
  std::vector<const Pass *> passes;
  for (const std::string &name : options.passes) {
    if (const Pass *pass = findPass(name)) {
      passes.push_back(pass);
      continue;
    }
    std::span<const std::string_view> known = pipelineNames();
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      usageError("there is no pass or pipeline '" + name +
                 "'; see --list-passes");
      return std::nullopt;
    }
    for (const Pass *pass : pipeline(name, options.context.level))
      passes.push_back(pass);
  }
  return passes;
}

static int runAll(Function &function, std::span<const Pass *const> passes,
                  const Options &options, PassPrinter &printer,
                  std::map<std::string_view, double> &times) {
  // All that follow must compute what the first form that can be run does.
  std::vector<ReferenceRun> runs;
  for (const Pass *pass : passes) {
    if (auto wrong = verify(function, pass->from))
      return fail(options.path, wrong->location,
                  "pass " + std::string(pass->name) + " cannot take @" +
                      function.name + ": " + wrong->message);
    if (options.checkEachPass && runs.empty())
      runs = referenceRuns(function, options.chosen);
    PassObserver observer;
    observer.before = [&](const Pass &, const Function &) {
      printer.before(function);
    };
    observer.after = [&](const Pass &, const Function &, double seconds) {
      times[pass->name] += seconds;
      printer.after(*pass, function);
    };
    if (auto failed =
            runPasses(function, std::span(&pass, 1), options.context, observer))
      return fail(options.path, failed->location, failed->message,
                  failed->kind == PassError::User ? 1 : 2);
    // The interpreter is exact; a folded f32 constant is rounded.
    Comparison found =
        compareRuns(Interpreter(function), runs, precisionOf(function));
    if (!found.differences.empty())
      internalError("pass " + std::string(pass->name) + " changes what @" +
                    function.name + " computes: " + found.differences[0]);
  }
  return 0;
}

/// Reads `V,V,...` or one `V` for all.
static bool readElements(const std::string &text, Tensor &tensor) {
  std::vector<double> elements;
  std::stringstream words(text);
  for (std::string word; std::getline(words, word, ',');)
    if (!readNumber(word, elements.emplace_back()))
      return false;
  if (elements.size() == 1)
    elements.resize(tensor.data.size(), elements[0]);
  if (elements.size() != tensor.data.size())
    return false;
  for (size_t i = 0; i < elements.size(); ++i)
    tensor.data[i] = convertTo(tensor.elem, elements[i]);
  return true;
}

static int runFunction(const Module &module, const Options &options) {
  const Function *function =
      options.function.empty()
          ? module.functions.empty() ? nullptr : module.functions[0].get()
          : module.find(options.function);
  if (!function)
    return usageError("there is no function @" + options.function);
  DimBinding dims;
  for (const std::string &symbol : function->dimSymbols())
    dims[symbol] = 2;
  for (const auto &[name, sizes] : options.chosen)
    dims[name] = sizes[0];
  if (std::string why = whyNotRunnable(*function, dims); !why.empty())
    return fail(options.path, function->location,
                "@" + function->name + " cannot be interpreted: " + why, 2);
  std::vector<Tensor> inputs = randomInputs(*function, dims, options.seed);
  for (const std::string &text : options.inputs) {
    auto setting = splitSetting(text);
    if (!setting)
      return usageError("--input takes NAME=V,V,..., not '" + text + "'");
    int64_t place = -1;
    for (int64_t i = 0; i < inputCount(*function); ++i)
      if (function->body.argument(i)->hint == setting->first)
        place = i;
    if (place < 0)
      return usageError("@" + function->name + " has no argument %" +
                        setting->first);
    if (!readElements(setting->second, inputs[place]))
      return usageError("the elements of %" + setting->first +
                        " must be 1 or " +
                        std::to_string(inputs[place].size()) + " numbers");
  }
  RunResult result = interpret(*function, inputs, dims);
  if (!result.ok())
    return fail(options.path, result.location, result.error);
  for (size_t i = 0; i < result.values.size(); ++i) {
    const Tensor &value = result.values[i];
    Shape shape(value.shape.begin(), value.shape.end());
    auto elements = std::make_shared<const std::vector<double>>(value.data);
    std::cout << Type::tensor(value.elem, shape).str() << " "
              << Attr(DenseData(elements)).str() << "\n";
  }
  return 0;
}

static int run(Options &options) {
  if (options.checkOps)
    return runOpChecks();
  if (options.listPasses) {
    for (const Pass *pass : allPasses())
      std::cout << pass->name << "\n    " << pass->doc << "\n";
    return 0;
  }
  if (options.listRules) {
    listRules();
    return 0;
  }
  if (options.printExamples)
    return printExamples();
  if (options.documentOps) {
    documentOps(std::cout);
    return 0;
  }
  if (options.documentRules) {
    documentRules(std::cout);
    return 0;
  }
  if (!options.printAfter.empty() && options.printAfter != "changed" &&
      !findPass(options.printAfter))
    return usageError("there is no pass '" + options.printAfter +
                      "'; see --list-passes");
  std::vector<std::string_view> rules = rewriteNames();
  for (const std::string &name : options.disabledRules) {
    if (std::find(rules.begin(), rules.end(), name) == rules.end())
      return usageError("there is no rule '" + name + "'; see --list-rules");
    options.log.disabled.insert(name);
  }
  options.context.log = &options.log;
  auto passes = passesOf(options);
  auto chosen = dimChoices(options.dims);
  if (!passes || !chosen)
    return 1;
  options.chosen = std::move(*chosen);
  std::optional<std::string> text = readAll(options.path);
  if (!text)
    return usageError("cannot read " + options.path);
  ParseError error;
  std::unique_ptr<Module> module = parseModule(*text, error);
  if (!module)
    return fail(options.path, {nullptr, error.line, error.column, nullptr},
                error.message);
  if (auto wrong = verify(*module, Graph | Kernels | Loops))
    return fail(options.path, wrong->location, wrong->message);
  if (options.verifyOnly)
    return 0;
  if (options.checkRules)
    return runRuleChecks(*module, options.chosen);
  if (options.checkGraphs) {
    if (auto wrong = verify(*module, Graph))
      return fail(options.path, wrong->location, wrong->message);
    return checkGraphs(*module, options.chosen, options.everyOp);
  }
  if (options.checkCompiled)
    return runCompiledChecks(*module, options.chosen);
  std::map<std::string_view, double> times;
  PassPrinter printer({options.printAfter}, {.mostElements = 16});
  for (const auto &function : module->functions)
    if (int code = runAll(*function, *passes, options, printer, times))
      return code;
  if (options.timePasses) {
    double all = 0;
    for (const auto &[name, seconds] : times) {
      std::cerr << name << ": " << seconds * 1e3 << " ms\n";
      all += seconds;
    }
    std::cerr << "all: " << all * 1e3 << " ms\n";
  }
  if (options.log.records)
    std::cerr << remarksText(options.log, false)
              << remarksText(options.log, true);
  if (options.interpret)
    return runFunction(*module, options);
  std::cout << print(*module);
  return 0;
}

int main(int argc, char **argv) {
  treatExceptionsAsInternalErrors();
  CLI::App app{"Reads nnc's IR as text, runs passes over it and prints it."};
  Options options;
  addOptions(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) ? 1 : 0;
  }
  return run(options);
}
