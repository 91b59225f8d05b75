//===- nnc-opt: reads IR text, runs passes, writes IR text ----------------===//
#include "ir/parser.h"
#include "ir/pass.h"
#include "ir/printer.h"
#include "ir/verifier.h"

#include <CLI/CLI.hpp>

#include <fstream>
#include <iostream>
#include <sstream>

using namespace nnc;

static std::optional<std::string> readAll(const std::string &path) {
  std::ostringstream text;
  if (path == "-") {
    text << std::cin.rdbuf();
    return text.str();
  }
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return std::nullopt;
  text << file.rdbuf();
  return text.str();
}

static int fail(const std::string &path, const Location &where,
                const std::string &message, int code = 1) {
  std::cerr << path << ":" << where.line << ":" << where.column
            << ": error: " << message << "\n";
  return code;
}

int main(int argc, char **argv) {
  CLI::App app{"Reads nnc's IR as text, runs passes over it and prints it."};
  std::string path = "-";
  std::vector<std::string> passNames;
  PassContext context;
  bool list = false;
  app.add_option("file", path, "IR text; - is standard input");
  app.add_option("-p,--pass", passNames,
                 "A pass or a pipeline to run; may be given again");
  app.add_option("-O", context.level, "Optimisation level, 0 to 3");
  app.add_flag("--list-passes", list, "Print every pass and what it does");
  CLI11_PARSE(app, argc, argv);

  if (list) {
    for (const Pass *pass : allPasses())
      std::cout << pass->name << "\n    " << pass->doc << "\n";
    return 0;
  }
  std::vector<const Pass *> passes;
  for (const std::string &name : passNames) {
    if (const Pass *pass = findPass(name)) {
      passes.push_back(pass);
      continue;
    }
    bool known = false;
    for (std::string_view each : pipelineNames())
      known |= each == name;
    if (!known) {
      std::cerr << "nnc-opt: there is no pass or pipeline '" << name
                << "'; see --list-passes\n";
      return 1;
    }
    for (const Pass *pass : pipeline(name, context.level))
      passes.push_back(pass);
  }
  std::optional<std::string> text = readAll(path);
  if (!text) {
    std::cerr << "nnc-opt: cannot read " << path << "\n";
    return 1;
  }
  ParseError error;
  std::unique_ptr<Module> module = parseModule(*text, error);
  if (!module)
    return fail(path, {nullptr, error.line, error.column}, error.message);
  if (auto wrong = verify(*module, Graph | Kernels | Loops))
    return fail(path, wrong->location, wrong->message);
  for (const auto &function : module->functions)
    if (auto failed = runPasses(*function, passes, context))
      return fail(path, failed->location, failed->message,
                  failed->kind == PassError::User ? 1 : 2);
  std::cout << print(*module);
  return 0;
}
