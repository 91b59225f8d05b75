//===- Makes one scale and one shift of several beside a layer ------------===//
#include "ir/simplify/compute.h"
#include "ir/simplify/frozen.h"
#include "ir/simplify/rules.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nnc::simplify {

/// a . b, if both lie along the same axes, or one is a scalar.
static std::optional<Spread> combine(Rewriter &r, const char *name,
                                     const Spread &a, const Spread &b) {
  if (a.axes != b.axes && !a.axes.empty() && !b.axes.empty())
    return std::nullopt;
  const Spread &wide = a.axes.empty() ? b : a;
  Type type = wide.constant->type();
  Value *made = computeFrozen(
      r, {a.constant, b.constant},
      [&](Builder &builder, std::span<Value *const> values) {
        auto fitting = [&](Value *value) {
          return value->type() == type ? value
                                       : broadcast(builder, value, {}, type);
        };
        return builder.op(name, {fitting(values[0]), fitting(values[1])});
      });
  if (!made)
    return std::nullopt;
  return Spread{made, wide.axes};
}

/// Whether scales and shifts alone stand between a value and the layer before
/// it.
static bool comesFromLayer(const Value *value) {
  Op *op = value->definingOp();
  while (op && isByConstant(*op) && isUsedOnce(op->result()))
    op = op->operand(0)->definingOp();
  return layerOf(op).has_value();
}

/// The same of the layer after it.
static bool leadsToLayer(const Op &op) {
  const Op *last = &op;
  while (isUsedOnce(last->result())) {
    Op *user = last->result()->uses()[0].op;
    if (layerOf(user))
      return true;
    if (!isByConstant(*user))
      return false;
    last = user;
  }
  return false;
}

static bool isBesideLayer(const Op &op) {
  return comesFromLayer(op.operand(0)) || leadsToLayer(op) ||
         joinsConvOfImage(op);
}

/// Whether no element is below the least normal number: the inverse of a larger
/// one, or of one whose inverse is infinite.
static bool areNormal(const Value *constant) {
  bool isSingle = constant->type().elem() == Elem::F32;
  double least = isSingle ? std::numeric_limits<float>::min()
                          : std::numeric_limits<double>::min();
  auto isNormal = [&](double element) { return std::fabs(element) >= least; };
  const Attr &value = constant->definingOp()->attr("value");
  if (const double *splat = value.getIf<double>())
    return isNormal(*splat);
  const std::vector<double> &data = *value.get<DenseData>();
  return std::all_of(data.begin(), data.end(), isNormal);
}

/// x - c = x + (-c), x / c = x * (1 / c), beside a layer into which it may go.
static bool toSumOrProduct(Op &op, Rewriter &r) {
  auto c = spreadOf(op.operand(1), r);
  if (!c || !isBesideLayer(op))
    return false;
  bool isSum = op.is("sub");
  Value *turned = computeFrozen(
      r, {c->constant}, [&](Builder &b, std::span<Value *const> values) {
        if (isSum)
          return b.op("neg", {values[0]});
        return b.op("div", {b.constant(1, values[0]->type()), values[0]});
      });
  if (!turned || !(isSum || areNormal(turned)))
    return false;
  const Type &type = op.result()->type();
  return r.replace(op,
                   r.op(isSum ? "add" : "mul",
                        {op.operand(0), spread(r, {turned, c->axes}, type)}));
}

/// (x . a) . b = x . (a . b)
static bool joinSpreads(Op &op, Rewriter &r) {
  Op *inner = operandOp(op, 0, op.name());
  if (!inner || !isUsedOnce(inner->result()))
    return false;
  auto a = spreadOf(inner->operand(1), r), b = spreadOf(op.operand(1), r);
  auto both = a && b ? combine(r, op.name() == "add" ? "add" : "mul", *a, *b)
                     : std::nullopt;
  return both && r.replace(op, r.op(op.name(),
                                    {inner->operand(0),
                                     spread(r, *both, op.result()->type())}));
}

/// (x + a) * c = x * c + a * c
static bool scaleOfShift(Op &op, Rewriter &r) {
  Op *inner = operandOp(op, 0, "add");
  if (!inner || !isUsedOnce(inner->result()) ||
      !(comesFromLayer(inner->operand(0)) || joinsConvOfImage(op)))
    return false;
  auto a = spreadOf(inner->operand(1), r), c = spreadOf(op.operand(1), r);
  auto both = a && c ? combine(r, "mul", *a, *c) : std::nullopt;
  if (!both)
    return false;
  const Type &type = op.result()->type();
  Value *scaled = r.op("mul", {inner->operand(0), op.operand(1)});
  return r.replace(op, r.op("add", {scaled, spread(r, *both, type)}));
}

/// c + x = x + c, c * x = x * c
static bool spreadToRight(Op &op, Rewriter &r) {
  return !spreadOf(op.operand(1), r) && spreadOf(op.operand(0), r) &&
         r.replace(op, r.op(op.name(), {op.operand(1), op.operand(0)}));
}

// clang-format off
static const RewriteRule rules[] = {
    {"frozen-sub", "sub", "x - c = x + (-c)", toSumOrProduct},
    {"frozen-div", "div", "x / c = x * (1/c)", toSumOrProduct},
    {"frozen-add-right", "add", "c + x = x + c", spreadToRight},
    {"frozen-mul-right", "mul", "c * x = x * c", spreadToRight},
    {"frozen-add-add", "add", "(x + a) + b = x + (a + b)", joinSpreads},
    {"frozen-mul-mul", "mul", "(x * a) * b = x * (a * b)", joinSpreads},
    {"frozen-scale-of-shift", "mul", "(x + a) * c = x * c + a * c", scaleOfShift},
};
// clang-format on

const std::span<const RewriteRule> frozenAffineRules = rules;

} // namespace nnc::simplify
