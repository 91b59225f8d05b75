//===- runtime/entry.cpp --------------------------------------------------===//
#include "runtime/entry.h"
#include "runtime/commands.h"
#include "runtime/cpu.h"
#include "runtime/interrupt.h"
#include "runtime/tensor.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace nnrt {

static const struct {
  const char *name, *help;
  int (*run)(const Program &program, int argc, char **argv);
  int32_t Program::*needs; ///< How many of these there are; may be null.
} commands[] = {
    {"train", "Train, and save the weights.", trainCommand,
     &Program::trainCount},
    {"run", "Compute a net.", runCommand, &Program::netCount},
    {"test", "Run the tests.", testCommand, &Program::testCount},
    {"grad", "Show the gradients of the loss.", gradCommand,
     &Program::trainCount},
    {"bench", "Measure how fast it is.", benchCommand, nullptr},
    {"info", "Show nets, parameters and train blocks.", infoCommand, nullptr},
};

bool isCommand(const char *name) {
  for (const auto &command : commands)
    if (!std::strcmp(name, command.name))
      return true;
  return false;
}

static void printHelp(const Program &program, FILE *file) {
  std::fprintf(file, "Usage: %s COMMAND [options]\n\nCommands:\n",
               program.name);
  for (const auto &command : commands)
    if (!command.needs || program.*command.needs)
      std::fprintf(file, "  %-8s %s\n", command.name, command.help);
  std::fprintf(file,
               "\nEach has its own --help. Environment: NN_THREADS (threads), "
               "NN_GUARD=1 (guarded\nmemory), NN_TARGET (instruction set).\n");
}

static bool checkRanks(const Program &program, Error &error) {
  for (int32_t f = 0; f < program.functionCount; ++f) {
    const Function &function = program.functions[f];
    for (int32_t i = 0; i < function.argCount + function.resultCount; ++i) {
      const Slot &slot = i < function.argCount
                             ? function.args[i]
                             : function.results[i - function.argCount];
      if (slot.rank > maxRank)
        return error.limit("%s of %s has %d axes; at most %d are supported",
                           slot.name, function.name, slot.rank, maxRank);
    }
  }
  return true;
}

static int runMain(const Program *const *programs, int count, int argc,
                   char **argv) {
  Error error;
  const char *forced = std::getenv("NN_TARGET");
  if (forced && !*forced)
    forced = nullptr;
  const Program *program = chooseProgram(programs, count, forced, error);
  if (!program || !checkRanks(*program, error))
    return error.report();
  if (argc < 2) {
    printHelp(*program, stderr);
    return ExitUser;
  }
  const char *name = argv[1];
  if (!std::strcmp(name, "--help") || !std::strcmp(name, "-h") ||
      !std::strcmp(name, "help")) {
    printHelp(*program, stdout);
    return ExitOk;
  }
  Array<const char *> names;
  for (const auto &command : commands) {
    if (!std::strcmp(name, command.name))
      return command.run(*program, argc - 2, argv + 2);
    names.push(command.name);
  }
  const char *near = nearest(name, names.data(), names.size());
  error.set("unknown command %s%s%s%s", name, near ? "; did you mean " : "",
            near ? near : "; --help lists them", near ? "?" : "");
  return error.report();
}

} // namespace nnrt

int nnrt_main(const nnrt::Program *const *programs, int count, int argc,
              char **argv) {
  nnrt::ignoreFileSizeSignal();
  int code = nnrt::runMain(programs, count, argc, argv);
  // What a command has flushed itself may have failed before.
  if ((std::fflush(stdout) || std::ferror(stdout)) && code == 0) {
    std::fprintf(stderr, "error: cannot write to standard output\n");
    code = nnrt::ExitUser;
  }
  return code;
}
