//===- tools/build_command.cpp - nnc build: from a program to a file ------===//
#include "codegen/link.h"
#include "codegen/object.h"
#include "ir/gradient_function.h"
#include "runtime/atomic_file.h"
#include "tools/driver.h"
#include "tools/library_path.h"
#include "tools/net_graph.h"

#include "llvm/IR/LLVMContext.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Target/TargetMachine.h"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <future>
#include <iostream>
#include <unistd.h>

namespace nnc {

/// Whether a program reads compressed files, and so needs zlib.
static bool decompresses(const Program &program) {
  for (const DataSource &source : program.sources)
    for (const DataColumn &column : source.columns)
      if (column.path.ends_with(".gz") || column.path.ends_with(".png") ||
          source.kind == DataSource::Npz)
        return true;
  return false;
}

namespace {
/// A folder of our own for the objects, removed at the end.
class TemporaryFolder {
public:
  TemporaryFolder() {
    std::error_code error;
    std::string name =
        (std::filesystem::temp_directory_path(error) / "nnc-XXXXXX").string();
    if (mkdtemp(name.data()))
      path = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path.empty())
      std::filesystem::remove_all(path, ignored);
  }
  std::string path;
};
} // namespace

/// Compiles a lowered program to an object file.
static bool writeObject(const Program &program, const Target &target, int level,
                        const std::vector<const Target *> &listTargets,
                        const std::string &path) {
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> module =
      compileProgram(context, program, target, level, listTargets);
  std::unique_ptr<llvm::TargetMachine> machine =
      createTargetMachine(target, static_cast<OptimizationLevel>(level));
  std::unique_ptr<llvm::MemoryBuffer> object = emitObject(*module, *machine);
  std::ofstream file(path, std::ios::binary);
  file.write(object->getBufferStart(),
             static_cast<std::streamsize>(object->getBufferSize()));
  return static_cast<bool>(file.flush());
}

/// Puts a linked program in its place, whole or not at all: a full disk does
/// not cost the user the program that was there.
static bool moveProgram(const std::string &from, const std::string &to,
                        nnrt::Error &error) {
  auto linked = llvm::MemoryBuffer::getFile(from);
  if (!linked)
    return error.set("%s: %s", from.c_str(),
                     linked.getError().message().c_str());
  nnrt::removeAbandoned(to.c_str());
  nnrt::AtomicFile file;
  return file.open(to.c_str(), error, nnrt::FileUse::Program) &&
         file.write((*linked)->getBufferStart(),
                    static_cast<int64_t>((*linked)->getBufferSize()), error) &&
         file.commit(error);
}

int Driver::build(const BuildOptions &build) {
  const std::string &output = build.output;
  // Said before the work, and as the user's error that it is.
  std::filesystem::path folderOfOutput =
      std::filesystem::path(output).parent_path();
  std::error_code ignored;
  if (std::filesystem::is_directory(output, ignored))
    return fail("cannot write " + output + ": it is a folder");
  if (!folderOfOutput.empty() &&
      !std::filesystem::is_directory(folderOfOutput, ignored))
    return fail("cannot write " + output + ": there is no folder " +
                folderOfOutput.string());
  // A device is written to; a file is replaced.
  const char *changed = folderOfOutput.empty() ? "." : folderOfOutput.c_str();
  if (std::filesystem::is_other(output, ignored))
    changed = output.c_str();
  if (access(changed, W_OK) != 0)
    return fail("cannot write " + output + ": " + std::strerror(errno));
  std::optional<Program> loaded = load();
  if (!loaded)
    return code;
  programs.push_back(std::move(*loaded));
  Program &program = programs.front();
  addNetGraphs(program);
  addGradientFunctions(program);
  if (!optimise(program, Phase::Opt))
    return code;
  std::vector<const Target *> list = targets();
  if (!measureTuning(program, list))
    return code;
  std::optional<std::string> libraries = libraryFolder(*list[0]);
  if (!libraries)
    return fail(whyNoLibraries(*list[0]), 2);
  TemporaryFolder folder;
  if (folder.path.empty())
    return fail("cannot make a temporary folder");
  LinkRequest request;
  std::vector<std::string> inputs, extra;
  for (const Target *target : list)
    inputs.push_back(folder.path + "/" + target->name + ".o");
  // What is watched comes in order; else the targets share the time.
  bool watched = !options.printAfter.empty() || options.timePasses;
  struct Outcome {
    std::optional<PassError> error;
    bool written = false;
  };
  // Each target's rewrites follow those of the graph.
  std::vector<RewriteLog> logs(list.size(), log);
  for (size_t i = 0; i + 1 < list.size(); ++i)
    logs[i].records = false;
  for (size_t i = 1; i < list.size(); ++i)
    programs.push_back(cloneProgram(program));
  auto compile = [&](size_t i) -> Outcome {
    Program &lowered = programs[i];
    PassContext context = contextFor(*list[i], options.level());
    context.log = &logs[i];
    context.tuning = tuning ? &*tuning : nullptr;
    if (std::optional<PassError> error =
            lowerModule(lowered.module, context, 2, observer(list[i]->name)))
      return {std::move(error)};
    auto begin = std::chrono::steady_clock::now();
    bool written =
        writeObject(lowered, *list[i], options.level(),
                    i ? std::vector<const Target *>() : list, inputs[i]);
    std::chrono::duration<double> taken =
        std::chrono::steady_clock::now() - begin;
    if (watched)
      seconds["machine code"] += taken.count();
    return {std::nullopt, written};
  };
  std::vector<std::future<Outcome>> outcomes;
  for (size_t i = 0; i < list.size(); ++i)
    outcomes.push_back(std::async(
        watched ? std::launch::deferred : std::launch::async, compile, i));
  for (std::future<Outcome> &each : outcomes) {
    Outcome outcome = each.get();
    if (!report(outcome.error))
      return code;
    if (!outcome.written)
      return fail("cannot write to " + folder.path);
  }
  inputs.push_back(*libraries + "/libnnrt_start.a");
  inputs.push_back(*libraries + "/libnnrt.a");
  inputs.push_back(*libraries + "/libnnkernels.a");
  request.sysroot = options.sysroot;
  request.family = familyOf(*list[0]);
  // WebAssembly's own libraries are never shared.
  const bool isWasm = request.family == "wasm32";
  request.isStatic = build.isStatic || isWasm;
  request.keepsSymbols = build.keepsSymbols;
  if (isWasm)
    inputs.push_back(*libraries + "/libbuiltins.a");
  if (decompresses(program) && !hasLibrary(request, "z")) {
    std::cerr << "nnc: warning: there is no zlib (libz."
              << (request.isStatic ? "a" : "so") << ") for " << request.family
              << ": the program will read no compressed file\n";
  } else if (decompresses(program)) {
    inputs.push_back("-u");
    inputs.push_back("nnrt_zlib");
    inputs.push_back(*libraries + "/libnnrt_zlib.a");
    inputs.push_back(*libraries + "/libnnrt.a");
    extra.push_back("z");
  }
  request.inputs = inputs;
  request.libraries = extra;
  request.output = folder.path + "/program";
  if (Status status = linkProgram(request); !status.ok())
    return fail(status.message(), status.exitCode());
  if (nnrt::Error error; !moveProgram(request.output, output, error))
    return fail(error.message());
  for (RewriteLog &each : logs) {
    log = std::move(each);
    printWarnings();
  }
  printTimes();
  printRemarks();
  return code;
}

} // namespace nnc
