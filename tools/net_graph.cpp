#include "tools/net_graph.h"

#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>

namespace nnc {

namespace json = llvm::json;

NetCosts::NetCosts(const NetEntry &net, const Program &program,
                   const Sizes &given)
    : net(net), function(*program.module.find(net.function)),
      sizes(withDefaults(given, function)),
      layers(costsOf(function, program.variables)) {}

static json::Object layerObject(const LayerCost &row, const NetCosts &costs) {
  Type type = at(row.result, costs.sizes);
  int64_t products = costs.value(row.multiplyAdds);
  int64_t moved = costs.value(row.bytes);
  json::Object object{{"name", row.name},
                      {"line", row.location.layer ? 0 : row.location.line},
                      {"depth", row.depth},
                      {"inputs", json::Array(row.inputs)},
                      {"type", type.str()},
                      {"parameters", row.parameters},
                      {"multiplyAdds", products},
                      {"bytes", bytesOf(type).value()},
                      {"bytesMoved", moved}};
  if (costs.compiled)
    object["seconds"] = costs.compiled->machine.seconds(products, moved);
  return object;
}

static json::Object kernelObject(const KernelCost &kernel,
                                 const NetCosts &costs) {
  int64_t products = costs.value(kernel.multiplyAdds);
  int64_t moved = costs.value(kernel.bytes);
  return json::Object{
      {"loop", kernel.isLoop},
      {"layers", json::Array(kernel.layers)},
      {"indexed", json::Array(kernel.indexed)},
      {"depth", kernel.depth},
      {"times", costs.value(kernel.times)},
      {"inputs", json::Array(kernel.inputs)},
      {"type", kernel.result ? at(kernel.result, costs.sizes).str() : ""},
      {"multiplyAdds", products},
      {"bytesMoved", moved},
      {"seconds", costs.compiled->machine.seconds(products, moved)}};
}

static json::Object memoryObject(const MemoryReport &memory) {
  json::Object object{{"least", memory.least}, {"scratch", memory.scratch}};
  if (memory.used) {
    object["bytes"] = memory.used->all;
    object["temporaries"] = memory.used->arena;
    object["alive"] = memory.used->bound;
  }
  return object;
}

static std::string textOf(json::Object object) {
  std::string text;
  llvm::raw_string_ostream(text) << json::Value(std::move(object));
  return text;
}

static constexpr const char *partNames[stepParts] = {"forward", "backward",
                                                     "update"};

static json::Object layerObject(const StepLayer &layer,
                                const StepCosts &costs) {
  json::Object object{{"name", layer.name},
                      {"line", layer.location.layer ? 0 : layer.location.line},
                      {"depth", layer.depth}};
  for (int64_t part = 0; part < stepParts; ++part) {
    int64_t products = at(layer.multiplyAdds[part], costs.sizes).value();
    int64_t moved = at(layer.bytes[part], costs.sizes).value();
    object[partNames[part]] = json::Object{
        {"multiplyAdds", products},
        {"bytesMoved", moved},
        {"seconds", costs.compiled->machine.seconds(products, moved)}};
  }
  return object;
}

static json::Object kernelObject(const KernelCost &kernel,
                                 const StepCosts &costs) {
  const StepTable &table = costs.compiled->table;
  int64_t products = at(kernel.multiplyAdds, costs.sizes).value();
  int64_t moved = at(kernel.bytes, costs.sizes).value();
  json::Array parts[stepParts];
  for (const std::vector<int64_t> *rows : {&kernel.layers, &kernel.indexed})
    for (int64_t row : *rows) {
      json::Array &part = parts[table.partOf[row]];
      json::Value layer = table.layerOf[row];
      if (std::find(part.begin(), part.end(), layer) == part.end())
        part.push_back(layer);
    }
  json::Object object{
      {"loop", kernel.isLoop},
      {"depth", kernel.depth},
      {"type", kernel.result ? at(kernel.result, costs.sizes).str() : ""},
      {"multiplyAdds", products},
      {"bytesMoved", moved},
      {"seconds", costs.compiled->machine.seconds(products, moved)}};
  for (int64_t part = 0; part < stepParts; ++part)
    object[partNames[part]] = std::move(parts[part]);
  return object;
}

/// Of a net or a step.
template <typename Costs> static json::Array kernelObjects(const Costs &costs) {
  const std::vector<double> &measured = costs.compiled->measured;
  json::Array kernels;
  for (const KernelCost &kernel : costs.compiled->kernels) {
    json::Object object = kernelObject(kernel, costs);
    if (!measured.empty())
      object["measured"] = measured[kernels.size()];
    kernels.push_back(std::move(object));
  }
  return kernels;
}

std::string stepGraph(const StepCosts &costs) {
  json::Object object{{costs.kind, costs.name},
                      {"sizes", sizesText(costs.function, costs.sizes)},
                      {"memory", memoryObject(costs.memory)}};
  if (costs.compiled) {
    json::Array layers;
    for (const StepLayer &layer : costs.compiled->table.layers)
      layers.push_back(layerObject(layer, costs));
    object["multiplyAdds"] = costs.compiled->multiplyAdds;
    object["layers"] = std::move(layers);
    object["kernels"] = kernelObjects(costs);
  }
  return textOf(std::move(object));
}

std::string netGraph(const NetCosts &costs) {
  const Function &function = costs.function;
  json::Array inputs, layers;
  for (int64_t i = 0; i < function.body.argumentCount(); ++i)
    if (const Attr *name = function.argAttrs[i].find("input"))
      inputs.push_back(json::Object{
          {"name", name->asString()},
          {"type", at(function.body.argument(i)->type(), costs.sizes).str()}});
  for (const LayerCost &row : costs.layers.rows)
    layers.push_back(layerObject(row, costs));
  json::Object object{{"net", costs.net.name},
                      {"sizes", sizesText(function, costs.sizes)},
                      {"inputs", std::move(inputs)},
                      {"layers", std::move(layers)}};
  if (costs.compiled) {
    const Roofline &machine = costs.compiled->machine;
    object["compiled"] = costs.compiled->how;
    object["peak"] = json::Object{{"gflops", machine.flops / 1e9},
                                  {"gbytes", machine.bytes / 1e9},
                                  {"source", machine.source}};
    object["kernels"] = kernelObjects(costs);
    object["memory"] = memoryObject(costs.compiled->memory);
  }
  return textOf(std::move(object));
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
    net.graph = netGraph(NetCosts(net, program, sizes));
}

} // namespace nnc
