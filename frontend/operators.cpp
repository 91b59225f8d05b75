//===- operators.cpp: arithmetic and comparison, folded where known -------===//
#include "frontend/expression_elaborator.h"

#include <cmath>

namespace nnc {

Val ExpressionElaborator::evalUnary(const ast::Unary &unary) {
  Val value = eval(*unary.operand);
  at(unary.loc);
  if (unary.op == ast::UnaryOp::Not) {
    if (value.isLiteral() && value.literal->isScalar() &&
        value.literal->kind == LiteralKind::Bool)
      return Val::boolean(value.literal->data[0] == 0);
    value = materialise(value, Elem::Bool, unary.loc);
    if (value.isPoison())
      return value;
    if (value.ir->type().elem() != Elem::Bool)
      return mistyped(unary.loc, "`!` needs bool, not " + value.describe());
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
    return mistyped(unary.loc, "`-` needs a number, not " + value.describe());
  return Val::tensor(builder().op("neg", {value.ir}), value.axes);
}

Val ExpressionElaborator::evalChain(const ast::Chain &chain) {
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

std::optional<double> ExpressionElaborator::constant(const Val &value) const {
  if (value.kind == Val::Size && value.size.isConstant())
    return static_cast<double>(value.size.value());
  if (value.isLiteral() && value.literal->isScalar() &&
      !value.literal->data.empty() && (!value.literal->named || foldNamed))
    return value.literal->data[0];
  return std::nullopt;
}

std::optional<Dim> ExpressionElaborator::sizeOf(const Val &value) const {
  if (value.kind == Val::Size)
    return value.size;
  if (value.isLiteral() && value.literal->isScalar() &&
      value.literal->kind == LiteralKind::Integer &&
      !value.literal->data.empty() && std::abs(value.literal->data[0]) < 1e15)
    return Dim(static_cast<int64_t>(value.literal->data[0]));
  return std::nullopt;
}

/// Arithmetic of numbers that are known, and of sizes.
Val ExpressionElaborator::fold(ast::BinaryOp op, const Val &left,
                               const Val &right, bool &done) {
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

Val ExpressionElaborator::binary(ast::BinaryOp op, Val left, Val right,
                                 Loc loc) {
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
    return mistyped(loc, sign + " needs " + (logic ? "bool" : "numbers") +
                             ", not " + sides[0].describe());
  if ((op == Op::Pow || op == Op::Div) && !isFloat(elem))
    return mistyped(loc, sign + " needs floats, not " + sides[0].describe());
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

Val ExpressionElaborator::evalCompare(const ast::Compare &compare) {
  Val left = eval(*compare.lhs), right = eval(*compare.rhs);
  if (left.isPoison() || right.isPoison())
    return {};
  at(compare.opLoc);
  bool equality =
      compare.op == ast::CompareOp::Eq || compare.op == ast::CompareOp::Ne;
  if (left.kind == Val::Text && right.kind == Val::Text && equality)
    return Val::boolean((left.text == right.text) ==
                        (compare.op == ast::CompareOp::Eq));
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

std::optional<double> ExpressionElaborator::constantOf(const ast::Expr &expr,
                                                       const char *what) {
  size_t before = sink.errorCount();
  ++foldNamed;
  Val value = eval(expr);
  --foldNamed;
  std::optional<double> number = constant(value);
  if (!number && sink.errorCount() == before)
    error(expr.loc, std::string(what) +
                        " needs a number known when compiling, not " +
                        value.describe());
  return number;
}

} // namespace nnc
