//===- first_values.cpp: what parameters and states start as --------------===//
//
// First values are made in a function of their own, `init`, which runs before
// the program has any input. What an initialiser takes from its activation is
// made there once more, if it is known by then.
//
//===----------------------------------------------------------------------===//
#include "frontend/expression_elaborator.h"

#include "frontend/walk.h"
#include "ir/rewriter.h"

#include <algorithm>
#include <cmath>

namespace nnc {

namespace {

/// Copies values of another function into `init`.
struct FirstValueCopier {
  FunctionState &init;
  const FunctionState &from;
  /// Of each `repeat` around, the turn whose values are copied.
  const std::map<const LoopState *, int64_t> &turns;
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
  /// A turn's part of another parameter's first value.
  bool copyPart(const LoopState &loop, const LoopVariable &each) {
    metSlice = true;
    auto turn = turns.find(&loop);
    if (turn == turns.end() || !copy(each.outside))
      return false;
    const Type &type = each.outside->type();
    Shape starts(type.rank(), Dim(0)), sizes = type.shape();
    std::vector<int64_t> steps(starts.size(), 1);
    starts[0] = turn->second;
    sizes[0] = 1;
    Value *part = init.builder->op("slice", {known.find(each.outside)},
                                   {{"starts", Attr(starts)},
                                    {"sizes", Attr(sizes)},
                                    {"steps", Attr::ints(steps)}});
    known.set(each.argument,
              init.builder->op("reshape", {part}, {}, {each.argument->type()}));
    return true;
  }

  /// Another parameter: its first value.
  bool copyArgument(Value *value) {
    for (const LoopState *loop = from.loop; loop; loop = loop->outer)
      for (const LoopVariable &each : loop->variables)
        if (loop->isPart(each) && each.argument == value)
          return copyPart(*loop, each);
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
bool ExpressionElaborator::bindFirstValues(
    const ast::Expr &init, const std::map<std::string, Val> &values,
    const FunctionState &from, const Turns &turns) {
  FirstValueCopier copier{initState, from, turns, {}};
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
    if (!isKnown && copier.metSlice && turns.empty())
      value = {};
    else if (!isKnown)
      value = poison(first.loc, "a first value cannot use " + first.text +
                                    ", which is known only when the program "
                                    "runs");
    frame->values[first.text] = value;
  });
  return copier.metSlice;
}

/// Saxe, McClelland and Ganguli, arXiv 1312.6120: the first axis against the
/// others, with orthonormal rows, or columns if there are fewer of them. Of a
/// parameter that `repeat` stacks each turn's alone.
Value *ExpressionElaborator::orthogonal(const Type &type, double gain,
                                        Loc loc) {
  Shape shape = type.shape();
  int64_t count = 1;
  for (LoopState *loop = frame->stacked; loop; loop = loop->around) {
    count *= shape[0].value();
    shape.erase(shape.begin());
  }
  if (shape.size() < 2) {
    error(loc, "orthogonal() is for tensors of two axes or more, not " +
                   type.withShape(shape).str());
    return nullptr;
  }
  int64_t rows = shape[0].value(), columns = 1;
  for (size_t i = 1; i < shape.size(); ++i)
    columns *= shape[i].value();
  bool isTall = rows > columns;
  Type flat =
      type.withShape({std::min(rows, columns), std::max(rows, columns)});
  Shape one = shape;
  one.insert(one.begin(), Dim(1));
  std::vector<Value *> parts;
  for (int64_t i = 0; i < count; ++i) {
    Val normal = Val::tensor(random("random_normal", flat));
    Val made = callStd("orthonormal_rows", {normal}, loc);
    if (made.isPoison())
      return nullptr;
    Value *value = isTall ? transpose(made, {1, 0}).ir : made.ir;
    parts.push_back(
        builder().op("reshape", {value}, {}, {type.withShape(one)}));
  }
  Value *whole = builder().op(
      "reshape", {builder().op("concat", parts, {{"axis", 0}})}, {}, {type});
  return builder().op("mul", {whole, builder().constant(gain, type)});
}

/// `glorot()` and its like, for a tensor of `type`. The axes in front by
/// which `repeat` stacks a parameter do not count.
Value *ExpressionElaborator::randomInit(const ast::Call &call,
                                        const Type &type) {
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
  if (name == "orthogonal")
    return orthogonal(type, numbers.empty() ? 1 : numbers[0], call.loc);
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

Value *ExpressionElaborator::initialValue(const ast::Expr *init,
                                          const Type &type,
                                          const std::string &path,
                                          Variable::Kind kind, Loc loc,
                                          bool *isDrawn) {
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
    bool random = name == "glorot" || name == "he" || name == "orthogonal";
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
  if (isDrawn)
    *isDrawn = state->places != places;
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

/// The first value of a parameter, of which `part` is what one turn of the
/// `repeat`s around it sees. Turns differ if it is made of other stacked
/// parameters or of random numbers: then each is made alone.
Value *ExpressionElaborator::firstValue(
    const ast::Expr *init, const Type &part, const Type &whole,
    const std::string &path, Variable::Kind kind, Loc loc,
    const std::map<std::string, Val> &values, const FunctionState &from) {
  bool differ = init && bindFirstValues(*init, values, from, {});
  if (!differ) {
    int places = state->places;
    Value *first = initialValue(init, whole, path, kind, loc, &differ);
    if (!differ || !frame->stacked || !first)
      return first;
    state->places = places;
  }
  std::vector<const LoopState *> loops;
  int64_t count = 1;
  for (const LoopState *loop = frame->stacked; loop; loop = loop->around) {
    loops.push_back(loop);
    count *= loop->stacked->value();
  }
  Shape one = part.shape();
  one.insert(one.begin(), Dim(1));
  LoopState *stacked = frame->stacked;
  frame->stacked = nullptr;
  std::vector<Value *> parts;
  for (int64_t i = 0; i < count; ++i) {
    // The innermost changes fastest.
    Turns turns;
    int64_t rest = i;
    for (const LoopState *loop : loops) {
      turns[loop] = rest % loop->stacked->value();
      rest /= loop->stacked->value();
    }
    frame->values.clear();
    bindFirstValues(*init, values, from, turns);
    Value *value = initialValue(init, part, path, kind, loc);
    if (!value)
      break;
    parts.push_back(
        builder().op("reshape", {value}, {}, {part.withShape(one)}));
  }
  frame->stacked = stacked;
  if (static_cast<int64_t>(parts.size()) != count)
    return nullptr;
  Value *all = builder().op("concat", parts, {{"axis", 0}});
  return builder().op("reshape", {all}, {}, {whole});
}

} // namespace nnc
