//===- matmul.cpp: `a @ b` as a contraction -------------------------------===//
#include "frontend/expression_elaborator.h"

namespace nnc {

Val ExpressionElaborator::matmul(Val left, Val right, Loc loc) {
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
    return mistyped(loc, "`@` needs two tensors of the same numbers, not " +
                             left.describe() + " and " + right.describe());
  if (a.rank() == 0 || b.rank() == 0)
    return poison(loc, "`@` needs tensors, not " + left.describe() + " and " +
                           right.describe() + "; use `*`");
  int64_t inner = b.rank() == 1 ? 0 : b.rank() - 2;
  const AxisName &last = left.axes.back(), &first = right.axes[inner];
  Diagnostic *wrong = nullptr;
  if (!last.none() && !first.none() && !(last == first))
    wrong = &typeError(loc, "`@` sums axis " + last.text + " of " +
                                left.describe() + " with axis " + first.text +
                                " of " + right.describe() +
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
    int64_t leftRest = rowAxes > 0 ? 2 : 1;
    leftShape.insert(leftShape.end(), a.shape().end() - leftRest,
                     a.shape().end());
    rightShape.insert(rightShape.end(), b.shape().end() - 2, b.shape().end());
    AxisNames rows = left.axes, columns = right.axes;
    left = Val::tensor(stretch(left, leftShape));
    right = Val::tensor(stretch(right, rightShape));
    AxisNames result = aligned->axes;
    for (size_t i = 0; i < aligned->axes.size(); ++i) {
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
