#include "frontend/elaborator.h"

#include "frontend/limitations.h"

#include <charconv>
#include <cmath>

namespace nnc {

Val Elaborator::eval(const ast::Expr &expr) {
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
  case ast::ExprKind::Member:
    return unsupported(expr.loc, limitations::memberOfValue);
  case ast::ExprKind::Contraction:
    return evalContraction(static_cast<const ast::Contraction &>(expr));
  case ast::ExprKind::Loop:
    return runLoop(static_cast<const ast::Loop &>(expr));
  }
  return {};
}

Val Elaborator::evalName(const ast::Name &name) {
  const ast::Ident &first = name.first();
  auto local = frame->values.find(first.text);
  if (name.isSimple()) {
    if (local != frame->values.end())
      return local->second;
    if (const DimBinding *dim = findDim(*frame, first.text, first.loc))
      return Val::dimension(dim->size);
    if (first.text == "_")
      return poison(first.loc, "`_` discards a value and has none");
    if (Definition definition = scopes.find(*frame->file, first)) {
      const char *kind = ast::spelling(definition.callable->callable);
      return poison(first.loc, first.text + " is a " + kind +
                                   ", not a value; call it as " + first.text +
                                   "(...)");
    }
    if (findBuiltin(first.text) || scopes.findStd(first.text))
      return poison(first.loc, first.text +
                                   " is a function, not a value; call it as " +
                                   first.text + "(...)");
    unknownName(first, first.isCompileTime() ? "dimension" : "value");
    return {};
  }
  std::string rest;
  for (size_t i = 1; i < name.path.size(); ++i)
    rest += "." + name.path[i].text;
  std::string path = first.text;
  if (local != frame->values.end()) {
    if (local->second.isPoison())
      return {};
    if (local->second.kind != Val::Instance)
      return poison(first.loc, first.text + " is " + local->second.describe() +
                                   ", which has no parts");
    path = local->second.instance->path;
  }
  return readVariable(path + rest, first.loc);
}

Val Elaborator::evalUnary(const ast::Unary &unary) {
  Val value = eval(*unary.operand);
  if (value.isPoison())
    return value;
  at(unary.loc);
  if (unary.op == ast::UnaryOp::Not) {
    if (value.isLiteral() && value.literal->isScalar() &&
        value.literal->kind == LiteralKind::Bool)
      return Val::boolean(value.literal->data[0] == 0);
    value = materialise(value, Elem::Bool, unary.loc);
    if (value.isPoison())
      return value;
    if (value.ir->type().elem() != Elem::Bool)
      return poison(unary.loc, "`!` needs bool, not " + value.describe());
    return Val::tensor(builder().op("not", {value.ir}), value.axes);
  }
  if (value.kind == Val::Size)
    return Val::dimension(-value.size);
  if (value.isLiteral() && value.literal->kind != LiteralKind::Bool &&
      (!value.literal->named || foldNamed) && !value.literal->elem) {
    Val negative = value;
    negative.literal = std::make_shared<Literal>(*value.literal);
    negative.literal->named = false;
    for (double &each : negative.literal->data)
      each = -each;
    return negative;
  }
  value = materialise(value, std::nullopt, unary.loc);
  if (value.isPoison())
    return value;
  if (value.ir->type().elem() == Elem::Bool)
    return poison(unary.loc, "`-` needs a number, not " + value.describe());
  return Val::tensor(builder().op("neg", {value.ir}), value.axes);
}

Val Elaborator::evalChain(const ast::Chain &chain) {
  Val value = eval(*chain.first);
  for (const ast::Chain::Link &link : chain.rest) {
    Val right = eval(*link.operand);
    at(link.opLoc);
    value = link.op == ast::BinaryOp::MatMul
                ? matmul(value, right, link.opLoc)
                : binary(link.op, value, right, link.opLoc);
  }
  return value;
}

std::optional<double> Elaborator::constant(const Val &value) const {
  if (value.kind == Val::Size && value.size.isConstant())
    return static_cast<double>(value.size.value());
  if (value.isLiteral() && value.literal->isScalar() &&
      !value.literal->data.empty() && (!value.literal->named || foldNamed))
    return value.literal->data[0];
  return std::nullopt;
}

std::optional<Dim> Elaborator::sizeOf(const Val &value) const {
  if (value.kind == Val::Size)
    return value.size;
  if (value.isLiteral() && value.literal->isScalar() &&
      value.literal->kind == LiteralKind::Integer &&
      !value.literal->data.empty() && std::abs(value.literal->data[0]) < 1e15)
    return Dim(static_cast<int64_t>(value.literal->data[0]));
  return std::nullopt;
}

