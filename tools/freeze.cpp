#include "tools/freeze.h"

#include "ir/builder.h"
#include "runtime/safetensors.h"
#include "runtime/variables.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace nnc {
namespace {

/// The values of the variables, by path.
using Weights = std::map<std::string, std::vector<double>>;

bool read(const Program &program, const std::string &path, Weights &weights,
          std::string &message) {
  std::vector<const Variable *> variables;
  for (const Variable &variable : program.variables)
    if (variable.kind == Variable::Parameter ||
        variable.kind == Variable::State)
      variables.push_back(&variable);
  std::vector<std::vector<char>> bytes;
  std::vector<std::vector<int64_t>> extents;
  std::vector<nnrt::TensorView> views;
  for (const Variable *variable : variables) {
    const Type &type = variable->type;
    bytes.emplace_back(elementCount(type.shape()).value() *
                       elemBytes(type.elem()));
    extents.emplace_back();
    for (const Dim &dim : type.shape())
      extents.back().push_back(dim.value());
  }
  for (size_t i = 0; i < variables.size(); ++i)
    views.push_back({variables[i]->path.c_str(),
                     static_cast<nnrt::ElemType>(variables[i]->type.elem()),
                     static_cast<int32_t>(extents[i].size()), extents[i].data(),
                     bytes[i].data()});
  nnrt::SafetensorsFile file;
  nnrt::Error error;
  if (!file.open(path.c_str(), error) ||
      !file.load(views.data(), static_cast<int64_t>(views.size()),
                 nnrt::isOfTraining, "", error)) {
    message = error.message();
    return false;
  }
  for (size_t i = 0; i < variables.size(); ++i) {
    std::vector<double> &values = weights[variables[i]->path];
    values.resize(elementCount(variables[i]->type.shape()).value());
    nnrt::convert(nnrt::rawType(views[i].elem), bytes[i].data(),
                  nnrt::ElemType::F64, values.data(),
                  static_cast<int64_t>(values.size()));
  }
  return true;
}

bool hasIntegers(const Program &program, const std::string &path) {
  return std::any_of(program.variables.begin(), program.variables.end(),
                     [&](const Variable &variable) {
                       return variable.path == path &&
                              isInteger(variable.type.elem());
                     });
}

/// Arguments that are variables become constants.
void freeze(Function &function, const Weights &weights) {
  for (int64_t i = function.body.argumentCount(); i-- > 0;) {
    const Attr *path = function.argAttrs[i].find("variable");
    if (!path)
      continue;
    Value *argument = function.body.argument(i);
    auto data = std::make_shared<const std::vector<double>>(
        weights.at(path->asString()));
    Builder builder(function.body.operations().front().get());
    Value *constant =
        builder
            .create("constant", {},
                    {{"value", DenseData(data)}, {"frozen", true}},
                    {argument->type()})
            ->result();
    constant->hint = argument->hint;
    argument->replaceAllUsesWith(constant);
    function.body.eraseArgument(i);
    function.argAttrs.erase(function.argAttrs.begin() + i);
  }
}

} // namespace

int freezeWeights(Program &program, const std::string &path,
                  std::string &message) {
  Weights weights;
  if (!read(program, path, weights, message))
    return 1;
  for (const auto &[name, values] : weights)
    for (double value : values)
      // Constants are held as f64.
      if (std::fabs(value) >= 0x1p53 && hasIntegers(program, name)) {
        message =
            name + " has integers of 2^53 or more, which cannot be frozen";
        return 2;
      }
  // A test that looks at weights means those that the program starts with, or
  // those that its own training gives.
  std::erase_if(program.tests, [&](const TestEntry &test) {
    const Function &function = *program.module.find(test.function);
    return test.afterTrain ||
           std::any_of(
               function.argAttrs.begin(), function.argAttrs.end(),
               [](const AttrDict &attrs) { return attrs.find("variable"); });
  });
  std::set<std::string> kept;
  for (const NetEntry &net : program.nets)
    kept.insert(net.function);
  for (const TestEntry &test : program.tests)
    kept.insert(test.function);
  std::erase_if(program.module.functions, [&](const auto &function) {
    return !kept.contains(function->name);
  });
  for (const auto &function : program.module.functions)
    freeze(*function, weights);
  program.trains.clear();
  program.sources.clear();
  program.variables.clear();
  program.initFunction.clear();
  return 0;
}

} // namespace nnc
