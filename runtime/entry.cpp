//===- runtime/entry.cpp --------------------------------------------------===//
#include "runtime/entry.h"
#include "runtime/cpu.h"
#include "runtime/interrupt.h"
#include "runtime/tensor.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace nnrt {

/// Every command that a program may have, in the order of its help.
static const struct {
  const char *name;
  int32_t Program::*needs; ///< How many of these there are; may be null.
} commandNames[] = {
    {"train", &Program::trainCount},
    {"run", &Program::netCount},
    {"test", &Program::testCount},
    {"grad", &Program::trainCount},
    {"bench", nullptr},
    {"info", nullptr},
};

/// Of a command that the program has no use for.
static int runWithout(const Program &program, const char *name) {
  Error error;
  if (!std::strcmp(name, "test")) {
    std::printf("0 passed, 0 failed\n");
    return ExitOk;
  }
  if (!std::strcmp(name, "run"))
    error.set("%s has no net", program.name);
  else if (!std::strcmp(name, "grad"))
    error.set("%s trains nothing, so that it has no gradients", program.name);
  else
    error.set("%s has no train block", program.name);
  return error.report();
}

bool isCommand(const char *name) {
  for (const auto &known : commandNames)
    if (!std::strcmp(name, known.name))
      return true;
  return false;
}

static const Command *find(const Commands &commands, const char *name) {
  for (int32_t i = 0; i < commands.count; ++i)
    if (!std::strcmp(name, commands.list[i]->name))
      return commands.list[i];
  return nullptr;
}

static void printHelp(const Program &program, const Commands &commands,
                      FILE *file) {
  std::fprintf(file, "Usage: %s COMMAND [options]\n\nCommands:\n",
               program.name);
  for (const auto &known : commandNames)
    if (!known.needs || program.*known.needs)
      std::fprintf(file, "  %-8s %s\n", known.name,
                   find(commands, known.name)->help);
  std::fprintf(file,
               "\nEach has its own --help. Environment: NN_THREADS (threads), "
               "NN_PIN=1 (each\nthread stays on a core), NN_GUARD=1 (guarded "
               "memory), NN_TARGET (instruction\nset).\n");
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

static int runMain(const Program *const *programs, int count,
                   const Commands &commands, int argc, char **argv) {
  Error error;
  const char *forced = std::getenv("NN_TARGET");
  if (forced && !*forced)
    forced = nullptr;
  const Program *program = chooseProgram(programs, count, forced, error);
  if (!program || !checkRanks(*program, error))
    return error.report();
  if (argc < 2) {
    printHelp(*program, commands, stderr);
    return ExitUser;
  }
  const char *name = argv[1];
  if (!std::strcmp(name, "--help") || !std::strcmp(name, "-h") ||
      !std::strcmp(name, "help")) {
    printHelp(*program, commands, stdout);
    return ExitOk;
  }
  Array<const char *> names;
  for (const auto &known : commandNames) {
    bool has = !known.needs || program->*known.needs;
    if (has)
      names.push(known.name);
    if (std::strcmp(name, known.name))
      continue;
    if (has)
      return find(commands, name)->run(*program, argc - 2, argv + 2);
    return runWithout(*program, name);
  }
  const char *near = nearest(name, names.data(), names.size());
  error.set("unknown command %s%s%s%s", name, near ? "; did you mean " : "",
            near ? near : "; --help lists them", near ? "?" : "");
  return error.report();
}

} // namespace nnrt

int nnrt_main(const nnrt::Program *const *programs, int count,
              const nnrt::Commands *commands, int argc, char **argv) {
  nnrt::ignoreFileSizeSignal();
  int code = nnrt::runMain(programs, count, *commands, argc, argv);
  // What a command has flushed itself may have failed before.
  if ((std::fflush(stdout) || std::ferror(stdout)) && code == 0) {
    std::fprintf(stderr, "error: cannot write to standard output\n");
    code = nnrt::ExitUser;
  }
  return code;
}
