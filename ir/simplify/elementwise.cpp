#include "ir/op_def.h"
#include "ir/simplify/rules.h"

#include <cmath>
#include <map>

namespace nnc::simplify {

static bool isIntegerOp(const Op &op) {
  return isInteger(op.result()->type().elem());
}

/// -0 is what leaves every float as it is under +; integers have one zero.
static bool isZeroOfSum(const Op &op, int64_t i) {
  return isSplat(op.operand(i), -0.0) ||
         (isIntegerOp(op) && isSplat(op.operand(i), 0));
}

static bool constantToRight(Op &op, Rewriter &r) {
  Value *left = op.operand(0), *right = op.operand(1);
  auto isConstant = [](Value *value) {
    return value->definingOp() && value->definingOp()->is("constant");
  };
  return isConstant(left) && !isConstant(right) &&
         r.replace(op, r.op(op.name(), {right, left}));
}

static bool compareConstantToRight(Op &op, Rewriter &r) {
  static const std::map<std::string, const char *> turned = {
      {"eq", "eq"}, {"ne", "ne"}, {"lt", "gt"},
      {"gt", "lt"}, {"le", "ge"}, {"ge", "le"}};
  return splatOf(op.operand(0)) && !splatOf(op.operand(1)) &&
         r.replace(op, r.op("compare", {op.operand(1), op.operand(0)},
                            {{"predicate",
                              turned.at(op.attr("predicate").asString())}}));
}

/// (x . a) . b = x . (a . b), which on integers needs no care.
static bool joinConstants(Op &op, Rewriter &r) {
  Op *inner = operandOp(op, 0, op.name());
  return isIntegerOp(op) && inner && splatOf(inner->operand(1)) &&
         splatOf(op.operand(1)) &&
         r.replace(op,
                   r.op(op.name(),
                        {inner->operand(0),
                         r.op(op.name(), {inner->operand(1), op.operand(1)})}));
}

/// Exact if 1/2^n is a normal number of the type.
static bool divideByPowerOfTwo(Op &op, Rewriter &r) {
  std::optional<double> divisor = splatOf(op.operand(1));
  int exponent;
  if (!divisor || std::fabs(std::frexp(*divisor, &exponent)) != 0.5 ||
      std::abs(exponent) > 100)
    return false;
  Value *inverse = r.constant(1 / *divisor, op.result()->type());
  return r.replace(op, r.op("mul", {op.operand(0), inverse}));
}

static bool selectByConstant(Op &op, Rewriter &r) {
  std::optional<double> which = splatOf(op.operand(0));
  return which && r.replace(op, op.operand(*which != 0 ? 1 : 2));
}

/// max(max(x, y), y) = max(x, y), max(y, max(y, x)) = max(y, x). On other sides
/// the sign of a zero and the derivative could come from the other one.
static bool onceIsEnough(Op &op, Rewriter &r) {
  for (int64_t i : {0, 1}) {
    Op *inner = operandOp(op, i, op.name());
    if (!inner)
      continue;
    const Value *y = op.operand(1 - i), *other = inner->operand(1 - i);
    std::optional<double> splat = splatOf(y);
    if (y == other || (splat && isSplat(other, *splat)))
      return r.replace(op, inner->result());
  }
  return false;
}

/// Of a choice inside of one by the same condition, only one side counts.
static bool selectOfSelect(Op &op, Rewriter &r) {
  Value *sides[] = {op.operand(1), op.operand(2)};
  bool changed = false;
  for (int64_t i : {0, 1})
    if (Op *inner = operandOp(op, i + 1, "select");
        inner && inner->operand(0) == op.operand(0)) {
      sides[i] = inner->operand(i + 1);
      changed = true;
    }
  return changed &&
         r.replace(op, r.op("select", {op.operand(0), sides[0], sides[1]}));
}

/// True if `wide` holds every value of `narrow`.
static bool holdsAll(Elem wide, Elem narrow) {
  if (wide == narrow || narrow == Elem::Bool)
    return true;
  return (narrow == Elem::I32 && (wide == Elem::I64 || wide == Elem::F64)) ||
         (narrow == Elem::F32 && wide == Elem::F64);
}

static bool castOfCast(Op &op, Rewriter &r) {
  Op *inner = operandOp(op, 0, "cast");
  if (!inner || !holdsAll(inner->result()->type().elem(),
                          inner->operand(0)->type().elem()))
    return false;
  return r.replace(
      op, r.op("cast", {inner->operand(0)}, {}, {op.result()->type()}));
}

/// 1 / (1 + exp(-x)) = sigmoid(x): NaN, 0 and 1 come out the same, and there is
/// one rounding in place of three.
static bool spelledSigmoid(Op &op, Rewriter &r) {
  Op *sum = operandOp(op, 1, "add");
  if (!isSplat(op.operand(0), 1) || !sum)
    return false;
  for (int64_t i = 0; i < 2; ++i) {
    Op *exp = operandOp(*sum, i, "exp");
    Op *neg = exp ? operandOp(*exp, 0, "neg") : nullptr;
    if (neg && isSplat(sum->operand(1 - i), 1))
      return r.replace(op, r.op("sigmoid", {neg->operand(0)}));
  }
  return false;
}

/// The axes of the result that an operand varies along: all of them, unless it
/// is a broadcast or a splat.
static std::vector<int64_t> variesAlong(const Op &op, int64_t i) {
  if (splatOf(op.operand(i)))
    return {};
  if (const Op *broadcast = operandOp(op, i, "broadcast"))
    return broadcast->attr("axes").asInts();
  std::vector<int64_t> all;
  for (int64_t axis = 0; axis < op.operand(i)->type().rank(); ++axis)
    all.push_back(axis);
  return all;
}

/// If no operand varies along some axis, the op is done without that axis and
/// its result is broadcast.
static bool elementwiseOfBroadcasts(Op &op, Rewriter &r) {
  if (op.def().kind != OpKind::Elementwise || op.resultCount() != 1 ||
      op.def().effect != Effect::None || !op.result()->type().isTensor() ||
      op.operandCount() == 0)
    return false;
  const Type &whole = op.result()->type();
  std::vector<int64_t> place(whole.rank(), -1), axes;
  bool anyBroadcast = false;
  for (int64_t i = 0; i < op.operandCount(); ++i) {
    anyBroadcast |= operandOp(op, i, "broadcast") != nullptr;
    for (int64_t axis : variesAlong(op, i))
      place[axis] = 0;
  }
  Shape shape;
  for (int64_t axis = 0; axis < whole.rank(); ++axis)
    if (place[axis] == 0) {
      place[axis] = static_cast<int64_t>(axes.size());
      axes.push_back(axis);
      shape.push_back(whole.dim(axis));
    }
  if (!anyBroadcast || static_cast<int64_t>(axes.size()) == whole.rank())
    return false;
  std::vector<Value *> operands;
  for (int64_t i = 0; i < op.operandCount(); ++i) {
    Type type = op.operand(i)->type().withShape(shape);
    if (std::optional<double> splat = splatOf(op.operand(i))) {
      operands.push_back(r.constant(*splat, type));
      continue;
    }
    Op *broadcast = operandOp(op, i, "broadcast");
    Value *from = broadcast->operand(0);
    std::vector<int64_t> inner;
    for (int64_t axis : broadcast->attr("axes").asInts())
      inner.push_back(place[axis]);
    operands.push_back(
        from->type() == type
            ? from
            : r.op("broadcast", {from}, {{"axes", Attr::ints(inner)}}, {type}));
  }
  Type stated[] = {whole.withShape(shape)};
  Value *small = r.op(op.name(), operands, op.attrs, stated);
  return r.replace(
      op, r.op("broadcast", {small}, {{"axes", Attr::ints(axes)}}, {whole}));
}

// What a rule's line may say, so that it stays one line.
#define RULE(NAME, ROOT, DOC, CONDITION, RESULT)                               \
  {                                                                            \
    NAME, ROOT, DOC, [](Op &op, Rewriter &r) {                                 \
      auto x = [&](int64_t i) { return op.operand(i); };                       \
      auto from = [&](int64_t i, const char *name) {                           \
        return operandOp(op, i, name);                                         \
      };                                                                       \
      auto is = [&](int64_t i, double value) { return isSplat(x(i), value); }; \
      (void)x, (void)from, (void)is;                                           \
      return (CONDITION) && r.replace(op, RESULT);                             \
    }                                                                          \
  }

// clang-format off
static const RewriteRule rules[] = {
    {"add-constant-first", "add", "c + x = x + c", constantToRight},
    RULE("add-zero", "add", "x + -0 = x", isZeroOfSum(op, 1), x(0)),
    RULE("add-neg", "add", "x + neg y = x - y", from(1, "neg"), r.op("sub", {x(0), from(1, "neg")->operand(0)})),
    RULE("neg-add", "add", "neg x + y = y - x", from(0, "neg"), r.op("sub", {x(1), from(0, "neg")->operand(0)})),
    {"add-constants", "add", "(x + a) + b = x + (a + b), on integers", joinConstants},
    RULE("sub-zero", "sub", "x - 0 = x", is(1, 0), x(0)),
    RULE("sub-neg", "sub", "x - neg y = x + y", from(1, "neg"), r.op("add", {x(0), from(1, "neg")->operand(0)})),
    RULE("sub-itself", "sub", "x - x = 0, on integers", isIntegerOp(op) && x(0) == x(1), r.constant(0, x(0)->type())),
    {"mul-constant-first", "mul", "c * x = x * c", constantToRight},
    RULE("mul-one", "mul", "x * 1 = x", is(1, 1), x(0)),
    RULE("mul-minus-one", "mul", "x * -1 = neg x", is(1, -1), r.op("neg", {x(0)})),
    RULE("mul-zero", "mul", "x * 0 = 0, on integers", isIntegerOp(op) && is(1, 0), x(1)),
    RULE("neg-mul-neg", "mul", "neg x * neg y = x * y", from(0, "neg") && from(1, "neg"), r.op("mul", {from(0, "neg")->operand(0), from(1, "neg")->operand(0)})),
    {"mul-constants", "mul", "(x * a) * b = x * (a * b), on integers", joinConstants},
    RULE("div-one", "div", "x / 1 = x", is(1, 1), x(0)),
    RULE("div-minus-one", "div", "x / -1 = neg x", is(1, -1), r.op("neg", {x(0)})),
    {"sigmoid-spelt-out", "div", "1 / (1 + exp (neg x)) = sigmoid x", spelledSigmoid},
    {"div-power-of-two", "div", "x / 2^n = x * 2^-n", divideByPowerOfTwo},
    RULE("int-div-one", "int_div", "x / 1 = x", is(1, 1), x(0)),
    RULE("neg-neg", "neg", "neg (neg x) = x", from(0, "neg"), from(0, "neg")->operand(0)),
    RULE("abs-neg", "abs", "abs (neg x) = abs x", from(0, "neg"), r.op("abs", {from(0, "neg")->operand(0)})),
    RULE("abs-abs", "abs", "abs (abs x) = abs x", from(0, "abs"), x(0)),
    RULE("floor-floor", "floor", "floor (floor x) = floor x", from(0, "floor"), x(0)),
    RULE("round-round", "round", "round (round x) = round x", from(0, "round"), x(0)),
    RULE("sign-sign", "sign", "sign (sign x) = sign x", from(0, "sign"), x(0)),
    RULE("pow-one", "pow", "x ^ 1 = x", is(1, 1), x(0)),
    RULE("pow-two", "pow", "x ^ 2 = x * x", is(1, 2), r.op("mul", {x(0), x(0)})),
    RULE("pow-minus-one", "pow", "x ^ -1 = 1 / x", is(1, -1), r.op("div", {r.constant(1, x(0)->type()), x(0)})),
    RULE("pow-zero", "pow", "x ^ 0 = 1", is(1, 0) || is(1, -0.0), r.constant(1, x(0)->type())),
    RULE("max-itself", "max", "max(x, x) = x", x(0) == x(1), x(0)),
    {"max-twice", "max", "max(max(x, y), y) = max(x, y), max(y, max(y, x)) = max(y, x)", onceIsEnough},
    RULE("min-itself", "min", "min(x, x) = x", x(0) == x(1), x(0)),
    {"min-twice", "min", "min(min(x, y), y) = min(x, y), min(y, min(y, x)) = min(y, x)", onceIsEnough},
    {"compare-constant-first", "compare", "c < x = x > c", compareConstantToRight},
    RULE("not-not", "not", "not (not x) = x", from(0, "not"), from(0, "not")->operand(0)),
    {"and-constant-first", "and", "c and x = x and c", constantToRight},
    RULE("and-true", "and", "x and true = x", is(1, 1), x(0)),
    RULE("and-false", "and", "x and false = false", is(1, 0), x(1)),
    RULE("and-itself", "and", "x and x = x", x(0) == x(1), x(0)),
    {"or-constant-first", "or", "c or x = x or c", constantToRight},
    RULE("or-false", "or", "x or false = x", is(1, 0), x(0)),
    RULE("or-true", "or", "x or true = true", is(1, 1), x(1)),
    RULE("or-itself", "or", "x or x = x", x(0) == x(1), x(0)),
    {"select-constant", "select", "select(true, x, y) = x", selectByConstant},
    RULE("select-same", "select", "select(c, x, x) = x", x(1) == x(2), x(1)),
    {"select-of-select", "select", "select(c, select(c, x, y), z) = select(c, x, z)", selectOfSelect},
    RULE("select-not", "select", "select(not c, x, y) = select(c, y, x)", from(0, "not"), r.op("select", {from(0, "not")->operand(0), x(2), x(1)})),
    RULE("cast-same", "cast", "cast x = x, to the type of x", x(0)->type() == op.result()->type(), x(0)),
    {"cast-cast", "cast", "cast (cast x) = cast x, if the inner one is exact", castOfCast},
    RULE("stop-gradient-twice", "stop_gradient", "stop_gradient (stop_gradient x) = stop_gradient x", from(0, "stop_gradient"), x(0)),
    {"elementwise-of-broadcasts", "", "f (broadcast x, ...) = broadcast (f (x, ...))", elementwiseOfBroadcasts},
};
// clang-format on
#undef RULE

const std::span<const RewriteRule> elementwiseRules = rules;

} // namespace nnc::simplify
