#include "codegen/object.h"
#include "codegen/program_table.h"
#include "frontend/elaborate.h"
#include "frontend/parse.h"
#include "ir/printer.h"
#include "tools/driver.h"
#include "tools/written_program.h"

#include "llvm/IR/LLVMContext.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>

namespace nnc {

static std::string printSource(const std::string &path, bool colour) {
  SourceManager sources;
  uint32_t id = sources.load(path);
  DiagnosticSink sink(sources);
  std::unique_ptr<ast::File> file =
      id == Loc::none ? nullptr : parseFile(sources, id, sink);
  std::cerr << sink.render(colour);
  return file ? ast::print(*file, sources) : "";
}

std::optional<std::string> Driver::programText(Program &program, Phase phase) {
  FunctionsToWrite made = phase == Phase::Grad ? gradientsToWrite(program)
                                               : functionsToWrite(program);
  if (made.nets.empty()) {
    fail(options.file + " derives nothing: it has no train block and no "
                        "grad(...)");
    return std::nullopt;
  }
  PassContext context = contextForGraph();
  PassObserver watch = observer();
  // What makes a program fast, or small, would not read well.
  if (phase == Phase::Grad) {
    context.level = 0;
    context.memoryLimit = 0;
  }
  std::vector<std::string_view> pipelines;
  if (phase != Phase::Graph)
    pipelines = {"grad", phase == Phase::Grad ? "text" : "opt"};
  for (const auto &function : made.functions)
    for (std::string_view name : pipelines)
      if (!report(runPasses(*function, pipeline(name, context.level), context,
                            watch)))
        return std::nullopt;
  printWarnings();
  WrittenNets written = writeNets(made.nets);
  if (written.failure) {
    report(PassError{PassError::Unsupported, written.failure->message,
                     written.failure->location});
    return std::nullopt;
  }
  return written.text;
}

int Driver::emit(const std::string &stage, const std::string &output) {
  std::string text;
  if (stage == "ast") {
    std::ifstream readable(options.file);
    if (!readable)
      return fail("cannot read " + options.file);
    text = printSource(options.file, options.colour);
    if (text.empty())
      return code = 1;
  } else {
    static const std::map<std::string, Phase> phases = {
        {"graph", Phase::Graph},
        {"grad", Phase::Grad},
        {"opt", Phase::Opt},
        {"kernels", Phase::Kernels},
        {"loops", Phase::Loops}};
    auto found = phases.find(stage);
    Phase phase = found == phases.end() ? Phase::Loops : found->second;
    bool asProgram = options.as == "nn";
    if (asProgram && phase > Phase::Opt)
      return fail("--as=nn shows the graph: it goes with graph, grad and opt");
    std::optional<Program> program = load();
    if (!program ||
        (!asProgram && !optimise(*program, std::min(phase, Phase::Opt))))
      return code;
    const Target *target = oneTarget();
    if (!target || (phase > Phase::Opt && !lower(*program, *target, phase)))
      return code;
    if (asProgram) {
      std::optional<std::string> written = programText(*program, phase);
      if (!written)
        return code;
      text = std::move(*written);
    } else if (found != phases.end()) {
      text = print(program->module, printOptions(options));
    } else {
      llvm::LLVMContext context;
      std::unique_ptr<llvm::Module> module =
          compileProgram(context, *program, *target, options.level());
      std::unique_ptr<llvm::TargetMachine> machine = createTargetMachine(
          *target, static_cast<OptimizationLevel>(options.level()));
      if (stage == "llvm") {
        llvm::raw_string_ostream stream(text);
        module->print(stream, nullptr);
      } else if (stage == "asm") {
        text = emitAssembly(*module, *machine);
      } else {
        text = emitObject(*module, *machine)->getBuffer().str();
      }
    }
  }
  printTimes();
  printRewrites();
  if (stage == "obj" && output.empty())
    return fail("an object file is not text: say where it goes with -o FILE");
  if (output.empty()) {
    std::cout << text << std::flush;
    return code;
  }
  std::ofstream file(output, std::ios::binary);
  file << text;
  if (!file.flush())
    return fail("cannot write " + output);
  return code;
}

} // namespace nnc
