//===- nnc: the compiler's command line -----------------------------------===//
#include "tools/driver.h"
#include "tools/format_command.h"
#include "tools/heap.h"
#include "tools/uncaught.h"

#include <CLI/CLI.hpp>

#include <iostream>

using namespace nnc;

static void addFile(CLI::App *command, DriverOptions &options) {
  command->add_option("file", options.file, "The program, a .nn file")
      ->required();
}

/// What every subcommand that compiles understands.
static void addCompilerOptions(CLI::App *command, DriverOptions &options) {
  command
      ->add_option("-D", options.defines,
                   "NAME=VALUE: the value of a file-level dim")
      ->allow_extra_args(false);
  command
      ->add_option("-O", options.level,
                   "How much to optimise: 0, 1, 2 or 3 (default 2)")
      ->check(CLI::Range(0, 3));
  command->add_option("--march", options.march,
                      "The instruction set: native, x86-64, x86-64-v3 or "
                      "x86-64-v4");
  command
      ->add_option("--precision", options.precision,
                   "f64 reads every f32 of the program as f64")
      ->check(CLI::IsMember({"f32", "f64"}));
  command
      ->add_option("--print-after", options.printAfter,
                   "Print the IR after PASS, or after each pass that 'changed' "
                   "it")
      ->allow_extra_args(false);
  command->add_flag("--time-passes", options.timePasses,
                    "Say how long each pass took");
}

int main(int argc, char **argv) {
  useHugePages();
  treatExceptionsAsInternalErrors();
  CLI::App app{"nnc compiles neural networks, written in .nn files, to native "
               "programs that train and predict."};
  app.name("nnc");
  app.require_subcommand(1);
  DriverOptions options;
  std::string output, stage, threads;
  bool isStatic = false;

  CLI::App *check = app.add_subcommand("check", "Report what is wrong");
  addFile(check, options);
  addCompilerOptions(check, options);

  CLI::App *format = app.add_subcommand(
      "fmt", "Lay out programs in the standard way, in place");
  std::vector<std::string> formatted;
  bool onlyCheck = false;
  format
      ->add_option("file", formatted,
                   "Programs, folders of programs, or - for standard input "
                   "to standard output")
      ->required();
  format->add_flag("--check", onlyCheck,
                   "Change nothing; name the files that would change, and "
                   "exit with 1 if there are some");

  CLI::App *emit = app.add_subcommand(
      "emit", "Print a stage: ast, graph, grad, opt, kernels, loops, llvm, "
              "asm, obj");
  emit->add_option("stage", stage, "The stage")
      ->required()
      ->check(CLI::IsMember({"ast", "graph", "grad", "opt", "kernels", "loops",
                             "llvm", "asm", "obj"}));
  addFile(emit, options);
  addCompilerOptions(emit, options);
  emit->add_option("-o", output, "Write to this file");

  CLI::App *build =
      app.add_subcommand("build", "Make a program that stands on its own");
  addFile(build, options);
  addCompilerOptions(build, options);
  build->add_option("-o", output, "The program's file")->required();
  build->add_flag("--static", isStatic, "Link even libc into the program");
  build->add_option("--sysroot", options.sysroot,
                    "The folder that has the C library to link with, in place "
                    "of /");

  CLI::App *test =
      app.add_subcommand("test", "Run the tests in the file, in memory");
  CLI::App *run = app.add_subcommand(
      "run", "Run a net, or 'train', in memory: nnc run FILE NET --x VALUE");
  for (CLI::App *command : {test, run}) {
    addFile(command, options);
    addCompilerOptions(command, options);
    command->add_option("--threads", threads, "How many threads to use");
    command->allow_extras();
  }
  test->footer("Further options go to the runtime: --data NAME=PATH, ...");
  run->footer("What follows FILE goes to the runtime: NET --x VALUE, "
              "train -o FILE, info, ...");
  // CLI11 would only say that it wants a command.
  auto isMeant = [&](const CLI::App *each) {
    return each->get_name() == argv[1];
  };
  const CLI::App &commands = app;
  if (argc > 1 && argv[1][0] != '-' &&
      commands.get_subcommands(isMeant).empty()) {
    std::cerr << "nnc: error: there is no command '" << argv[1]
              << "'; the commands are check, fmt, emit, build, run and test\n";
    return 1;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? 0 : 1;
  }

  if (format->parsed())
    return formatFiles(formatted, onlyCheck);
  Driver driver(options);
  if (check->parsed()) {
    driver.load();
    return driver.exitCode();
  }
  if (emit->parsed())
    return driver.emit(stage, output);
  if (build->parsed())
    return driver.build(output, isStatic);
  std::vector<std::string> arguments =
      test->parsed() ? test->remaining() : run->remaining();
  if (test->parsed()) {
    arguments.insert(arguments.begin(), "test");
  } else if (arguments.empty() ||
             (arguments[0] != "train" && arguments[0] != "info" &&
              arguments[0] != "run")) {
    arguments.insert(arguments.begin(), "run");
  }
  if (!threads.empty()) {
    arguments.push_back("--threads");
    arguments.push_back(threads);
  }
  return driver.execute(arguments);
}
