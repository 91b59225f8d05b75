//===- variables.cpp: parameters and states, and their paths --------------===//
#include "frontend/elaborator.h"

namespace nnc {

int64_t Elaborator::findVariable(const std::string &path) const {
  for (size_t i = 0; i < program.variables.size(); ++i)
    if (program.variables[i].path == path)
      return static_cast<int64_t>(i);
  return -1;
}

/// The variable's value now; an argument of the function at its first use.
Value *Elaborator::variable(const std::string &path) {
  Value *&value = state->variables[path];
  if (!value)
    value = state->function->addArgument(
        program.variables[findVariable(path)].type,
        path.substr(path.rfind('.') + 1), {{"variable", path}});
  return value;
}

Val Elaborator::readVariable(const std::string &path, Loc loc) {
  int64_t index = findVariable(path);
  if (index < 0) {
    std::vector<std::string> known;
    for (const Variable &each : program.variables)
      known.push_back(each.path);
    std::string near = nearest(path, known);
    return poison(loc,
                  "there is no parameter " + path +
                      (near.empty() ? "" : "; did you mean " + near + "?"));
  }
  return Val::tensor(variable(path), variableAxes[path]);
}

Value *Elaborator::role(const std::string &name) {
  Value *&value = state->roles[name];
  if (!value)
    value = state->function->addArgument(
        Type::scalar(name == "seed" ? Elem::I64 : Elem::I32), name,
        {{"role", name}});
  return value;
}

Value *Elaborator::floatRole(const std::string &name) {
  return builder().op("cast", {role(name)}, {}, {Type::scalar(floatElem())});
}

/// Random numbers of a place of their own; in a loop each turn has others.
Value *Elaborator::random(const char *op, const Type &type) {
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

Val Elaborator::declareVariable(const std::string &path, Variable::Kind kind,
                                const ast::Type &type, const ast::Expr *init,
                                Loc loc) {
  AxisNames axes;
  if (type.kind != ast::Type::Tensor)
    return poison(type.loc, "a parameter is one tensor");
  std::optional<Type> part = typeOf(*frame, type, &axes);
  if (!part)
    return {};
  for (int64_t i = 0; i < part->rank(); ++i)
    if (!part->dim(i).isConstant())
      return poison(loc,
                    path + " has a size that is not known when compiling: " +
                        (axes[i].none() ? part->dim(i).str() : axes[i].text));
  Type whole = *part;
  LoopState *stacked = frame->stacked;
  if (stacked) {
    Shape shape = part->shape();
    shape.insert(shape.begin(), *stacked->stacked);
    whole = part->withShape(shape);
  }
  int64_t index = findVariable(path);
  if (index >= 0) {
    if (!(program.variables[index].type == whole))
      return poison(loc, path + " is " + whole.str() + " here but " +
                             program.variables[index].type.str() +
                             " where it was first used");
  } else {
    program.variables.push_back({kind, path, whole});
    variableAxes[path] = axes;
    FunctionState *saved = state;
    std::map<std::string, Val> values;
    values.swap(frame->values);
    state = &initState;
    if (init)
      bindFirstValues(*init, values, *saved);
    at(loc);
    size_t symbols = initState.function->dimSymbols().size();
    Value *first = initialValue(init, whole, path, kind, loc);
    std::vector<std::string> now = initState.function->dimSymbols();
    if (first && now.size() > symbols)
      error(init->loc, "the first value of " + path +
                           " needs a size that is known only when the program "
                           "runs");
    values.swap(frame->values);
    if (first)
      state->variables[path] = first;
    state = saved;
  }
  if (!stacked)
    return Val::tensor(variable(path), axes);
  Value *&slice = stacked->sliceOf[path];
  if (!slice) {
    slice = stacked->body->addArgument(*part, path.substr(path.rfind('.') + 1));
    stacked->slices.push_back({variable(path), slice});
  }
  return Val::tensor(slice, axes);
}

} // namespace nnc
