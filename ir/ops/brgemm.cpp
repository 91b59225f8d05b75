#include "ir/error_bound.h"
#include "ir/op_rules.h"

namespace nnc {

static Inference shape(const Op &op, std::span<const Type>) {
  for (Value *operand : op.operands())
    if (!operand->type().isBuffer() || !isFloat(operand->type().elem()) ||
        operand->type().elem() != op.operand(0)->type().elem())
      return Inference::fail("operands must be buffers of one float type");
  size_t axes = op.attr("reduce").asList().size();
  if (axes < 1 || axes > 3 || op.attr("a_reduce").asList().size() != axes ||
      op.attr("b_reduce").asList().size() != axes)
    return Inference::fail("there must be one to three summed axes, with a "
                           "stride in A and B for each");
  const Attr *beside = op.findAttr("beside");
  if (op.operands().size() != 3 + (beside ? beside->asDims().size() : 0))
    return Inference::fail("each operand behind C must have a place beside it");
  return std::vector<Type>();
}

static void evaluate(EvaluationContext &c) {
  auto dim = [&](const char *name) { return c.dim(c.op.attr(name).asDim()); };
  auto dims = [&](const char *name) {
    return c.extents(c.op.attr(name).asDims());
  };
  constexpr int64_t width = 16;
  int64_t rows = dim("rows"),
          columns = (dim("columns") + width - 1) / width * width;
  int64_t aStart = dim("a"), aRow = dim("a_row");
  int64_t bStart = dim("b"), bPanel = dim("b_panel");
  int64_t cStart = dim("c"), cRow = dim("c_row");
  Extents extents = dims("reduce"), aReduce = dims("a_reduce"),
          bReduce = dims("b_reduce");
  bool empty = Tensor::count(extents) == 0;
  const Attr *adds = c.op.findAttr("adds");
  bool goesOn = adds && c.dim(adds->asDim()) != 0;
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t column = 0; column < columns && !c.stopped(); ++column) {
      Combination sum("add", c.op.operand(2)->type().elem());
      if (goesOn)
        sum.take(c.read(2, cStart + row * cRow + column));
      Extents k(extents.size(), 0);
      bool more = !empty;
      while (more) {
        int64_t a = aStart + row * aRow;
        int64_t b = bStart + column / width * bPanel + column % width;
        for (size_t axis = 0; axis < k.size(); ++axis) {
          a += k[axis] * aReduce[axis];
          b += k[axis] * bReduce[axis];
        }
        sum.take(multiply(c.read(0, a), c.read(1, b)));
        more = advance(k, extents);
      }
      c.write(2, cStart + row * cRow + column, sum.result());
    }
}

static constexpr AttrSpec attrs[] = {
    {"rows", AttrForm::Dim, true, "Rows of C."},
    {"columns", AttrForm::Dim, true,
     "Columns of C that matter; full panels of 16 are written."},
    {"reduce", AttrForm::Dims, true, "The extents of the summed axes."},
    {"a", AttrForm::Dim, true, "Where A starts."},
    {"a_row", AttrForm::Dim, true, "From row to row of A."},
    {"a_reduce", AttrForm::Dims, true, "Along each summed axis of A."},
    {"b", AttrForm::Dim, true, "Where B starts."},
    {"b_panel", AttrForm::Dim, true, "From panel to panel of B."},
    {"b_reduce", AttrForm::Dims, true, "Along each summed axis of B."},
    {"c", AttrForm::Dim, true, "Where C starts."},
    {"c_row", AttrForm::Dim, true, "From row to row of C."},
    {"beside", AttrForm::Dims, false,
     "For each operand behind C, the place that belongs to the start of C."},
    {"beside_row", AttrForm::Dim, false, "From row to row of these."},
    {"adds", AttrForm::Dim, false,
     "If not 0, the chains go on from what C holds, as after a part of k; else "
     "from 0."},
};

extern const OpDef op_brgemm;
const OpDef op_brgemm = {
    .name = "brgemm",
    .doc = "The batch-reduce matrix product: C[i, 16*p + j] = sum over k of "
           "A[i, k] * B[p, k, j], where k runs over up to three axes, the last "
           "one fastest, as one chain of fused multiply-adds in that order. "
           "Offsets and strides count elements. Operands: A, B, C, and up "
           "to four that will be read at the places of C when it is there: "
           "they are brought nearer meanwhile.",
    .kind = OpKind::Special,
    .stages = Loops,
    .effect = Effect::Memory,
    .operands = {3, 7},
    .attrs = attrs,
    .shape = shape,
    .gradient = rules::afterDifferentiation,
    .evaluate = evaluate,
    .lower = rules::isLowered,
    .examples = {},
};

} // namespace nnc
