#include "ir/op_def.h"
#include "ir/simplify/rules.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nnc::simplify {

// Note [Logarithms of sums of powers]
// exp overflows above 88.7 in f32, and is 0 below -104. So sum(exp(x)) is taken
// of x - m, m the largest element: log(sum(exp(x))) = m + log(sum(exp(x - m)))
// (Blanchard, Higham and Higham, arXiv 1909.03469). m is a constant in
// derivatives, which it does not change, and a finite number: so infinities
// come out as they would. These rules come before `differentiate`, since a
// derivative divides by the sums. What subtracts a maximum already stays.

/// What makes the value; null if nothing does, or if a derivative by it is
/// asked for, which must not be passed over.
static Op *madeBy(const Value *value) {
  for (const Value::Use &use : value->uses())
    if (use.op->is("gradient") && use.operand > 0)
      return nullptr;
  return value->definingOp();
}

/// That of operand `i`, if it is a `name`.
static Op *operandMadeBy(const Op &op, int64_t i, std::string_view name) {
  Op *made = madeBy(op.operand(i));
  return made && made->is(name) ? made : nullptr;
}

/// What makes the value, behind ops that only move or repeat elements.
static const Op *origin(const Value *value) {
  const Op *op = madeBy(value);
  while (op &&
         (op->is("reshape") || op->is("broadcast") || op->is("stop_gradient")))
    op = madeBy(op->operand(0));
  return op;
}

/// What makes the value, behind reshapes.
static Op *behindReshapes(const Value *value) {
  Op *op = madeBy(value);
  while (op && op->is("reshape"))
    op = madeBy(op->operand(0));
  return op;
}

/// The number that every element is; in the graph as written a broadcast may
/// stand before it.
static std::optional<double> numberOf(const Value *value) {
  const Op *op = origin(value);
  return op ? splatOf(op->result()) : std::nullopt;
}

/// x, if the op is exp x; `op` may be null.
static Value *exponentOf(const Op *op) {
  return op && op->is("exp") ? op->operand(0) : nullptr;
}

/// Whether it is y - m or neg m, where m is a maximum, kept finite or not.
static bool isShifted(const Value *x) {
  const Op *op = x->definingOp();
  if (!op || !(op->is("sub") || op->is("neg")))
    return false;
  const Op *m = origin(op->operand(op->operandCount() - 1));
  if (m && m->is("min"))
    m = origin(m->operand(0));
  return m && (m->is("max") || m->is("reduce_max"));
}

/// exp x of which x is not yet shifted, summed; or null.
static Op *sumOfExp(const Op *op) {
  if (!op || !op->is("sum"))
    return nullptr;
  Op *exp = operandMadeBy(*op, 0, "exp");
  return exp && !isShifted(exp->operand(0)) ? exp : nullptr;
}

/// m as a finite number that derivatives take for a constant.
static Value *finite(Rewriter &r, Value *m) {
  const Type &type = m->type();
  double most = type.elem() == Elem::F64
                    ? std::numeric_limits<double>::max()
                    : static_cast<double>(std::numeric_limits<float>::max());
  m = r.op("max", {m, r.constant(-most, type)});
  m = r.op("min", {m, r.constant(most, type)});
  return r.op("stop_gradient", {m});
}

struct Shifted {
  Value *m;      ///< The largest along the axes.
  Value *exp;    ///< exp(x - m)
  AttrDict rest; ///< The axes of m, for `broadcast`.
};

static Shifted shifted(Rewriter &r, Value *x, const Op &sum) {
  std::vector<int64_t> axes = sum.attr("axes").asInts(), rest;
  for (int64_t axis = 0; axis < x->type().rank(); ++axis)
    if (std::find(axes.begin(), axes.end(), axis) == axes.end())
      rest.push_back(axis);
  AttrDict places = {{"axes", Attr::ints(rest)}};
  Value *m = finite(r, r.op("reduce_max", {x}, sum.attrs));
  Value *all = r.op("broadcast", {m}, places, {x->type()});
  return {m, r.op("exp", {r.op("sub", {x, all})}), places};
}

static bool logSumExp(Op &op, Rewriter &r) {
  const Op *sum = behindReshapes(op.operand(0));
  Op *exp = sumOfExp(sum);
  if (!exp)
    return false;
  Shifted x = shifted(r, exp->operand(0), *sum);
  Value *log = r.op("log", {r.op("sum", {x.exp}, sum->attrs)});
  Value *y = r.op("add", {x.m, log});
  const Type &type = op.result()->type();
  return r.replace(op,
                   y->type() == type ? y : r.op("reshape", {y}, {}, {type}));
}

/// exp x / sum (exp x).
static bool softmax(Op &op, Rewriter &r) {
  Value *x = exponentOf(madeBy(op.operand(0)));
  Op *broadcast = operandMadeBy(op, 1, "broadcast");
  const Op *sum = broadcast ? behindReshapes(broadcast->operand(0)) : nullptr;
  Op *exp = sumOfExp(sum);
  if (!x || !exp || exp->operand(0) != x ||
      broadcast->operand(0)->type() != sum->result()->type())
    return false;
  Shifted e = shifted(r, x, *sum);
  if (!(broadcast->attr("axes") == *e.rest.find("axes")))
    return false;
  Value *total = r.op("sum", {e.exp}, sum->attrs);
  return r.replace(op, r.op("div", {e.exp, r.op("broadcast", {total}, e.rest,
                                                {x->type()})}));
}

