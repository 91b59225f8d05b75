//===- test/ir/check_test.cpp - Faults of nnc itself ----------------------===//
#include "ir/builder.h"
#include "ir/check.h"
#include "ir/interpreter.h"
#include "ir/op_def.h"
#include "ir/parser.h"
#include "ir/pass.h"
#include "tools/uncaught.h"

#include <new>
#include <string_view>

using namespace nnc;

/// A pass that is wrong: it gives a result another type than its op has.
static std::optional<PassError> breakTypes(Function &function,
                                           const PassContext &) {
  Op &op = *function.body.operations().front();
  op.result()->setType(Type::scalar(Elem::F64));
  return std::nullopt;
}

static const Pass wrongPass = {.name = "break-types",
                               .doc = "Makes wrong IR.",
                               .from = Graph,
                               .to = Graph,
                               .run = breakTypes};

int main(int argc, char **argv) {
  treatExceptionsAsInternalErrors();
  std::string_view fault = argc > 1 ? argv[1] : "";
  WorkInHand work("the test of faults");
  if (fault == "check")
    check(false, "one is two");
  if (fault == "exception")
    throw std::bad_alloc();
  if (fault == "op")
    opNamed("none");
  if (fault == "size")
    evaluateDim(Dim::symbol("B"), {});
  if (fault == "build") {
    Block block;
    Builder(block).op("neg", {});
  }
  ParseError error;
  auto module = parseModule("func @f(%x: f32[2]) {\n"
                            "  %y = tanh %x : f32[2]\n  return %y\n}\n",
                            error);
  const Pass *passes[] = {&wrongPass};
  if (fault == "pass" && module)
    runPasses(*module->functions[0], passes, {}, {});
  return 0;
}
