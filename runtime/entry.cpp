//===- runtime/entry.cpp --------------------------------------------------===//
#include "runtime/entry.h"
#include "runtime/commands.h"
#include "runtime/cpu.h"
#include "runtime/tensor.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace nnrt {

static const struct {
  const char *name, *help;
  int (*run)(const Program &program, int argc, char **argv);
} commands[] = {
    {"train", "Train, and save the weights.", trainCommand},
    {"run", "Compute a net.", runCommand},
    {"test", "Run the tests.", testCommand},
    {"info", "Show nets, parameters and train blocks.", infoCommand},
};

static void printHelp(const Program &program, FILE *file) {
  std::fprintf(file, "Usage: %s COMMAND [options]\n\nCommands:\n",
               program.name);
  for (const auto &command : commands)
    std::fprintf(file, "  %-8s %s\n", command.name, command.help);
  std::fprintf(file,
               "\nEach has its own --help. Environment: NN_THREADS (threads), "
               "NN_GUARD=1 (guarded\nmemory), NN_TARGET (instruction set).\n");
}

void CommonOptions::addTo(Array<OptionSpec> &specs) {
  specs.push({"threads", nullptr, "N",
              "Threads; as many as there are cores by default.",
              OptionKind::Integer, &threads, nullptr, 1});
  specs.push({"guard", nullptr, nullptr,
              "End every buffer at a protected page.", OptionKind::Flag,
              &guard});
}

bool CommonOptions::apply(Error &error) {
  const char *variable = std::getenv("NN_THREADS");
  if (!threads && variable && *variable &&
      (!parseInteger(variable, threads) || threads < 1))
    return error.set("NN_THREADS=%s: a whole number from 1 is needed",
                     variable);
  if (threads > 1024)
    return error.set("%lld threads are too many: at most 1024",
                     (long long)threads);
  const char *guarded = std::getenv("NN_GUARD");
  guardBuffers = guard || (guarded && !std::strcmp(guarded, "1"));
  return true;
}

bool splitAssignment(const char *text, const char *option, Text &name,
                     const char *&value, Error &error) {
  const char *equals = std::strchr(text, '=');
  if (!equals || equals == text || !equals[1])
    return error.set("%s needs NAME=PATH, not '%s'", option, text);
  name.append(text, equals - text);
  value = equals + 1;
  return true;
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
  // A file that grows too large, or a pipe that closes, is an error of the
  // call that writes, and is reported there.
  std::signal(SIGXFSZ, SIG_IGN);
  int code = nnrt::runMain(programs, count, argc, argv);
  if (std::fflush(stdout) && code == 0) {
    std::fprintf(stderr, "error: cannot write to standard output\n");
    code = nnrt::ExitUser;
  }
  return code;
}
