//===- nnc: the compiler's command line -----------------------------------===//
#include "frontend/spelling.h"
#include "runtime/entry.h"
#include "tools/driver.h"
#include "tools/explain_command.h"
#include "tools/format_command.h"
#include "tools/uncaught.h"

#include "llvm/Config/llvm-config.h"

#include <CLI/CLI.hpp>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <unistd.h>

using namespace nnc;

static void addColor(CLI::App *command, std::string &color) {
  command
      ->add_option("--color", color,
                   "Colour in messages: auto (on a terminal), always or never")
      ->type_name("WHEN")
      ->check(CLI::IsMember({"auto", "always", "never"}));
}

/// NO_COLOR: https://no-color.org
static bool wantsColour(const std::string &color) {
  const char *none = std::getenv("NO_COLOR"), *terminal = std::getenv("TERM");
  bool dumb = !terminal || std::strcmp(terminal, "dumb") == 0;
  return color == "always" || (color == "auto" && isatty(STDERR_FILENO) &&
                               !dumb && !(none && *none));
}

static void addFile(CLI::App *command, DriverOptions &options) {
  command->add_option("FILE", options.file, "The program, a .nn file")
      ->type_name(" ")
      ->required();
}

/// What is wrong with a number of rewrites; "" if nothing.
static std::string isCount(const std::string &text) {
  bool isNumber = !text.empty() && text.size() < 19 &&
                  text.find_first_not_of("0123456789") == std::string::npos;
  return isNumber ? "" : "takes how many rewrites to make, not '" + text + "'";
}

/// What every subcommand that compiles understands.
static void addCompilerOptions(CLI::App *command, DriverOptions &options) {
  command
      ->add_option("-D", options.defines,
                   "The size of a dim of the file, in place of its own; may "
                   "be given again")
      ->type_name("NAME=SIZE")
      ->allow_extra_args(false);
  command
      ->add_option("-O", options.statedLevel,
                   "How much to optimise, 0 to 3. Unless given, 2; where a "
                   "test takes little work, its machine code is made quickly")
      ->type_name("LEVEL")
      ->check(CLI::Range(0, 3));
  command
      ->add_option("--march", options.march,
                   "The instruction set: native, x86-64, x86-64-v3 (AVX2), "
                   "x86-64-v4 (AVX-512), aarch64 (Neon) or wasm32 (SIMD)")
      ->type_name("NAME");
  command
      ->add_option("--precision", options.precision,
                   "f64 reads every f32 of the program as f64")
      ->type_name("TYPE")
      ->check(CLI::IsMember({"f32", "f64"}));
  command
      ->add_option("--print-after", options.printAfter,
                   "Print each function after this pass, or what each pass "
                   "'changed'; nnc-opt --list-passes names them")
      ->type_name("PASS")
      ->allow_extra_args(false);
  command
      ->add_option("--memory-limit", options.memoryLimit,
                   "Have a step of training need no more than this beside the "
                   "variables, with one thread: compute values again instead "
                   "of keeping them")
      ->type_name("SIZE");
  command->add_flag("--assume-finite", options.assumeFinite,
                    "Optimise as if no NaN and no infinity arose and nothing "
                    "were divided by 0: 0 * x = 0, x - x = 0, x / x = 1");
  command->add_flag("--time-passes", options.timePasses,
                    "Say how long each pass took");
  command
      ->add_option("--disable-rule", options.disabledRules,
                   "Optimise without this rule; nnc-opt --list-rules names "
                   "them; may be given again")
      ->type_name("RULE")
      ->allow_extra_args(false);
  command
      ->add_option("--opt-bisect", options.optBisect,
                   "Make only the first N rewrites, to find one that does "
                   "harm, and say how many were made")
      ->type_name("N")
      ->check(isCount);
}

/// What is wrong with a command line, in one line.
static std::string usageError(const CLI::App *app, const CLI::Error &error) {
  std::string what = error.what(), command = "nnc";
  for (const CLI::App *each : app->get_subcommands())
    command += " " + each->get_name();
  if (what == "A subcommand is required")
    what = "nnc needs a command, such as nnc build FILE -o OUT";
  return "nnc: error: " + what + "; see " + command + " --help\n";
}

