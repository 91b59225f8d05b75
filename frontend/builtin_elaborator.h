//===- builtin_elaborator.h: the functions that are not written in .nn ----===//
#ifndef NNC_FRONTEND_BUILTIN_ELABORATOR_H
#define NNC_FRONTEND_BUILTIN_ELABORATOR_H

#include "frontend/expression_elaborator.h"

namespace nnc {

class BuiltinElaborator : public ExpressionElaborator {
protected:
  using ExpressionElaborator::ExpressionElaborator;

  bool isBuiltin(const std::string &name) const override;
  Val callBuiltin(const CallSite &site) override;
  std::vector<std::string> builtinNames() const override;

  /// The arguments in the order of `names`; absent ones are null.
  std::optional<std::vector<const ast::Arg *>>
  arguments(const CallSite &site, std::initializer_list<const char *> names,
            size_t required);

  // Those that belong to a train block.
  virtual Val dataCall(const CallSite &site) = 0;
  virtual Val nameOf(const CallSite &site) = 0;

private:
  using Builtin = Val (BuiltinElaborator::*)(const CallSite &);
  static const std::map<std::string, Builtin> &table();
  Val evalArg(const ast::Arg *arg);
  Val elementwise(const CallSite &site);
  Val minMax(const CallSite &site);
  Val reduction(const CallSite &site);
  Val reduceFor(const CallSite &site);
  Val argmax(const CallSite &site);
  Val cumsum(const CallSite &site);
  Val where(const CallSite &site);
  Val intBinary(const CallSite &site);
  Val concat(const CallSite &site);
  Val stack(const CallSite &site);
  Val split(const CallSite &site);
  Val reshape(const CallSite &site);
  Val broadcast(const CallSite &site);
  Val flatten(const CallSite &site);
  Val pad(const CallSite &site);
  Val reverse(const CallSite &site);
  Val gather(const CallSite &site);
  Val scatterAdd(const CallSite &site);
  Val oneHot(const CallSite &site);
  Val filled(const CallSite &site);
  Val range(const CallSite &site);
  Val update(const CallSite &site);
  Val stopGradient(const CallSite &site);
  Val shape(const CallSite &site);
  Val rank(const CallSite &site);
  Val size(const CallSite &site);
  Val randomLike(const CallSite &site);
  Val grad(const CallSite &site);
  Val convolution(const CallSite &site);
  Val pool(const CallSite &site);
  Val topk(const CallSite &site);
  std::optional<std::vector<int64_t>>
  numbersOf(const ast::Arg *arg, size_t count, int64_t standard, int64_t least);
  /// `x`, but `hidden` where `mask`, if there is one, does not hold.
  Value *shown(Value *mask, Value *x, double hidden);
  Value *maskOf(const Val &x, const ast::Arg &arg);
  Val reduce(const std::string &name, Val x, std::vector<int64_t> axes,
             bool keep, Loc loc);
};

} // namespace nnc

#endif // NNC_FRONTEND_BUILTIN_ELABORATOR_H
