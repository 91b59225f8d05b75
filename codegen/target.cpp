//===- codegen/target.cpp - The instruction sets nnc compiles for ---------===//
#include "codegen/target.h"

#include "ir/check.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"

namespace nnc {
namespace {

constexpr TileShape baselineF32[] = {{2, 1, 16}, {1, 1, 16}};
constexpr TileShape baselineF64[] = {{2, 1, 8}, {1, 1, 8}};
constexpr TileShape v3F32[] = {{6, 1, 16}, {4, 1, 16}, {2, 1, 16}, {1, 1, 16}};
constexpr TileShape v3F64[] = {{6, 1, 8}, {4, 1, 8}, {2, 1, 8}, {1, 1, 8}};
constexpr TileShape v4F32[] = {
    {14, 2, 16}, {8, 2, 16}, {4, 2, 16}, {2, 4, 16}, {1, 4, 16}};
constexpr TileShape v4F64[] = {
    {14, 2, 8}, {8, 2, 8}, {4, 2, 8}, {2, 4, 8}, {1, 4, 8}};

constexpr Target baseline = {"x86-64", "x86-64", "", false,       false,
                             false,    16,       16, baselineF32, baselineF64};
constexpr Target v3 = {"x86-64-v3", "x86-64-v3", "", true,  true,
                       true,        32,          16, v3F32, v3F64};
// LLVM's x86-64-v4 prefers 256-bit vectors, and would split ours in two.
constexpr Target v4 = {
    "x86-64-v4", "x86-64-v4", "-prefer-256-bit", true, true, true, 64, 32,
    v4F32,       v4F64};

constexpr const Target *targets[] = {&baseline, &v3, &v4};

/// What the psABI's level asks for, as far as our code can meet it.
llvm::ArrayRef<const char *> requiredFeatures(const Target &target) {
  static constexpr const char *forV3[] = {"avx2", "bmi",   "bmi2", "f16c",
                                          "fma",  "lzcnt", "movbe"};
  static constexpr const char *forV4[] = {
      "avx2",  "bmi",     "bmi2",     "f16c",     "fma",      "lzcnt",
      "movbe", "avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"};
  if (&target == &v4)
    return forV4;
  if (&target == &v3)
    return forV3;
  return {};
}

} // namespace

llvm::ArrayRef<const Target *> allTargets() { return targets; }

bool hostSupports(const Target &target) {
  static const llvm::StringMap<bool> host = llvm::sys::getHostCPUFeatures();
  return llvm::all_of(requiredFeatures(target),
                      [](const char *feature) { return host.lookup(feature); });
}

const Target &bestHostTarget() {
  const Target *best = &baseline;
  for (const Target *target : targets)
    if (hostSupports(*target))
      best = target;
  return *best;
}

const Target *findTarget(llvm::StringRef march) {
  if (march == "native")
    return &bestHostTarget();
  for (const Target *target : targets)
    if (march == target->name)
      return target;
  return nullptr;
}

const char *targetTriple() { return "x86_64-unknown-linux-gnu"; }

std::unique_ptr<llvm::TargetMachine>
createTargetMachine(const Target &target, OptimizationLevel level) {
  static const bool initialised = [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    LLVMInitializeX86AsmParser();
    return true;
  }();
  check(initialised, "LLVM's x86 back end is there");
  std::string error;
  const llvm::Target *llvmTarget =
      llvm::TargetRegistry::lookupTarget(targetTriple(), error);
  if (!llvmTarget)
    internalError("LLVM: " + error);
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;
  // The linker drops what a program does not call.
  options.FunctionSections = true;
  static constexpr llvm::CodeGenOptLevel levels[] = {
      llvm::CodeGenOptLevel::None, llvm::CodeGenOptLevel::Less,
      llvm::CodeGenOptLevel::Default, llvm::CodeGenOptLevel::Aggressive};
  return std::unique_ptr<llvm::TargetMachine>(llvmTarget->createTargetMachine(
      targetTriple(), target.cpu, target.features, options, llvm::Reloc::PIC_,
      std::nullopt, levels[static_cast<int>(level)]));
}

} // namespace nnc
