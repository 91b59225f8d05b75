//===- ir/verifier.h - Is this IR well formed? ----------------------------===//
#ifndef NNC_IR_VERIFIER_H
#define NNC_IR_VERIFIER_H

#include "ir/op.h"
#include "ir/op_def.h"

#include <optional>

namespace nnc {

struct VerifierError {
  std::string message; ///< "mul: operands have types f32[2] and f32[3]"
  Location location;
};

/// Checks that each op is as its definition says, stands at a stage where it
/// may, and uses only values that come to be before it. Runs after every pass
/// in every build.
std::optional<VerifierError> verify(const Function &function, unsigned stages);
std::optional<VerifierError> verify(const Module &module, unsigned stages);

} // namespace nnc

#endif // NNC_IR_VERIFIER_H
