//===- What in a kernel may make a NaN ------------------------------------===//
#include "ir/kernels/trace_text.h"

#include "ir/kernels/nest.h"

#include <algorithm>
#include <ranges>
#include <unordered_set>
#include <vector>

namespace nnc {

namespace {

/// A source place has one line, with the op that it names: what stands behind
/// it there is its derivative, and so is a quotient beside another op.
class Candidates {
public:
  /// `counts`: the result in hand hangs on it.
  void add(const Op &op, std::string_view name, bool counts) {
    const Location &at = op.location;
    if (!at.file || !at.line)
      return;
    std::string place = *at.file + ":" + std::to_string(at.line) + ":" +
                        std::to_string(at.column) + ": ";
    auto known = std::ranges::find(lines, place, &Line::place);
    if (known == lines.end()) {
      lines.push_back({place, std::string(name), counts});
      return;
    }
    known->counts |= counts;
    if (known->name == "/")
      known->name = name;
  }

  std::string text() const {
    constexpr int64_t most = 4;
    std::string result;
    int64_t count = 0;
    for (const Line &line : lines)
      if (line.counts && count++ < most)
        result += (count > 1 ? "\n" : "") + line.place + line.name;
    return result;
  }

private:
  struct Line {
    std::string place, name;
    bool counts;
  };
  std::vector<Line> lines;
};

} // namespace

static std::string_view spelling(std::string_view name) {
  constexpr std::pair<std::string_view, std::string_view> operators[] = {
      {"add", "+"}, {"sub", "-"}, {"mul", "*"}, {"div", "/"}, {"pow", "^"}};
  for (auto [op, sign] : operators)
    if (op == name)
      return sign;
  return name;
}

/// Whether finite operands of common size can give a NaN or an infinity.
static bool isRisky(const Op &op) {
  if (op.is("div")) {
    const Op *divisor = op.operand(1)->definingOp();
    return !divisor || !(divisor->is("constant") || divisor->is("size"));
  }
  if (op.is("pow")) {
    const Op *exponent = op.operand(1)->definingOp();
    const Op *base = op.operand(0)->definingOp();
    return !(exponent && exponent->is("constant")) &&
           !(base && base->is("constant"));
  }
  return op.is("log") || op.is("sqrt") || op.is("exp");
}

static bool isArithmetic(const Op &op) {
  constexpr std::string_view names[] = {"add", "sub", "mul",  "div",
                                        "pow", "exp", "sqrt", "log"};
  return std::any_of(std::begin(names), std::end(names),
                     [&](std::string_view name) { return op.is(name); });
}

/// The nests of a kernel from which a result follows.
static std::unordered_set<const Op *> nestsBehind(const Op &kernel,
                                                  int64_t result) {
  const Op &end = *kernel.region().terminator();
  std::unordered_set<const Op *> found{end.operand(result)->definingOp()};
  for (const auto &op : std::views::reverse(kernel.region().operations()))
    if (found.contains(op.get()))
      for (const Value *operand : op->operands())
        if (operand->definingOp())
          found.insert(operand->definingOp());
  return found;
}

std::string traceText(const Op &kernel, int64_t result) {
  std::unordered_set<const Op *> behind = nestsBehind(kernel, result);
  Candidates risky, others;
  for (const auto &op : kernel.region().operations()) {
    if (!op->is("nest"))
      continue;
    bool counts = behind.contains(op.get());
    Nest nest(op.get());
    for (const auto &inner : nest.body().operations()) {
      if (!inner->resultCount() || !isFloat(inner->result()->type().elem()))
        continue;
      if (isRisky(*inner))
        risky.add(*inner, spelling(inner->name()), counts);
      else if (nest.isContraction() && isArithmetic(*inner))
        others.add(*inner, "a product", counts);
      else if (isArithmetic(*inner))
        others.add(*inner, spelling(inner->name()), counts);
    }
    if (nest.isReduction() && nest.combine == "add")
      others.add(*op, "sum", counts);
  }
  std::string text = risky.text();
  return text.empty() ? others.text() : text;
}

} // namespace nnc
