//===- optimizers.cpp: an optimizer's text, run for each parameter --------===//
#include "frontend/train_state.h"

namespace nnc {

void Elaborator::optimize(TrainState &train, const StepState &step,
                          const std::vector<Value *> &clipped) {
  std::vector<Value *> gradients = clipped;
  for (auto kind : {ast::TrainItem::ClipNorm, ast::TrainItem::ClipValue})
    if (const ast::TrainItem *item = step.clauses.find(kind))
      gradients = clip(gradients, *item);
  std::vector<const ast::TrainItem *> items = groups(step);
  if (items.empty())
    return;
  at(items[0]->loc);
  std::map<std::string, Val> clock = {
      {"t", Val::tensor(floatRole("step"))},
      {"epoch", Val::tensor(floatRole("epoch"))},
      {"steps", Val::tensor(floatRole("steps"))}};
  for (size_t i = 0; i < step.paths.size(); ++i)
    if (!optimizeOne(train, step.prefix, *items[i], step.paths[i], gradients[i],
                     clock))
      return;
}

/// `name(w)`: what its declaration calls the parameter.
Val Elaborator::nameOf(const CallSite &site) {
  auto args = arguments(site, {"w"}, 1);
  if (!args)
    return {};
  const ast::Arg *arg = (*args)[0];
  auto *name = ast::as<ast::Name>(arg->item.value);
  if (!name || name->text() != "w" || frame->optimized.empty())
    return poison(site.loc, "name(w) is of the parameter of an optimizer");
  Val text;
  text.kind = Val::Text;
  text.text = frame->optimized.substr(frame->optimized.rfind('.') + 1);
  return text;
}

bool Elaborator::optimizeOne(TrainState &train, const std::string &stepPrefix,
                             const ast::TrainItem &item,
                             const std::string &path, Value *gradient,
                             const std::map<std::string, Val> &clock) {
  auto *call = ast::as<ast::Call>(item.value);
  auto *callee =
      call ? ast::as<ast::Name>(call->callee) : ast::as<ast::Name>(item.value);
  if (!callee) {
    error(item.value->loc, "an optimizer is called, as in Sgd(lr = 0.1)");
    return false;
  }
  size_t used;
  std::optional<Definition> found = definition(*callee, used);
  if (!found)
    return false;
  if (!found->callable || used != callee->path.size() ||
      found->callable->callable != ast::CallableKind::Optimizer) {
    unknownName(callee->path.back(), "optimizer");
    return false;
  }
  const ast::Callable &optimizer = *found->callable;
  called.insert(&optimizer);
  static const std::vector<ast::Arg> none;
  CallSite site{item.value.get(), callee->loc,
                callee->text(),   false,
                nullptr,          call ? &call->args : &none};
  Value *parameter = state->variables[path];
  const Type type = parameter->type();
  const AxisNames &axes = variableAxes[path];

  // Its arguments are expressions of t, epoch, steps and w.
  Frame arguments = *frame;
  arguments.caller = frame;
  Frame *block = frame;
  frame = &arguments;
  at(item.value->loc);
  for (const auto &[name, value] : clock)
    arguments.values[name] = value;
  arguments.values["w"] = Val::tensor(parameter, axes);
  arguments.optimized = path;
  std::vector<std::optional<Val>> values;
  std::vector<Loc> locs;
  bool ok = bindArguments(site, optimizer, values, locs);
  frame = block;
  if (!ok)
    return false;

  std::string prefix = stepPrefix;
  for (char c : optimizer.name.text)
    prefix += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  size_t before = sink.errorCount();
  Frame body = topFrame(*found->file);
  body.callable = &optimizer;
  body.isOptimizer = true;
  body.optimized = path;
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
  body.values["w"] = Val::tensor(parameter, axes);
  body.values["g"] = Val::tensor(gradient, axes);
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
      state = &train.init;
      at(name.loc);
      Value *start = initialValue(held->init.get(), type, full,
                                  Variable::Optimizer, name.loc);
      if (start) {
        train.initResults.push_back(start);
        train.initAttrs.push_back({{"variable", full}});
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
  frame = block;
  return sink.errorCount() == before;
}

} // namespace nnc
