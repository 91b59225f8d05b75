//===- first_values.cpp: what parameters and states start as --------------===//
//
// First values are made in a function of their own, `init`, which runs before
// the program has any input. What an initialiser takes from its activation is
// made there once more, if it is known by then.
//
//===----------------------------------------------------------------------===//
#include "frontend/elaborator.h"

#include "frontend/limitations.h"
#include "frontend/walk.h"
#include "ir/rewriter.h"

#include <cmath>

namespace nnc {

namespace {

/// Copies values of another function into `init`.
struct FirstValueCopier {
  FunctionState &init;
  const FunctionState &from;
  ValueMap known;
  /// Met one turn's part of a parameter that `repeat` stacks.
  bool metSlice = false;

  /// False if the value depends on what only a run of the program knows.
  bool copy(Value *value) {
    if (known.knows(value))
      return true;
    Op *op = value->definingOp();
    if (!op)
      return copyArgument(value);
    for (Value *operand : op->operands())
      if (!copy(operand))
        return false;
    // The region of a graph op takes nothing from outside it.
    init.builder->clone(*op, known);
    return true;
  }

private:
  /// Another parameter: its first value.
  bool copyArgument(Value *value) {
    for (const LoopState *loop = from.loop; loop; loop = loop->outer)
      for (const LoopVariable &each : loop->variables)
        metSlice |= loop->isPart(each) && each.argument == value;
    const Function &function = *from.function;
    if (value->owner() != &function.body)
      return false;
    const Attr *path = function.argAttrs[value->index()].find("variable");
    auto first =
        path ? init.variables.find(path->asString()) : init.variables.end();
    if (first == init.variables.end())
      return false;
    known.set(value, first->second);
    return true;
  }
};

} // namespace

/// Gives the names that `init` mentions their values in `init`'s function.
void Elaborator::bindFirstValues(const ast::Expr &init,
                                 const std::map<std::string, Val> &values,
                                 const FunctionState &from) {
  FirstValueCopier copier{initState, from, {}};
  std::set<const ast::Expr *> callees;
  forEachExpr(init, [&](const ast::Expr &expr) {
    if (auto *call = ast::as<ast::Call>(&expr))
      callees.insert(call->callee.get());
    auto *name = ast::as<ast::Name>(&expr);
    if (!name || frame->values.contains(name->first().text))
      return;
    const ast::Ident &first = name->first();
    auto known = values.find(first.text);
    if (known == values.end())
      return;
    // Where something is called, a tensor does not hide it.
    if (callees.contains(&expr) && known->second.kind != Val::Instance)
      return;
    Val value = known->second;
    bool isKnown = true;
    std::optional<double> number;
    if (value.isTensor() && value.axes.empty())
      number = splatOf(value.ir);
    if (number) {
      Elem elem = value.ir->type().elem();
      value = Val::number(*number, elem == Elem::Bool ? LiteralKind::Bool
                                   : isFloat(elem)    ? LiteralKind::Float
                                                      : LiteralKind::Integer);
      value.literal->elem = elem;
    } else if (value.isTensor()) {
      isKnown = copier.copy(value.ir);
      if (isKnown)
        value.ir = copier.known.find(value.ir);
    } else if (value.isLiteral()) {
      isKnown = !value.literal->fresh && !value.literal->data.empty();
      value.literal = std::make_shared<Literal>(*value.literal);
      value.literal->named = false;
      value.literal->value = nullptr;
    }
    if (!isKnown && copier.metSlice)
      value = unsupported(first.loc, limitations::stackedFirstValue);
    else if (!isKnown)
      value = poison(first.loc, "a first value cannot use " + first.text +
                                    ", which is known only when the program "
                                    "runs");
    frame->values[first.text] = value;
  });
}

/// `glorot()` and its like, for a tensor of `type`. The axes in front by
/// which `repeat` stacks a parameter do not count.
Value *Elaborator::randomInit(const ast::Call &call, const Type &type) {
  const std::string &name = static_cast<ast::Name &>(*call.callee).first().text;
  Shape shape = type.shape();
  for (LoopState *loop = frame->stacked; loop; loop = loop->around)
    shape.erase(shape.begin());
  auto uniform = [&](double low, double high) {
    Value *u = random("random_uniform", type);
    Value *wide =
        builder().op("mul", {u, builder().constant(high - low, type)});
    return builder().op("add", {wide, builder().constant(low, type)});
  };
  bool reported = false;
  auto number = [&](const ast::Arg &arg) -> std::optional<double> {
    if (arg.item.kind != ast::Item::Value)
      return std::nullopt;
    ++foldNamed;
    Val value = eval(*arg.item.value);
    --foldNamed;
    reported |= value.isPoison();
    return constant(value);
  };
  std::vector<double> numbers;
  std::map<std::string, double> named;
  for (const ast::Arg &arg : call.args) {
    std::optional<double> value = number(arg);
    if (!value) {
      if (!reported)
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
  int places = state->places;
  Val value = eval(*init);
  value = materialise(value, type.elem(), init->loc);
  if (value.isPoison())
    return nullptr;
  // Each turn wants numbers of its own.
  if (frame->stacked && state->places != places) {
    unsupported(init->loc, limitations::stackedRandomValue);
    return nullptr;
  }
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

} // namespace nnc
