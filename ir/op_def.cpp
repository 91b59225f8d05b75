#include "ir/op_def.h"

#include "ir/check.h"

#include <algorithm>

namespace nnc {

const OpDef *findOp(std::string_view name) {
  std::span<const OpDef *const> ops = allOps();
  auto found = std::lower_bound(ops.begin(), ops.end(), name,
                                [](const OpDef *op, std::string_view wanted) {
                                  return op->name < wanted;
                                });
  return found != ops.end() && (*found)->name == name ? *found : nullptr;
}

const OpDef &opNamed(std::string_view name) {
  const OpDef *found = findOp(name);
  if (!found)
    internalError("there is no op " + std::string(name));
  return *found;
}

static bool hasForm(const Attr &attr, AttrForm form);

static bool isListOf(const Attr &attr, AttrForm form) {
  const AttrList *list = attr.getIf<AttrList>();
  return list && std::all_of(list->begin(), list->end(), [&](const Attr &each) {
           return hasForm(each, form);
         });
}

static bool hasForm(const Attr &attr, AttrForm form) {
  switch (form) {
  case AttrForm::Bool:
    return attr.getIf<bool>();
  case AttrForm::Int:
    return attr.getIf<Dim>() && attr.asDim().isConstant();
  case AttrForm::Float:
    return attr.getIf<double>();
  case AttrForm::String:
    return attr.getIf<std::string>();
  case AttrForm::Dim:
    return attr.getIf<Dim>();
  case AttrForm::Type:
    return attr.getIf<Type>();
  case AttrForm::List:
    return attr.getIf<AttrList>();
  case AttrForm::Dict:
    return attr.getIf<AttrDict>();
  case AttrForm::Any:
    return true;
  case AttrForm::Ints:
    return isListOf(attr, AttrForm::Int);
  case AttrForm::Dims:
    return isListOf(attr, AttrForm::Dim);
  case AttrForm::Maps:
    return isListOf(attr, AttrForm::Dims);
  case AttrForm::DimDict: {
    const AttrDict *dict = attr.getIf<AttrDict>();
    return dict &&
           std::all_of(dict->begin(), dict->end(), [&](const auto &entry) {
             return hasForm(entry.second, AttrForm::Dim);
           });
  }
  }
  return false;
}

static std::string checkAttrs(const Op &op) {
  for (const AttrSpec &spec : op.def().attrs) {
    const Attr *attr = op.findAttr(spec.name);
    if (!attr && spec.required)
      return "attribute " + std::string(spec.name) + " is missing";
    if (attr && !hasForm(*attr, spec.form))
      return "attribute " + std::string(spec.name) + " is " + attr->str() +
             ", which is not of the form it must have";
  }
  for (const auto &[name, value] : op.attrs) {
    auto known = [&](const AttrSpec &spec) { return spec.name == name; };
    if (std::none_of(op.def().attrs.begin(), op.def().attrs.end(), known))
      return "there is no attribute " + name;
  }
  return "";
}

Inference inferTypes(const Op &op, std::span<const Type> stated) {
  const OpDef &def = op.def();
  if (op.operandCount() < def.operands.least ||
      (def.operands.most >= 0 && op.operandCount() > def.operands.most))
    return Inference::fail("it has " + std::to_string(op.operandCount()) +
                           " operands");
  if (std::string error = checkAttrs(op); !error.empty())
    return Inference::fail(error);
  return def.shape(op, stated);
}

} // namespace nnc
