#include "frontend/writer/writer.h"

#include <algorithm>

namespace nnc {

std::string Writer::over(const Written &x,
                         const std::vector<int64_t> &axes) const {
  std::string names, numbers;
  bool isClear = true;
  for (int64_t axis : axes) {
    const std::string &name = x.axes[axis];
    isClear &=
        !name.empty() && std::count(x.axes.begin(), x.axes.end(), name) == 1;
    names += (names.empty() ? "" : ", ") + name;
    numbers += (numbers.empty() ? "" : ", ") + std::to_string(axis);
  }
  std::string list = isClear ? names : numbers;
  return ", over=" + (axes.size() == 1 ? list : "[" + list + "]");
}

void Writer::reduction(const Op &op) {
  Written x = plain(op.operand(0));
  std::vector<int64_t> axes = op.attr("axes").asInts();
  std::string name = op.is("reduce_max")   ? "max"
                     : op.is("reduce_min") ? "min"
                                           : std::string(op.name());
  bool isAll = static_cast<int64_t>(axes.size()) == x.rank();
  bool keeps = kept.contains(op.result());
  std::string text = name + "(" + x.text + (isAll ? "" : over(x, axes)) +
                     (keeps ? ", keep=true" : "") + ")";
  Written made = call(text, {}, {});
  for (int64_t i = 0; i < x.rank(); ++i) {
    bool isGone = std::count(axes.begin(), axes.end(), i) > 0;
    if (isGone && !keeps)
      continue;
    made.shape.push_back(isGone ? Dim(1) : x.shape[i]);
    made.axes.push_back(isGone ? "" : x.axes[i]);
  }
  define(op.result(), made);
}

/// argmax, cumsum
void Writer::alongAxis(const Op &op) {
  Written x = plain(op.operand(0));
  int64_t axis = op.attr("axis").asInt();
  std::string along = over(x, {axis}) + ")";
  const Attr *reverse = op.findAttr("reverse");
  bool isTurned = reverse && reverse->asBool();
  std::string text = isTurned ? "reverse(" + x.text + along : x.text;
  text = std::string(op.name()) + "(" + text + along;
  Written made =
      call(isTurned ? "reverse(" + text + along : text, x.shape, x.axes);
  if (op.is("argmax")) {
    made.shape.erase(made.shape.begin() + axis);
    made.axes.erase(made.axes.begin() + axis);
  }
  define(op.result(), made);
}

/// The result's labels follow from its sizes, so that what is computed in
/// different ways fits together; a summed axis keeps its name if it can.
Writer::Lists
Writer::lists(const std::vector<Written> &operands,
              const std::vector<std::vector<std::string>> &indices,
              const std::vector<std::string> &result) {
  struct Index {
    Dim size;
    std::vector<std::string> actual; ///< What its axes are called.
    std::string label;
  };
  std::map<std::string, Index> all;
  std::vector<std::string> order = result;
  for (size_t i = 0; i < operands.size(); ++i)
    for (size_t axis = 0; axis < indices[i].size(); ++axis) {
      const std::string &name = indices[i][axis];
      if (!std::count(order.begin(), order.end(), name))
        order.push_back(name);
      all[name].size = operands[i].shape[axis];
      all[name].actual.push_back(operands[i].axes[axis]);
    }
  std::set<std::string> used;
  auto tryLabel = [&](Index &index, const std::string &label) {
    if (!label.empty() && !used.contains(label) && index.label.empty() &&
        labels.mayCall(index.actual, label))
      index.label = label;
  };
  for (const std::string &name : order) {
    Index &index = all[name];
    bool isSummed = !std::count(result.begin(), result.end(), name);
    auto tryOwn = [&] {
      for (const std::string &actual : index.actual)
        tryLabel(index, actual);
    };
    if (isSummed)
      tryOwn();
    for (int64_t n = 0; n < 8 && index.label.empty(); ++n)
      tryLabel(index, labels.labelOf(index.size, n));
    tryOwn();
    if (index.label.empty()) {
      std::string fresh = labels.freshLabel();
      if (!labels.mayCall(index.actual, fresh))
        return {};
      index.label = fresh;
    }
    used.insert(index.label);
  }
  Lists made;
  made.isFound = true;
  for (size_t i = 0; i < operands.size(); ++i) {
    std::string list;
    for (size_t axis = 0; axis < indices[i].size(); ++axis) {
      const std::string &label = all[indices[i][axis]].label;
      labels.use(operands[i].axes[axis], label);
      list += (axis ? ", " : "[") + label;
    }
    made.operands.push_back(list.empty() ? "" : list + "]");
  }
  made.result = "[";
  for (const std::string &name : result) {
    made.labels.push_back(all[name].label);
    made.result += (made.result.size() == 1 ? "" : ", ") + all[name].label;
  }
  made.result += "]";
  return made;
}

static std::vector<std::string> indexNames(const Attr &attr) {
  std::vector<std::string> names;
  for (const Dim &index : attr.asDims())
    names.push_back(index.str());
  return names;
}

/// `x @ w`: the last axis of x with the first of w, which has one or two.
bool Writer::asMatrixProduct(const Op &op) {
  std::vector<std::string> left = indexNames(op.attr("left"));
  std::vector<std::string> right = indexNames(op.attr("right"));
  std::vector<std::string> result = indexNames(op.attr("result"));
  if (left.empty() || right.empty() || right.size() > 2 ||
      left.back() != right[0])
    return false;
  std::vector<std::string> expected(left.begin(), left.end() - 1);
  expected.insert(expected.end(), right.begin() + 1, right.end());
  std::set<std::string> different(expected.begin(), expected.end());
  if (expected != result || different.size() != expected.size() ||
      different.contains(left.back()))
    return false;
  Written a = plain(op.operand(0)), b = plain(op.operand(1));
  const std::string &inner = a.axes.back(), &outer = b.axes[0];
  if (!inner.empty() && !outer.empty() && inner != outer)
    return false;
  std::vector<std::string> axes(a.axes.begin(), a.axes.end() - 1);
  axes.insert(axes.end(), b.axes.begin() + 1, b.axes.end());
  Written made = call(a.at(Binding::Product) + " @ " + b.at(Binding::Minus),
                      op.result()->type().shape(), axes);
  made.binding = Binding::Product;
  define(op.result(), made);
  return true;
}

void Writer::contract(const Op &op) {
  if (asMatrixProduct(op))
    return;
  std::vector<Written> operands = {named(op.operand(0)), named(op.operand(1))};
  std::vector<std::string> left = indexNames(op.attr("left"));
  std::vector<std::string> right = indexNames(op.attr("right"));
  std::vector<std::string> result = indexNames(op.attr("result"));
  Lists made = lists(operands, {left, right}, result);
  // Axes that go together have names of which none gives way: without its names
  // an operand takes any.
  for (int64_t i = 1; i >= 0 && !made.isFound; --i) {
    operands[i] = normalised(operands[i]);
    std::string name = names.unique("v");
    line(name + " = " + operands[i].text);
    operands[i].text = name;
    made = lists(operands, {left, right}, result);
  }
  Written product =
      call(operands[0].text + made.operands[0] + " * " + operands[1].text +
               made.operands[1] + " -> " + made.result,
           op.result()->type().shape(), made.labels);
  product.binding = Binding::Flow;
  // `->` needs a tensor with axes on its left.
  if (operands[0].rank() + operands[1].rank() == 0) {
    product.text = operands[0].text + " * " + operands[1].text;
    product.binding = Binding::Product;
  }
  define(op.result(), product, false);
}

Written Writer::transposed(const Written &from,
                           const std::vector<int64_t> &permutation) {
  std::vector<std::string> indices, result;
  for (int64_t i = 0; i < from.rank(); ++i)
    indices.push_back(std::to_string(i));
  Shape shape;
  for (int64_t axis : permutation) {
    result.push_back(std::to_string(axis));
    shape.push_back(from.shape[axis]);
  }
  Lists made = lists({from}, {indices}, result);
  return {from.text + made.operands[0] + " -> " + made.result, Binding::Flow,
          shape, made.labels};
}

void Writer::transpose(const Op &op) {
  define(op.result(),
         transposed(named(op.operand(0)), op.attr("permutation").asInts()),
         false);
}

void Writer::gradient(const Op &op) {
  std::string of = named(op.operand(0)).text, by;
  for (int64_t i = 1; i < op.operandCount(); ++i)
    by += (i > 1 ? ", " : "") + named(op.operand(i)).text;
  std::string targets;
  for (int64_t i = 0; i < op.resultCount(); ++i) {
    const Value *value = op.result(i);
    auto wish = wishes.find(value);
    Written made = plain(op.operand(i + 1));
    made.text = wish == wishes.end() ? names.forValue(*value)
                                     : names.unique(wish->second);
    made.binding = Binding::Primary;
    targets += (i ? ", " : "") + made.text;
    values[value] = made;
  }
  line(targets + " = grad(" + of +
       ", wrt=" + (op.resultCount() > 1 ? "(" + by + ")" : by) + ")");
}

} // namespace nnc
