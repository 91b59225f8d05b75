//===- builtins.cpp: the functions that are not written in .nn ------------===//
#include "frontend/elaborator.h"

#include "ir/check.h"

#include <algorithm>
#include <set>

namespace nnc {

Elaborator::Builtin Elaborator::findBuiltin(const std::string &name) {
  using E = Elaborator;
  static const std::map<std::string, Builtin> table = {
      {"abs", &E::elementwise},
      {"argmax", &E::argmax},
      {"argmin", &E::argmax},
      {"avgpool", &E::pool},
      {"ceil", &E::elementwise},
      {"concat", &E::concat},
      {"conv1d", &E::convolution},
      {"conv1d_transpose", &E::convolution},
      {"conv2d", &E::convolution},
      {"conv2d_transpose", &E::convolution},
      {"conv3d", &E::convolution},
      {"conv3d_transpose", &E::convolution},
      {"cos", &E::elementwise},
      {"cumsum", &E::cumsum},
      {"div", &E::intBinary},
      {"erf", &E::elementwise},
      {"exp", &E::elementwise},
      {"flatten", &E::flatten},
      {"floor", &E::elementwise},
      {"gather", &E::gather},
      {"grad", &E::grad},
      {"log", &E::elementwise},
      {"logsumexp", &E::reduction},
      {"max", &E::minMax},
      {"maxpool", &E::pool},
      {"mean", &E::reduction},
      {"min", &E::minMax},
      {"mod", &E::intBinary},
      {"name", &E::nameOf},
      {"normal", &E::randomLike},
      {"one_hot", &E::oneHot},
      {"ones", &E::filled},
      {"pad", &E::pad},
      {"product", &E::reduction},
      {"range", &E::range},
      {"rank", &E::rank},
      {"reshape", &E::reshape},
      {"reverse", &E::reverse},
      {"round", &E::elementwise},
      {"shape", &E::shape},
      {"sigmoid", &E::elementwise},
      {"sign", &E::elementwise},
      {"sin", &E::elementwise},
      {"size", &E::size},
      {"split", &E::split},
      {"sqrt", &E::elementwise},
      {"stack", &E::stack},
      {"stop_gradient", &E::stopGradient},
      {"sum", &E::reduction},
      {"tanh", &E::elementwise},
      {"topk", &E::topk},
      {"uniform", &E::randomLike},
      {"update", &E::update},
      {"where", &E::where},
      {"zeros", &E::filled},
      {"idx", &E::dataCall},
      {"csv", &E::dataCall},
      {"npy", &E::dataCall},
      {"npz", &E::dataCall},
      {"text", &E::dataCall},
      {"image", &E::dataCall},
  };
  auto found = table.find(name);
  return found == table.end() ? nullptr : found->second;
}

std::vector<std::string> Elaborator::builtinNames() {
  std::vector<std::string> names = {
      "abs",   "argmax",  "ceil",    "concat",  "cos",    "cumsum",
      "erf",   "exp",     "flatten", "floor",   "gather", "grad",
      "log",   "max",     "mean",    "min",     "normal", "one_hot",
      "ones",  "pad",     "product", "range",   "rank",   "reshape",
      "round", "reverse", "shape",   "sigmoid", "sign",   "sin",
      "size",  "split",   "sqrt",    "stack",   "sum",    "stop_gradient",
      "tanh",  "uniform", "update",  "where",   "zeros"};
  for (const char *name : {"conv1d", "conv2d", "conv3d"}) {
    names.push_back(name);
    names.push_back(std::string(name) + "_transpose");
  }
  return names;
}

/// A call of a function of std that no text of the program has written.
Val Elaborator::callStd(const std::string &name, const std::vector<Val> &values,
                        Loc loc) {
  Definition found = scopes.findStd(name);
  std::vector<ast::Arg> args(values.size());
  Frame caller = *frame;
  for (size_t i = 0; i < values.size(); ++i) {
    auto value = std::make_unique<ast::Name>();
    value->loc = loc;
    value->path = {{"argument" + std::to_string(i), loc}};
    caller.values[value->path[0].text] = values[i];
    args[i].item.loc = loc;
    args[i].item.value = std::move(value);
  }
  CallSite site{nullptr, loc, name, false, nullptr, &args};
  Frame *saved = frame;
  frame = &caller;
  Val result = call(site, *found.callable, *found.file, nullptr);
  frame = saved;
  return result;
}

Val Elaborator::evalCall(const ast::Call &call) {
  auto *callee = ast::as<ast::Name>(call.callee);
  check(callee, "the parser lets only a name be called");
  CallSite site{&call,
                callee->loc,
                callee->text(),
                call.hasBrackets,
                &call.bracketArgs,
                &call.args};
  return callNamed(site, *callee);
}

Val Elaborator::callNamed(const CallSite &site, const ast::Name &callee) {
  const ast::Ident &first = callee.first();
  if (!callee.isSimple()) {
    std::optional<Member> member = resolve(callee);
    if (!member)
      return {};
    if (member->definition)
      return call(site, *member->definition.callable, *member->definition.file,
                  nullptr);
    if (member->instance)
      return callInstance(site, *member->instance);
    if (!member->value.isPoison())
      error(first.loc, callee.text() + " is " + member->value.describe() +
                           ", which cannot be called");
    return {};
  }
  auto local = frame->values.find(first.text);
  if (local != frame->values.end() && local->second.kind == Val::Instance)
    return callInstance(site, *local->second.instance);
  if (local != frame->values.end() && local->second.isPoison() &&
      first.isCompileTime())
    return {};
  size_t used;
  std::optional<Definition> found = definition(callee, used);
  if (!found)
    return {};
  if (found->binding) {
    std::shared_ptr<Instance> instance = fileInstance(*found);
    return instance ? callInstance(site, *instance) : Val();
  }
  if (*found)
    return call(site, *found->callable, *found->file, nullptr);
  if (Builtin builtin = findBuiltin(first.text)) {
    Val value = (this->*builtin)(site);
    at(site.loc);
    return value;
  }
  static const std::set<std::string> initialisers = {"glorot", "he",
                                                     "orthogonal"};
  if (initialisers.contains(first.text))
    return poison(first.loc, first.text + "() is a first value, and stands "
                                          "alone after `param ... =`");
  if (local != frame->values.end()) {
    if (!local->second.isPoison())
      error(first.loc, first.text + " is " + local->second.describe() +
                           ", which cannot be called");
    return {};
  }
  unknownName(first, first.isCompileTime() ? "layer or net" : "function");
  return {};
}

std::optional<std::vector<const ast::Arg *>>
Elaborator::arguments(const CallSite &site,
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

Val Elaborator::evalArg(const ast::Arg *arg) { return eval(*arg->item.value); }

Val Elaborator::elementwise(const CallSite &site) {
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

Val Elaborator::minMax(const CallSite &site) {
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
  std::vector<Val> sides = {a, b};
  if (!unify(sides, std::nullopt, site.loc))
    return {};
  if (sides[0].ir->type().elem() == Elem::Bool)
    return poison(site.loc, site.name + " needs numbers, not bool");
  return Val::tensor(builder().op(site.name, {sides[0].ir, sides[1].ir}),
                     sides[0].axes);
}

Val Elaborator::where(const CallSite &site) {
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

Val Elaborator::intBinary(const CallSite &site) {
  auto args = arguments(site, {"a", "b"}, 2);
  if (!args)
    return {};
  std::vector<Val> sides = {evalArg((*args)[0]), evalArg((*args)[1])};
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

Val Elaborator::stopGradient(const CallSite &site) {
  auto args = arguments(site, {"x"}, 1);
  if (!args)
    return {};
  Val x = materialise(evalArg((*args)[0]), std::nullopt, site.loc);
  if (x.isPoison())
    return x;
  at(site.loc);
  return Val::tensor(builder().op("stop_gradient", {x.ir}), x.axes);
}

Val Elaborator::shape(const CallSite &site) {
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

Val Elaborator::rank(const CallSite &site) {
  auto args = arguments(site, {"x"}, 1);
  if (!args)
    return {};
  Val x = materialise(evalArg((*args)[0]), std::nullopt, site.loc);
  if (x.isPoison())
    return x;
  return Val::number(static_cast<double>(x.ir->type().rank()),
                     LiteralKind::Integer);
}

Val Elaborator::size(const CallSite &site) {
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

Val Elaborator::randomLike(const CallSite &site) {
  auto args = arguments(site, {"like"}, 1);
  if (!args)
    return {};
  Val like = materialise(evalArg((*args)[0]), std::nullopt, site.loc);
  if (like.isPoison())
    return like;
  Type type = like.ir->type();
  if (!isFloat(type.elem()))
    type = type.withElem(floatElem());
  at(site.loc);
  return Val::tensor(
      random(site.name == "normal" ? "random_normal" : "random_uniform", type),
      like.axes);
}

} // namespace nnc
