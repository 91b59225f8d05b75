#include "frontend/writer/writer.h"

#include "ir/rewriter.h"

namespace nnc {

static std::string axisText(int64_t axis) { return std::to_string(axis); }

/// `[[1, 2], [3, 4]]`, from the elements in row-major order.
static std::string listText(const std::vector<double> &data, const Type &type,
                            int64_t axis, size_t &place) {
  if (axis == type.rank())
    return numberText(data[place++], type.elem()).text;
  std::string text = "[";
  for (int64_t i = 0; i < type.dim(axis).value(); ++i)
    text += (i ? ", " : "") + listText(data, type, axis + 1, place);
  return text + "]";
}

void Writer::constant(const Op &op) {
  const Value *value = op.result();
  if (std::optional<double> splat = splatOf(value)) {
    bool isDerivedBy = false;
    for (const Value::Use &use : value->uses())
      isDerivedBy |= use.op->is("gradient");
    if (isDerivedBy)
      define(value, filled(*splat, value->type()));
    else
      numbers[value] = *splat;
    return;
  }
  const Type &type = value->type();
  size_t place = 0;
  std::string list =
      listText(*op.attr("value").get<DenseData>(), type, 0, place);
  define(value,
         call(std::string(elemName(type.elem())) + "(" + list + ")",
              type.shape(), std::vector<std::string>(type.shape().size())));
}

void Writer::size(const Op &op) {
  values[op.result()] = dimText(op.attr("value").asDim());
}

/// Elements that are not specified may be zeros.
void Writer::empty(const Op &op) { numbers[op.result()] = 0; }

/// Nothing yet: whoever reads it says how wide it is.
void Writer::broadcast(const Op &op) {
  for (const Value::Use &use : op.result()->uses())
    if (use.op->is("gradient")) {
      named(op.result());
      return;
    }
}

void Writer::iota(const Op &op) {
  const Type &type = op.result()->type();
  int64_t axis = op.attr("axis").asInt();
  const Dim &size = type.dim(axis);
  std::string text = "range[" + dimText(size).text + "]";
  if (type.elem() != Elem::I32)
    text = std::string(elemName(type.elem())) + "(" + text + ")";
  Written counted = call(text, {size}, {nameOfSize(size)});
  if (type.rank() > 1) {
    Shape wide(type.rank() - axis, Dim(1));
    wide[0] = size;
    if (wide.size() > 1)
      counted = call("reshape(" + text + ", " + sizesText(wide) + ")", wide,
                     namesOfSizes(wide));
    counted = explicitBroadcast(counted, type.shape());
  }
  define(op.result(), counted);
}

void Writer::concat(const Op &op) {
  std::vector<Written> parts;
  for (const Value *operand : op.operands())
    parts.push_back(plain(operand));
  int64_t axis = op.attr("axis").asInt();
  for (Written &each : parts)
    each.axes[axis].clear();
  for (int round = 0; round < 2; ++round)
    for (size_t i = 0; i < parts.size(); ++i)
      for (size_t j = 0; j < i; ++j)
        reconcile(parts[j], parts[i]);
  std::string text = "concat(";
  std::vector<std::string> axes(parts[0].axes.size());
  for (const Written &each : parts) {
    text += each.text + ", ";
    for (size_t i = 0; i < axes.size(); ++i)
      if (axes[i].empty())
        axes[i] = each.axes[i];
  }
  axes[axis].clear();
  define(op.result(), call(text + "over=" + axisText(axis) + ")",
                           op.result()->type().shape(), axes));
}

void Writer::pad(const Op &op) {
  Written x = plain(op.operand(0));
  Shape low = op.attr("low").asDims(), high = op.attr("high").asDims();
  const Attr *given = op.findAttr("steps");
  std::vector<int64_t> steps =
      given ? given->asInts() : std::vector<int64_t>(low.size(), 1);
  Elem elem = op.result()->type().elem();
  double value = op.attr("value").asFloat();
  std::vector<bool> done(low.size());
  // Axes that are padded alike go together.
  for (size_t i = 0; i < low.size(); ++i) {
    bool isNothing =
        low[i].isConstant(0) && high[i].isConstant(0) && steps[i] == 1;
    if (isNothing || done[i])
      continue;
    std::string axes;
    int count = 0;
    for (size_t j = i; j < low.size(); ++j)
      if (low[j] == low[i] && high[j] == high[i] && steps[j] == steps[i]) {
        axes += (axes.empty() ? "" : ", ") + std::to_string(j);
        x.axes[j].clear();
        done[j] = true;
        ++count;
      }
    x.text =
        "pad(" + x.text + ", over=" + (count > 1 ? "[" + axes + "]" : axes);
    if (!low[i].isConstant(0))
      x.text += ", before=" + dimText(low[i]).text;
    if (!high[i].isConstant(0))
      x.text += ", after=" + dimText(high[i]).text;
    if (value != 0)
      x.text += ", value=" + numberText(value, elem).text;
    if (steps[i] != 1)
      x.text += ", step=" + std::to_string(steps[i]);
    x.text += ")";
    x.binding = Binding::Postfix;
  }
  x.shape = op.result()->type().shape();
  define(op.result(), x);
}

void Writer::reshape(const Op &op) {
  Shape shape = op.result()->type().shape();
  if (auto form = kept.find(op.result()); form != kept.end())
    shape = withOnes(shape, form->second.rank, form->second.axes);
  Written written = reshaped(op.operand(0), shape);
  // Another name for a value is none.
  if (written.binding == Binding::Primary && !wishes.contains(op.result()))
    values[op.result()] = written;
  else
    define(op.result(), written);
}

void Writer::reverse(const Op &op) {
  Written x = plain(op.operand(0));
  define(op.result(),
         call("reverse(" + x.text + over(x, {op.attr("axis").asInt()}) + ")",
              x.shape, x.axes));
}

void Writer::slice(const Op &op) {
  Written x = plain(op.operand(0));
  Shape starts = op.attr("starts").asDims(), sizes = op.attr("sizes").asDims();
  Shape steps = op.attr("steps").asDims();
  std::vector<std::string> parts;
  for (size_t i = 0; i < starts.size(); ++i) {
    bool isPlain = steps[i].isConstant(1);
    Dim end = starts[i] + (sizes[i] - 1) * steps[i] + 1;
    bool toEnd = end == x.shape[i];
    std::string part =
        (starts[i].isConstant(0) ? "" : dimText(starts[i]).text) + ":" +
        (toEnd ? "" : dimText(end).text);
    if (!isPlain)
      part += ":" + dimText(steps[i]).text;
    parts.push_back(part);
    if (!(sizes[i] == x.shape[i]))
      x.axes[i].clear();
  }
  while (parts.size() > 1 && parts.back() == ":")
    parts.pop_back();
  std::string text;
  for (const std::string &part : parts)
    text += (text.empty() ? "" : ", ") + part;
  define(op.result(), call(x.at(Binding::Postfix) + "[" + text + "]",
                           op.result()->type().shape(), x.axes));
}

void Writer::gather(const Op &op) {
  Written table = plain(op.operand(0)), ids = plain(op.operand(1));
  int64_t axis = op.attr("axis").asInt();
  std::vector<std::string> axes = table.axes;
  axes.erase(axes.begin() + axis);
  axes.insert(axes.begin() + axis, ids.axes.begin(), ids.axes.end());
  const Shape &shape = op.result()->type().shape();
  std::string text = "gather(" + table.text + ", " + ids.text +
                     (axis ? ", over=" + axisText(axis) : "") + ")";
  define(op.result(), call(text, shape, axes));
}

void Writer::scatterAdd(const Op &op) {
  Written ids = plain(op.operand(0)), rows = plain(op.operand(1));
  int64_t axis = op.attr("axis").asInt(), count = ids.rank();
  for (int64_t i = 0; i < count; ++i)
    if (!ids.axes[i].empty() && !rows.axes[axis + i].empty() &&
        ids.axes[i] != rows.axes[axis + i]) {
      ids = normalised(ids);
      rows = normalised(rows);
    }
  const Type &type = op.result()->type();
  std::vector<std::string> axes = rows.axes;
  axes.erase(axes.begin() + axis, axes.begin() + axis + count);
  axes.insert(axes.begin() + axis, nameOfSize(type.dim(axis)));
  std::string text = "scatter_add(" + rows.text + ", " + ids.text + ", " +
                     dimText(type.dim(axis)).text +
                     (axis ? ", over=" + axisText(axis) : "") + ")";
  define(op.result(), call(text, type.shape(), axes));
}

void Writer::update(const Op &op) {
  Written x = plain(op.operand(0)), place = plain(op.operand(1)),
          part = plain(op.operand(2));
  int64_t axis = op.attr("axis").asInt();
  Written rest = x;
  rest.shape.erase(rest.shape.begin() + axis);
  rest.axes.erase(rest.axes.begin() + axis);
  reconcile(rest, part);
  if (rest.text != x.text)
    x = normalised(x);
  std::string text = "update(" + x.text + ", " + place.text + ", " + part.text +
                     (axis ? ", over=" + axisText(axis) : "") + ")";
  define(op.result(), call(text, x.shape, x.axes));
}

void Writer::random(const Op &op) {
  const Type &type = op.result()->type();
  std::string name = op.is("random_normal") ? "normal" : "uniform";
  std::string text = name + "(like=" + filled(0, type).text +
                     ", seed=" + plain(op.operand(0)).text +
                     ", step=" + plain(op.operand(1)).text +
                     ", place=" + std::to_string(op.attr("place").asInt()) +
                     ")";
  define(op.result(), call(text, type.shape(), namesOfSizes(type.shape())));
}

} // namespace nnc
