//===- variables.cpp: parameters and states, and their paths --------------===//
#include "frontend/expression_elaborator.h"

#include "ir/scan.h"

namespace nnc {

int64_t ExpressionElaborator::findVariable(const std::string &path) const {
  for (size_t i = 0; i < program.variables.size(); ++i)
    if (program.variables[i].path == path)
      return static_cast<int64_t>(i);
  return -1;
}

LoopVariable *LoopState::find(const std::string &path,
                              const LoopState *stacked) {
  for (LoopVariable &each : variables)
    if (each.path == path && each.stacked == stacked)
      return &each;
  return nullptr;
}

/// The path of a net, or of a layer bound at file level, that is trained;
/// empty if it is none.
std::string ExpressionElaborator::trainedPath(const ast::Name &net) {
  size_t used;
  std::optional<Definition> found = definition(net, used);
  if (!found)
    return "";
  if (found->binding && used == net.path.size()) {
    std::shared_ptr<Instance> instance = fileInstance(*found);
    return instance ? instance->path : "";
  }
  if (found->callable && used == net.path.size() &&
      found->callable->callable == ast::CallableKind::Net)
    return found->file->prefix + found->callable->name.text;
  unknownName(net.path.back(), "net");
  return "";
}

/// Whether the path, or an owner that it goes through, is being trained.
bool ExpressionElaborator::isTrained(const std::string &path) const {
  for (size_t end = path.find('.'); end != path.npos;
       end = path.find('.', end + 1))
    if (state->trained.contains(path.substr(0, end)))
      return true;
  return state->trained.contains(path);
}

/// The variable's value in the body of `loop`: an argument of the function or
/// of the loop at its first use. Any state may be changed further on, so a loop
/// takes each as if it carried it; makeScan sees which it does.
Value *ExpressionElaborator::variable(const std::string &path,
                                      LoopState *stacked, LoopState *loop) {
  const Variable &declared = program.variables[findVariable(path)];
  std::string hint = path.substr(path.rfind('.') + 1);
  if (!loop) {
    Value *&value = state->variables[path];
    if (!value)
      value = state->function->addArgument(declared.type, hint,
                                           {{"variable", path}});
    return value;
  }
  if (const LoopVariable *known = loop->find(path, stacked))
    return known->now;
  bool isPart = loop == stacked;
  Value *outside =
      variable(path, isPart ? stacked->around : stacked, loop->outer);
  if (!isPart && declared.kind != Variable::State)
    return outside;
  const Type &type = outside->type();
  Value *argument =
      loop->body->addArgument(isPart ? withoutAxis(type, 0) : type, hint);
  loop->variables.push_back({path, stacked, outside, argument, argument});
  return argument;
}

/// Requires that its value was asked for at this point.
void ExpressionElaborator::setVariable(const std::string &path,
                                       LoopState *stacked, Value *now) {
  if (state->loop) {
    state->loop->find(path, stacked)->now = now;
    return;
  }
  state->variables[path] = now;
  state->changed.insert(path);
}

Val ExpressionElaborator::readVariable(const std::string &path,
                                       LoopState *stacked, Loc loc) {
  int64_t index = findVariable(path);
  if (index < 0) {
    std::vector<std::string> known;
    for (const Variable &each : program.variables)
      known.push_back(each.path);
    return poison(loc, "there is no parameter " + path +
                           didYouMean(nearest(path, known)));
  }
  Value *value = variable(path, stacked);
  const AxisNames &axes = variableAxes[path];
  return Val::tensor(value, {axes.end() - value->type().rank(), axes.end()});
}

Value *ExpressionElaborator::role(const std::string &name) {
  Value *&value = state->roles[name];
  if (!value)
    value = state->function->addArgument(
        Type::scalar(name == "seed" ? Elem::I64 : Elem::I32), name,
        {{"role", name}});
  return value;
}

Value *ExpressionElaborator::floatRole(const std::string &name) {
  return builder().op("cast", {role(name)}, {}, {Type::scalar(floatElem())});
}

/// Random numbers of a place of their own; in a loop each turn has others.
Value *ExpressionElaborator::random(const char *op, const Type &type) {
  Value *step;
  if (state == &initState)
    step = builder().constant(0, Type::scalar(Elem::I32));
  else
    step = role("step");
  for (LoopState *loop = state->loop; loop; loop = loop->outer) {
    // A multiplier that is prime to 2^32 and larger than common lengths.
    Value *scale = builder().constant(1000003, step->type());
    Value *spread = builder().op("mul", {step, scale});
    step = builder().op("add", {spread, loop->position});
  }
  return builder().op(op, {role("seed"), step},
                      {{"place", Dim(state->places++)}}, {type});
}

Val ExpressionElaborator::declareVariable(const std::string &path,
                                          Variable::Kind kind,
                                          const ast::Type &type,
                                          const ast::Expr *init, Loc loc) {
  AxisNames axes;
  if (type.kind != ast::Type::Tensor)
    return poison(type.loc, "a parameter is one tensor");
  std::optional<Type> part = typeOf(*frame, type, &axes);
  if (!part)
    return {};
  // See Note [Sizes of results].
  for (const Frame *each = frame; each; each = each->caller)
    for (const auto &[name, size] : each->sizeDefaults)
      for (const Dim &dim : part->shape())
        if (dim.uses(name))
          each->sizesParameters->insert(name);
  for (int64_t i = 0; i < part->rank(); ++i)
    if (!part->dim(i).isConstant() && !onTrial)
      return poison(loc,
                    path + " has a size that is not known when compiling: " +
                        (axes[i].none() ? part->dim(i).str() : axes[i].text));
  Type whole = *part;
  AxisNames wholeAxes = axes;
  for (LoopState *loop = frame->stacked; loop; loop = loop->around) {
    whole = withAxis(whole, 0, *loop->stacked);
    wholeAxes.insert(wholeAxes.begin(), AxisName());
  }
  int64_t index = findVariable(path);
  if (index >= 0) {
    if (!(program.variables[index].type == whole))
      return poison(loc, path + " is " + whole.str() + " here but " +
                             program.variables[index].type.str() +
                             " where it was first used");
  } else {
    program.variables.push_back({kind, path, whole});
    variableLocs[path] = loc;
    AxisNames &outer = variableAxes[path] = wholeAxes;
    for (AxisName &axis : outer) {
      for (const Frame *each = frame; each; each = each->caller)
        axis = outward(*each, axis);
      if (axis.scope > 0)
        axis = {}; // a name that nobody else can know
    }
    FunctionState *saved = state;
    std::map<std::string, Val> values;
    std::map<std::string, LoopState *> states;
    values.swap(frame->values);
    states.swap(frame->states);
    state = &initState;
    at(loc);
    const Block &made = initState.function->body;
    const Op *last = made.empty() ? nullptr : made.terminator();
    Value *first = onTrial ? nullptr
                           : firstValue(init, *part, whole, path, kind, loc,
                                        values, *saved);
    if (first && hasSymbolsBehind(made, last))
      error(init->loc, "the first value of " + path +
                           " needs a size that is known only when the program "
                           "runs");
    values.swap(frame->values);
    states.swap(frame->states);
    if (first)
      state->variables[path] = first;
    state = saved;
  }
  return Val::tensor(variable(path, frame->stacked), axes);
}

} // namespace nnc
