//===- expressions.cpp: names, literals and casts -------------------------===//
#include "frontend/expression_elaborator.h"

#include <charconv>
#include <cmath>

namespace nnc {

Val ExpressionElaborator::eval(const ast::Expr &expr) {
  at(expr.loc);
  switch (expr.kind) {
  case ast::ExprKind::Number: {
    const auto &number = static_cast<const ast::Number &>(expr);
    double value = 0;
    const char *begin = number.text.data();
    auto [end, wrong] =
        std::from_chars(begin, begin + number.text.size(), value);
    (void)end;
    // Too small for a double is 0; too large is no number.
    if (wrong == std::errc::result_out_of_range &&
        number.text.find("e-") == std::string::npos &&
        number.text.find("E-") == std::string::npos)
      return poison(expr.loc, "the number " + number.text + " is too large");
    return Val::number(value, number.isInteger ? LiteralKind::Integer
                                               : LiteralKind::Float);
  }
  case ast::ExprKind::Bool:
    return Val::boolean(static_cast<const ast::Bool &>(expr).value);
  case ast::ExprKind::Training:
    return Val::boolean(state->training);
  case ast::ExprKind::String: {
    Val value;
    value.kind = Val::Text;
    value.text = static_cast<const ast::String &>(expr).value;
    return value;
  }
  case ast::ExprKind::Name:
    return evalName(static_cast<const ast::Name &>(expr));
  case ast::ExprKind::List:
    return evalList(static_cast<const ast::List &>(expr));
  case ast::ExprKind::Tuple: {
    std::vector<Val> items;
    for (const ast::ExprPtr &item : static_cast<const ast::Tuple &>(expr).items)
      items.push_back(eval(*item));
    return Val::tuple(std::move(items));
  }
  case ast::ExprKind::Unary:
    return evalUnary(static_cast<const ast::Unary &>(expr));
  case ast::ExprKind::Chain:
    return evalChain(static_cast<const ast::Chain &>(expr));
  case ast::ExprKind::Compare:
    return evalCompare(static_cast<const ast::Compare &>(expr));
  case ast::ExprKind::Call:
    return evalCall(static_cast<const ast::Call &>(expr));
  case ast::ExprKind::Cast:
    return evalCast(static_cast<const ast::Cast &>(expr));
  case ast::ExprKind::Index:
    return evalIndex(static_cast<const ast::Index &>(expr));
  case ast::ExprKind::Member: {
    const auto &member = static_cast<const ast::Member &>(expr);
    return poison(member.member.loc,
                  "only a net or a bound layer has parts; to share the weights "
                  "of a layer, bind it, as in `enc = Dense[D, Z]`, and write "
                  "enc.w");
  }
  case ast::ExprKind::Contraction:
    return evalContraction(static_cast<const ast::Contraction &>(expr));
  case ast::ExprKind::Loop:
    return runLoop(static_cast<const ast::Loop &>(expr));
  }
  return {};
}

Val ExpressionElaborator::evalName(const ast::Name &name) {
  const ast::Ident &first = name.first();
  auto local = frame->values.find(first.text);
  if (name.isSimple()) {
    if (local != frame->values.end()) {
      auto held = frame->states.find(first.text);
      if (held == frame->states.end())
        return local->second;
      return Val::tensor(variable(frame->path + "." + first.text, held->second),
                         local->second.axes);
    }
    if (const BoundDim *dim = findDim(*frame, first.text, first.loc))
      return Val::dimension(dim->size);
    if (first.text == "_")
      return poison(first.loc, "`_` discards a value and has none");
    size_t used;
    std::optional<Definition> found = definition(name, used);
    if (!found)
      return {};
    if (found->binding) {
      Val value;
      if ((value.instance = fileInstance(*found)))
        value.kind = Val::Instance;
      return value;
    }
    if (*found || isBuiltin(first.text))
      return poison(
          first.loc,
          first.text + " is a " +
              (*found ? ast::spelling(found->callable->callable) : "function") +
              ", not a value; call it as " + first.text + "(...)");
    unknownName(first, first.isCompileTime() ? "dimension" : "value");
    return {};
  }
  std::optional<Member> member = resolve(name);
  if (!member)
    return {};
  if (member->definition)
    return poison(first.loc,
                  name.text() + " is a " +
                      ast::spelling(member->definition.callable->callable) +
                      ", not a value; call it as " + name.text() + "(...)");
  if (member->instance) {
    member->value.kind = Val::Instance;
    member->value.instance = member->instance;
  }
  return member->value;
}

Val ExpressionElaborator::evalCast(const ast::Cast &cast) {
  Elem elem = elemOf(cast.element, cast.loc);
  Val value = eval(*cast.operand);
  at(cast.loc);
  if (value.isLiteral() && !value.literal->named && isFloat(elem))
    value = materialise(
        value, value.literal->kind == LiteralKind::Bool ? Elem::Bool : elem,
        cast.loc);
  else if (value.kind == Val::Size ||
           (value.isLiteral() && value.literal->kind == LiteralKind::Integer &&
            !value.literal->elem && elem != Elem::Bool))
    value = materialise(value, elem, cast.loc);
  else
    value = materialise(value, std::nullopt, cast.loc);
  if (value.isPoison() || value.ir->type().elem() == elem)
    return value;
  Type type = value.ir->type().withElem(elem);
  return Val::tensor(builder().op("cast", {value.ir}, {}, {type}), value.axes);
}

static bool isWhole(double value) { return value == std::floor(value); }

Val ExpressionElaborator::materialise(Val value, std::optional<Elem> elem,
                                      Loc loc) {
  if (value.isPoison() || value.isTensor())
    return value;
  if (value.kind == Val::Size) {
    Elem as = elem.value_or(floatElem());
    if (as == Elem::Bool)
      return poison(loc, "a dimension is a number, not a bool");
    if (value.size.isConstant())
      return Val::tensor(builder().constant(
          static_cast<double>(value.size.value()), Type::scalar(as)));
    return Val::tensor(
        builder().op("size", {}, {{"value", value.size}}, {Type::scalar(as)}));
  }
  if (!value.isLiteral())
    return mistyped(loc,
                    "this needs a number or a tensor, not " + value.describe());
  Literal &literal = *value.literal;
  bool isBool = literal.kind == LiteralKind::Bool;
  Elem as =
      elem.value_or(literal.elem.value_or(isBool ? Elem::Bool : floatElem()));
  if (isBool != (as == Elem::Bool))
    return mistyped(loc, isBool ? "this is bool, where a number is needed"
                                : "this is a number, where a bool is needed");
  if (literal.kind == LiteralKind::Float && isInteger(as))
    return mistyped(loc, "a number with a fraction is used as " +
                             std::string(elemName(as)));
  if (literal.elem && *literal.elem != as) {
    if (literal.named)
      return poison(loc, "this number is used as " +
                             std::string(elemName(*literal.elem)) + " and as " +
                             std::string(elemName(as)) +
                             "; convert one use with a cast");
  }
  if (literal.fresh)
    return poison(loc, "the shape of a carry that starts as 0 cannot be told "
                       "here; write it, as in zeros[B, H]");
  if (literal.named) {
    if (!literal.value) {
      literal.elem = as;
      literal.value = literal.make(as);
    }
    return Val::tensor(literal.value, literal.axes);
  }
  if (isInteger(as))
    for (double each : literal.data) {
      double most = as == Elem::I32 ? 2147483647.0 : 9007199254740992.0;
      if (!isWhole(each) || std::abs(each) > most)
        return poison(loc, "the number " + floatText(each) + " does not fit " +
                               std::string(elemName(as)));
    }
  Type type = Type::tensor(as, literal.shape);
  if (literal.isScalar())
    return Val::tensor(builder().constant(literal.data[0], type));
  auto data = std::make_shared<const std::vector<double>>(literal.data);
  return Val::tensor(
      builder().op("constant", {}, {{"value", Attr(DenseData(data))}}, {type}));
}

Val ExpressionElaborator::floats(Val value, const std::string &what, Loc loc) {
  value = materialise(value, std::nullopt, loc);
  if (!value.isPoison() && !isFloat(value.ir->type().elem()))
    return mistyped(loc, what + " needs floats, not " + value.describe() +
                             "; convert with f32(...)");
  return value;
}

/// The numbers of a list of lists; false if it is not regular.
static bool isRegular(const std::vector<Val> &items) {
  for (const Val &item : items)
    if (!item.isLiteral() || item.literal->named ||
        !(item.literal->shape == items[0].literal->shape) ||
        (item.literal->kind == LiteralKind::Bool) !=
            (items[0].literal->kind == LiteralKind::Bool))
      return false;
  return true;
}

Val ExpressionElaborator::evalList(const ast::List &list) {
  std::vector<Val> items;
  for (const ast::ExprPtr &item : list.items) {
    items.push_back(eval(*item));
    if (items.back().isPoison())
      return {};
  }
  if (items.empty())
    return poison(list.loc, "an empty list has no shape; use zeros[...]");
  for (Val &item : items)
    if (auto number = constant(item); item.kind == Val::Size && number)
      item = Val::number(*number, LiteralKind::Integer);
  if (isRegular(items)) {
    Val value = Val::number(0, items[0].literal->kind);
    Literal &literal = *value.literal;
    literal.data.clear();
    literal.shape = items[0].literal->shape;
    literal.shape.insert(literal.shape.begin(),
                         Dim(static_cast<int64_t>(items.size())));
    for (const Val &item : items) {
      if (item.literal->kind == LiteralKind::Float)
        literal.kind = LiteralKind::Float;
      literal.data.insert(literal.data.end(), item.literal->data.begin(),
                          item.literal->data.end());
    }
    return value;
  }
  for (size_t i = 1; i < items.size(); ++i)
    if (items[i].isLiteral() && items[0].isLiteral() &&
        !(items[i].literal->shape == items[0].literal->shape))
      return poison(list.items[i]->loc,
                    "the parts of a tensor literal must have one shape, and "
                    "this is " +
                        items[i].describe() + " where the first is " +
                        items[0].describe());
  // Computed elements are stacked.
  if (!unify(items, std::nullopt, list.loc))
    return {};
  std::vector<Value *> parts;
  at(list.loc);
  for (const Val &item : items) {
    Shape shape = item.ir->type().shape();
    shape.insert(shape.begin(), 1);
    parts.push_back(builder().op("reshape", {item.ir}, {},
                                 {item.ir->type().withShape(shape)}));
  }
  AxisNames axes = items[0].axes;
  axes.insert(axes.begin(), AxisName());
  return Val::tensor(builder().op("concat", parts, {{"axis", 0}}), axes);
}

} // namespace nnc