/// log(exp u + exp v) = m + log(exp(u - m) + exp(v - m)), m = max(u, v).
static Value *logAddExp(Rewriter &r, Value *u, Value *v) {
  Value *m = finite(r, r.op("max", {u, v}));
  auto exp = [&](Value *x) { return r.op("exp", {r.op("sub", {x, m})}); };
  return r.op("add", {m, r.op("log", {r.op("add", {exp(u), exp(v)})})});
}

/// Of 1 + exp x too: 1 = exp 0.
static bool logOfSum(Op &op, Rewriter &r) {
  Op *sum = operandMadeBy(op, 0, "add");
  if (!sum)
    return false;
  Value *terms[2];
  for (int64_t i : {0, 1}) {
    terms[i] = exponentOf(madeBy(sum->operand(i)));
    if (terms[i] ? isShifted(terms[i]) : numberOf(sum->operand(i)) != 1)
      return false;
  }
  if (!terms[0] && !terms[1])
    return false;
  for (Value *&term : terms)
    if (!term)
      term = r.constant(0, op.result()->type());
  return r.replace(op, logAddExp(r, terms[0], terms[1]));
}

/// log(1 + exp x).
static Value *softplus(Rewriter &r, Value *x) {
  return logAddExp(r, x, r.constant(0, x->type()));
}

static bool logSigmoid(Op &op, Rewriter &r) {
  Op *sigmoid = operandMadeBy(op, 0, "sigmoid");
  return sigmoid &&
         r.replace(op, r.op("neg",
                            {softplus(r, r.op("neg", {sigmoid->operand(0)}))}));
}

static bool logOneMinusSigmoid(Op &op, Rewriter &r) {
  Op *rest = operandMadeBy(op, 0, "sub");
  Op *sigmoid = rest ? operandMadeBy(*rest, 1, "sigmoid") : nullptr;
  return sigmoid && numberOf(rest->operand(0)) == 1 &&
         r.replace(op, r.op("neg", {softplus(r, sigmoid->operand(0))}));
}

/// Whether the value is exp x, a sum of such, or 1 / one of these, moved or
/// repeated: it has a logarithm, which does not overflow.
static bool isPositive(const Value *value) {
  const Op *op = origin(value);
  if (op && op->is("div") && numberOf(op->operand(0)) == 1)
    op = origin(op->operand(1));
  if (op && op->is("sum"))
    op = madeBy(op->operand(0));
  return exponentOf(op);
}

/// log x, moved and repeated as x is.
static Value *logOf(Rewriter &r, Value *x) {
  std::vector<const Op *> moves;
  Op *op = x->definingOp();
  for (; op->is("broadcast") || op->is("reshape");
       op = op->operand(0)->definingOp())
    moves.push_back(op);
  Value *log = exponentOf(op);
  if (!log)
    log = r.op("log", {op->result()});
  for (; !moves.empty(); moves.pop_back())
    log = r.op(moves.back()->name(), {log}, moves.back()->attrs,
               {moves.back()->result()->type()});
  return log;
}

static bool logOfProduct(Op &op, Rewriter &r) {
  Op *product = operandMadeBy(op, 0, "mul");
  return product && isPositive(product->operand(0)) &&
         isPositive(product->operand(1)) &&
         r.replace(op, r.op("add", {logOf(r, product->operand(0)),
                                    logOf(r, product->operand(1))}));
}

static bool logOfQuotient(Op &op, Rewriter &r) {
  Op *quotient = operandMadeBy(op, 0, "div");
  if (!quotient || !isPositive(quotient->operand(1)))
    return false;
  Value *below = logOf(r, quotient->operand(1));
  if (numberOf(quotient->operand(0)) == 1)
    return r.replace(op, r.op("neg", {below}));
  return isPositive(quotient->operand(0)) &&
         r.replace(op, r.op("sub", {logOf(r, quotient->operand(0)), below}));
}

static bool logExp(Op &op, Rewriter &r) {
  Op *exp = operandMadeBy(op, 0, "exp");
  return exp && r.replace(op, exp->operand(0));
}

// clang-format off
static constexpr RewriteRule rules[] = {
    {"log-exp", "log", "log (exp x) = x", logExp},
    {"log-sum-exp", "log", "log (sum (exp x)) = m + log (sum (exp (x - m))), where m = max x", logSumExp},
    {"log-add-exp", "log", "log (exp x + exp y) = m + log (exp (x - m) + exp (y - m)), where m = max(x, y), and 1 = exp 0", logOfSum},
    {"log-sigmoid", "log", "log (sigmoid x) = neg (log (1 + exp (neg x)))", logSigmoid},
    {"log-one-minus-sigmoid", "log", "log (1 - sigmoid x) = neg (log (1 + exp x))", logOneMinusSigmoid},
    {"log-of-product", "log", "log (x * y) = log x + log y, of powers of e, their sums and 1 / those", logOfProduct},
    {"log-of-quotient", "log", "log (x / y) = log x - log y, of powers of e, their sums and 1 / those", logOfQuotient},
    {"softmax-spelt-out", "div", "exp x / sum (exp x) = exp (x - m) / sum (exp (x - m)), where m = max x", softmax},
};
// clang-format on

const std::span<const RewriteRule> stableRules = rules;

} // namespace nnc::simplify
