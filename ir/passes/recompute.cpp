//===- Recomputation under a memory limit ---------------------------------===//
//
// A step of training that needs more memory than it may gives up values that
// its derivative reads, the cheapest first, and has them computed again. How
// much a step needs is known only when it has been lowered, since fusion
// decides what is stored: so that is done on copies, and the fewest that do are
// taken.
//
//===----------------------------------------------------------------------===//
#include "ir/recomputation.h"

#include "ir/builder.h"
#include "ir/cost.h"
#include "ir/loop_recomputation.h"
#include "ir/pass.h"

#include <algorithm>

namespace nnc {

namespace {

class Recompute {
public:
  Recompute(Function &function, const PassContext &context)
      : function(function), context(context) {
    if (const Attr *attr = function.attrs.find("expected"))
      expected = &attr->asDict();
  }

  std::optional<PassError> run();

private:
  Dim::Values sizes() const {
    return [this](std::string_view name) -> std::optional<int64_t> {
      const Attr *size = expected ? expected->find(name) : nullptr;
      return size ? std::optional(size->asInt()) : std::nullopt;
    };
  }
  bool measure(size_t count);
  bool findFewest();
  void apply();
  void warn() const;
  void missKept() const;
  void warnOfSizes() const;

  Function &function;
  const PassContext &context;
  const AttrDict *expected = nullptr; ///< The sizes that training states.
  std::vector<Residual> order;
  size_t chosen = 0; ///< How many are given up.
  int64_t bytes = 0; ///< That a step needs then.
  std::optional<PassError> error;
};

} // namespace

/// Sets `bytes` to what a step needs if the first `count` are given up. False
/// if it cannot be told.
bool Recompute::measure(size_t count) {
  std::unique_ptr<Function> copy = cloneFunction(function);
  computeAgain(*copy, std::span(order).first(count));
  PassContext quiet = context;
  quiet.log = nullptr;
  for (std::string_view stage : {"kernels", "loops"})
    if (!error)
      error = runPasses(*copy, pipeline(stage, context.level), quiet);
  if (error)
    return false;
  std::optional<int64_t> needed =
      bytesOfCall(memoryUseOf(*copy), sizes(), context.planner);
  bytes = needed.value_or(0);
  return needed.has_value();
}

/// Some are given up for nothing: what is computed again may need as much at
/// once. So the number is looked for at even distances, and then between the
/// first that does and the one before it.
bool Recompute::findFewest() {
  constexpr size_t samples = 8;
  size_t least = 0, below = 0;
  int64_t leastBytes = bytes;
  for (size_t i = 1; i <= samples; ++i) {
    size_t count = (order.size() * i + samples - 1) / samples;
    if (count == below)
      continue;
    if (!measure(count))
      return false;
    if (bytes < leastBytes)
      least = count, leastBytes = bytes;
    if (bytes <= context.memoryLimit)
      break;
    below = count;
  }
  if (leastBytes > context.memoryLimit)
    below = least - std::min<size_t>(least, 1);
  chosen = least;
  while (chosen - below > 1) {
    size_t middle = below + (chosen - below) / 2;
    if (!measure(middle))
      return false;
    (bytes <= context.memoryLimit ? chosen : below) = middle;
  }
  return measure(chosen);
}

std::optional<PassError> Recompute::run() {
  if (!measure(0)) {
    if (!error)
      warnOfSizes();
    return error;
  }
  if (bytes > context.memoryLimit) {
    order = residualsOf(function, sizes());
    if (!order.empty() && findFewest())
      apply();
  }
  if (!error && bytes > context.memoryLimit) {
    warn();
    missKept();
  }
  return error;
}

/// Says what loops keep, though the limit is missed.
void Recompute::missKept() const {
  if (!context.records() || !context.allows("recompute"))
    return;
  for (const KeptInLoop &each : keptInLoops(function))
    context.record(
        {.rule = "recompute",
         .missed = true,
         .text = std::string(each.maker->name()) +
                 " is kept for all turns of its loop: " + std::string(each.why),
         .location = each.maker->location,
         .before = {0, each.bytes}});
}

void Recompute::apply() {
  size_t count = 0;
  for (; count < chosen && context.allows("recompute"); ++count) {
    const Residual &each = order[count];
    Op *op = std::next(function.body.operations().begin(), each.op)->get();
    context.applied(
        {.rule = "recompute",
         .text = std::string(each.maker->name()) + " is computed again" +
                 (each.inLoop ? " in each turn" : "") + ", not kept: " +
                 bytesOf(op->result(each.result)->type()).str() + " bytes",
         .location = each.maker->location,
         .after = each.work});
  }
  computeAgain(function, std::span(order).first(count));
}

/// Says by how much the limit is missed, and what is largest.
void Recompute::warn() const {
  Warning warning{"a step of training needs " + std::to_string(bytes) +
                      " bytes beside the variables, " +
                      std::to_string(bytes - context.memoryLimit) +
                      " more than --memory-limit",
                  function.location,
                  {}};
  struct Large {
    int64_t bytes;
    const Op *op;
  };
  std::vector<Large> all;
  for (const auto &op : function.body.operations())
    for (int64_t i = 0; i < op->resultCount(); ++i)
      if (op->def().kind != OpKind::Structural && !op->is("again") &&
          !op->is("broadcast"))
        all.push_back(
            {bytesOf(op->result(i)->type()).evaluate(sizes()).value_or(0),
             op.get()});
  std::stable_sort(all.begin(), all.end(), [](const Large &a, const Large &b) {
    return a.bytes > b.bytes;
  });
  auto isNamed = [&](const Location &place) {
    return std::ranges::any_of(warning.notes, [&](const Warning::Note &note) {
      return note.location.line == place.line;
    });
  };
  for (const Large &each : all)
    if (warning.notes.size() < 3 && !isNamed(each.op->location))
      warning.notes.push_back({"the result of " + std::string(each.op->name()) +
                                   " has " + std::to_string(each.bytes) +
                                   " bytes",
                               each.op->location});
  context.warn(std::move(warning));
}

/// Says which sizes are not known.
void Recompute::warnOfSizes() const {
  std::string names;
  for (const std::string &name : function.dimSymbols())
    if (!expected || !expected->find(name))
      names += " -D " + name + "=SIZE";
  if (!names.empty())
    context.warn({"--memory-limit needs to know the sizes of a step:" + names,
                  function.location,
                  {}});
}

/// Whether it gives a loss. What gives gradients to look at is no step.
static bool isStep(const Function &function) {
  bool givesLoss = false;
  for (const AttrDict &attrs : function.resultAttrs) {
    const Attr *role = attrs.find("role");
    givesLoss |= role && role->asString() == "loss";
    if (attrs.find("gradient"))
      return false;
  }
  return givesLoss;
}

static std::optional<PassError> run(Function &function,
                                    const PassContext &context) {
  if (!context.memoryLimit || !isStep(function))
    return std::nullopt;
  return Recompute(function, context).run();
}

extern const Pass pass_recompute;
const Pass pass_recompute = {
    .name = "recompute",
    .doc = "Computes values again where a derivative needs them, instead of "
           "keeping them: under a memory limit, and products in loops that "
           "take longer to read back.",
    .from = Graph,
    .to = Graph,
    .run = run,
    .asks = true,
};

} // namespace nnc
