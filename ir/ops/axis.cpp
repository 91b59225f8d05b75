#include "ir/op_rules.h"

namespace nnc {

static Inference shape(const Op &op, std::span<const Type> stated) {
  if (stated.size() != 1 || !isInteger(stated[0].elem()) ||
      stated[0].rank() != 0 || stated[0].isBuffer())
    return Inference::fail("the result must be an integer, or a vector of "
                           "integers");
  const Attr *offsets = op.findAttr("offsets");
  if (stated[0].isVector() && !op.findAttr("step") && !offsets)
    return Inference::fail("a vector needs a step from lane to lane");
  if (offsets &&
      (!stated[0].isVector() ||
       static_cast<int64_t>(offsets->asInts().size()) != stated[0].lanes()))
    return Inference::fail("offsets must have one for each lane");
  return stated[0];
}

static void evaluate(EvaluationContext &c) {
  int64_t value = c.dim(c.op.attr("value").asDim());
  if (const Attr *offsets = c.op.findAttr("offsets")) {
    for (size_t lane = 0; lane < c.results[0].data.size(); ++lane)
      c.results[0].data[lane] =
          static_cast<double>(value + offsets->asInts()[lane]);
    return;
  }
  const Attr *step = c.op.findAttr("step");
  for (double &lane : c.results[0].data) {
    lane = static_cast<double>(value);
    value += step ? c.dim(step->asDim()) : 0;
  }
}

static constexpr AttrSpec attrs[] = {
    {"value", AttrForm::Dim, true, "An expression over axes and sizes."},
    {"step", AttrForm::Dim, false, "From lane to lane, if it is a vector."},
    {"offsets", AttrForm::Ints, false,
     "In place of a step: what each lane has more than the value."}};

static constexpr std::string_view examples[] = {
    R"(
func @example(%x: i32[B, 3]) {
  %y = nest %x {parallel = {b = B, i = 3}, maps = [[b, i]], results = [[b, i]]} : i32[B, 3] {
  ^(%e: i32):
    %p = axis {value = 3*b + i} : i32
    %s = mul %e, %p : i32
    yield %s
  }
  return %y
}
)"};

extern const OpDef op_axis;
const OpDef op_axis = {
    .name = "axis",
    .doc = "The value of an index expression, in the body of a nest or loop.",
    .kind = OpKind::Special,
    .stages = Kernels | Loops,
    .operands = {0, 0},
    .attrs = attrs,
    .shape = shape,
    .gradient = "it comes after differentiation",
    .evaluate = evaluate,
    .lower = "it stands in the body of a nest already",
    .examples = examples,
};

} // namespace nnc
