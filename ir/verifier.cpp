#include "ir/verifier.h"

namespace nnc {

/// Sizes stay so small that no product of a size, an element's bytes and a
/// stride overflows.
static constexpr int64_t mostElements = int64_t(1) << 44;

static std::string whyNotType(const Type &type) {
  if (type.isVector() && (type.lanes() < 1 || type.lanes() > 1024))
    return type.str() + " must have 1 to 1024 lanes";
  int64_t count = 1;
  for (const Dim &dim : type.shape()) {
    if (!dim.isConstant())
      continue;
    if (dim.value() < 0)
      return type.str() + " has a negative size";
    if (__builtin_mul_overflow(count, dim.value(), &count) ||
        count > mostElements)
      return type.str() + " is too large";
  }
  return "";
}

namespace {

class Verifier {
public:
  explicit Verifier(unsigned stages) : stages(stages) {}

  std::optional<VerifierError> error;

  void block(const Block &block) {
    for (int64_t i = 0; i < block.argumentCount(); ++i)
      if (std::string why = whyNotType(block.argument(i)->type());
          !why.empty()) {
        error = {"argument " + std::to_string(i) + ": " + why,
                 block.parentOp() ? block.parentOp()->location : Location()};
        return;
      }
    for (const auto &each : block.operations()) {
      op(*each, each.get() == block.terminator());
      if (error)
        return;
    }
  }

private:
  void fail(const Op &op, const std::string &what) {
    if (!error)
      error = {std::string(op.name()) + ": " + what, op.location};
  }

  /// Whether `value` comes to be above `op`, in its block or in one around it
  /// that its region may see.
  static bool isVisible(const Value &value, const Op &op) {
    const Block *block = value.parentBlock();
    const Op *user = &op;
    while (user->parentBlock() != block) {
      user = user->parentOp();
      if (!user || !user->def().captures)
        return false;
    }
    return !value.definingOp() || value.definingOp()->isBefore(user);
  }

  void op(const Op &op, bool isLast) {
    const OpDef &def = op.def();
    if (!(def.stages & stages))
      return fail(op, "this op does not stand at this stage");
    bool ends = op.is("return") || op.is("yield");
    if (ends != isLast)
      return fail(op, ends ? "ops follow it" : "it ends a block");
    for (int64_t i = 0; i < op.operandCount(); ++i)
      if (!isVisible(*op.operand(i), op))
        return fail(op, "operand " + std::to_string(i) +
                            " is not defined above it, or stands outside an "
                            "isolated region");
    std::vector<Type> types = op.resultTypes();
    for (const Type &type : types)
      if (std::string why = whyNotType(type); !why.empty())
        return fail(op, why);
    Inference inference = inferTypes(op, types);
    if (!inference.ok())
      return fail(op, inference.error);
    if (inference.types.size() != types.size())
      return fail(op, "it must have " + std::to_string(inference.types.size()) +
                          " results");
    for (size_t i = 0; i < types.size(); ++i)
      if (!(inference.types[i] == types[i]))
        return fail(op, "result " + std::to_string(i) + " is " +
                            types[i].str() + " and should be " +
                            inference.types[i].str());
    if (op.regionCount() != def.regions)
      return fail(op,
                  "it must have " + std::to_string(def.regions) + " regions");
    for (int64_t i = 0; i < op.regionCount(); ++i) {
      if (op.region(i).empty())
        return fail(op, "a region is empty");
      block(op.region(i));
      if (error)
        return;
    }
    if (def.verifyRegions)
      if (std::string what = def.verifyRegions(op); !what.empty())
        fail(op, what);
  }

  unsigned stages;
};

} // namespace

std::optional<VerifierError> verify(const Function &function, unsigned stages) {
  Verifier verifier(stages);
  const Block &body = function.body;
  if (body.empty() || !body.terminator()->is("return"))
    return VerifierError{"the function does not end with return",
                         function.location};
  verifier.block(body);
  if (!verifier.error &&
      (function.argAttrs.size() != static_cast<size_t>(body.argumentCount()) ||
       function.resultAttrs.size() !=
           static_cast<size_t>(body.terminator()->operandCount())))
    return VerifierError{"attributes of arguments or results do not match",
                         function.location};
  return verifier.error;
}

std::optional<VerifierError> verify(const Module &module, unsigned stages) {
  for (const auto &function : module.functions)
    if (auto error = verify(*function, stages)) {
      if (!error->location.line)
        error->location = function->location;
      error->message = "@" + function->name + ": " + error->message;
      return error;
    }
  return std::nullopt;
}

} // namespace nnc
