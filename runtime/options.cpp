//===- runtime/options.cpp ------------------------------------------------===//
#include "runtime/options.h"

#include <cctype>
#include <cerrno>
#include <cinttypes>
#include <cstdlib>
#include <cstring>

namespace nnrt {

bool parseInteger(const char *text, int64_t &value) {
  if (!std::isdigit((unsigned char)*text) &&
      !(*text == '-' && std::isdigit((unsigned char)text[1])))
    return false;
  char *stop;
  errno = 0;
  value = std::strtoll(text, &stop, 10);
  return !*stop && !errno;
}

/// Whether an argument is an option: a negative number is none.
static bool isOption(const char *argument) {
  return argument[0] == '-' && argument[1] &&
         !std::isdigit((unsigned char)argument[1]) && argument[1] != '.';
}

static const OptionSpec *find(const Text &name, const OptionSpec *specs,
                              int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    Text spelled("--");
    spelled.append(specs[i].name);
    if (name == spelled.c_str())
      return &specs[i];
    if (specs[i].letter && name.size() == 2 &&
        name.c_str()[1] == specs[i].letter[0])
      return &specs[i];
  }
  return nullptr;
}

static bool unknownOption(const Text &name, const OptionSpec *specs,
                          int64_t count, Error &error) {
  Array<const char *> names;
  for (int64_t i = 0; i < count; ++i)
    names.push(specs[i].name);
  const char *word = name.c_str();
  while (*word == '-')
    ++word;
  const char *near = nearest(word, names.data(), names.size());
  if (near)
    return error.set("unknown option %s; did you mean --%s?", name.c_str(),
                     near);
  return error.set("unknown option %s; --help lists them", name.c_str());
}

static bool store(const OptionSpec &spec, const char *value, Error &error) {
  if (spec.given)
    *spec.given = true;
  if (spec.kind == OptionKind::Flag) {
    *static_cast<bool *>(spec.target) = true;
  } else if (spec.kind == OptionKind::Text && spec.many) {
    static_cast<Array<const char *> *>(spec.target)->push(value);
  } else if (spec.kind == OptionKind::Text) {
    *static_cast<const char **>(spec.target) = value;
  } else {
    int64_t number;
    if (!parseInteger(value, number) || number < spec.least)
      return error.set("--%s needs a whole number%s, not '%s'", spec.name,
                       spec.least == INT64_MIN ? ""
                       : spec.least == 1       ? " from 1"
                                               : " from 0",
                       value);
    *static_cast<int64_t *>(spec.target) = number;
  }
  return true;
}

bool parseOptions(int argc, char **argv, const OptionSpec *specs, int64_t count,
                  Array<const char *> &positional, bool &help, Error &error) {
  help = false;
  for (int i = 0; i < argc; ++i) {
    const char *argument = argv[i];
    if (!std::strcmp(argument, "--")) {
      while (++i < argc)
        positional.push(argv[i]);
      break;
    }
    if (!isOption(argument)) {
      positional.push(argument);
      continue;
    }
    if (!std::strcmp(argument, "--help") || !std::strcmp(argument, "-h")) {
      help = true;
      continue;
    }
    const char *equals = std::strchr(argument, '=');
    Text name;
    name.append(argument,
                equals ? equals - argument : int64_t(std::strlen(argument)));
    const OptionSpec *spec = find(name, specs, count);
    if (!spec)
      return unknownOption(name, specs, count, error);
    const char *value = equals ? equals + 1 : nullptr;
    if (spec->kind == OptionKind::Flag) {
      if (value)
        return error.set("--%s takes no value", spec->name);
    } else if (!value) {
      if (i + 1 == argc || isOption(argv[i + 1]))
        return error.set("--%s needs a value: --%s %s", spec->name, spec->name,
                         spec->argument);
      value = argv[++i];
    }
    if (!store(*spec, value, error))
      return false;
  }
  return true;
}

Text optionsHelp(const OptionSpec *specs, int64_t count) {
  Text text("Options:\n");
  for (int64_t i = 0; i < count; ++i) {
    Text left;
    left.append("  ");
    if (specs[i].letter)
      left.format("-%s, ", specs[i].letter);
    left.format("--%s", specs[i].name);
    if (specs[i].argument)
      left.format(" %s", specs[i].argument);
    text.format("%-30s %s\n", left.c_str(), specs[i].help);
  }
  text.format("%-30s %s\n", "  -h, --help", "Show this text.");
  return text;
}

} // namespace nnrt
