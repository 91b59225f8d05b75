//===- codegen/optimization_level.h - -O0 to -O3 --------------------------===//
#ifndef NNC_CODEGEN_OPTIMIZATION_LEVEL_H
#define NNC_CODEGEN_OPTIMIZATION_LEVEL_H

namespace nnc {

enum class OptimizationLevel { O0, O1, O2, O3 };

} // namespace nnc

#endif // NNC_CODEGEN_OPTIMIZATION_LEVEL_H
