//===- What is too small to share among threads ---------------------------===//
//
// Threads that meet after each kernel lose more time than they win where all of
// a function takes some microseconds. One thread runs such a function: there
// its loops are not divided and barriers are nothing, so that it becomes few
// kernels of the machine's (codegen/emit_function.cpp), which are quicker to
// compile than many. It gives the same bits, whatever sizes it meets.
//
//===----------------------------------------------------------------------===//
#include "ir/pass.h"

#include <algorithm>
#include <cmath>

namespace nnc {

namespace {

/// Ops of the loop stage, each of which takes about a nanosecond.
constexpr double smallWork = 1 << 12;

class LoopWork {
public:
  explicit LoopWork(const AttrDict &expected) : expected(expected) {}

  double of(const Block &block) const {
    double sum = 0;
    for (const auto &op : block.operations())
      sum += of(*op);
    return sum;
  }

private:
  double of(const Op &op) const {
    if (op.is("for"))
      return turnsOf(op) * of(op.region());
    if (op.is("brgemm")) {
      double products =
          extent(op.attr("rows").asDim()) * extent(op.attr("columns").asDim());
      for (const Dim &each : op.attr("reduce").asDims())
        products *= extent(each);
      return 1 + products / 16;
    }
    double sum = 1;
    for (int64_t i = 0; i < op.regionCount(); ++i)
      sum += of(op.region(i));
    return sum;
  }

  double turnsOf(const Op &op) const {
    double length = extent(op.attr("to").asDim() - op.attr("from").asDim());
    auto step = static_cast<double>(op.attr("step").asInt());
    return std::max(0.0, std::ceil(length / step));
  }

  /// A size that nothing says may be any; an axis is at its first index.
  double extent(const Dim &dim) const {
    std::optional<int64_t> value =
        dim.evaluate([this](std::string_view name) -> std::optional<int64_t> {
          if (const Attr *size = expected.find(name))
            return size->asInt();
          bool isAxis = name[0] >= 'a' && name[0] <= 'z';
          return isAxis ? std::optional<int64_t>(0) : std::nullopt;
        });
    return value ? static_cast<double>(*value) : smallWork;
  }

  const AttrDict &expected;
};

} // namespace

static std::optional<PassError> run(Function &function,
                                    const PassContext &context) {
  const Attr *expected = function.attrs.find("expected");
  AttrDict sizes = expected ? expected->asDict() : AttrDict();
  if (LoopWork(sizes).of(function.body) >= smallWork ||
      !context.allows("run-alone"))
    return std::nullopt;
  function.attrs.set("alone", true);
  context.applied({.rule = "run-alone",
                   .text = "too small to share: one thread runs it",
                   .location = function.location});
  return std::nullopt;
}

extern const Pass pass_run_alone;
const Pass pass_run_alone = {
    .name = "run-alone",
    .doc = "Gives what is too small to share to one thread, which waits for "
           "nobody.",
    .from = Loops,
    .to = Loops,
    .run = run,
    .asks = true,
};

} // namespace nnc