/// Arithmetic of numbers that are known, and of sizes.
Val Elaborator::fold(ast::BinaryOp op, const Val &left, const Val &right,
                     bool &done) {
  using Op = ast::BinaryOp;
  done = true;
  auto isBool = [](const Val &value) {
    return value.isLiteral() && value.literal->kind == LiteralKind::Bool;
  };
  auto foldable = [&](const Val &value) {
    return value.kind == Val::Size || constant(value).has_value();
  };
  if (foldable(left) && foldable(right)) {
    if (op == Op::And || op == Op::Or) {
      if (isBool(left) && isBool(right)) {
        bool a = *constant(left) != 0, b = *constant(right) != 0;
        return Val::boolean(op == Op::And ? a && b : a || b);
      }
    } else if (!isBool(left) && !isBool(right)) {
      bool sizes = left.kind == Val::Size || right.kind == Val::Size;
      std::optional<Dim> a = sizeOf(left), b = sizeOf(right);
      if (sizes && a && b) {
        if (op == Op::Add)
          return Val::dimension(*a + *b);
        if (op == Op::Sub)
          return Val::dimension(*a - *b);
        if (op == Op::Mul)
          return Val::dimension(*a * *b);
      }
      std::optional<double> x = constant(left), y = constant(right);
      if (x && y) {
        bool whole = a && b && op != Op::Div && (op != Op::Pow || *y >= 0);
        double result = op == Op::Add   ? *x + *y
                        : op == Op::Sub ? *x - *y
                        : op == Op::Mul ? *x * *y
                        : op == Op::Div ? *x / *y
                                        : std::pow(*x, *y);
        return Val::number(result,
                           whole ? LiteralKind::Integer : LiteralKind::Float);
      }
    }
  }
  done = false;
  return {};
}

Val Elaborator::binary(ast::BinaryOp op, Val left, Val right, Loc loc) {
  using Op = ast::BinaryOp;
  if (left.isPoison() || right.isPoison())
    return {};
  bool done;
  Val folded = fold(op, left, right, done);
  if (done)
    return folded;
  std::string sign = std::string("`") + ast::spelling(op) + "`";
  bool logic = op == Op::And || op == Op::Or;
  // `/` always gives a float, and powers are of floats.
  if (op == Op::Div)
    for (Val *side : {&left, &right})
      if (side->isTensor() && isInteger(side->ir->type().elem())) {
        Val *other = side == &left ? &right : &left;
        Elem elem = other->isTensor() && isFloat(other->ir->type().elem())
                        ? other->ir->type().elem()
                        : floatElem();
        *side = Val::tensor(builder().op("cast", {side->ir}, {},
                                         {side->ir->type().withElem(elem)}),
                            side->axes);
      }
  if (op == Op::Pow && constant(right) == 2.0) {
    left = materialise(left, std::nullopt, loc);
    return binary(Op::Mul, left, left, loc);
  }
  std::vector<Val> sides = {left, right};
  std::optional<Elem> wish;
  if (logic)
    wish = Elem::Bool;
  if (!unify(sides, wish, loc))
    return {};
  Elem elem = sides[0].ir->type().elem();
  if (logic != (elem == Elem::Bool))
    return poison(loc, sign + " needs " + (logic ? "bool" : "numbers") +
                           ", not " + sides[0].describe());
  if ((op == Op::Pow || op == Op::Div) && !isFloat(elem))
    return poison(loc, sign + " needs floats, not " + sides[0].describe());
  const char *name = op == Op::Or    ? "or"
                     : op == Op::And ? "and"
                     : op == Op::Add ? "add"
                     : op == Op::Sub ? "sub"
                     : op == Op::Mul ? "mul"
                     : op == Op::Div ? "div"
                                     : "pow";
  return Val::tensor(builder().op(name, {sides[0].ir, sides[1].ir}),
                     sides[0].axes);
}

static const char *predicate(ast::CompareOp op) {
  switch (op) {
  case ast::CompareOp::Eq:
    return "eq";
  case ast::CompareOp::Ne:
    return "ne";
  case ast::CompareOp::Lt:
    return "lt";
  case ast::CompareOp::Le:
    return "le";
  case ast::CompareOp::Gt:
    return "gt";
  case ast::CompareOp::Ge:
    return "ge";
  }
  return "";
}

