//===- round_trip: what is written in .nn computes the same ---------------===//
//
//   round_trip ops                       every op of the graph, by its examples
//   round_trip ir FILE                   functions in IR text; prints the text
//   round_trip graph|grad|opt FILE [-DNAME=SIZE] [NAME=SIZE]
//                                        what emit --as=nn makes of a program,
//                                        for sizes of nnc's -D and of inputs
//
// Each function is written, the text compiled, and both are interpreted on the
// same inputs. The results must agree to the bounds of ir/error_bound.h. Exit
// code 1: something differs, which is said.
//
//===----------------------------------------------------------------------===//
#include "frontend/elaborate.h"
#include "frontend/parse.h"
#include "frontend/write.h"
#include "ir/builder.h"
#include "ir/op_def.h"
#include "ir/parser.h"
#include "ir/pass.h"
#include "ir/verifier.h"
#include "tools/data_shape.h"
#include "tools/reference_run.h"
#include "tools/written_program.h"

#include <cstdlib>
#include <fstream>
#include <iostream>

using namespace nnc;

namespace {

struct Outcome {
  int nets = 0, comparisons = 0, failures = 0;
  int64_t unbounded = 0;
};

/// Runs the function of a net on the inputs of the one that it was written
/// from.
class Rearranged final : public Executor {
public:
  Rearranged(const Function &function, const std::vector<int64_t> &arguments)
      : function(function), arguments(arguments) {}
  RunResult run(std::span<const Tensor> inputs,
                const DimBinding &dims) const override {
    std::vector<Tensor> own;
    for (int64_t i : arguments)
      own.push_back(inputs[i]);
    return interpret(function, own, dims);
  }

private:
  const Function &function;
  const std::vector<int64_t> &arguments;
};

} // namespace

static bool runPipeline(Function &function, std::string_view name) {
  std::optional<PassError> error =
      runPasses(function, pipeline(name, 2), PassContext());
  if (error)
    std::cout << function.name << ": " << error->message << "\n";
  return !error;
}

using Defines = std::map<std::string, int64_t>;

static std::optional<Program> compile(SourceManager &sources, uint32_t id,
                                      const Defines &defines = {}) {
  DiagnosticSink sink(sources);
  std::optional<Program> program;
  ElaborateOptions options;
  options.defines = defines;
  options.readShape = readDataShape;
  if (std::unique_ptr<ast::File> file = parseFile(sources, id, sink))
    program = elaborate(*file, options, sources, sink);
  if (sink.hasErrors())
    program = std::nullopt;
  if (!program)
    std::cout << sink.render();
  return program;
}

/// As a program holds them: the text of a number is that of an f32.
static void roundConstants(Block &block) {
  for (const auto &op : block.operations()) {
    for (int64_t i = 0; i < op->regionCount(); ++i)
      roundConstants(op->region(i));
    if (!op->is("constant") || op->result()->type().elem() != Elem::F32)
      continue;
    auto rounded = [](double value) {
      return static_cast<double>(static_cast<float>(value));
    };
    const Attr &value = op->attr("value");
    if (const double *splat = value.getIf<double>()) {
      op->attrs.set("value", rounded(*splat));
    } else {
      std::vector<double> elements = *value.get<DenseData>();
      for (double &each : elements)
        each = rounded(each);
      op->attrs.set("value", std::make_shared<const std::vector<double>>(
                                 std::move(elements)));
    }
  }
}

/// `meant` are the functions of the nets as they were before any
/// simplification.
static void compareNets(const std::vector<NetToWrite> &nets,
                        const std::vector<std::unique_ptr<Function>> &meant,
                        const DimChoices &sizes, Outcome &outcome) {
  WrittenNets written = writeNets(nets);
  auto fail = [&](const std::string &what) {
    ++outcome.failures;
    std::cout << what << "\n";
  };
  if (written.failure)
    return fail(written.failure->message);
  SourceManager sources;
  std::optional<Program> program =
      compile(sources, sources.add("written.nn", written.text));
  if (!program)
    return fail("this does not compile:\n" + written.text);
  for (size_t i = 0; i < nets.size(); ++i) {
    Function *found = program->module.find(nets[i].name);
    if (!found || !runPipeline(*found, "grad"))
      return fail("there is no net " + nets[i].name);
    roundConstants(found->body);
    std::vector<ReferenceRun> runs = referenceRuns(*meant[i], sizes);
    Comparison comparison = compareRuns(
        Rearranged(*found, written.arguments[i]), runs, precisionOf(*meant[i]));
    ++outcome.nets;
    outcome.comparisons += comparison.results;
    outcome.unbounded += comparison.unbounded;
    if (runs.empty())
      fail(nets[i].name + " was not run");
    for (const std::string &what : comparison.differences)
      fail(nets[i].name + ": " + what);
  }
}

