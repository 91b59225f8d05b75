#include "frontend/ast_expr.h"

namespace nnc::ast {

namespace {

/// How tightly an expression binds, as in NN.g4.
enum Strength {
  Loosest,
  OrS,
  AndS,
  NotS,
  CompareS,
  FlowS,
  AddS,
  MulS,
  NegS,
  PowS,
  PostfixS
};

Strength strength(BinaryOp op) {
  switch (op) {
  case BinaryOp::Or:
    return OrS;
  case BinaryOp::And:
    return AndS;
  case BinaryOp::Add:
  case BinaryOp::Sub:
    return AddS;
  case BinaryOp::Pow:
    return PowS;
  default:
    return MulS;
  }
}

Strength strength(const Expr &expr) {
  switch (expr.kind) {
  case ExprKind::Unary:
    return static_cast<const Unary &>(expr).op == UnaryOp::Neg ? NegS : NotS;
  case ExprKind::Chain:
    return strength(static_cast<const Chain &>(expr).rest[0].op);
  case ExprKind::Compare:
    return CompareS;
  case ExprKind::Contraction:
    return FlowS;
  default:
    return PostfixS;
  }
}

std::string inside(const Expr &expr, Strength least) {
  std::string text = toSource(expr);
  return strength(expr) < least ? "(" + text + ")" : text;
}

Strength tighter(Strength strength) {
  return static_cast<Strength>(strength + 1);
}

std::string join(const std::vector<ExprPtr> &items) {
  std::string text;
  for (const ExprPtr &each : items)
    text += (text.empty() ? "" : ", ") + toSource(*each);
  return text;
}

std::string part(const ExprPtr &expr) { return expr ? toSource(*expr) : ""; }

std::string itemText(const Item &item) {
  switch (item.kind) {
  case Item::Ellipsis:
    return "..";
  case Item::Value:
    return toSource(*item.value);
  case Item::Named:
    return item.name.text + " = " + toSource(*item.value);
  case Item::Slice:
    break;
  }
  return part(item.begin) + ":" + part(item.end) +
         (item.stride ? ":" + toSource(*item.stride) : "");
}

std::string brackets(const std::vector<Item> &items) {
  std::string text;
  for (const Item &each : items)
    text += (text.empty() ? "" : ", ") + itemText(each);
  return "[" + text + "]";
}

std::string callText(const Call &call) {
  std::string text = toSource(*call.callee);
  if (call.hasBrackets)
    text += brackets(call.bracketArgs);
  std::string args;
  for (const Arg &each : call.args)
    args += (args.empty() ? "" : ", ") +
            (each.name.text.empty() ? "" : each.name.text + " = ") +
            itemText(each.item);
  return text + "(" + args + ")";
}

std::string chainText(const Chain &chain) {
  Strength own = strength(chain.rest[0].op);
  // `^` binds to the right, the others to the left.
  bool power = own == PowS;
  std::string text = inside(*chain.first, power ? PostfixS : own);
  if (!power && strength(*chain.first) == own)
    text = "(" + text + ")";
  for (const Chain::Link &each : chain.rest)
    text += std::string(" ") + spelling(each.op) + " " +
            inside(*each.operand, power ? NegS : tighter(own));
  return text;
}

std::string contractionText(const Contraction &contraction) {
  std::string text;
  for (const Contraction::Operand &each : contraction.operands)
    text += (text.empty() ? "" : " * ") +
            inside(*each.value, each.hasBrackets ? PostfixS : NegS) +
            (each.hasBrackets ? brackets(each.brackets) : "");
  std::string result;
  for (const Axis &axis : contraction.result) {
    std::string product = axis.isEllipsis ? ".." : "";
    for (const Ident &factor : axis.factors)
      product += (product.empty() ? "" : "*") + factor.text;
    result += (result.empty() ? "" : ", ") + (product.empty() ? "1" : product);
  }
  return text + " -> [" + result + "]";
}

std::string loopText(const Loop &loop) {
  std::string text = spelling(loop.loop);
  if (loop.count)
    text += " " + toSource(*loop.count);
  std::string names;
  for (const Ident &each : loop.elements)
    names += (names.empty() ? " " : ", ") + each.text;
  if (!names.empty())
    text += names + " in " + join(loop.sequences);
  if (loop.along)
    text += " along " + toSource(*loop.along);
  return text + " { ... }";
}

} // namespace

std::string toSource(const Expr &expr) {
  switch (expr.kind) {
  case ExprKind::Number:
    return static_cast<const Number &>(expr).text;
  case ExprKind::Bool:
    return static_cast<const Bool &>(expr).value ? "true" : "false";
  case ExprKind::String: {
    std::string text = "\"";
    for (char each : static_cast<const String &>(expr).value) {
      if (each == '"' || each == '\\')
        text += '\\';
      text += each == '\n'   ? std::string("\\n")
              : each == '\t' ? std::string("\\t")
                             : std::string(1, each);
    }
    return text + "\"";
  }
  case ExprKind::Training:
    return "training";
  case ExprKind::Name:
    return static_cast<const Name &>(expr).text();
  case ExprKind::List:
    return "[" + join(static_cast<const List &>(expr).items) + "]";
  case ExprKind::Tuple:
    return "(" + join(static_cast<const Tuple &>(expr).items) + ")";
  case ExprKind::Unary: {
    auto &unary = static_cast<const Unary &>(expr);
    return unary.op == UnaryOp::Neg ? "-" + inside(*unary.operand, NegS)
                                    : "!" + inside(*unary.operand, NotS);
  }
  case ExprKind::Chain:
    return chainText(static_cast<const Chain &>(expr));
  case ExprKind::Compare: {
    auto &compare = static_cast<const Compare &>(expr);
    return inside(*compare.lhs, FlowS) + " " + spelling(compare.op) + " " +
           inside(*compare.rhs, FlowS);
  }
  case ExprKind::Call:
    return callText(static_cast<const Call &>(expr));
  case ExprKind::Cast: {
    auto &cast = static_cast<const Cast &>(expr);
    return std::string(spelling(cast.element)) + "(" + toSource(*cast.operand) +
           ")";
  }
  case ExprKind::Index: {
    auto &index = static_cast<const Index &>(expr);
    return inside(*index.base, PostfixS) + brackets(index.items);
  }
  case ExprKind::Member: {
    auto &member = static_cast<const Member &>(expr);
    return inside(*member.base, PostfixS) + "." + member.member.text;
  }
  case ExprKind::Contraction:
    return contractionText(static_cast<const Contraction &>(expr));
  case ExprKind::Loop:
    break;
  }
  return loopText(static_cast<const Loop &>(expr));
}

std::string toSource(const Type &type) {
  if (type.kind == Type::Axis || type.kind == Type::Axes)
    return type.kind == Type::Axis ? "axis" : "axes";
  std::string text;
  if (type.kind == Type::Tuple) {
    for (const Type &each : type.elements)
      text += (text.empty() ? "" : ", ") + toSource(each);
    return "(" + text + ")";
  }
  for (const Type::Dim &each : type.dims)
    text += (text.empty() ? "" : ", ") +
            (each.isEllipsis() ? ".." : toSource(*each.size));
  text = text.empty() ? "" : "[" + text + "]";
  return spelling(type.element) + text;
}

} // namespace nnc::ast
