#include "ir/op_rules.h"

#include "ir/check.h"
#include "ir/wrapping.h"

#include <algorithm>
#include <cctype>
#include <tuple>

namespace nnc {

static std::vector<std::string> indices(const Op &op, const char *list) {
  std::vector<std::string> names;
  for (const Attr &entry : op.attr(list).asList()) {
    const Dim *dim = entry.getIf<Dim>();
    names.push_back(dim ? dim->asSymbol().value_or("") : "");
  }
  return names;
}

static bool contains(const std::vector<std::string> &names,
                     const std::string &name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// The extents of all indices, in the order of `left`, then `right`.
static std::vector<NestAxis> axesOf(const Op &op) {
  std::vector<NestAxis> axes;
  for (int64_t i = 0; i < 2; ++i) {
    std::vector<std::string> names = indices(op, i == 0 ? "left" : "right");
    for (size_t axis = 0; axis < names.size(); ++axis)
      if (std::none_of(axes.begin(), axes.end(), [&](const NestAxis &known) {
            return known.name == names[axis];
          }))
        axes.push_back({names[axis], op.operand(i)->type().shape()[axis]});
  }
  return axes;
}

static const Dim &extent(const std::vector<NestAxis> &axes,
                         const std::string &name) {
  for (const NestAxis &axis : axes)
    if (axis.name == name)
      return axis.extent;
  internalError("contract has no index " + name);
}

static Inference shape(const Op &op, std::span<const Type>) {
  const Type &a = op.operand(0)->type(), &b = op.operand(1)->type();
  if (!a.isTensor() || !b.isTensor() || a.elem() != b.elem() ||
      a.elem() == Elem::Bool)
    return Inference::fail("operands must be tensors of the same numbers, and "
                           "are " +
                           a.str() + " and " + b.str());
  std::vector<std::string> left = indices(op, "left");
  std::vector<std::string> right = indices(op, "right");
  std::vector<std::string> result = indices(op, "result");
  for (const auto *names : {&left, &right, &result})
    for (size_t i = 0; i < names->size(); ++i) {
      const std::string &name = (*names)[i];
      if (name.empty() || !std::islower(static_cast<unsigned char>(name[0])))
        return Inference::fail("an index must be a lower-case name");
      if (std::count(names->begin(), names->end(), name) > 1)
        return Inference::fail("index " + name + " stands twice in one list");
      if (names == &result && !contains(left, name) && !contains(right, name))
        return Inference::fail("index " + name + " is in no operand");
    }
  if (static_cast<int64_t>(left.size()) != a.rank() ||
      static_cast<int64_t>(right.size()) != b.rank())
    return Inference::fail("left and right must name each axis of " + a.str() +
                           " and " + b.str());
  std::vector<NestAxis> axes = axesOf(op);
  for (size_t axis = 0; axis < right.size(); ++axis)
    if (const Dim &size = extent(axes, right[axis]); !(size == b.shape()[axis]))
      return Inference::fail("index " + right[axis] + " is " + size.str() +
                             " and " + b.shape()[axis].str());
  Shape shape;
  for (const std::string &name : result)
    shape.push_back(extent(axes, name));
  return a.withShape(shape);
}

static Attr indexList(const std::vector<std::string> &names) {
  Shape symbols;
  for (const std::string &name : names)
    symbols.push_back(Dim::symbol(name));
  return symbols;
}

/// The cotangent times the other operand, summed over what `own` lacks. An
/// index that neither of them has was summed alone: its terms are repeated.
static void giveShare(GradientContext &c, int64_t operand, const char *own,
                      const char *other) {
  std::vector<std::string> mine = indices(c.op, own);
  std::vector<std::string> theirs = indices(c.op, other);
  std::vector<std::string> result = indices(c.op, "result"), found;
  std::vector<int64_t> axes;
  for (size_t axis = 0; axis < mine.size(); ++axis)
    if (contains(theirs, mine[axis]) || contains(result, mine[axis])) {
      found.push_back(mine[axis]);
      axes.push_back(static_cast<int64_t>(axis));
    }
  Value *share =
      c.builder.op("contract", {c.cotangent(), c.operand(1 - operand)},
                   {{"left", c.op.attr("result")},
                    {"right", c.op.attr(other)},
                    {"result", indexList(found)}});
  if (found.size() < mine.size())
    share = c.builder.op("broadcast", {share}, {{"axes", Attr::ints(axes)}},
                         {c.operand(operand)->type()});
  c.give(operand, share);
}

static void gradient(GradientContext &c) {
  if (c.wants(0))
    giveShare(c, 0, "left", "right");
  if (c.wants(1))
    giveShare(c, 1, "right", "left");
}

/// The result's indices, then the summed ones in their order.
static std::pair<std::vector<NestAxis>, std::vector<NestAxis>>
splitAxes(const Op &op) {
  std::vector<NestAxis> all = axesOf(op), parallel, reduce;
  std::vector<std::string> result = indices(op, "result");
  for (const std::string &name : result)
    parallel.push_back({name, extent(all, name)});
  for (const NestAxis &axis : all)
    if (!contains(result, axis.name))
      reduce.push_back(axis);
  return {parallel, reduce};
}

static Dim multiplyAdds(const Op &op) {
  Dim count = 1;
  for (const NestAxis &axis : axesOf(op))
    count = count * axis.extent;
  return count;
}

static void evaluate(EvaluationContext &c) {
  auto [axes, reduce] = splitAxes(c.op);
  axes.insert(axes.end(), reduce.begin(), reduce.end());
  Extents extents, index(axes.size(), 0);
  for (const NestAxis &axis : axes)
    extents.push_back(c.dim(axis.extent));
  // How far a step along each axis goes in a tensor with these indices.
  auto strides = [&](const char *list, const Tensor &tensor) {
    std::vector<std::string> names = indices(c.op, list);
    std::vector<int64_t> result(axes.size(), 0);
    int64_t stride = 1;
    for (size_t i = names.size(); i-- > 0; stride *= tensor.shape[i])
      for (size_t axis = 0; axis < axes.size(); ++axis)
        if (axes[axis].name == names[i])
          result[axis] = stride;
    return result;
  };
  const Tensor &a = *c.operands[0], &b = *c.operands[1];
  std::vector<int64_t> inA = strides("left", a), inB = strides("right", b);
  std::vector<int64_t> inY = strides("result", c.results[0]);
  if (Tensor::count(extents) == 0)
    return;
  do {
    int64_t i = 0, j = 0, k = 0;
    for (size_t axis = 0; axis < axes.size(); ++axis) {
      i += index[axis] * inA[axis];
      j += index[axis] * inB[axis];
      k += index[axis] * inY[axis];
    }
    c.results[0].data[k] += product(a.elem, a.data[i], b.data[j]);
  } while (advance(index, extents));
}

static void lower(LoweringContext &c) {
  NestSpec spec;
  std::tie(spec.parallel, spec.reduce) = splitAxes(c.op);
  if (!spec.reduce.empty())
    spec.combine = "add";
  spec.operands = {{c.operand(0), c.op.attr("left").asDims()},
                   {c.operand(1), c.op.attr("right").asDims()}};
  spec.results = {{c.op.result()->type(), c.op.attr("result").asDims()}};
  spec.body = [](Builder &b, std::span<Value *const> loaded) {
    return std::vector{b.op("mul", {loaded[0], loaded[1]})};
  };
  c.replace(0, c.nest(std::move(spec))[0]);
}

static constexpr AttrSpec attrs[] = {
    {"left", AttrForm::Dims, true,
     "An index, a lower-case name, for each axis of the first operand."},
    {"right", AttrForm::Dims, true, "The same for the second."},
    {"result", AttrForm::Dims, true,
     "The same for the result. The other indices are summed, in the order in "
     "which they stand in `left`, then `right`."}};

static constexpr std::string_view examples[] = {
    R"(
func @example(%x: f32[B, 3], %w: f32[3, 2]) {
  %y = contract %x, %w {left = [b, i], right = [i, o], result = [b, o]} : f32[B, 2]
  return %y
}
)",
    R"(
func @example_batched(%q: f32[B, 2, 3], %k: f32[4, 3, B]) {
  %y = contract %q, %k {left = [b, t, d], right = [s, d, b], result = [s, b, t]} : f32[4, B, 2]
  return %y
}
)",
    R"(
func @example_summed_alone(%a: f32[B, 3], %b: f32[2, 4]) {
  %y = contract %a, %b {left = [b, i], right = [o, j], result = [o]} : f32[2]
  %z = contract %a, %a {left = [b, i], right = [b, i], result = []} : f32
  return %y, %z
}
)"};

extern const OpDef op_contract;
const OpDef op_contract = {
    .name = "contract",
    .doc = "Multiplies two tensors and sums: the matrix product and all its "
           "relatives. "
           "Axes of one index go together.",
    .kind = OpKind::Contraction,
    .stages = Graph,
    .operands = {2, 2},
    .attrs = attrs,
    .shape = shape,
    .gradient = gradient,
    .evaluate = evaluate,
    .lower = lower,
    .multiplyAdds = multiplyAdds,
    .examples = examples,
};

} // namespace nnc
