//===- builtins.cpp: the functions that are not written in .nn ------------===//
#include "frontend/builtin_elaborator.h"

#include <algorithm>

namespace nnc {

auto BuiltinElaborator::table() -> const std::map<std::string, Builtin> & {
  using B = BuiltinElaborator;
  static const std::map<std::string, Builtin> entries = {
      {"abs", &B::elementwise},
      {"argmax", &B::argmax},
      {"argmin", &B::argmax},
      {"avgpool", &B::pool},
      {"broadcast", &B::broadcast},
      {"ceil", &B::elementwise},
      {"concat", &B::concat},
      {"conv1d", &B::convolution},
      {"conv1d_transpose", &B::convolution},
      {"conv1d_weight_grad", &B::convolution},
      {"conv2d", &B::convolution},
      {"conv2d_transpose", &B::convolution},
      {"conv2d_weight_grad", &B::convolution},
      {"conv3d", &B::convolution},
      {"conv3d_transpose", &B::convolution},
      {"conv3d_weight_grad", &B::convolution},
      {"cos", &B::elementwise},
      {"cumsum", &B::cumsum},
      {"div", &B::intBinary},
      {"erf", &B::elementwise},
      {"exp", &B::elementwise},
      {"flatten", &B::flatten},
      {"floor", &B::elementwise},
      {"gather", &B::gather},
      {"grad", &B::grad},
      {"log", &B::elementwise},
      {"logsumexp", &B::reduction},
      {"max", &B::minMax},
      {"maxpool", &B::pool},
      {"mean", &B::reduction},
      {"min", &B::minMax},
      {"mod", &B::intBinary},
      {"name", &B::nameOf},
      {"normal", &B::randomLike},
      {"one_hot", &B::oneHot},
      {"ones", &B::filled},
      {"pad", &B::pad},
      {"product", &B::reduction},
      {"range", &B::range},
      {"rank", &B::rank},
      {"reshape", &B::reshape},
      {"reverse", &B::reverse},
      {"round", &B::elementwise},
      {"scatter_add", &B::scatterAdd},
      {"shape", &B::shape},
      {"sigmoid", &B::elementwise},
      {"sign", &B::elementwise},
      {"sin", &B::elementwise},
      {"size", &B::size},
      {"split", &B::split},
      {"sqrt", &B::elementwise},
      {"stack", &B::stack},
      {"stop_gradient", &B::stopGradient},
      {"sum", &B::reduction},
      {"tanh", &B::elementwise},
      {"topk", &B::topk},
      {"uniform", &B::randomLike},
      {"update", &B::update},
      {"where", &B::where},
      {"zeros", &B::filled},
      {"idx", &B::dataCall},
      {"csv", &B::dataCall},
      {"npy", &B::dataCall},
      {"npz", &B::dataCall},
      {"text", &B::dataCall},
      {"image", &B::dataCall},
  };
  return entries;
}

bool BuiltinElaborator::isBuiltin(const std::string &name) const {
  return table().contains(name);
}

Val BuiltinElaborator::callBuiltin(const CallSite &site) {
  return (this->*table().at(site.name))(site);
}

std::vector<std::string> BuiltinElaborator::builtinNames() const {
  std::vector<std::string> names;
  for (const auto &[name, function] : table())
    names.push_back(name);
  return names;
}

std::optional<std::vector<const ast::Arg *>>
BuiltinElaborator::arguments(const CallSite &site,
                             std::initializer_list<const char *> names,
                             size_t required) {
  std::vector<const ast::Arg *> found(names.size());
  if (site.hasBrackets && site.args) {
    error(site.loc, site.name + " takes no arguments in brackets");
    return std::nullopt;
  }
  size_t position = 0;
  static const std::vector<ast::Arg> none;
  for (const ast::Arg &arg : site.args ? *site.args : none) {
    size_t index = names.size();
    if (arg.name.text.empty()) {
      index = position++;
    } else {
      size_t i = 0;
      for (const char *name : names) {
        if (arg.name.text == name)
          index = i;
        ++i;
      }
    }
    if (index >= names.size()) {
      if (arg.name.text.empty())
        error(arg.loc(), site.name + " takes at most " +
                             std::to_string(names.size()) +
                             (names.size() == 1 ? " argument" : " arguments"));
      else
        unknown(arg.name, site.name + " has no argument " + arg.name.text,
                {names.begin(), names.end()});
      return std::nullopt;
    }
    if (found[index]) {
      error(arg.loc(), "argument " + std::string(names.begin()[index]) +
                           " of " + site.name + " is given twice");
      return std::nullopt;
    }
    if (arg.item.kind != ast::Item::Value) {
      error(arg.loc(), "a slice is no argument of " + site.name);
      return std::nullopt;
    }
    found[index] = &arg;
  }
  for (size_t i = 0; i < required; ++i)
    if (!found[i]) {
      error(site.loc,
            site.name + " needs its argument " + std::string(names.begin()[i]));
      return std::nullopt;
    }
  return found;
}

Val BuiltinElaborator::evalArg(const ast::Arg *arg) {
  return eval(*arg->item.value);
}

Val BuiltinElaborator::elementwise(const CallSite &site) {
  auto args = arguments(site, {"x"}, 1);
  if (!args)
    return {};
  Val x = evalArg((*args)[0]);
  bool anyNumber = site.name == "abs" || site.name == "sign";
  x = anyNumber ? materialise(x, std::nullopt, site.loc)
                : floats(x, site.name, site.loc);
  if (x.isPoison())
    return x;
  at(site.loc);
  if (x.ir->type().elem() == Elem::Bool)
    return poison(site.loc, site.name + " needs numbers, not " + x.describe());
  if (site.name == "ceil") {
    // ceil(x) = -floor(-x)
    Value *down = builder().op("floor", {builder().op("neg", {x.ir})});
    return Val::tensor(builder().op("neg", {down}), x.axes);
  }
  return Val::tensor(builder().op(site.name, {x.ir}), x.axes);
}

Val BuiltinElaborator::minMax(const CallSite &site) {
  size_t positional = 0;
  for (const ast::Arg &arg : *site.args)
    positional += arg.name.text.empty();
  if (positional < 2)
    return reduction(site);
  auto args = arguments(site, {"a", "b"}, 2);
  if (!args)
    return {};
  Val a = evalArg((*args)[0]), b = evalArg((*args)[1]);
  if (auto x = constant(a), y = constant(b); x && y && !a.isPoison()) {
    bool whole = sizeOf(a) && sizeOf(b);
    return Val::number(site.name == "max" ? std::max(*x, *y) : std::min(*x, *y),
                       whole ? LiteralKind::Integer : LiteralKind::Float);
  }
  if (a.kind == Val::Size || b.kind == Val::Size)
    if (auto m = sizeOf(a), n = sizeOf(b); m && n)
      return Val::dimension(site.name == "max" ? Dim::max(*m, *n)
                                               : Dim::min(*m, *n));
  std::vector<Val> sides = {a, b};
  if (!unify(sides, std::nullopt, site.loc))
    return {};
  if (sides[0].ir->type().elem() == Elem::Bool)
    return poison(site.loc, site.name + " needs numbers, not bool");
  return Val::tensor(builder().op(site.name, {sides[0].ir, sides[1].ir}),
                     sides[0].axes);
}

Val BuiltinElaborator::where(const CallSite &site) {
  auto args = arguments(site, {"c", "a", "b"}, 3);
  if (!args)
    return {};
  Val c = materialise(evalArg((*args)[0]), Elem::Bool, site.loc);
  std::vector<Val> sides = {evalArg((*args)[1]), evalArg((*args)[2])};
  if (c.isPoison() || sides[0].isPoison() || sides[1].isPoison())
    return {};
  if (c.ir->type().elem() != Elem::Bool)
    return poison(site.loc,
                  "the first argument of where is a bool, not " + c.describe());
  if (!unify(sides, std::nullopt, site.loc))
    return {};
  std::vector<Val> all = {c, sides[0]};
  std::optional<Aligned> aligned = align(all, site.loc);
  if (!aligned)
    return {};
  at(site.loc);
  Value *which = stretch(c, aligned->shape);
  Value *yes = stretch(sides[0], aligned->shape);
  Value *no = stretch(sides[1], aligned->shape);
  return Val::tensor(builder().op("select", {which, yes, no}), aligned->axes);
}

Val BuiltinElaborator::intBinary(const CallSite &site) {
  auto args = arguments(site, {"a", "b"}, 2);
  if (!args)
    return {};
  std::vector<Val> sides = {evalArg((*args)[0]), evalArg((*args)[1])};
  // Of a size and a number it is a size.
  if (auto m = sizeOf(sides[0]), n = sizeOf(sides[1]);
      m && n && sides[0].kind == Val::Size && n->isConstant() &&
      n->value() > 0) {
    Dim quotient = m->floorDiv(n->value());
    return Val::dimension(site.name == "div" ? quotient : *m - quotient * *n);
  }
  if (!unify(sides, Elem::I32, site.loc))
    return {};
  if (!isInteger(sides[0].ir->type().elem()))
    return poison(site.loc, site.name + " is of whole numbers, not " +
                                sides[0].describe() +
                                (site.name == "div" ? "; use `/`" : ""));
  const char *op = site.name == "div" ? "int_div" : "mod";
  return Val::tensor(builder().op(op, {sides[0].ir, sides[1].ir}),
                     sides[0].axes);
}

Val BuiltinElaborator::stopGradient(const CallSite &site) {
  auto args = arguments(site, {"x"}, 1);
  if (!args)
    return {};
  Val x = materialise(evalArg((*args)[0]), std::nullopt, site.loc);
  if (x.isPoison())
    return x;
  at(site.loc);
  return Val::tensor(builder().op("stop_gradient", {x.ir}), x.axes);
}

Val BuiltinElaborator::shape(const CallSite &site) {
  auto args = arguments(site, {"x"}, 1);
  if (!args)
    return {};
  Val x = materialise(evalArg((*args)[0]), std::nullopt, site.loc);
  if (x.isPoison())
    return x;
  Val result = Val::number(0, LiteralKind::Integer);
  result.literal->data.clear();
  result.literal->shape = {Dim(x.ir->type().rank())};
  result.literal->elem = Elem::I32;
  for (const Dim &dim : x.ir->type().shape()) {
    if (!dim.isConstant())
      return poison(site.loc, "shape has a size that is not known when "
                              "compiling, " +
                                  dim.str() + "; use size(x, over=...)");
    result.literal->data.push_back(static_cast<double>(dim.value()));
  }
  return result;
}

Val BuiltinElaborator::rank(const CallSite &site) {
  auto args = arguments(site, {"x"}, 1);
  if (!args)
    return {};
  Val x = materialise(evalArg((*args)[0]), std::nullopt, site.loc);
  if (x.isPoison())
    return x;
  return Val::number(static_cast<double>(x.ir->type().rank()),
                     LiteralKind::Integer);
}

Val BuiltinElaborator::size(const CallSite &site) {
  auto args = arguments(site, {"x", "over"}, 1);
  if (!args)
    return {};
  Val x = materialise(evalArg((*args)[0]), std::nullopt, site.loc);
  if (x.isPoison())
    return x;
  auto axes =
      axesOf(x, (*args)[1] ? (*args)[1]->item.value.get() : nullptr, site.loc);
  if (!axes)
    return {};
  Dim count = 1;
  for (int64_t axis : *axes)
    count = count * x.ir->type().dim(axis);
  return Val::dimension(count);
}

Val BuiltinElaborator::randomLike(const CallSite &site) {
  auto args = arguments(site, {"like", "seed", "step", "place"}, 1);
  if (!args)
    return {};
  Val like = materialise(evalArg((*args)[0]), std::nullopt, site.loc);
  if (like.isPoison())
    return like;
  Type type = like.ir->type();
  if (!isFloat(type.elem()))
    type = type.withElem(floatElem());
  const char *op = site.name == "normal" ? "random_normal" : "random_uniform";
  at(site.loc);
  if (!(*args)[1] && !(*args)[2] && !(*args)[3])
    return Val::tensor(random(op, type), like.axes);
  if (!(*args)[1] || !(*args)[2] || !(*args)[3])
    return poison(site.loc, "seed, step and place are given together, or not "
                            "at all");
  Val seed = materialise(evalArg((*args)[1]), Elem::I64, site.loc);
  Val step = materialise(evalArg((*args)[2]), Elem::I32, site.loc);
  auto place = numbersOf((*args)[3], 1, 0, 0);
  if (seed.isPoison() || step.isPoison() || !place)
    return {};
  if (!(seed.ir->type() == Type::scalar(Elem::I64)) ||
      !(step.ir->type() == Type::scalar(Elem::I32)))
    return poison(site.loc, "seed is an i64 and step an i32, not " +
                                seed.describe() + " and " + step.describe());
  at(site.loc);
  return Val::tensor(builder().op(op, {seed.ir, step.ir},
                                  {{"place", Dim(place->front())}}, {type}),
                     like.axes);
}

} // namespace nnc
