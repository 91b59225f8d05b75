#include "tools/net_graph.h"

#include "ir/cost.h"

#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

namespace nnc {

namespace json = llvm::json;

static json::Object layerObject(const LayerCost &row, const Sizes &sizes) {
  Type type = at(row.result, sizes);
  return json::Object{
      {"name", row.name},
      {"line", row.location.layer ? 0 : row.location.line},
      {"depth", row.depth},
      {"inputs", json::Array(row.inputs)},
      {"type", type.str()},
      {"parameters", row.parameters},
      {"multiplyAdds", at(row.multiplyAdds, sizes).value()},
      {"bytes", (elementCount(type.shape()) * elemBytes(type.elem())).value()}};
}

std::string netGraph(const NetEntry &net, const Program &program,
                     const Sizes &given) {
  const Function &function = *program.module.find(net.function);
  const Sizes sizes = withDefaults(given, function);
  json::Array inputs, layers;
  for (int64_t i = 0; i < function.body.argumentCount(); ++i)
    if (const Attr *name = function.argAttrs[i].find("input"))
      inputs.push_back(json::Object{
          {"name", name->asString()},
          {"type", at(function.body.argument(i)->type(), sizes).str()}});
  for (const LayerCost &row : costsOf(function, program.variables))
    layers.push_back(layerObject(row, sizes));
  std::string text;
  llvm::raw_string_ostream(text)
      << json::Value(json::Object{{"net", net.name},
                                  {"sizes", sizesText(function, sizes)},
                                  {"inputs", std::move(inputs)},
                                  {"layers", std::move(layers)}});
  return text;
}

void addNetGraphs(Program &program) {
  Sizes sizes;
  for (const TrainEntry &train : program.trains)
    for (const StepEntry &step : train.steps)
      if (const Function *function = program.module.find(step.function))
        if (const Attr *expected = function->attrs.find("expected"))
          for (const auto &[name, size] : expected->asDict())
            sizes.try_emplace(name, size.asInt());
  for (NetEntry &net : program.nets)
    net.graph = netGraph(net, program, sizes);
}

} // namespace nnc
