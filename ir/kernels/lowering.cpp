#include "ir/kernels/lowering.h"

namespace nnc {

std::vector<NestAxis> LoweringContext::axesOf(const Shape &shape,
                                              const std::string &prefix) {
  std::vector<NestAxis> axes;
  for (const Dim &extent : shape)
    axes.push_back({prefix + std::to_string(axes.size()), extent});
  return axes;
}

Shape LoweringContext::identity(const std::vector<NestAxis> &axes) {
  Shape map;
  for (const NestAxis &axis : axes)
    map.push_back(Dim::symbol(axis.name));
  return map;
}

static AttrDict axisDict(const std::vector<NestAxis> &axes) {
  AttrDict dict;
  for (const NestAxis &axis : axes)
    dict.set(axis.name, axis.extent);
  return dict;
}

std::vector<Value *> LoweringContext::nest(NestSpec spec) {
  return buildNest(builder, std::move(spec));
}

std::vector<Value *> buildNest(Builder &builder, NestSpec spec) {
  AttrDict attrs;
  attrs.set("parallel", axisDict(spec.parallel));
  if (!spec.reduce.empty()) {
    attrs.set("reduce", axisDict(spec.reduce));
    attrs.set("combine", spec.combine);
  }
  std::vector<Value *> operands;
  AttrList maps, results, fill;
  bool anyFill = false;
  for (const NestOperand &operand : spec.operands) {
    operands.push_back(operand.value);
    maps.push_back(operand.map);
    fill.push_back(operand.fill ? Attr(*operand.fill) : Attr(false));
    anyFill |= operand.fill.has_value();
  }
  std::vector<Type> types;
  for (const NestResult &result : spec.results) {
    results.push_back(result.map);
    types.push_back(result.type);
  }
  attrs.set("maps", maps);
  attrs.set("results", results);
  if (anyFill)
    attrs.set("fill", fill);
  if (!spec.loaded.empty()) {
    AttrDict loaded;
    for (const auto &[symbol, operand] : spec.loaded)
      loaded.set(symbol, operand);
    attrs.set("loaded", loaded);
  }
  if (spec.into) {
    operands.push_back(spec.into);
    attrs.set("into", true);
  }
  Op *nest = builder.createWithRegions("nest", operands, attrs, types, 1);
  Block &body = nest->region();
  std::vector<Value *> scalars;
  for (const NestOperand &operand : spec.operands)
    scalars.push_back(body.addArgument(
        Type::scalar(operand.value->type().elem()), operand.value->hint));
  Builder inner(body);
  inner.location = builder.location;
  std::vector<Value *> yielded = spec.body(inner, scalars);
  inner.create("yield", yielded);
  std::vector<Value *> values;
  for (int64_t i = 0; i < nest->resultCount(); ++i)
    values.push_back(nest->result(i));
  return values;
}

Value *buildCopy(Builder &builder, NestSpec spec) {
  spec.body = [](Builder &, std::span<Value *const> loaded) {
    return std::vector<Value *>(loaded.begin(), loaded.end());
  };
  return buildNest(builder, std::move(spec))[0];
}

} // namespace nnc
