#include "frontend/writer/writer.h"

#include "ir/op_def.h"

#include <algorithm>
#include <cmath>

namespace nnc {

static std::vector<int64_t> allAxes(int64_t rank) {
  std::vector<int64_t> axes;
  for (int64_t axis = 0; axis < rank; ++axis)
    axes.push_back(axis);
  return axes;
}

static bool isTrailing(const std::vector<int64_t> &axes, int64_t rank) {
  auto count = static_cast<int64_t>(axes.size());
  for (int64_t i = 0; i < count; ++i)
    if (axes[i] != rank - count + i)
      return false;
  return true;
}

static bool isReduction(const Op &op) {
  return op.is("sum") || op.is("reduce_max") || op.is("reduce_min") ||
         op.is("product");
}

/// Where the axes of a shape are in one that has axes of 1 besides.
static std::optional<std::vector<int64_t>> placesIn(const Shape &wide,
                                                    const Shape &shape) {
  std::vector<int64_t> axes;
  for (size_t i = 0; i < wide.size(); ++i) {
    if (axes.size() < shape.size() && wide[i] == shape[axes.size()])
      axes.push_back(static_cast<int64_t>(i));
    else if (!wide[i].isConstant(1))
      return std::nullopt;
  }
  if (axes.size() != shape.size())
    return std::nullopt;
  return axes;
}

/// The form that all readers want, if they want one.
std::optional<Writer::Kept> Writer::wantedForm(const Value *value) const {
  std::optional<Kept> form;
  for (const Value::Use &use : value->uses()) {
    std::optional<Kept> wanted;
    if (use.op->is("broadcast")) {
      const Value *wide = use.op->result();
      bool isRead = true;
      for (const Value::Use &reader : wide->uses())
        isRead &= reader.op->def().kind == OpKind::Elementwise &&
                  !kept.contains(reader.op->result());
      if (isRead)
        wanted = Kept{wide->type().rank(), use.op->attr("axes").asInts()};
    } else if (use.op->is("reshape")) {
      const Type &type = use.op->result()->type();
      if (auto axes = placesIn(type.shape(), value->type().shape()))
        wanted = Kept{type.rank(), *axes};
    } else if (use.op->def().kind == OpKind::Elementwise) {
      auto found = kept.find(use.op->result());
      if (found != kept.end())
        wanted = found->second;
    }
    if (!wanted || (form && !(*form == *wanted)))
      return std::nullopt;
    form = wanted;
  }
  return form;
}

/// From the end, since what is read later tells.
void Writer::findKept(const Block &body) {
  const auto &ops = body.operations();
  for (auto place = ops.rbegin(); place != ops.rend(); ++place) {
    const Op &op = **place;
    bool isPlain =
        op.def().kind == OpKind::Elementwise && op.result()->type().rank() > 0;
    if (!isReduction(op) && !isPlain && !op.is("reshape"))
      continue;
    const Value *value = op.result();
    std::optional<Kept> form = wantedForm(value);
    if (!form || isTrailing(form->axes, form->rank))
      continue;
    // A reshape that takes axes of 1 away, and all want them.
    if (op.is("reshape") &&
        !(withOnes(value->type().shape(), form->rank, form->axes) ==
          op.operand(0)->type().shape()))
      continue;
    if (isReduction(op)) {
      // `keep=true` leaves just these axes.
      std::vector<int64_t> left = allAxes(op.operand(0)->type().rank());
      for (int64_t axis : op.attr("axes").asInts())
        std::erase(left, axis);
      if (form->rank != op.operand(0)->type().rank() || form->axes != left)
        continue;
    }
    kept[value] = *form;
  }
}

/// What an operand of an elementwise op is written as; `form` is that of the
/// op's result, if it has one.
Written Writer::elementwiseOperand(const Value *value, const Kept *form) {
  if (auto number = numbers.find(value); number != numbers.end())
    return numberText(number->second, value->type().elem());
  const Value *from = value;
  int64_t rank = form ? form->rank : value->type().rank();
  std::vector<int64_t> axes = form ? form->axes : allAxes(rank);
  const Op *op = value->definingOp();
  if (op && op->is("broadcast") && !values.contains(value)) {
    from = op->operand(0);
    std::vector<int64_t> inner;
    for (int64_t axis : op->attr("axes").asInts())
      inner.push_back(axes[axis]);
    axes = inner;
    if (auto number = numbers.find(from); number != numbers.end())
      return numberText(number->second, value->type().elem());
    if (from->definingOp() && from->definingOp()->is("broadcast") &&
        !values.contains(from)) {
      Kept inside{rank, axes};
      return elementwiseOperand(from, &inside);
    }
  }
  Written written = values.at(from);
  auto own = kept.find(from);
  if (own != kept.end() && own->second == Kept{rank, axes})
    return written;
  if (isTrailing(axes, rank))
    return own == kept.end() ? written : plain(from);
  // Axes of 1 between its own; before them none are needed.
  int64_t first = axes.front();
  for (int64_t &axis : axes)
    axis -= first;
  return reshaped(from, withOnes(from->type().shape(), rank - first, axes));
}

/// The operands as they can stand beside one another. An axis of 1 stretches.
std::vector<Written> Writer::aligned(const Op &op,
                                     std::vector<const Value *> operands) {
  auto found = kept.find(op.result());
  const Kept *form = found == kept.end() ? nullptr : &found->second;
  const Shape &shape = op.result()->type().shape();
  Shape target = form ? withOnes(shape, form->rank, form->axes) : shape;
  std::vector<Written> written;
  for (const Value *operand : operands)
    written.push_back(elementwiseOperand(operand, form));
  for (size_t i = 0; i < written.size(); ++i)
    for (size_t j = 0; j < i; ++j)
      reconcile(written[j], written[i]);
  // A second round, since an earlier one may have got other names.
  for (size_t i = 0; i < written.size(); ++i)
    for (size_t j = 0; j < i; ++j)
      reconcile(written[j], written[i]);
  Shape joint;
  bool anyTensor = false;
  for (const Written &each : written) {
    anyTensor |= !each.isNumber;
    while (joint.size() < each.shape.size())
      joint.insert(joint.begin(), Dim(1));
    for (int64_t i = 1; i <= each.rank(); ++i)
      if (Dim &size = joint[joint.size() - i]; size.isConstant(1))
        size = each.shape[each.rank() - i];
  }
  // `1 / B` is one.
  bool isQuotient = op.is("div") && written[1].isSize &&
                    op.result()->type() == Type::scalar(Elem::F32);
  if (!(joint == target) || (!anyTensor && !isQuotient)) {
    Written &first = written[0];
    Elem elem = operands[0]->type().elem();
    if (first.isNumber)
      first =
          call(std::string(elemName(elem)) + "(" + first.text + ")", {}, {});
    if (!target.empty())
      first = explicitBroadcast(first, target);
  }
  return written;
}

void Writer::defineElementwise(const Op &op,
                               const std::vector<Written> &operands,
                               std::string text, Binding binding) {
  Written made;
  made.text = std::move(text);
  made.binding = binding;
  auto form = kept.find(op.result());
  const Shape &shape = op.result()->type().shape();
  made.shape = form == kept.end()
                   ? shape
                   : withOnes(shape, form->second.rank, form->second.axes);
  made.axes.resize(made.shape.size());
  for (const Written &each : operands)
    for (int64_t i = 1; i <= each.rank(); ++i)
      if (std::string &name = made.axes[made.axes.size() - i]; name.empty())
        name = each.axes[each.rank() - i];
  define(op.result(), std::move(made));
}

namespace {
struct Operator {
  const char *sign;
  Binding binding;
};
} // namespace

static Operator operatorOf(const Op &op) {
  static const std::map<std::string_view, Operator> operators = {
      {"add", {"+", Binding::Sum}},     {"sub", {"-", Binding::Sum}},
      {"mul", {"*", Binding::Product}}, {"div", {"/", Binding::Product}},
      {"pow", {"^", Binding::Power}},   {"and", {"&&", Binding::And}},
      {"or", {"||", Binding::Or}}};
  static const std::map<std::string, const char *> predicates = {
      {"eq", "=="}, {"ne", "!="}, {"lt", "<"},
      {"le", "<="}, {"gt", ">"},  {"ge", ">="}};
  if (op.is("compare"))
    return {predicates.at(op.attr("predicate").asString()), Binding::Compare};
  return operators.at(op.name());
}

static Binding tighter(Binding binding) {
  return static_cast<Binding>(static_cast<int>(binding) + 1);
}

void Writer::elementwise(const Op &op) {
  auto [sign, binding] = operatorOf(op);
  bool isProduct = op.is("mul");
  if (op.operand(0) == op.operand(1) && (isProduct || op.is("add"))) {
    std::vector<Written> one = aligned(op, {op.operand(0)});
    bool isFloatProduct = isProduct && isFloat(op.result()->type().elem());
    std::string text = isFloatProduct ? one[0].at(Binding::Postfix) + "^2"
                       : isProduct    ? one[0].at(Binding::Minus) + " * " +
                                         one[0].at(Binding::Minus)
                                   : "2 * " + one[0].at(Binding::Minus);
    defineElementwise(op, one, text,
                      isFloatProduct ? Binding::Power : Binding::Product);
    return;
  }
  std::vector<Written> sides = aligned(op, {op.operand(0), op.operand(1)});
  Written left = sides[0], right = sides[1];
  // `2 * x`, but `x / 4` for the product with a quarter.
  if (isProduct && right.isNumber && !left.isNumber) {
    auto number = numbers.find(op.operand(1));
    int exponent = 0;
    bool isPart = number != numbers.end() &&
                  isFloat(op.result()->type().elem()) &&
                  std::frexp(number->second, &exponent) == 0.5 &&
                  exponent <= 0 && exponent > -16;
    if (isPart) {
      right = numberText(std::ldexp(1, 1 - exponent), Elem::F64);
      sign = "/";
    } else {
      std::swap(left, right);
    }
  }
  Binding ofLeft = op.is("pow")       ? Binding::Postfix
                   : op.is("compare") ? Binding::Sum
                                      : binding;
  Binding ofRight = op.is("pow")       ? Binding::Postfix
                    : op.is("compare") ? Binding::Sum
                                       : tighter(binding);
  std::string text = left.at(ofLeft) + " " + sign + " " + right.at(ofRight);
  if (op.is("pow"))
    text = left.at(ofLeft) + "^" + right.at(ofRight);
  defineElementwise(op, sides, text, binding);
}

void Writer::negation(const Op &op) {
  std::vector<Written> one = aligned(op, {op.operand(0)});
  bool isNot = op.is("not");
  const std::string &text = one[0].text;
  // -(x * y) is (-x) * y to the last bit; of `@` a zero may have another sign.
  if (!isNot && one[0].binding == Binding::Product && text[0] != '-' &&
      text.find('@') == std::string::npos) {
    defineElementwise(op, one, "-" + text, Binding::Product);
    return;
  }
  defineElementwise(op, one,
                    (isNot ? "!" : "-") +
                        one[0].at(isNot ? Binding::Compare : Binding::Power),
                    isNot ? Binding::Not : Binding::Minus);
}

void Writer::unaryFunction(const Op &op) {
  std::vector<Written> one = aligned(op, {op.operand(0)});
  defineElementwise(op, one, std::string(op.name()) + "(" + one[0].text + ")",
                    Binding::Postfix);
}

void Writer::stopGradient(const Op &op) { unaryFunction(op); }

void Writer::callOfTwo(const Op &op) {
  std::vector<Written> sides = aligned(op, {op.operand(0), op.operand(1)});
  std::string name = op.is("int_div") ? "div" : std::string(op.name());
  // Known numbers alone would be a number, and sizes a size.
  defineElementwise(op, sides,
                    name + "(" + sides[0].text + ", " + sides[1].text + ")",
                    Binding::Postfix);
}

void Writer::cast(const Op &op) {
  std::vector<Written> one = aligned(op, {op.operand(0)});
  std::string elem(elemName(op.result()->type().elem()));
  defineElementwise(op, one, elem + "(" + one[0].text + ")", Binding::Postfix);
}

void Writer::select(const Op &op) {
  std::vector<Written> parts =
      aligned(op, {op.operand(0), op.operand(1), op.operand(2)});
  Elem elem = op.result()->type().elem();
  // Two numbers alone would be f32.
  if (parts[1].isNumber && parts[2].isNumber && elem != Elem::F32)
    parts[1].text = std::string(elemName(elem)) + "(" + parts[1].text + ")";
  defineElementwise(op, parts,
                    "where(" + parts[0].text + ", " + parts[1].text + ", " +
                        parts[2].text + ")",
                    Binding::Postfix);
}

} // namespace nnc
