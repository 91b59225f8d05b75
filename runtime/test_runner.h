//===- runtime/test_runner.h - The tests of a program ---------------------===//
#ifndef NNRT_TEST_RUNNER_H
#define NNRT_TEST_RUNNER_H

#include "runtime/variables.h"

namespace nnrt {

/// Runs one test on the variables' present values; a failure is said on
/// standard error.
bool runTest(const Program &program, const Test &test,
             const Variables &variables, Team &team);

/// Whether every element of `left` and `right` satisfies the condition. If
/// not, `failure` tells the first that does not. NaN never passes.
struct Side {
  ElemType elem;
  int32_t rank;
  const int64_t *extents;
  const void *data;
};
bool holds(const Expect &expect, const Side &left, const Side *right,
           Text &failure);

} // namespace nnrt

#endif // NNRT_TEST_RUNNER_H
