//===- optimizers.cpp: an optimizer's text, run for each parameter --------===//
#include "frontend/elaborator.h"

#include "frontend/limitations.h"

namespace nnc {

void Elaborator::optimize(const ast::TrainItem &item,
                          const std::vector<std::string> &paths,
                          const std::vector<Value *> &gradients,
                          TrainEntry &entry, int64_t index) {
  if (!item.patterns.empty()) {
    unsupported(item.loc, limitations::optimizerGroups);
    return;
  }
  auto *call = ast::as<ast::Call>(item.value);
  auto *callee =
      call ? ast::as<ast::Name>(call->callee) : ast::as<ast::Name>(item.value);
  if (!callee) {
    error(item.value->loc, "an optimizer is called, as in Sgd(lr = 0.1)");
    return;
  }
  size_t used;
  std::optional<Definition> found = definition(*callee, used);
  if (!found)
    return;
  if (!found->callable || used != callee->path.size() ||
      found->callable->callable != ast::CallableKind::Optimizer) {
    unknownName(callee->path.back(), "optimizer");
    return;
  }
  const ast::Callable &optimizer = *found->callable;
  called.insert(&optimizer);
  static const std::vector<ast::Arg> none;
  CallSite site{item.value.get(), callee->loc,
                callee->text(),   false,
                nullptr,          call ? &call->args : &none};

  // Its arguments are expressions of t, epoch and steps.
  Frame arguments = *frame;
  arguments.caller = frame;
  Frame *train = frame;
  frame = &arguments;
  at(item.value->loc);
  std::map<std::string, Val> clock = {
      {"t", Val::tensor(floatRole("step"))},
      {"epoch", Val::tensor(floatRole("epoch"))},
      {"steps", Val::tensor(floatRole("steps"))}};
  for (const auto &[name, value] : clock)
    arguments.values[name] = value;
  std::vector<std::optional<Val>> values;
  std::vector<Loc> locs;
  bool ok = bindArguments(site, optimizer, values, locs);
  frame = train;
  if (!ok)
    return;

  // Lower case keeps them apart from parameters, in weight files too.
  std::string prefix = "optimizer";
  if (index)
    prefix += std::to_string(index + 1);
  prefix += ".";
  for (char c : optimizer.name.text)
    prefix += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  FunctionState first;
  auto firstFunction = std::make_unique<Function>();
  first.function = firstFunction.get();
  firstFunction->name = entry.stepFunction + ".init";
  firstFunction->location = location(item.loc);
  first.builder = std::make_unique<Builder>(firstFunction->body);
  std::vector<Value *> firstResults;
  std::vector<AttrDict> firstAttrs;

  size_t before = sink.errorCount();
  for (size_t i = 0; i < paths.size() && sink.errorCount() == before; ++i) {
    const std::string &path = paths[i];
    Frame body = topFrame(*found->file);
    body.callable = &optimizer;
    body.isOptimizer = true;
    body.printedFor = path;
    frame = &body;
    body.values = clock;
    for (size_t j = 0; j < values.size(); ++j) {
      const ast::Callable::Param &param = optimizer.params[j];
      Val value;
      if (values[j])
        value = *values[j];
      else if (param.init)
        value = eval(*param.init);
      else
        error(site.loc,
              optimizer.name.text + " needs its argument " + param.name.text);
      body.values[param.name.text] = value;
    }
    Value *parameter = state->variables[path];
    const Type type = parameter->type();
    const AxisNames &axes = variableAxes[path];
    body.values["w"] = Val::tensor(parameter, axes);
    body.values["g"] = Val::tensor(gradients[i], axes);
    std::vector<std::pair<std::string, std::string>> states;
    for (const ast::StmtPtr &stmt : optimizer.body) {
      auto *held = ast::as<ast::StateStmt>(stmt);
      if (!held) {
        runStmt(*stmt);
        continue;
      }
      for (const ast::Ident &name : held->names) {
        std::string full = prefix + "." + name.text + "." + path;
        program.variables.push_back({Variable::Optimizer, full, type});
        FunctionState *step = state;
        state = &first;
        at(name.loc);
        Value *start = initialValue(held->init.get(), type, full,
                                    Variable::Optimizer, name.loc);
        if (start) {
          firstResults.push_back(start);
          firstAttrs.push_back({{"variable", full}});
        }
        state = step;
        body.values[name.text] = Val::tensor(variable(full), axes);
        states.push_back({name.text, full});
      }
    }
    states.push_back({"w", path});
    for (const auto &[name, full] : states) {
      const Val &now = body.values[name];
      if (!now.isTensor())
        continue;
      state->variables[full] = now.ir;
      state->changed.insert(full);
    }
    frame = train;
  }
  frame = train;
  if (firstResults.empty())
    return;
  FunctionState *step = state;
  state = &first;
  finish(firstResults, firstAttrs);
  state = step;
  entry.initFunction = firstFunction->name;
  program.module.functions.push_back(std::move(firstFunction));
}

} // namespace nnc
