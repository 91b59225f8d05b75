//===- data.cpp: the data clauses of a train block ------------------------===//
#include "frontend/data_clause.h"
#include "frontend/train_state.h"

#include <algorithm>

namespace nnc {

const ast::Type *
Elaborator::typeOfData(const ast::TrainItem::DataName &name) const {
  if (name.type)
    return &*name.type;
  auto inherited = frame->inheritedTypes.find(name.name.text);
  return inherited == frame->inheritedTypes.end() ? nullptr : inherited->second;
}

/// Other data of the same names has the same types, unless it says otherwise.
void Elaborator::inheritTypes(const ast::TrainItem &item,
                              const ast::Train &train) {
  for (const ast::TrainItem &each : train.items)
    if (each.kind == ast::TrainItem::Data)
      for (const ast::TrainItem::DataName &name : each.names)
        for (const ast::TrainItem::DataName &mine : item.names)
          if (name.type && name.name.text == mine.name.text)
            frame->inheritedTypes[name.name.text] = &*name.type;
}

/// A column's input of the function, of its own type or the stated one.
Val Elaborator::dataInput(const std::string &name, const Type &type,
                          const AxisNames &axes) {
  Value *&value = state->inputs[name];
  if (!value) {
    AttrList texts;
    for (int64_t i = 0; i < type.rank(); ++i)
      texts.push_back(
          Attr(i < static_cast<int64_t>(axes.size()) && !axes[i].none()
                   ? axes[i].text
                   : type.dim(i).str()));
    value = state->function->addArgument(type, name,
                                         {{"input", name}, {"axes", texts}});
  }
  return Val::tensor(value, axes);
}

/// A literal column: an input whose element type is that of its first use.
Val Elaborator::literalColumn(const ast::TrainItem::DataName &name, Val value,
                              Loc loc) {
  DataClause &clause = *frame->dataClause;
  if (!value.isLiteral() || value.literal->isScalar() || value.literal->named)
    return poison(loc, "data is read from a file or a tensor literal, not " +
                           value.describe());
  auto literal = std::make_shared<Literal>(*value.literal);
  Tensor tensor;
  tensor.elem = literal->kind == LiteralKind::Bool ? Elem::Bool : floatElem();
  for (const Dim &dim : literal->shape)
    tensor.shape.push_back(dim.value());
  tensor.data = literal->data;
  if (clause.rows >= 0 && clause.rows != tensor.shape[0])
    return poison(loc, name.name.text + " has " +
                           std::to_string(tensor.shape[0]) +
                           " examples and the data before it " +
                           std::to_string(clause.rows));
  clause.rows = tensor.shape[0];
  AxisNames axes;
  std::optional<Type> stated;
  if (typeOfData(name)) {
    stated = typeOf(*frame, *typeOfData(name), &axes);
    if (!stated)
      return {};
    tensor.elem = stated->elem();
    Extents rows = {tensor.shape[0]};
    for (int64_t i = 1; i < stated->rank(); ++i)
      rows.push_back(stated->dim(i).isConstant() ? stated->dim(i).value() : 1);
    if (stated->rank() == 0 || Tensor::count(rows) != tensor.size())
      return poison(loc, name.name.text + " is " + stated->str() +
                             ", which does not fit " + value.describe());
    tensor.shape = rows;
  }
  DataColumn column;
  column.name = name.name.text;
  column.literal = tensor;
  if (clause.literals.columns.empty())
    clause.literals.kind = DataSource::Literal;
  clause.literals.columns.push_back(column);
  if (stated)
    return dataInput(name.name.text, *stated, axes);
  literal->data.clear();
  literal->shape[0] = batch;
  literal->named = true;
  literal->value = nullptr;
  literal->make = [this, shape = literal->shape,
                   text = name.name.text](Elem elem) {
    return dataInput(text, Type::tensor(elem, shape), {}).ir;
  };
  value.literal = literal;
  return value;
}

Val Elaborator::toStated(Val value, const ast::TrainItem::DataName &name,
                         Loc loc) {
  if (!typeOfData(name) || value.isPoison())
    return value;
  AxisNames axes;
  std::optional<Type> type = typeOf(*frame, *typeOfData(name), &axes);
  value = materialise(value, std::nullopt, loc);
  if (!type || value.isPoison())
    return {};
  if (!(elementCount(value.ir->type().shape()) == elementCount(type->shape())))
    return poison(
        loc, name.name.text + " is " + ast::toSource(*typeOfData(name)) +
                 ", which has not as many elements as " + value.describe());
  if (value.ir->type().elem() != type->elem())
    value = Val::tensor(builder().op("cast", {value.ir}, {},
                                     {value.ir->type().withElem(type->elem())}),
                        value.axes);
  return reshapeTo(value, type->shape(), axes);
}

/// The examples' axis: the name that the types give it, or B.
void Elaborator::chooseBatch(
    const std::vector<ast::TrainItem::DataName> &names) {
  for (const ast::TrainItem::DataName &name : names) {
    if (!typeOfData(name))
      continue;
    for (const ast::Type::Dim &dim : typeOfData(name)->dims) {
      auto *simple = ast::as<ast::Name>(dim.size);
      if (!simple || !simple->isSimple() || !simple->first().isCompileTime())
        continue;
      const std::string &text = simple->first().text;
      if (findDim(*frame, text, dim.loc))
        continue;
      if (!frame->file->dims.contains(text))
        unknownName(simple->first(), "dimension");
      bool first = &dim == &typeOfData(name)->dims[0];
      frame->dims[text] = {first && batch.isConstant() ? Dim::symbol(text)
                           : first                     ? batch
                                                       : Dim::symbol(text),
                           {},
                           dim.loc,
                           false};
      if (first && batch.isConstant())
        batch = Dim::symbol(text);
    }
  }
}

void Elaborator::bindData(const ast::TrainItem &item,
                          std::vector<int64_t> &sourcesOfItem) {
  DataClause clause;
  frame->dataClause = &clause;
  std::vector<Val> values;
  bool joint = item.values.size() == 1 && item.names.size() > 1;
  for (size_t i = 0; i < item.values.size(); ++i) {
    const ast::Expr &expr = *item.values[i];
    clause.names.clear();
    if (joint)
      for (const auto &name : item.names)
        clause.names.push_back(&name);
    else if (i < item.names.size())
      clause.names = {&item.names[i]};
    clause.direct = isDataCall(expr);
    size_t before = clause.made.size();
    auto *tuple = ast::as<ast::Tuple>(&expr);
    if (joint && tuple && tuple->items.size() == item.names.size()) {
      for (size_t j = 0; j < tuple->items.size(); ++j) {
        clause.names = {&item.names[j]};
        clause.direct = isDataCall(*tuple->items[j]);
        before = clause.made.size();
        Val value = eval(*tuple->items[j]);
        if (clause.made.size() == before && !value.isPoison())
          value = literalColumn(item.names[j], value, tuple->items[j]->loc);
        else if (!clause.direct)
          value = toStated(value, item.names[j], tuple->items[j]->loc);
        values.push_back(value);
      }
      continue;
    }
    Val value = eval(expr);
    if (value.kind == Val::Tuple && joint) {
      values = value.items;
    } else if (value.isPoison()) {
      values.push_back(value);
    } else if (clause.made.size() == before) {
      values.push_back(
          joint ? value : literalColumn(*clause.names[0], value, expr.loc));
    } else {
      values.push_back(
          clause.direct ? value : toStated(value, *clause.names[0], expr.loc));
    }
  }
  frame->dataClause = nullptr;
  bool poisoned =
      std::any_of(values.begin(), values.end(),
                  [](const Val &value) { return value.isPoison(); });
  if (values.size() != item.names.size() && !poisoned)
    error(item.loc, "there are " + std::to_string(item.names.size()) +
                        " names for " + std::to_string(values.size()) +
                        " data");
  for (size_t i = 0; i < item.names.size(); ++i)
    setName(item.names[i].name,
            i < values.size() && values.size() == item.names.size() ? values[i]
                                                                    : Val());
  // The same clause may be elaborated again, for a metric.
  auto [known, fresh] = sourceIndex.emplace(&item, std::vector<int64_t>());
  if (fresh) {
    if (!clause.literals.columns.empty())
      clause.made.push_back(clause.literals);
    for (DataSource &source : clause.made) {
      known->second.push_back(static_cast<int64_t>(program.sources.size()));
      program.sources.push_back(std::move(source));
    }
  }
  sourcesOfItem.insert(sourcesOfItem.end(), known->second.begin(),
                       known->second.end());
}

} // namespace nnc