Val Elaborator::evalCompare(const ast::Compare &compare) {
  Val left = eval(*compare.lhs), right = eval(*compare.rhs);
  if (left.isPoison() || right.isPoison())
    return {};
  at(compare.opLoc);
  std::optional<double> a = constant(left), b = constant(right);
  std::optional<Dim> m = sizeOf(left), n = sizeOf(right);
  if (m && n && (left.kind == Val::Size || right.kind == Val::Size) &&
      !(a && b)) {
    // Sizes that are not known: equal if they are one formula.
    Dim less = *n - *m, more = *m - *n;
    auto known = [&](bool value) { return Val::boolean(value); };
    switch (compare.op) {
    case ast::CompareOp::Eq:
    case ast::CompareOp::Ne:
      if (*m == *n)
        return known(compare.op == ast::CompareOp::Eq);
      break;
    case ast::CompareOp::Le:
      if (less.isKnownNonNegative())
        return known(true);
      break;
    case ast::CompareOp::Ge:
      if (more.isKnownNonNegative())
        return known(true);
      break;
    case ast::CompareOp::Lt:
      if ((less - 1).isKnownNonNegative())
        return known(true);
      break;
    case ast::CompareOp::Gt:
      if ((more - 1).isKnownNonNegative())
        return known(true);
      break;
    }
  } else if (a && b) {
    switch (compare.op) {
    case ast::CompareOp::Eq:
      return Val::boolean(*a == *b);
    case ast::CompareOp::Ne:
      return Val::boolean(*a != *b);
    case ast::CompareOp::Lt:
      return Val::boolean(*a < *b);
    case ast::CompareOp::Le:
      return Val::boolean(*a <= *b);
    case ast::CompareOp::Gt:
      return Val::boolean(*a > *b);
    case ast::CompareOp::Ge:
      return Val::boolean(*a >= *b);
    }
  }
  std::vector<Val> sides = {left, right};
  if (!unify(sides, std::nullopt, compare.opLoc))
    return {};
  return Val::tensor(builder().op("compare", {sides[0].ir, sides[1].ir},
                                  {{"predicate", predicate(compare.op)}}),
                     sides[0].axes);
}

