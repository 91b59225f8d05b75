//===- runtime/cpu.h - What this machine can execute ----------------------===//
#ifndef NNRT_CPU_H
#define NNRT_CPU_H

#include "runtime/error.h"
#include "runtime/program.h"

namespace nnrt {

/// 1 for "x86-64", 2 and up for "x86-64-v2" to "x86-64-v4"; 0 for any other
/// name, such as the one that --march=native gives.
int targetLevel(const char *target);

/// The highest level that both the processor and the system support; 0 where
/// the processor is no x86-64.
int machineLevel();

/// The best program that this machine can execute, or the one `forced` names.
const Program *chooseProgram(const Program *const *programs, int count,
                             const char *forced, Error &error);

/// The targets that it chose from: "x86-64, x86-64-v3 (AVX2)".
Text knownTargets();

} // namespace nnrt

#endif // NNRT_CPU_H