/// CLI11 would only say that it wants a command.
static bool reportUnknownCommand(const CLI::App &app, const char *given) {
  std::vector<std::string> known;
  std::string all;
  for (const CLI::App *each : app.get_subcommands({})) {
    known.push_back(each->get_name());
    if (given == each->get_name())
      return false;
  }
  for (size_t i = 0; i < known.size(); ++i)
    all += (i == 0 ? "" : i + 1 == known.size() ? " and " : ", ") + known[i];
  std::string near = nearest(given, known);
  std::cerr << "nnc: error: there is no command '" << given << "'"
            << (near.empty() ? "; the commands are " + all : didYouMean(near))
            << "\n";
  return true;
}

static int runCommand(int argc, char **argv) {
  CLI::App app{"nnc compiles neural networks, written in .nn files, to native "
               "programs that train and predict."};
  app.name("nnc");
  app.require_subcommand(1);
  app.failure_message(usageError);
  app.set_version_flag("--version",
                       "nnc " NNC_VERSION " (LLVM " LLVM_VERSION_STRING ")");
  app.footer("nnc COMMAND --help shows the options of a command.\n"
             "Exit code 0: all is well. 1: the program or the command line is "
             "wrong.\n2: what the program asks for is not supported yet. 70: "
             "a fault of nnc.");
  DriverOptions options;
  BuildOptions buildOptions;
  std::string output, stage, threads, color = "auto";

  CLI::App *build = app.add_subcommand(
      "build", "Make a program that stands on its own, to train and predict");
  addFile(build, options);
  build->add_option("-o", buildOptions.output, "The program's file")
      ->type_name("OUT")
      ->required();
  build
      ->add_flag("--remarks{applied}", options.remarks,
                 "Say what each optimisation did, in which line, and what it "
                 "saved; --remarks=missed: what nearly applied; "
                 "--remarks=json: all")
      ->check(CLI::IsMember({"applied", "missed", "json"}));
  build->add_flag("--static", buildOptions.isStatic,
                  "Link even libc into the program");
  build->add_flag("--symbols", buildOptions.keepsSymbols,
                  "Keep the names of functions in the program, for a profiler "
                  "or a debugger");
  build
      ->add_option("--sysroot", options.sysroot,
                   "The folder that has the C library to link with, in place "
                   "of /")
      ->type_name("FOLDER");

  CLI::App *run = app.add_subcommand(
      "run", "Compute a net of the program, or train it, in memory");
  CLI::App *test =
      app.add_subcommand("test", "Run the tests of the program, in memory");
  CLI::App *check =
      app.add_subcommand("check", "Say what is wrong with the program");
  CLI::App *format =
      app.add_subcommand("fmt", "Give programs the standard layout, in place");
  CLI::App *emit = app.add_subcommand(
      "emit", "Print what a stage of the compiler makes of the program");
  CLI::App *explained = app.add_subcommand(
      "explain",
      "Show what each layer takes, forward and in training, and each "
      "kernel it becomes part of: multiply-adds, bytes, the time at "
      "best");

  for (CLI::App *command : {run, test}) {
    addFile(command, options);
    command->add_option("--threads", threads, "How many threads to use")
        ->type_name("N");
    command->allow_extras();
  }
  run->footer("What follows FILE is for the program:\n"
              "  nnc run FILE NET --x VALUE [--weights W]   computes a net\n"
              "  nnc run FILE train -o W                    trains, and saves "
              "the weights\n"
              "  nnc run FILE grad                          shows the "
              "gradients of a batch\n"
              "  nnc run FILE bench                         measures it\n"
              "  nnc run FILE info                          shows nets and "
              "parameters");
  test->footer("Other options are for the program: --data NAME=PATH, "
               "--data-dir FOLDER, --weights W");

  addFile(check, options);

  std::vector<std::string> formatted;
  bool onlyCheck = false;
  format
      ->add_option("FILE", formatted,
                   "Programs, folders with programs, or - for standard input "
                   "(to standard output)")
      ->type_name(" ")
      ->required();
  format->add_flag("--check", onlyCheck,
                   "Write nothing; exit with 1 if a file would change");
  format->footer("The names of the files that change are printed.");

  emit->add_option("STAGE", stage,
                   "ast, graph, grad, opt, kernels, loops, llvm, asm or obj")
      ->type_name(" ")
      ->required()
      ->check(CLI::IsMember({"ast", "graph", "grad", "opt", "kernels", "loops",
                             "llvm", "asm", "obj"}));
  addFile(emit, options);
  emit->add_option("-o", output, "Write to this file")->type_name("OUT");
  emit->add_flag("--full-constants", options.fullConstants,
                 "Show every element of constants, also of large ones, so that "
                 "nnc-opt can read them");

  emit->add_option("--as", options.as,
                   "How graph, grad and opt are shown: ir, or nn, which is a "
                   "program again. grad --as=nn shows the derivatives alone, "
                   "simplified")
      ->type_name("FORM")
      ->check(CLI::IsMember({"ir", "nn"}));

  ExplainOptions explainOptions;
  addFile(explained, options);
  explained->add_option("NET", explainOptions.nets, "These nets; else all")
      ->type_name(" ");
  explained->add_flag("--json", explainOptions.asJson,
                      "The layers, the kernels and what each takes, a line "
                      "for each net; then one for each step of training and "
                      "metric");
  explained
      ->add_option("--html", explainOptions.page,
                   "Write a page that shows it, and draws each net before "
                   "fusion and after")
      ->type_name("PAGE")
      ->excludes("--json");
  explained->add_flag("--measure", explainOptions.measures,
                      "Run each kernel by itself, on one thread and made-up "
                      "data, and show the time beside the time at best");
  explained
      ->add_option("--peak", explainOptions.peak,
                   "What the machine can do at best; measured, unless given")
      ->type_name("GFLOP/s,GB/s");
  explained
      ->add_option("--size", explainOptions.sizes,
                   "For this value of a dimension; else 1")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);

  for (CLI::App *command : {build, emit, explained})
    command
        ->add_option("--weights", options.weights,
                     "Freeze the weights of this file into the program: it "
                     "predicts without the file, faster, and does not train")
        ->type_name("FILE");
  for (CLI::App *command : {build, emit})
    command->add_flag(
        "--tune{}", options.tune,
        command == build
            ? "Measure on this machine which tiles kernels had better have, "
              "and keep that in a table that may be committed: FILE.tune in "
              "place of FILE.nn, or --tune=TABLE. What is in the table is not "
              "measured again"
            : "Take tiles from a table that nnc build --tune has written: "
              "FILE.tune in place of FILE.nn, or --tune=TABLE");
  for (CLI::App *command : {build, run, test, check, emit, explained})
    addCompilerOptions(command, options);
  for (CLI::App *command : app.get_subcommands({}))
    addColor(command, color);

  if (argc > 1 && argv[1][0] != '-' && reportUnknownCommand(app, argv[1]))
    return 1;
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? 0 : 1;
  }

  options.colour = wantsColour(color);
  if (format->parsed())
    return formatFiles(formatted, onlyCheck, options.colour);
  static Driver &driver = *new Driver(options); // See Driver::programs.
  if (check->parsed()) {
    driver.load();
    return driver.exitCode();
  }
  if (explained->parsed())
    return explain(driver, explainOptions);
  if (emit->parsed())
    return driver.emit(stage, output);
  if (build->parsed())
    return driver.build(buildOptions);
  std::vector<std::string> arguments =
      test->parsed() ? test->remaining() : run->remaining();
  if (test->parsed()) {
    arguments.insert(arguments.begin(), "test");
  } else if (arguments.empty() || !nnrt::isCommand(arguments[0].c_str())) {
    arguments.insert(arguments.begin(), "run");
  }
  if (!threads.empty()) {
    arguments.push_back("--threads");
    arguments.push_back(threads);
  }
  return driver.execute(arguments);
}

int main(int argc, char **argv) {
  // As in a program: a file that grows too large is an error of the call that
  // writes.
  std::signal(SIGXFSZ, SIG_IGN);
  treatExceptionsAsInternalErrors();
  int code = runCommand(argc, argv);
  // `nnc fmt - < a.nn > b.nn` on a full disk must not look like a success.
  std::cout.flush();
  bool written =
      std::cout.good() && !std::fflush(stdout) && !std::ferror(stdout);
  if (code == 0 && !written) {
    std::cerr << "nnc: error: cannot write to standard output\n";
    code = 1;
  }
  return code;
}