Val Elaborator::evalCast(const ast::Cast &cast) {
  Elem elem = elemOf(cast.element, cast.loc);
  Val value = eval(*cast.operand);
  if (value.isPoison())
    return value;
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

Val Elaborator::materialise(Val value, std::optional<Elem> elem, Loc loc) {
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
    return poison(loc,
                  "this needs a number or a tensor, not " + value.describe());
  Literal &literal = *value.literal;
  bool isBool = literal.kind == LiteralKind::Bool;
  Elem as =
      elem.value_or(literal.elem.value_or(isBool ? Elem::Bool : floatElem()));
  if (isBool != (as == Elem::Bool))
    return poison(loc, isBool ? "this is bool, where a number is needed"
                              : "this is a number, where a bool is needed");
  if (literal.kind == LiteralKind::Float && isInteger(as))
    return poison(loc, "a number with a fraction is used as " +
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

Val Elaborator::floats(Val value, const std::string &what, Loc loc) {
  value = materialise(value, std::nullopt, loc);
  if (!value.isPoison() && !isFloat(value.ir->type().elem()))
    return poison(loc, what + " needs floats, not " + value.describe() +
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

Val Elaborator::evalList(const ast::List &list) {
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

Val Elaborator::matmul(Val left, Val right, Loc loc) {
  if (left.isPoison() || right.isPoison())
    return {};
  // Only the element types are unified here; the axes go by position.
  std::optional<Elem> elem;
  for (const Val *side : {&left, &right})
    if (side->isTensor())
      elem = side->ir->type().elem();
  left = materialise(left, elem, loc);
  right = materialise(right, elem, loc);
  if (left.isPoison() || right.isPoison())
    return {};
  const Type &a = left.ir->type(), &b = right.ir->type();
  if (a.elem() != b.elem() || a.elem() == Elem::Bool)
    return poison(loc, "`@` needs two tensors of the same numbers, not " +
                           left.describe() + " and " + right.describe());
  if (a.rank() == 0 || b.rank() == 0)
    return poison(loc, "`@` needs tensors, not " + left.describe() + " and " +
                           right.describe() + "; use `*`");
  int64_t inner = b.rank() == 1 ? 0 : b.rank() - 2;
  const AxisName &last = left.axes.back(), &first = right.axes[inner];
  Diagnostic *wrong = nullptr;
  if (!last.none() && !first.none() && !(last == first))
    wrong =
        &error(loc, "`@` sums axis " + last.text + " of " + left.describe() +
                        " with axis " + first.text + " of " + right.describe() +
                        ", which is another axis");
  else if (!(a.dim(a.rank() - 1) == b.dim(inner)))
    wrong =
        &error(loc, "`@` sums an axis that is " + a.dim(a.rank() - 1).str() +
                        " in " + left.describe() + " but " +
                        b.dim(inner).str() + " in " + right.describe());
  if (wrong) {
    if (last.origin.valid())
      wrong->note(last.origin, "axis " + last.text + " comes from here");
    if (first.origin.valid())
      wrong->note(first.origin, "axis " + first.text + " comes from here");
    return {};
  }
  // The leading axes of both go together as in an elementwise operation.
  AxisNames batch(left.axes.begin(), left.axes.end() - 1);
  Shape batchShape(a.shape().begin(), a.shape().end() - 1);
  std::vector<std::string> leftIndex, rightIndex, resultIndex;
  int64_t rowAxes = a.rank() - 1,
          rightBatch = std::max<int64_t>(0, b.rank() - 2);
  // With a batched right side, the left one's last but one axis is its rows.
  if (rightBatch > 0) {
    std::vector<Val> parts;
    AxisNames leftBatch(left.axes.begin(), left.axes.end() - 1);
    if (rowAxes > 0)
      leftBatch.pop_back();
    auto probe = [&](const Val &value, int64_t count) {
      Val part = Val::number(0, LiteralKind::Float);
      part.literal->data.clear();
      part.literal->axes.assign(value.axes.begin(), value.axes.begin() + count);
      part.literal->shape.assign(value.ir->type().shape().begin(),
                                 value.ir->type().shape().begin() + count);
      return part;
    };
    parts = {probe(left, std::max<int64_t>(0, rowAxes - 1)),
             probe(right, rightBatch)};
    std::optional<Aligned> aligned = align(parts, loc);
    if (!aligned)
      return {};
    Shape leftShape = aligned->shape, rightShape = aligned->shape;
    AxisNames names(aligned->axes.size());
    for (size_t i = 0; i < leftBatch.size(); ++i)
      names[names.size() - leftBatch.size() + i] = leftBatch[i];
    for (int64_t i = 0; i < rightBatch; ++i) {
      AxisName &name = names[names.size() - rightBatch + i];
      if (!name.none() && !right.axes[i].none() && !(name == right.axes[i]))
        return poison(loc, "axis " + name.text + " of " + left.describe() +
                               " meets axis " + right.axes[i].text + " of " +
                               right.describe());
      if (name.none())
        name = right.axes[i];
    }
    int64_t leftRest = rowAxes > 0 ? 2 : 1;
    leftShape.insert(leftShape.end(), a.shape().end() - leftRest,
                     a.shape().end());
    rightShape.insert(rightShape.end(), b.shape().end() - 2, b.shape().end());
    AxisNames rows = left.axes, columns = right.axes;
    left = Val::tensor(stretch(left, leftShape));
    right = Val::tensor(stretch(right, rightShape));
    AxisNames result = names;
    for (size_t i = 0; i < names.size(); ++i) {
      std::string index = "b" + std::to_string(i);
      leftIndex.push_back(index);
      rightIndex.push_back(index);
      resultIndex.push_back(index);
    }
    if (leftRest == 2) {
      leftIndex.push_back("i");
      resultIndex.push_back("i");
      result.push_back(rows[rows.size() - 2]);
    }
    leftIndex.push_back("k");
    rightIndex.push_back("k");
    rightIndex.push_back("j");
    resultIndex.push_back("j");
    result.push_back(columns.back());
    batch = result;
  } else {
    for (int64_t i = 0; i < rowAxes; ++i) {
      leftIndex.push_back("i" + std::to_string(i));
      resultIndex.push_back(leftIndex.back());
    }
    leftIndex.push_back("k");
    rightIndex.push_back("k");
    if (b.rank() == 2) {
      rightIndex.push_back("j");
      resultIndex.push_back("j");
      batch.push_back(right.axes.back());
    }
  }
  auto symbols = [](const std::vector<std::string> &names) {
    AttrList list;
    for (const std::string &name : names)
      list.push_back(Dim::symbol(name));
    return Attr(list);
  };
  return Val::tensor(builder().op("contract", {left.ir, right.ir},
                                  {{"left", symbols(leftIndex)},
                                   {"right", symbols(rightIndex)},
                                   {"result", symbols(resultIndex)}}),
                     batch);
}

} // namespace nnc
