#include "tools/written_program.h"

#include "ir/builder.h"
#include "ir/gradient_function.h"

#include <cctype>
#include <set>

namespace nnc {

namespace {

/// Makes names of nets of names and titles: "DerivativesOfTheOutput".
class NetNames {
public:
  /// No net is called as a size is.
  explicit NetNames(const Module &module) {
    for (const auto &function : module.functions)
      for (const std::string &symbol : function->dimSymbols())
        taken.insert(symbol);
  }
  std::string unique(const std::string &title) {
    std::string name;
    bool startsWord = true;
    for (char c : title) {
      auto letter = static_cast<unsigned char>(c);
      if (!std::isalnum(letter)) {
        startsWord = true;
        continue;
      }
      name += startsWord ? static_cast<char>(std::toupper(letter)) : c;
      startsWord = false;
    }
    if (name.empty() || std::isdigit(static_cast<unsigned char>(name[0])))
      name = "Net" + name;
    std::string found = name;
    for (int i = 2; !taken.insert(found).second; ++i)
      found = name + "_" + std::to_string(i);
    return found;
  }

private:
  std::set<std::string> taken;
};

} // namespace

static std::string placeText(const Location &location) {
  std::string file = *location.file;
  return file.substr(file.rfind('/') + 1) + ":" + std::to_string(location.line);
}

static void add(FunctionsToWrite &made, std::unique_ptr<Function> function,
                std::string name, std::string comment) {
  made.nets.push_back({function.get(), std::move(name), std::move(comment)});
  made.functions.push_back(std::move(function));
}

FunctionsToWrite gradientsToWrite(Program &program) {
  FunctionsToWrite made;
  NetNames names(program.module);
  addGradientFunctions(program);
  for (const TrainEntry &train : program.trains)
    for (const StepEntry &step : train.steps) {
      std::string title = step.name.empty() ? train.name : step.name;
      add(made, cloneFunction(*program.module.find(step.gradientFunction)),
          names.unique(title + " gradient"),
          "The loss of " + title + " (" + placeText(step.lossLocation) +
              ") and its derivative by each parameter.");
    }
  auto addDerivatives = [&](const std::string &name, const std::string &title,
                            const std::string &what) {
    const Function *function = program.module.find(name);
    if (std::unique_ptr<Function> derivatives =
            function ? derivativesOf(*function) : nullptr) {
      std::string place = placeText(derivatives->location);
      add(made, std::move(derivatives), names.unique(title),
          "The derivatives in " + what + " (" + place + ").");
    }
  };
  for (const NetEntry &net : program.nets)
    addDerivatives(net.function, net.name + " gradient", "net " + net.name);
  for (const TestEntry &test : program.tests)
    addDerivatives(test.function, test.name, "test \"" + test.name + "\"");
  return made;
}

FunctionsToWrite functionsToWrite(const Program &program) {
  FunctionsToWrite made;
  NetNames names(program.module);
  for (const auto &function : program.module.functions)
    add(made, cloneFunction(*function), names.unique(function->name), "");
  return made;
}

} // namespace nnc
