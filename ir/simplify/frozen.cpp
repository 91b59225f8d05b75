#include "ir/simplify/frozen.h"

#include "ir/simplify/compute.h"

#include <numeric>

namespace nnc::simplify {

std::optional<Spread> spreadOf(Value *value, Rewriter &r) {
  const Op *op = value->definingOp();
  if (op && op->is("broadcast") && isFrozen(op->operand(0)))
    return Spread{op->operand(0), op->attr("axes").asInts()};
  if (!isFrozen(value))
    return std::nullopt;
  if (!splatOf(value)) {
    Axes all(value->type().rank());
    std::iota(all.begin(), all.end(), 0);
    return Spread{value, all};
  }
  return Spread{
      r.op("constant", {}, op->attrs, {Type::scalar(value->type().elem())}),
      {}};
}

Value *broadcast(Builder &b, Value *value, const Axes &axes, const Type &type) {
  return b.op("broadcast", {value}, {{"axes", Attr::ints(axes)}}, {type});
}

Value *spread(Rewriter &r, const Spread &from, const Type &type) {
  if (from.constant->type() == type)
    return from.constant;
  return r.op("broadcast", {from.constant}, {{"axes", Attr::ints(from.axes)}},
              {type});
}

bool isByConstant(const Op &op) {
  bool isOne = op.is("add") || op.is("sub") || op.is("mul") || op.is("div");
  const Op *made = isOne ? op.operand(1)->definingOp() : nullptr;
  return made && (isFrozen(made->result()) ||
                  (made->is("broadcast") && isFrozen(made->operand(0))));
}

std::optional<Layer> layerOf(Op *op) {
  if (!op)
    return std::nullopt;
  if ((op->is("conv") || op->is("conv_input_grad")) && isFrozen(op->operand(1)))
    return Layer{op, 0, 1};
  if (!op->is("contract"))
    return std::nullopt;
  for (int64_t i : {1, 0})
    if (isFrozen(op->operand(i)) && !isFrozen(op->operand(1 - i)))
      return Layer{op, 1 - i, i};
  return std::nullopt;
}

Value *remade(Rewriter &r, const Layer &layer, Value *x, Value *w) {
  Value *operands[2];
  operands[layer.input] = x;
  operands[layer.weights] = w;
  Value *made = r.op(layer.op->name(), std::span<Value *const>(operands, 2),
                     layer.op->attrs, layer.op->resultTypes());
  // It is still that layer, by whose place its products are counted, not the
  // scale that has gone into it.
  made->definingOp()->location = layer.op->location;
  return made;
}

} // namespace nnc::simplify
