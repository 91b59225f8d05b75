//===- topk.cpp: the k largest elements and their places ------------------===//
#include "frontend/builtin_elaborator.h"

#include <cmath>
#include <limits>

namespace nnc {

static std::vector<int64_t> allBut(int64_t rank, int64_t axis) {
  std::vector<int64_t> axes;
  for (int64_t i = 0; i < rank; ++i)
    if (i != axis)
      axes.push_back(i);
  return axes;
}

/// Where along `axis` of `type` the index is the one in `ids`, which lacks
/// that axis.
static Value *isAt(Builder &builder, Value *ids, Type type, int64_t axis) {
  type = type.withElem(Elem::I32);
  Value *places = builder.op("iota", {}, {{"axis", Dim(axis)}}, {type});
  Value *wide =
      builder.op("broadcast", {ids},
                 {{"axes", Attr::ints(allBut(type.rank(), axis))}}, {type});
  return builder.op("compare", {wide, places}, {{"predicate", "eq"}});
}

/// The places of the `k` largest elements: a loop takes the largest, and puts
/// -inf in its place for the turns to come.
static Value *placesOfLargest(Builder &builder, Value *x, int64_t k,
                              int64_t axis) {
  Type type = x->type();
  double least =
      type.elem() == Elem::F64
          ? std::numeric_limits<double>::lowest()
          : static_cast<double>(std::numeric_limits<float>::lowest());
  // An element that is -inf itself still stands above what is taken.
  x = builder.op("stop_gradient", {x});
  x = builder.op("max", {x, builder.constant(least, type)});
  Shape shape = type.shape();
  shape.erase(shape.begin() + axis);
  shape.insert(shape.begin() + axis, Dim(k));
  Type result = Type::tensor(Elem::I32, shape);
  std::vector<Value *> operands = {x};
  std::vector<Type> types = {type, result};
  Op *scan = builder.createWithRegions("scan", operands,
                                       {{"carries", Dim(1)},
                                        {"sequences", Dim(0)},
                                        {"length", Dim(k)},
                                        {"reverse", false},
                                        {"sequence_axes", AttrList()},
                                        {"result_axes", AttrList{Dim(axis)}}},
                                       types, 1);
  Block &body = scan->region();
  body.addArgument(Type::scalar(Elem::I32), "t");
  Value *rest = body.addArgument(type, "rest");
  Builder inner(body);
  inner.location = builder.location;
  Value *largest = inner.op("argmax", {rest}, {{"axis", Dim(axis)}});
  Value *taken = isAt(inner, largest, type, axis);
  Value *next =
      inner.op("select", {taken, inner.constant(-INFINITY, type), rest});
  std::vector<Value *> yields = {next, largest};
  inner.create("yield", std::span<Value *const>(yields));
  return scan->result(1);
}

Val BuiltinElaborator::topk(const CallSite &site) {
  auto args = arguments(site, {"x", "k", "over"}, 2);
  if (!args)
    return {};
  Val x = floats(evalArg((*args)[0]), "topk", site.loc);
  std::optional<std::vector<int64_t>> count = numbersOf((*args)[1], 1, 1, 1);
  if (x.isPoison() || !count)
    return {};
  int64_t rank = x.ir->type().rank(), k = count->front();
  if (rank == 0)
    return poison(site.loc, "topk needs a tensor, not a scalar");
  std::optional<int64_t> axis = rank - 1;
  if ((*args)[2])
    axis = axisOf(x, (*args)[2]->item.value.get(), site.loc);
  if (!axis)
    return {};
  const Dim size = x.ir->type().dim(*axis);
  if ((Dim(k) - size - 1).isKnownNonNegative())
    return poison((*args)[1]->loc(), "there are no " + std::to_string(k) +
                                         " largest of " + size.str() +
                                         " elements");
  at(site.loc);
  Value *places = placesOfLargest(builder(), x.ir, k, *axis);
  // values[.., r, ..] = sum over n of x[.., n, ..] where places[.., r, ..] = n
  Shape both = x.ir->type().shape();
  both.insert(both.begin() + *axis, Dim(k));
  Type wide = x.ir->type().withShape(both);
  Value *hit = isAt(builder(), places, wide, *axis + 1);
  Value *all =
      builder().op("broadcast", {x.ir},
                   {{"axes", Attr::ints(allBut(rank + 1, *axis))}}, {wide});
  Value *chosen =
      builder().op("select", {hit, all, builder().constant(0, wide)});
  Value *values =
      builder().op("sum", {chosen}, {{"axes", Attr::ints({*axis + 1})}});
  AxisNames names = x.axes;
  names[*axis] = {};
  return Val::tuple({Val::tensor(values, names), Val::tensor(places, names)});
}

} // namespace nnc
