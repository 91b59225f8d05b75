//===- ir/check_ops.h - Takes every op through every check ----------------===//
//
// For each example in the op table: the text reads back as printed; the
// verifier accepts it; the lowering computes what the reference does; the
// derivative agrees with finite differences in f64, and so does the second.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_CHECK_OPS_H
#define NNC_IR_CHECK_OPS_H

#include <string>
#include <vector>

namespace nnc {

struct OpChecks {
  std::vector<std::string> failures; ///< Each names the op and the example.
  int examples = 0;
  int derivatives = 0; ///< First and second ones that were compared.
};

/// Checks every op.
OpChecks checkOps();

} // namespace nnc

#endif // NNC_IR_CHECK_OPS_H