static std::unique_ptr<Function> prepared(const Function &function) {
  std::unique_ptr<Function> meant = cloneFunction(function);
  runPipeline(*meant, "grad");
  return meant;
}

static void checkOps(Outcome &outcome) {
  for (const OpDef *op : allOps()) {
    if (!(op->stages & Graph))
      continue;
    if (!hasSpelling(op->name)) {
      ++outcome.failures;
      std::cout << op->name << " has no spelling in .nn\n";
    }
    for (std::string_view example : op->examples) {
      ParseError error;
      std::unique_ptr<Module> module = parseModule(example, error);
      for (const auto &function : module->functions) {
        // Elements that are not specified are NaN in the interpreter.
        if (verify(*function, Graph) || op->name == "empty")
          continue;
        std::vector<std::unique_ptr<Function>> meant;
        meant.push_back(prepared(*function));
        int before = outcome.failures;
        compareNets({{function.get(), "Example", ""}}, meant, {}, outcome);
        if (outcome.failures > before)
          std::cout << "in an example of " << op->name << "\n";
      }
    }
  }
}

static void checkText(const std::string &path, Outcome &outcome) {
  std::ifstream file(path);
  std::string text((std::istreambuf_iterator<char>(file)),
                   std::istreambuf_iterator<char>());
  ParseError error;
  std::unique_ptr<Module> module = parseModule(text, error);
  std::vector<NetToWrite> nets;
  std::vector<std::unique_ptr<Function>> meant;
  if (!module)
    std::cout << path << ":" << error.line << ": " << error.message << "\n";
  for (size_t i = 0; module && i < module->functions.size(); ++i) {
    nets.push_back({module->functions[i].get(), "Net" + std::to_string(i), ""});
    meant.push_back(prepared(*module->functions[i]));
  }
  std::cout << writeNets(nets).text;
  compareNets(nets, meant, {}, outcome);
}

static void checkProgram(const std::string &stage, const std::string &path,
                         const Defines &defines, const DimChoices &sizes,
                         Outcome &outcome) {
  SourceManager sources;
  uint32_t id = sources.load(path);
  std::optional<Program> program;
  if (id != Loc::none)
    program = compile(sources, id, defines);
  if (!program) {
    ++outcome.failures;
    return;
  }
  FunctionsToWrite made =
      stage == "grad" ? gradientsToWrite(*program) : functionsToWrite(*program);
  std::vector<std::unique_ptr<Function>> meant;
  for (const auto &function : made.functions)
    meant.push_back(prepared(*function));
  if (stage != "graph")
    for (const auto &function : made.functions)
      for (const char *name : {"grad", "opt", "text"})
        if (stage == "grad" || std::string_view(name) != "text")
          runPipeline(*function, name);
  compareNets(made.nets, meant, sizes, outcome);
}

int main(int argc, char **argv) {
  Outcome outcome;
  std::string stage = argc > 1 ? argv[1] : "";
  Defines defines;
  DimChoices sizes;
  for (int i = 3; i < argc; ++i) {
    std::string setting = argv[i];
    size_t equals = setting.find('=');
    int64_t size = std::atoll(setting.c_str() + equals + 1);
    if (setting.starts_with("-D"))
      defines[setting.substr(2, equals - 2)] = size;
    else
      sizes[setting.substr(0, equals)] = {size};
  }
  if (stage == "ops")
    checkOps(outcome);
  else if (stage == "ir" && argc > 2)
    checkText(argv[2], outcome);
  else if (argc > 2)
    checkProgram(stage, argv[2], defines, sizes, outcome);
  std::cout << outcome.nets << " nets, " << outcome.comparisons
            << " comparisons, " << outcome.failures << " failures\n";
  return outcome.failures || !outcome.nets ? 1 : 0;
}
