#include "ir/op_rules.h"

namespace nnc {

static Inference shape(const Op &op, std::span<const Type>) {
  std::vector<Type> types;
  for (Value *operand : op.operands())
    types.push_back(operand->type());
  return types;
}

static std::string verifyRegions(const Op &op) {
  if (op.attr("step").asInt() < 1)
    return "step must be at least 1";
  const Block &body = op.region();
  const Attr *until = op.findAttr("until");
  bool ends = until && until->asBool();
  int64_t yields = body.terminator()->operandCount();
  if (body.argumentCount() != op.operandCount() ||
      yields != op.operandCount() + ends)
    return "the body must take and yield each carried value";
  if (ends && !(body.terminator()->operand(yields - 1)->type() ==
                Type::scalar(Elem::Bool)))
    return "what the body yields last must be a bool";
  for (int64_t i = 0; i < op.operandCount(); ++i)
    if (!(body.argument(i)->type() == op.operand(i)->type()) ||
        !(body.terminator()->operand(i)->type() == op.operand(i)->type()))
      return "carried value " + std::to_string(i) + " changes its type";
  return "";
}

static void evaluate(EvaluationContext &c) {
  auto flag = [&](const char *name) {
    const Attr *attr = c.op.findAttr(name);
    return attr && attr->asBool();
  };
  const Attr *alternate = c.op.findAttr("alternate");
  bool isOdd = alternate && c.dim(alternate->asDim()) % 2;
  bool parallel = flag("parallel"), reverse = flag("reverse") != isOdd;
  bool until = flag("until");
  if (parallel && c.team().inTurn())
    return c.stop("for: a parallel loop stands in another");
  int64_t from = c.dim(c.op.attr("from").asDim());
  int64_t step = c.op.attr("step").asInt();
  int64_t length = c.dim(c.op.attr("to").asDim()) - from;
  int64_t turns = (length + step - 1) / step;
  std::vector<Tensor> carried;
  for (const Tensor *operand : c.operands)
    carried.push_back(*operand);
  for (int64_t turn = 0; turn < turns; ++turn) {
    if (parallel)
      c.team().beginTurn();
    c.bind(c.op.attr("axis").asString(),
           from + step * (reverse ? turns - 1 - turn : turn));
    carried = c.run(c.op.region(), std::move(carried));
    if (c.stopped())
      return;
    bool isLast = until && carried.back().data[0] != 0;
    carried.resize(c.results.size());
    if (isLast)
      break;
  }
  if (parallel)
    c.team().endTurns();
  c.results = std::move(carried);
}

static constexpr AttrSpec attrs[] = {
    {"axis", AttrForm::String, true, "The name of the index in the body."},
    {"from", AttrForm::Dim, true, "The first index."},
    {"to", AttrForm::Dim, true, "Not reached."},
    {"step", AttrForm::Int, true, "At least 1."},
    {"reverse", AttrForm::Bool, false,
     "Takes the turns in the opposite order."},
    {"parallel", AttrForm::Bool, false, "Turns are independent."},
    {"alternate", AttrForm::Dim, false,
     "Where it is odd, each thread takes its turns in the opposite order; of a "
     "parallel loop they are the same ones each time."},
    {"until", AttrForm::Bool, false,
     "The body yields a bool too, last: where it is true, no turn follows."},
};

extern const OpDef op_for;
const OpDef op_for = {
    .name = "for",
    .doc = "Runs its body for axis = from, from + step, ... below to. The "
           "operands are the first values that it carries; the body's "
           "arguments are the carried values, `yield` gives the next ones, and "
           "the results are the last ones. A parallel loop carries nothing, "
           "and the team's threads share its turns.",
    .kind = OpKind::Special,
    .stages = Loops,
    .effect = Effect::Memory,
    .operands = {0, -1},
    .attrs = attrs,
    .regions = 1,
    .captures = true,
    .shape = shape,
    .verifyRegions = verifyRegions,
    .gradient = rules::afterDifferentiation,
    .evaluate = evaluate,
    .lower = rules::isLowered,
    .examples = {},
};

} // namespace nnc
