#include "frontend/writer/writer.h"

#include "ir/scan.h"

#include <algorithm>

namespace nnc {

/// A scan while it is written.
struct Writer::Loop {
  explicit Loop(const Op &op) : parts(op), body(op.region()) {}

  ScanParts parts;
  const Block &body;
  struct Sequence {
    const Value *element; ///< In the body.
    Written whole;
    int64_t axis;
    std::string name;
  };
  std::vector<Sequence> sequences;
  std::string along, axisName;
  std::vector<std::string> carries; ///< Their names.
  std::vector<Written> starts;
  std::vector<int64_t> outputs, finals; ///< Those that are read.
  std::vector<Written> yields;          ///< For each of `outputs`.
  std::string until;

  const Value *yielded(int64_t i) const {
    return body.terminator()->operand(i);
  }
};

/// What is read of the sequences, and how the axis of all is called. The turn's
/// number is a sequence too.
void Writer::planSequences(Loop &loop) {
  const ScanParts &parts = loop.parts;
  for (int64_t i = 0; i < parts.sequences; ++i) {
    const Value *element = parts.argumentOf(parts.carries + i);
    bool isMask = parts.masked && i == parts.sequences - 1;
    if (element->isUnused() && !isMask)
      continue;
    const Value *whole = parts.sequence(i);
    auto other = turned.find(whole);
    bool isTurned = other != turned.end();
    loop.sequences.push_back(
        {element, isTurned ? values.at(whole) : plain(whole),
         isTurned ? other->second : parts.sequenceAxes[i], ""});
  }
  const Value *turn = loop.body.argument(0);
  if (!turn->isUnused())
    loop.sequences.push_back({turn,
                              call("range[" + dimText(parts.length).text + "]",
                                   {parts.length}, {nameOfSize(parts.length)}),
                              0, ""});
  if (loop.sequences.empty()) {
    Written length = dimText(parts.length);
    loop.along = length.at(Binding::Postfix);
    loop.axisName = nameOfSize(parts.length);
    return;
  }
  auto isSame = [&](auto property) {
    return std::all_of(loop.sequences.begin(), loop.sequences.end(),
                       [&](const Loop::Sequence &each) {
                         return property(each) == property(loop.sequences[0]);
                       });
  };
  auto nameOf = [](const Loop::Sequence &each) {
    const std::string &name = each.whole.axes[each.axis];
    bool isClear =
        std::count(each.whole.axes.begin(), each.whole.axes.end(), name) == 1;
    return isClear ? name : "";
  };
  auto axisOf = [](const Loop::Sequence &each) { return each.axis; };
  bool hasName = isSame(nameOf) && !nameOf(loop.sequences[0]).empty();
  if (!hasName && !isSame(axisOf))
    for (Loop::Sequence &each : loop.sequences) {
      if (each.axis == 0)
        continue;
      std::vector<int64_t> permutation = {each.axis};
      for (int64_t i = 0; i < each.whole.rank(); ++i)
        if (i != each.axis)
          permutation.push_back(i);
      if (each.whole.binding != Binding::Primary) {
        std::string name = names.unique("v");
        line(name + " = " + each.whole.text);
        each.whole.text = name;
      }
      each.whole = transposed(each.whole, permutation);
      each.axis = 0;
    }
  const Loop::Sequence &first = loop.sequences[0];
  loop.axisName = first.whole.axes[first.axis];
  loop.along = hasName ? loop.axisName : std::to_string(first.axis);
}

/// `where(m, x, y)`, so that a turn that is left out changes nothing.
static Written where(const std::string &mask, const Written &yes,
                     const std::string &no) {
  Written made = yes;
  made.text = "where(" + mask + ", " + yes.text + ", " + no + ")";
  made.binding = Binding::Postfix;
  return made;
}

void Writer::writeBody(Loop &loop) {
  const ScanParts &parts = loop.parts;
  block(loop.body);
  // What a carry was has a name of its own once it changes.
  auto before = [&](const Value *value) {
    Written written = named(value);
    if (std::count(loop.carries.begin(), loop.carries.end(), written.text)) {
      std::string name = names.unique(written.text + "_before");
      line(name + " = " + written.text);
      written.text = name;
    }
    return written;
  };
  std::string mask =
      parts.masked ? values.at(parts.argumentOf(parts.mask())).text : "";
  // Before the carries change.
  if (parts.until)
    loop.until =
        before(loop.yielded(loop.body.terminator()->operandCount() - 1)).text;
  for (int64_t i : loop.outputs) {
    const Value *value = loop.yielded(parts.carries + i);
    int64_t carried = 0;
    while (carried < parts.carries && loop.yielded(carried) != value)
      ++carried;
    if (carried < parts.carries && !parts.masked &&
        value != parts.argumentOf(carried)) {
      // It is what the carry has become.
      Written written = plain(value);
      written.text = loop.carries[carried];
      written.binding = Binding::Primary;
      loop.yields.push_back(written);
      continue;
    }
    Written written = before(value);
    if (parts.masked) {
      bool isBool = value->type().elem() == Elem::Bool;
      written = where(mask, written, isBool ? "false" : "0");
    }
    loop.yields.push_back(written);
  }
  std::string targets, nexts;
  int64_t count = 0;
  for (int64_t i = 0; i < parts.carries; ++i) {
    const Value *value = loop.yielded(i);
    if (value == parts.argumentOf(i))
      continue;
    Written next = plain(value);
    Written start = loop.starts[i];
    reconcile(start, next);
    if (parts.masked)
      next = where(mask, next, loop.carries[i]);
    targets += (count ? ", " : "") + loop.carries[i];
    nexts += (count ? ", " : "") + next.text;
    ++count;
  }
  if (count)
    line(targets + " = " + (count > 1 ? "(" + nexts + ")" : nexts));
}

static std::string joined(const std::vector<std::string> &parts) {
  std::string text;
  for (const std::string &part : parts)
    text += (text.empty() ? "" : ", ") + part;
  return text;
}

static std::string tuple(const std::vector<std::string> &parts) {
  return parts.size() == 1 ? parts[0] : "(" + joined(parts) + ")";
}

/// Whether loops alone read it, turn by turn along this axis.
static bool isReadInTurn(const Value *value, int64_t axis) {
  for (const Value::Use &use : value->uses()) {
    if (!use.op->is("scan"))
      return false;
    ScanParts parts(*use.op);
    int64_t sequence = use.operand - parts.carries;
    if (sequence < 0 || sequence >= parts.sequences ||
        parts.sequenceAxes[sequence] != axis)
      return false;
  }
  return true;
}

/// Names for the results that are read, and where an axis is to stand
/// elsewhere than the language puts it, what moves it there.
void Writer::bindResults(Loop &loop) {
  const ScanParts &parts = loop.parts;
  auto bind = [&](int64_t result, Written written) {
    const Value *value = parts.op.result(result);
    auto wish = wishes.find(value);
    written.text = wish != wishes.end() ? names.unique(wish->second)
                                        : names.forValue(*value);
    written.binding = Binding::Primary;
    values[value] = written;
    return written.text;
  };
  std::vector<std::string> outputs, finals;
  struct Move {
    const Value *value;
    int64_t from, to;
  };
  std::vector<Move> moves;
  int64_t place = loop.sequences.empty() ? 1 : loop.sequences[0].axis;
  for (size_t i = 0; i < loop.outputs.size(); ++i) {
    int64_t output = loop.outputs[i];
    Written written = loop.yields[i];
    int64_t axis = std::min(place, written.rank());
    written.shape.insert(written.shape.begin() + axis, parts.length);
    written.axes.insert(written.axes.begin() + axis, loop.axisName);
    outputs.push_back(bind(parts.carries + output, written));
    const Value *value = parts.op.result(parts.carries + output);
    if (axis == parts.resultAxes[output])
      continue;
    if (isReadInTurn(value, parts.resultAxes[output]))
      turned[value] = axis;
    else
      moves.push_back({value, axis, parts.resultAxes[output]});
  }
  bool isFold = loop.outputs.empty();
  for (int64_t i = 0; i < parts.carries; ++i) {
    bool isRead = std::count(loop.finals.begin(), loop.finals.end(), i) > 0;
    if (isRead)
      finals.push_back(bind(i, loop.starts[i]));
    else if (isFold)
      finals.push_back("_");
  }
  std::string head = isFold ? joined(finals) : joined(outputs);
  if (!isFold && !finals.empty())
    head += ", " + tuple(finals);
  lines.push_back(head);
  for (const Move &move : moves) {
    std::vector<int64_t> permutation;
    const Written &from = values.at(move.value);
    for (int64_t i = 0; i < from.rank(); ++i)
      if (i != move.from)
        permutation.push_back(i);
    permutation.insert(permutation.begin() + move.to, move.from);
    Written moved = transposed(from, permutation);
    std::string name = names.unique(from.text);
    line(name + " = " + moved.text);
    moved.text = name;
    moved.binding = Binding::Primary;
    values[move.value] = moved;
  }
}

void Writer::scan(const Op &op) {
  Loop loop(op);
  const ScanParts &parts = loop.parts;
  for (int64_t i = 0; i < op.resultCount(); ++i)
    if (!op.result(i)->isUnused())
      (i < parts.carries ? loop.finals : loop.outputs)
          .push_back(i < parts.carries ? i : i - parts.carries);
  if (loop.outputs.empty() && loop.finals.empty())
    return;
  planSequences(loop);
  for (int64_t i = 0; i < parts.invariants(); ++i) {
    Value *outside = parts.invariant(i);
    const Value *inside = parts.argumentOf(parts.carries + parts.sequences + i);
    if (inside->isUnused())
      continue;
    if (auto number = numbers.find(outside); number != numbers.end())
      numbers[inside] = double(number->second);
    else if (auto known = values.find(outside);
             known != values.end() && known->second.isNumber)
      values[inside] = Written(known->second);
    else
      values[inside] = named(outside);
  }
  std::string head, sources;
  std::vector<std::string> carries;
  for (int64_t i = 0; i < parts.carries; ++i) {
    Written start = plain(parts.carry(i));
    // So that what a turn makes of it can be named alike.
    if (!isNormal(start))
      start = normalised(start);
    const Value *argument = parts.argumentOf(i);
    loop.carries.push_back(
        names.unique(argument->hint.empty() ? "c" : argument->hint));
    carries.push_back(loop.carries[i] + " = " + start.text);
    start.text = loop.carries[i];
    start.binding = Binding::Primary;
    loop.starts.push_back(start);
    values[argument] = start;
  }
  for (Loop::Sequence &each : loop.sequences) {
    Written element = each.whole;
    element.axes.erase(element.axes.begin() + each.axis);
    element.shape.erase(element.shape.begin() + each.axis);
    const std::string &hint = each.element->hint;
    element.text = each.name = names.unique(hint.empty() ? "x" : hint);
    element.binding = Binding::Primary;
    values[each.element] = element;
    head += (head.empty() ? "" : ", ") + each.name;
    sources += (sources.empty() ? "" : ", ") + each.whole.text;
  }
  std::vector<std::string> outer = std::move(lines);
  lines.clear();
  indent += "  ";
  writeBody(loop);
  std::vector<std::string> yields, finals;
  for (const Written &each : loop.yields)
    yields.push_back(each.text);
  for (int64_t i : loop.finals)
    finals.push_back(loop.carries[i]);
  if (!yields.empty())
    line("yield " + tuple(yields) +
         (finals.empty() ? "" : " final " + tuple(finals)));
  indent.resize(indent.size() - 2);
  std::vector<std::string> inner = std::move(lines);
  lines = std::move(outer);

  size_t at = lines.size();
  bindResults(loop);
  std::string text = indent + lines[at] + " = ";
  text += yields.empty() ? "fold " : "scan ";
  if (!head.empty())
    text += head + " in " + sources + " ";
  text += "along " + loop.along;
  if (parts.reverse)
    text += " backward";
  if (parts.until)
    text += " until " + loop.until;
  if (!carries.empty())
    text += " carry " + joined(carries);
  lines[at] = text + " {";
  inner.push_back(indent + "}");
  lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at) + 1,
               inner.begin(), inner.end());
}

} // namespace nnc
