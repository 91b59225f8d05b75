//===- variables.cpp: parameters and states, their paths and first values -===//
#include "frontend/elaborator.h"

#include "frontend/limitations.h"

#include <cmath>

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

/// `glorot()` and its like, for a tensor of `type`. Stacked parameters have
/// one more axis in front, which does not count.
Value *Elaborator::randomInit(const ast::Call &call, const Type &type) {
  const std::string &name = static_cast<ast::Name &>(*call.callee).first().text;
  Shape shape = type.shape();
  if (frame->stacked)
    shape.erase(shape.begin());
  auto uniform = [&](double low, double high) {
    Value *u = random("random_uniform", type);
    Value *wide =
        builder().op("mul", {u, builder().constant(high - low, type)});
    return builder().op("add", {wide, builder().constant(low, type)});
  };
  auto number = [&](const ast::Arg &arg) -> std::optional<double> {
    if (arg.item.kind != ast::Item::Value)
      return std::nullopt;
    ++foldNamed;
    Val value = eval(*arg.item.value);
    --foldNamed;
    return constant(value);
  };
  std::vector<double> numbers;
  std::map<std::string, double> named;
  for (const ast::Arg &arg : call.args) {
    std::optional<double> value = number(arg);
    if (!value) {
      error(arg.loc(), "an initialiser takes numbers known when compiling");
      return nullptr;
    }
    if (arg.name.text.empty())
      numbers.push_back(*value);
    else
      named[arg.name.text] = *value;
  }
  if (name == "normal") {
    double deviation = numbers.empty() ? 1 : numbers[0];
    if (named.contains("std"))
      deviation = named["std"];
    Value *z = random("random_normal", type);
    return builder().op("mul", {z, builder().constant(deviation, type)});
  }
  if (name == "uniform") {
    double low = !numbers.empty() ? numbers[0] : 0;
    double high = numbers.size() > 1 ? numbers[1] : 1;
    return uniform(low, high);
  }
  // The last axis is the fan out and the rest the fan in; of a convolution's
  // [O, I, H, W] the fan in is I*H*W and the fan out O*H*W.
  double fanIn = 1, fanOut = 1;
  size_t rank = shape.size();
  if (rank >= 1)
    fanOut = static_cast<double>(shape.back().value());
  for (size_t i = 0; i + 1 < rank; ++i)
    fanIn *= static_cast<double>(shape[i].value());
  if (named.contains("fan_in"))
    fanIn = named["fan_in"];
  if (named.contains("fan_out"))
    fanOut = named["fan_out"];
  if (rank == 4 && named.empty()) {
    double field = static_cast<double>(shape[2].value() * shape[3].value());
    fanIn = static_cast<double>(shape[1].value()) * field;
    fanOut = static_cast<double>(shape[0].value()) * field;
  }
  if (name == "glorot") {
    // Glorot and Bengio, AISTATS 2010: U(-a, a), a = sqrt(6 / (in + out)).
    double bound = std::sqrt(6 / (fanIn + fanOut));
    return uniform(-bound, bound);
  }
  // He et al., arXiv 1502.01852: N(0, 2 / in).
  Value *z = random("random_normal", type);
  return builder().op("mul",
                      {z, builder().constant(std::sqrt(2 / fanIn), type)});
}

Value *Elaborator::initialValue(const ast::Expr *init, const Type &type,
                                const std::string &path, Variable::Kind kind,
                                Loc loc) {
  if (!init) {
    if (kind == Variable::Parameter)
      error(loc, "parameter " + path +
                     " has no first value; write `= glorot()` or `= 0`");
    return kind == Variable::Parameter ? nullptr : builder().constant(0, type);
  }
  auto *call = ast::as<ast::Call>(init);
  auto *callee = call ? ast::as<ast::Name>(call->callee) : nullptr;
  if (callee && callee->isSimple()) {
    const std::string &name = callee->first().text;
    if (name == "orthogonal") {
      unsupported(init->loc, limitations::orthogonal);
      return nullptr;
    }
    bool random = name == "glorot" || name == "he";
    if (name == "normal" || name == "uniform")
      random = call->args.empty() || call->args[0].name.text != "like";
    if (random && isFloat(type.elem()))
      return randomInit(*call, type);
    if (random) {
      error(init->loc, name + "() makes floats, not " +
                           std::string(elemName(type.elem())));
      return nullptr;
    }
  }
  Val value = eval(*init);
  value = materialise(value, type.elem(), init->loc);
  if (value.isPoison())
    return nullptr;
  const Type &actual = value.ir->type();
  bool fits = actual.elem() == type.elem() && actual.rank() <= type.rank();
  for (int64_t i = 0; fits && i < actual.rank(); ++i) {
    const Dim &own = actual.dim(i);
    const Dim &whole = type.dim(type.rank() - actual.rank() + i);
    fits = own == whole || (own.isConstant(1) && value.axes[i].none());
  }
  if (!fits) {
    error(init->loc, path + " is " + type.str() + ", and its first value is " +
                         value.describe());
    return nullptr;
  }
  at(init->loc);
  return stretch(value, type.shape());
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
    state = &initState;
    std::map<std::string, Val> values;
    values.swap(frame->values);
    at(loc);
    size_t before = sink.errorCount();
    Value *first = initialValue(init, whole, path, kind, loc);
    values.swap(frame->values);
    if (first)
      state->variables[path] = first;
    state = saved;
    (void)before;
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
