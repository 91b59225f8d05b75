//===- runtime/test_runner.cpp --------------------------------------------===//
#include "runtime/test_runner.h"
#include "runtime/executor.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace nnrt {

static bool isInteger(ElemType elem) {
  return elem == ElemType::I32 || elem == ElemType::I64;
}

/// Compares with `<=>` of the widest type, so that i64 keeps its digits.
template <typename T> static bool compare(Comparison comparison, T a, T b) {
  switch (comparison) {
  case Comparison::True:
    return a != 0;
  case Comparison::Eq:
    return a == b;
  case Comparison::Ne:
    // NaN never passes, not even here.
    return a < b || a > b;
  case Comparison::Lt:
    return a < b;
  case Comparison::Le:
    return a <= b;
  case Comparison::Gt:
    return a > b;
  case Comparison::Ge:
    return a >= b;
  }
  return false;
}

static int64_t integerAt(const Side &side, int64_t i) {
  return side.elem == ElemType::I32
             ? static_cast<const int32_t *>(side.data)[i]
             : static_cast<const int64_t *>(side.data)[i];
}

bool holds(const Expect &expect, const Side &left, const Side *right,
           Text &failure) {
  int32_t rank = left.rank;
  const int64_t *extents = left.extents;
  if (right && left.rank && right->rank &&
      (left.rank != right->rank ||
       !std::equal(extents, extents + rank, right->extents))) {
    failure.format("left has the shape %s, right %s",
                   shapeText(left.extents, left.rank).c_str(),
                   shapeText(right->extents, right->rank).c_str());
    return false;
  }
  if (right && right->rank > rank) {
    rank = right->rank;
    extents = right->extents;
  }
  int64_t count = elementCount(extents, rank);
  RawType leftType = rawType(left.elem);
  for (int64_t i = 0; i < count; ++i) {
    int64_t l = left.rank ? i : 0, r = right && right->rank ? i : 0;
    double a = elementAsDouble(leftType, left.data, l);
    double b =
        right ? elementAsDouble(rawType(right->elem), right->data, r) : 0;
    bool passes;
    if (right && isInteger(left.elem) && isInteger(right->elem) &&
        !expect.hasWithin)
      passes =
          compare(expect.comparison, integerAt(left, l), integerAt(*right, r));
    else
      passes = compare(expect.comparison, a, b) ||
               (expect.hasWithin && std::fabs(a - b) <= expect.within);
    if (passes)
      continue;
    if (rank) {
      // The index of the element, from its place.
      int64_t index[maxRank], rest = i;
      for (int32_t axis = rank; axis--; rest /= extents[axis])
        index[axis] = rest % extents[axis];
      failure.format("at %s: ", shapeText(index, rank).c_str());
    }
    if (right) {
      failure.append("left is ");
      appendElement(failure, leftType, left.data, l);
      failure.append(", right is ");
      appendElement(failure, rawType(right->elem), right->data, r);
      if (expect.hasWithin)
        failure.format(" (they differ by %.6g)", std::fabs(a - b));
    } else {
      failure.append("it is ");
      appendElement(failure, leftType, left.data, l);
    }
    return false;
  }
  return true;
}

bool runTest(const Program &program, const Test &test,
             const Variables &variables, Team &team) {
  const Function &function = program.functions[test.function];
  Error error;
  Call call;
  Array<Offer> offers;
  offers.resize(function.argCount);
  if (!call.bind(function, offers.data(), nullptr, variables, team, error)) {
    error.report();
    return false;
  }
  call.setScalar(SlotKind::Seed, 0);
  for (SlotKind kind : {SlotKind::Step, SlotKind::Epoch, SlotKind::Steps})
    call.setScalar(kind, 1);
  if (!call.run(team, error)) {
    error.report();
    return false;
  }
  auto side = [&](int32_t i) -> Side {
    const Slot &slot = function.results[i];
    return {slot.elem, slot.rank, call.resultShape(i), call.result(i)};
  };
  bool passed = true;
  for (int32_t i = 0; i < test.expectCount; ++i) {
    const Expect &expect = test.expects[i];
    Side left = side(expect.left), right = {};
    if (expect.right >= 0)
      right = side(expect.right);
    Text failure;
    if (holds(expect, left, expect.right >= 0 ? &right : nullptr, failure))
      continue;
    passed = false;
    std::fflush(stdout);
    std::fprintf(stderr, "%s:%d:%d: error: expect failed: %s\n  %s\n",
                 expect.file, expect.line, expect.column, expect.text,
                 failure.c_str());
  }
  return passed;
}

} // namespace nnrt
