//===- nnc: the compiler's command line -----------------------------------===//
#include "frontend/elaborate.h"
#include "frontend/parse.h"
#include "ir/printer.h"

#include <CLI/CLI.hpp>

#include <iostream>

using namespace nnc;

/// Reads and parses `path`; prints what is wrong with it.
static std::unique_ptr<ast::File> parse(const std::string &path,
                                        SourceManager &sources, int &exitCode) {
  uint32_t id = sources.load(path);
  if (id == Loc::none) {
    std::cerr << "nnc: error: cannot read " << path << "\n";
    exitCode = 1;
    return nullptr;
  }
  DiagnosticSink sink(sources);
  std::unique_ptr<ast::File> file = parseFile(sources, id, sink);
  std::cerr << sink.render();
  exitCode = sink.exitCode();
  return file;
}

int main(int argc, char **argv) {
  CLI::App app{"Compiles neural networks written in .nn to native code."};
  app.require_subcommand(1);
  std::string path, stage;
  CLI::App *check = app.add_subcommand("check", "Report what is wrong");
  check->add_option("file", path, "The program")->required();
  CLI::App *emit = app.add_subcommand("emit", "Print a stage of the program");
  emit->add_option("stage", stage, "ast or graph")
      ->required()
      ->check(CLI::IsMember({"ast", "graph"}));
  emit->add_option("file", path, "The program")->required();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? 0 : 1;
  }

  SourceManager sources;
  int exitCode = 0;
  std::unique_ptr<ast::File> file = parse(path, sources, exitCode);
  if (!file)
    return exitCode;
  if (emit->parsed() && stage == "ast") {
    std::cout << ast::print(*file, sources);
    return exitCode;
  }
  DiagnosticSink sink(sources);
  std::optional<Program> program = elaborate(*file, {}, sources, sink);
  std::cerr << sink.render();
  if (program && emit->parsed())
    std::cout << print(program->module);
  return sink.exitCode();
}
